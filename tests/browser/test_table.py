"""A large table in a real notebook: rows on demand, sorting, filtering, copying, and little in the file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Lab, Page

RECORDS = """from cocalc_magic.response import Request, Response
records = [{f"c{column}": row * 8 + column for column in range(8)} | {"name": f"row-{row}"} for row in range(100_000)]
hostile = '<img src=x onerror="window.ran = 1">'
records[1] = {"c0": 9, "name": hostile}
records[2] = {"c0": 17, "name": '=HYPERLINK("http://evil.example")'}"""
SHOWN = (
    'Response({"event": "user_search_results", "results": records}, Request("user_search"), server="sandbox")'
)
TABLE = ".ccm-table"


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Path:
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return lab.notebook(f"{name}.ipynb", "%load_ext cocalc_magic", RECORDS, SHOWN)


def run(page: Page, notebook: Path, app: str = "lab/tree") -> None:
    page.open(notebook, app)
    page.run_all()
    page.page.wait_for_selector(f"{TABLE} tbody tr")


def first_cell(page: Page, text: str) -> None:
    """Waits until the first row of the table holds the text."""
    page.page.wait_for_function(
        "(text) => document.querySelector('.ccm-table tbody tr')?.innerText.includes(text)",
        arg=text,
    )


def test_any_of_a_hundred_thousand_rows_is_a_scroll_away(page: Page, notebook: Path) -> None:
    run(page, notebook)

    assert page.page.locator(f"{TABLE} tbody tr").count() == 14
    assert page.page.locator(f"{TABLE} .ccm-count").inner_text() == "100,000 rows"
    page.page.evaluate(
        "() => { const box = document.querySelector('.ccm-box'); box.scrollTop = box.scrollHeight; }"
    )
    page.page.locator(f"{TABLE} td", has_text="row-99999").wait_for()
    text = page.saved(notebook, "row-19")
    assert "row-20" not in text
    assert len(text) < 60_000
    assert page.errors == []


def test_rows_are_sorted_by_a_click_and_by_the_keyboard(page: Page, notebook: Path) -> None:
    run(page, notebook)

    name = page.page.get_by_role("button", name="name", exact=True)
    name.click()
    first_cell(page, "<img src=x")
    name.focus()
    page.page.keyboard.press("Enter")
    first_cell(page, "row-99999")
    assert page.page.locator(f"{TABLE} th[aria-sort=descending]").count() == 1
    assert page.page.evaluate("() => window.ran") is None


def test_rows_are_filtered(page: Page, notebook: Path) -> None:
    run(page, notebook)

    page.page.get_by_role("searchbox", name="Filter rows").fill("row-7777")
    page.page.locator(f"{TABLE} .ccm-count", has_text="11 of 100,000 rows").wait_for()
    first_cell(page, "row-7777")


def test_what_was_found_is_copied_as_csv_and_made_a_dataframe(page: Page, notebook: Path) -> None:
    page.allow_clipboard()
    run(page, notebook)

    page.page.get_by_role("searchbox", name="Filter rows").fill("row-4242 ")
    page.page.locator(f"{TABLE} .ccm-count", has_text="11 of 100,000 rows").wait_for()
    page.page.get_by_role("button", name="Copy CSV", exact=True).click()
    page.page.get_by_role("button", name="Copied", exact=True).wait_for()
    copied = page.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.splitlines()[:2] == [
        "c0,c1,c2,c3,c4,c5,c6,c7,name",
        "33936,33937,33938,33939,33940,33941,33942,33943,row-4242",
    ]
    assert len(copied.splitlines()) == 12

    search = page.page.get_by_role("searchbox", name="Filter rows")
    search.fill("hyperlink")
    page.page.locator(f"{TABLE} .ccm-count", has_text="1 of 100,000 rows").wait_for()
    for keys, start in ([], "'=HYPERLINK"), (["Shift"], "=HYPERLINK"):
        search.hover()  # the button has its name again
        page.page.get_by_role("button", name="Copy CSV", exact=True).click(modifiers=keys)
        page.page.get_by_role("button", name="Copied", exact=True).wait_for()
        copied = page.page.evaluate("() => navigator.clipboard.readText()")
        assert list(csv.reader(copied.splitlines()))[1][-1].startswith(start)
    search.fill("row-4242 ")
    page.page.locator(f"{TABLE} .ccm-count", has_text="11 of 100,000 rows").wait_for()

    said = page.page.locator(f"{TABLE} .ccm-status")
    for _ in range(2):  # the second takes the place of the first
        page.page.get_by_role("button", name="DataFrame", exact=True).click()
        said.get_by_text("df: 11 rows × 9 columns").wait_for()


def test_it_fits_on_a_narrow_page(page: Page, notebook: Path) -> None:
    page.page.set_viewport_size({"width": 400, "height": 900})
    run(page, notebook, "notebooks")

    wide = page.page.evaluate(
        "() => { const box = document.querySelector('.ccm-table'); return [box.scrollWidth, box.clientWidth]; }"
    )
    assert wide[0] <= wide[1]
