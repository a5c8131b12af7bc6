"""Views by kind in a real notebook: frames, pictures, colours, formulas that are none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

ROOT = Path(__file__).parents[2]
LOAD = f"""%load_ext cocalc_magic
import sys
sys.path.insert(0, {str(ROOT)!r})"""


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
