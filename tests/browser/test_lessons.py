"""Lessons in JupyterLab: run from start to end without an error output, and an exercise that is checked in the page."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.browser.conftest import IDLE, PATIENCE

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]-*.ipynb"))
ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'
ANSWER = "%cocalc create_project title='Reading group'"


def run(page: Page, lab: Lab, lesson: Path, *more: str) -> Path:
    """Open a copy of a lesson with more cells before its last check, and run it until its last cell has run."""
    notebook = nbformat.read(lesson, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in (*more, "print('at the', 'end')")]
    path = lab.root / lesson.name
    nbformat.write(notebook, path)
    page.open(path)
    page.run_all()
    page.page.get_by_text("at the end", exact=True).wait_for(timeout=2_000 * PATIENCE)
    page.page.wait_for_function(IDLE)
    return path


def shown(place: Any, words: str) -> Any:
    """What is seen of these words: the page keeps the HTML that the widget stands for, hidden."""
    return place.get_by_text(words).locator("visible=true").first


def test_an_exercise_is_checked_again_in_the_page_and_its_solution_unfolds(page: Page, lab: Lab) -> None:
    """The file has neither the solution before nor the widget after."""
    check = "%cocalc check reading-group"
    path = run(page, lab, LESSONS[0], ANSWER, check)
    views = page.page.locator(
        ".jp-OutputArea-output", has=page.page.get_by_role("button", name="Check again")
    )
    first = views.first
    first.scroll_into_view_if_needed()
    shown(first, "0 of 3").wait_for()
    first.get_by_role("button", name="Check again").click()
    shown(first, "1 of 3").wait_for()

    assert "We begin with" not in first.inner_text()
    first.get_by_role("button", name="Show a solution").click()
    shown(first, "We begin with").wait_for()
    assert page.page.locator(ERRORS).count() == 0
    assert "We begin with Middlemarch" not in page.saved(path, "not yet")
    assert page.errors == []


@pytest.mark.long
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_in_jupyterlab_without_an_error_output(page: Page, lab: Lab, lesson: Path) -> None:
    path = run(page, lab, lesson)
    saved = page.saved(path, "at the end")

    assert '"output_type": "error"' not in saved
    assert page.page.locator(ERRORS).count() == 0
    assert page.errors == []
    shutil.rmtree(lab.root / "from-here", ignore_errors=True)
