"""What is seen of a response in real pages: alive, after a restart, saved, exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.conftest import SAVE_STATE
from tests.browser.notebooks import CELLS, VIEWS, Opened, end_kernels, open_in, read, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.conftest import Lab

PING, EXEC, SEARCH = 2, 3, 4
CONTENT = ("ping → pong", "server time", "fine <b>weather</b>", "a small storm", "first_name", "sandbox")


@pytest.fixture(autouse=True)
def _kernels_end(lab: Lab) -> Iterator[None]:
    yield
    end_kernels(lab)


@pytest.fixture
def ran(lab: Lab, page: Any) -> Opened:
    """A notebook that was just run in JupyterLab; its views are live."""
    return _run(lab, page, "ran.ipynb")


@pytest.fixture(scope="module", params=[False, True], ids=["", "state saved"])
def saved(request: pytest.FixtureRequest, lab: Lab, browser: Any) -> Path:
    """A notebook that was run and saved, with *Save Widget State* off and on; its kernel is gone."""
    lab.setting(SAVE_STATE, saveState=request.param)
    page = browser.new_page()
    opened = _run(lab, page, f"saved-{request.param}.ipynb")
    opened.save()
    page.close()
    end_kernels(lab)
    return opened.path


def _run(lab: Lab, page: Any, name: str, app: str = "lab/tree") -> Opened:
    write(lab.root / name)
    opened = open_in(page, lab, lab.root / name, app)
    opened.run()
    return opened


def _assert_reads_well(opened: Opened) -> None:
    text = opened.text()
    assert [words for words in CONTENT if words not in text] == []
    assert "model not found" not in text
    assert opened.page.locator(".jp-OutputArea-output >> text=Error").count() == 0


def test_tabs_show_view_json_and_request(ran: Opened) -> None:
    view = ran.output(EXEC)
    view.get_by_text("fine <b>weather</b>").locator("visible=true").wait_for()

    view.get_by_role("tab", name="JSON").click()
    view.get_by_text("exit_code").locator("visible=true").wait_for()
    view.get_by_role("tab", name="Request").click()
    view.get_by_text("HTTP status").locator("visible=true").wait_for()

    assert "echo" in view.inner_text()
    assert "exit_code" not in view.inner_text()
    _assert_only_tabs_of_others(ran)


def _assert_only_tabs_of_others(ran: Opened) -> None:
    assert "server time" in ran.output(PING).inner_text()


def test_tabs_work_by_keyboard(ran: Opened) -> None:
    view = ran.output(PING)
    view.get_by_role("tab", name="View").focus()
    ran.page.keyboard.press("ArrowRight")
    ran.page.keyboard.press("Enter")

    view.get_by_text("event").locator("visible=true").wait_for()


def test_a_reloaded_page_is_live_again(ran: Opened) -> None:
    ran.save()
    ran.reload()

    ran.wait_live()
    assert "server time" in ran.output(PING).inner_text()


def test_a_restarted_kernel_leaves_the_static_halves(ran: Opened) -> None:
    ran.restart()

    ran.wait_static()
    _assert_reads_well(ran)


def test_views_in_notebook_7_are_live(lab: Lab, page: Any) -> None:
    opened = _run(lab, page, "seven.ipynb", app="notebooks")
    opened.output(PING).get_by_role("tab", name="JSON").click()

    opened.output(PING).get_by_text("event").locator("visible=true").wait_for()


def test_a_saved_notebook_reads_well(lab: Lab, page: Any, saved: Path) -> None:
    opened = open_in(page, lab, saved)

    assert opened.trusted() == len(CELLS)
    _assert_reads_well(opened)


def test_a_notebook_of_somebody_else_reads_well(lab: Lab, page: Any, saved: Path) -> None:
    """A page trusts what it ran itself: a changed copy is untrusted, and its HTML is sanitized."""
    copy = saved.with_name(f"untrusted-{saved.name}")
    copy.write_text(saved.read_text().replace("query=a", "query=al"))
    opened = open_in(page, lab, copy)

    assert opened.trusted() == 0
    _assert_reads_well(opened)


def test_nothing_but_html_and_text_is_saved(saved: Path) -> None:
    types = {kind for cell in read(saved).cells for output in cell.outputs for kind in output.data}

    assert types == {"text/html", "text/plain"}


@pytest.mark.filterwarnings("ignore")  # nbconvert's own
def test_an_exported_page_has_the_content(saved: Path, page: Any) -> None:
    from nbconvert import HTMLExporter

    exported, _ = HTMLExporter().from_filename(str(saved))
    page.context.set_offline(True)
    page.set_content(exported, wait_until="domcontentloaded")
    text = page.locator("body").inner_text()

    assert [words for words in CONTENT if words not in text] == []
    assert "widget-view" not in exported
    assert page.locator("[data-ccm]").count() == VIEWS
