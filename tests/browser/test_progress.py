"""What a cell waits for: a clock that ticks in the page, and a Stop button that works while the kernel is busy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.conftest import IDLE, both

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

SOURCES = (
    "%load_ext cocalc_magic",
    "%cocalc create_project -o project --quiet",
    "%cocalc project_exec project_id=$project['project_id'] command='sleep 600' timeout=900",
)
COUNTING = """
import time
from cocalc_magic.ipython.progress import CellProgress
from cocalc_magic.render.progress import ProgressLine
line = CellProgress(get_ipython().display_pub, ticking=True)
try:
    for done in range(600):
        line.show(ProgressLine("each", f"{done:,} of 600", "The stop button ends it.", done / 2))
        time.sleep(0.5)
finally:
    line.show("")
"""
LINE = "[data-ccm-progress]"


@both
def test_a_cell_says_for_how_long_it_waits_and_is_stopped_by_a_button(page: Page, lab: Lab, app: str) -> None:
    notebook = lab.notebook(f"stopped-{app[:3]}.ipynb", *SOURCES)
    page.open(notebook, app)
    page.run_all()
    line = page.page.locator(LINE)
    stop = line.get_by_role("button", name="Stop")
    stop.wait_for()

    assert line.get_by_role("status").inner_text() == "project_exec: waiting for sandbox"
    stop.focus()
    clock = line.locator("[aria-live=off]")
    for _ in range(2):  # twice a second later, and the button is still the one with the focus
        before = clock.inner_text()
        page.page.wait_for_function(
            "([line, before]) => document.querySelector(line)?.innerText.includes(before) === false",
            arg=[LINE, before],
        )
    assert page.page.evaluate("() => document.activeElement.textContent") == "Stop"
    page.page.keyboard.press("Enter")

    page.page.get_by_text("stopped waiting for sandbox").first.wait_for()
    page.page.wait_for_function(IDLE)
    line.wait_for(state="detached")
    # In the next frame: changes of a page are looked at together.
    page.page.wait_for_function("() => !!document.activeElement.closest('.jp-Notebook')")
    assert "data-ccm-progress" not in page.saved(notebook, "stopped waiting")
    assert page.errors == []


def test_the_button_keeps_the_focus_when_the_words_change(page: Page, lab: Lab) -> None:
    page.open(lab.notebook("counting.ipynb", "%load_ext cocalc_magic", COUNTING))
    page.run_all()
    line = page.page.locator(LINE)
    line.get_by_role("button", name="Stop").focus()
    before = line.get_by_role("status").inner_text()

    for _ in range(2):
        page.page.wait_for_function(
            "([line, before]) => ![before, undefined].includes(document.querySelector(line)?.firstElementChild.innerText)"
            " && document.activeElement.textContent === 'Stop'",
            arg=[LINE, before],
        )
        before = line.get_by_role("status").inner_text()
    page.page.keyboard.press("Space")

    page.page.get_by_text("KeyboardInterrupt").first.wait_for()
    line.wait_for(state="detached")
