"""Long output in a real notebook: lines on demand, found, copied, wrapped, and little in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import both

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Lab, Page

LONG = r"""from cocalc_magic.response import Request, Response
lines = [f"line {number} is \x1b[31mred\x1b[0m" for number in range(100_000)]
lines[2] = "<img src=x onerror='window.ran = 1'>"
lines[4] = "x" * 10_000_000
fields = {"event": "project_exec_output", "stdout": "\n".join(lines) + "\n", "stderr": "", "exit_code": 0}"""
OUTPUT = 'Response(fields, Request("project_exec"), server="sandbox")'
TABLE = """records = [{"n": number, "name": f"row-{number}"} for number in range(5_000)]
Response({"event": "user_search_results", "results": records}, Request("user_search"))"""
LINES = ".ccm-lines"


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Path:
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return lab.notebook(f"{name}.ipynb", "%load_ext cocalc_magic", LONG, OUTPUT, TABLE)


def run(page: Page, notebook: Path, app: str = "lab/tree") -> None:
    page.allow_clipboard()
    page.open(notebook, app)
    page.run_all()
    page.page.wait_for_selector(f"{LINES} .ccm-line")


def line(page: Page, text: str) -> None:
    """Waits until one of the lines in sight holds the text."""
    page.page.locator(f"{LINES} .ccm-line", has_text=text).first.wait_for()


def count(page: Page, text: str) -> None:
    """Waits until this is the count, whole: what was found of all ends as all does."""
    page.page.locator(f"{LINES}").get_by_text(text, exact=True).wait_for()


@both
def test_output_and_table_side_by_side(page: Page, notebook: Path, app: str) -> None:
    run(page, notebook, app)

    count(page, "100,000 lines")
    assert page.page.locator(f"{LINES} .ccm-line").count() == 20
    line(page, "9,998,000 more characters")
    red = page.page.locator(f"{LINES} .ccm-line", has_text="line 1 is").locator("span", has_text="red").last
    assert red.evaluate("(element) => getComputedStyle(element).color") == "rgb(212, 60, 60)"
    page.page.wait_for_selector(".ccm-table tbody tr")
    _by_keyboard(page, f"{LINES} .ccm-box", "line 99999 is red", "line 5 is red")
    _by_keyboard(page, ".ccm-table .ccm-box", "row-4999", "row-0")
    page.page.get_by_role("button", name="DataFrame", exact=True).click()
    page.page.locator(".ccm-status", has_text="df: 5,000 rows × 2 columns").wait_for()
    text = page.saved(notebook, "characters not shown")
    assert len(text) < 200_000
    assert page.page.evaluate("() => window.ran") is None
    assert page.errors == []


def _by_keyboard(page: Page, box: str, last: str, first: str) -> None:
    """End, arrows, PageUp and Home move in the box, and no cell is left by them."""
    inside = page.page.locator(box)
    for key, seen in (("End", last), ("Home", first)):
        inside.press(key)
        inside.get_by_text(seen, exact=False).first.wait_for()
    for key, begin in (("ArrowDown", "1"), ("ArrowDown", "2"), ("PageDown", None), ("PageUp", "2")):
        inside.press(key)
        if begin is not None:
            page.page.wait_for_function(
                "([box, begin]) => document.querySelector(box)?.dataset.first === begin", arg=[box, begin]
            )
    assert inside.evaluate("(element) => document.activeElement === element")


def test_long_output_is_searched(page: Page, notebook: Path) -> None:
    run(page, notebook)

    page.page.get_by_role("searchbox", name="Find lines").fill("RED 4242")
    count(page, "20 of 100,000 lines")
    line(page, "line 14242 is red")
    page.page.get_by_role("button", name="Copy", exact=True).click()
    page.page.get_by_role("button", name="Copied", exact=True).wait_for()
    copied = page.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.splitlines()[:2] == ["line 4242 is red", "line 14242 is red"]

    page.page.get_by_role("searchbox", name="Find lines").fill("")
    count(page, "100,000 lines")
    page.page.get_by_role("button", name="Wrap", exact=True).press("Enter")
    assert page.page.locator(f"{LINES} [aria-pressed=true]").count() == 1
    box = page.page.locator(f"{LINES} .ccm-box")
    assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    box.press("End")
    line(page, "line 99999 is red")
    assert page.errors == []
