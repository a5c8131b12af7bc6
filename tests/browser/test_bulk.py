"""Many messages in a page: how far they are, with *Stop*; the result as a table; a job in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.conftest import IDLE

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

SOURCES = (
    "%load_ext cocalc_magic",
    'rows = [{"name": f"student {number}"} for number in range(300)]',
    "%cocalc sandbox fault --latency 0.4 --times 10000",
)
MANY = '%cocalc create_project --each $rows title="${row.name} in a page" --jobs 2'
LINE = "[data-ccm-progress]"


def test_a_cell_says_how_far_it_is_is_stopped_and_ends_with_a_table(page: Page, lab: Lab) -> None:
    notebook = lab.notebook("bulk.ipynb", *SOURCES, MANY)
    page.open(notebook)
    page.run_all()
    line = page.page.locator(LINE)
    line.get_by_role("status", name="").filter(has_text="/300 · ").wait_for()
    board = page.page.locator(".ccm-board")  # live while the cell runs, in which the kernel hears nothing
    board.locator("tbody tr", has_text="done").nth(5).wait_for()
    board.get_by_role("searchbox", name="Filter").fill("student 0 done")
    board.locator(".ccm-count", has_text=" of 300 rows").wait_for()
    board.locator("tbody tr:visible").first.click()
    board.locator(".ccm-detail", has_text="create_project: done").wait_for()

    line.get_by_role("button", name="Stop").click()

    page.page.get_by_text("stopped by Ctrl-C (").first.wait_for()
    page.page.wait_for_function(IDLE)
    line.wait_for(state="detached")
    board.wait_for(state="detached")
    table = page.page.locator(".ccm-table")
    assert table.locator(".ccm-count").inner_text() == "300 rows"
    assert table.locator("tbody tr").first.inner_text().split("\t")[1] == "skipped"
    assert "The same line again sends what is missing" in page.saved(notebook, "stopped by")
    assert page.errors == []


def test_a_job_in_the_background_is_live_and_stopped(page: Page, lab: Lab) -> None:
    page.open(lab.notebook("background.ipynb", *SOURCES, f"{MANY} --background --no-raise"))
    page.run_all()
    page.page.get_by_text("/300 · ").first.wait_for()
    page.page.wait_for_function(IDLE)  # while the job goes on

    page.page.get_by_role("button", name="Stop").first.click()

    page.page.locator(".ccm-table .ccm-count", has_text="300 rows").wait_for()
    assert page.errors == []
