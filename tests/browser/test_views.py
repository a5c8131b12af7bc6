"""Views by kind in a real notebook: frames, pictures, colours, formulas that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

ROOT = Path(__file__).parents[2]
LOAD = f"""%load_ext cocalc_magic
import sys
sys.path.insert(0, {str(ROOT)!r})"""

CLIPBOARD = """async (part) => {
    let text = "";
    while (!text.includes(part)) {
        await new Promise(requestAnimationFrame);
        text = await navigator.clipboard.readText();
    }
    return text;
}"""


def test_jupyter_output_is_real(page: Page, lab: Lab) -> None:
    output = (
        "from tests.render.responses import ran\n"
        "ran({'data': {'text/html': '<table><tr><td>cell-' + str(40 + 2) + '</td></tr></table>'}},\n"
        "    {'data': {'image/svg+xml': '<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>'}},\n"
        "    {'ename': 'E', 'evalue': 'x', 'traceback': ['\\x1b[31mraised-' + str(40 + 3) + '\\x1b[0m']})"
    )
    page.open(lab.notebook("output.ipynb", LOAD, output))
    page.run_all()

    page.page.wait_for_selector(".cocalc-magic")
    live = page.page.locator(".cocalc-magic")
    live.frame_locator("iframe").get_by_text("cell-42").wait_for()
    page.page.wait_for_function("() => document.querySelector('.cocalc-magic img')?.naturalWidth === 9")
    color = live.locator("pre span", has_text="raised-43").first.evaluate(
        "(text) => getComputedStyle(text).color"
    )
    assert color == "rgb(212, 60, 60)"


def test_markdown_is_rendered_in_its_box(page: Page, lab: Lab) -> None:
    source = (
        "from tests.render.responses import file\nfile('# Head-' + str(40 + 2) + '\\n[x](http://evil.test)')"
    )
    page.open(lab.notebook("markdown.ipynb", LOAD, source))
    page.run_all()

    page.page.wait_for_selector(".cocalc-magic")
    page.page.get_by_role("tab", name="Rendered").click()
    page.page.locator(".cocalc-magic").frame_locator("iframe").locator("h1", has_text="Head-42").wait_for()


def test_dollars_are_no_formulas(page: Page, lab: Lab) -> None:
    source = "from tests.render.responses import answered\nanswered({'event': 'x', 'a': 'from $5 to $6 ' + str(40 + 2)})"
    page.open(lab.notebook("dollars.ipynb", LOAD, "from IPython.display import HTML\nHTML('$x^2$')", source))
    page.run_all()

    page.page.wait_for_selector(".cocalc-magic")
    page.page.wait_for_selector("mjx-container")  # of the HTML that is not ours
    assert page.page.locator("mjx-container").count() == 1
    page.page.locator(".cocalc-magic").get_by_text("from $5 to $6 42").first.wait_for()


def test_what_is_shown_is_copied_by_a_click_or_by_the_keyboard(page: Page, lab: Lab) -> None:
    """An id whole, though it is drawn in short; a text; all of the JSON, of which the page has the ends."""
    page.allow_clipboard()
    source = (
        "from tests.render.responses import PROJECT, answered\n"
        "lines = [f'line {number}' for number in range(3_000)]\n"
        "answered({'event': 'x', 'project_id': PROJECT, 'text': 'first\\nsecond', 'lines': lines})"
    )
    page.open(lab.notebook("copied.ipynb", LOAD, source))
    page.run_all()
    view = page.page.locator(".ccm-response")

    whole = "63539481-6e7b-4138-b8c2-5cf0b6d7ddf2"
    id_ = view.locator(".ccm-id").first
    id_.wait_for()
    assert id_.bounding_box()["width"] < 130
    for act in (id_.click, lambda: id_.press("Enter")):
        page.page.evaluate("() => navigator.clipboard.writeText('')")
        act()
        assert _copied(page, whole) == whole
    view.locator(".ccm-copy").first.click()
    assert _copied(page, "first") == "first\nsecond"

    view.get_by_role("tab", name="JSON").click()
    view.get_by_text("not shown; the response has them all").wait_for()
    view.get_by_role("button", name="Copy", exact=True).first.click()
    assert json.loads(_copied(page, "line 2999"))["lines"][-1] == "line 2999"
    view.get_by_role("button", name="As a tree").click()
    view.locator("[role=tabpanel]:not([hidden]) details").first.wait_for()
    view.get_by_role("tab", name="JSON").press("ArrowRight")
    view.locator("[role=tabpanel]:not([hidden])").get_by_text("Authorization: Basic •••").wait_for()
    assert page.errors == []


def _copied(page: Page, part: str) -> str:
    """The clipboard, once this is in it."""
    text: str = page.page.evaluate(CLIPBOARD, part)
    return text


def test_all_fields_of_a_row_are_shown_by_a_click_or_enter(page: Page, lab: Lab) -> None:
    source = (
        "from tests.render.responses import PROJECT, found\n"
        "found([{'number': number, 'project_id': PROJECT, 'about': f'row {number}'} for number in range(40)])"
    )
    page.open(lab.notebook("row.ipynb", LOAD, source))
    page.run_all()
    table = page.page.locator(".ccm-table")
    detail = table.locator(".ccm-detail")

    table.locator("tbody tr", has_text="row 3").first.get_by_text("row 3").click()
    detail.get_by_text("Row 4").wait_for()
    detail.get_by_text("about").wait_for()
    box = table.locator(".ccm-box")
    box.press("ArrowDown")
    detail.get_by_text("Row 5").wait_for()
    box.press("Escape")
    detail.get_by_text("Row 5").wait_for(state="detached")
    box.press("Enter")
    detail.get_by_text("Row 1").wait_for()
    detail.get_by_role("button", name="Close").press("Enter")
    detail.get_by_text("Row 1").wait_for(state="detached")
    assert box.evaluate("(box) => document.activeElement === box")
    assert page.errors == []
