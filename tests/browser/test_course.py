"""A class in a page: its plan, what was done of it and who has started, each as a table of the students."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

ROWS = "rows = [{'name': f'{name} Adler', 'email': f'{name}@example.com'} for name in ('Ada', 'Ben', 'Cleo')]"
OUTPUT = ".jp-OutputArea-output:has(.ccm-table)"
ACTIONS = ("init $rows --course Pages", "plan", "apply", "status", "drift")
SHOWN = (
    "+ 3 to make",
    "make the project; invite the student",
    "course apply does just this.",
    "3 students changed",
    "0 of 3 have started",
    "= 3 as planned",
)


def test_a_class_is_planned_made_and_watched_in_a_page(page: Page, lab: Lab) -> None:
    lines = [f"%cocalc course {action} --file pages.yaml" for action in ACTIONS]
    page.open(lab.notebook("class.ipynb", "%load_ext cocalc_magic", ROWS, *lines))
    page.run_all()

    for words in SHOWN:
        page.page.locator(OUTPUT, has_text=words).first.wait_for()
    assert page.errors == []
