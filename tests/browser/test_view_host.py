"""Responses in a real notebook: live tabs while the kernel lives, plain content whenever it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import IDLE
from tests.browser.test_login import frames_of, holding

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Lab, Page

SOURCES = (
    "%load_ext cocalc_magic",
    '%cocalc create_project title="Seen in a page" -o project --quiet',
    "%%cocalc project_exec project_id=$project['project_id']\ncommand: echo output-$((40 + 2))",
    "%cocalc creat_project titel=x",
)
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
LIVE = ".cocalc-magic.ccm-response"


@pytest.fixture
def notebook(lab: Lab, request: pytest.FixtureRequest) -> Path:
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return lab.notebook(f"{name}.ipynb", *SOURCES)


def test_a_response_has_live_tabs(page: Page, notebook: Path) -> None:
    page.open(notebook)
    page.run_all()

    page.page.wait_for_selector(LIVE)
    assert page.page.locator(f"{LIVE} pre").first.inner_text().strip() == "output-42"
    page.page.get_by_role("tab", name="JSON").click()
    page.page.locator(LIVE).get_by_text("exit_code").wait_for()
    page.page.get_by_role("tab", name="Request").click()
    page.page.locator(LIVE).get_by_text('"echo output-$((40 + 2))"').wait_for()
    assert page.errors == []


def test_an_ordinary_widget_is_shown_where_a_bundle_is_asked_for(page: Page, lab: Lab) -> None:
    """And a live view that can't be made says so below its static half."""
    broken = "HTML(widgets.get_view_host().placeholder('the static half', lambda: {}['hunter2']))"
    sources = (
        "%load_ext cocalc_magic\nfrom cocalc_magic import widgets\nfrom IPython.display import HTML",
        "%cocalc ping --as bundle",
        "%config CoCalc.view = 'bundle'",
        "%cocalc form create_project",
        broken,
    )
    notebook = lab.notebook("bundle.ipynb", *sources)
    page.open(notebook)
    page.run_all()

    page.page.wait_for_selector(LIVE)
    page.page.get_by_role("tab", name="JSON").first.click()
    page.page.locator(LIVE).get_by_text("now").first.wait_for()
    page.page.get_by_role("button", name="Send", exact=True).wait_for()
    failure = page.page.get_by_text("The live view failed: KeyError; the kernel's log has the rest.")
    failure.scroll_into_view_if_needed()  # Firefox does not tell the text of what is out of sight
    assert page.page.locator("[data-ccm]").count() == 1  # that of the broken one
    assert page.page.locator("[data-ccm]").inner_text().startswith("the static half")
    outputs = [cell["outputs"] for cell in json.loads(page.saved(notebook, "the static half"))["cells"]]
    for shown in (outputs[1], outputs[3]):
        assert set(shown[-1]["data"]) == {"text/plain", "text/html", WIDGET_VIEW}


def test_a_mistake_is_one_short_block(page: Page, notebook: Path) -> None:
    page.open(notebook)
    page.run_all()

    error = page.page.locator(".jp-OutputArea-output").filter(has_text="creat_project").first
    error.wait_for()
    text = error.inner_text()
    assert text.startswith("Not sent: there is no event 'creat_project'.")
    assert "Did you mean create_project?" in text
    assert "Traceback" not in text


def test_a_message_is_sent_again_by_a_button(page: Page, lab: Lab) -> None:
    page.open(
        lab.notebook(
            "again.ipynb", "%load_ext cocalc_magic", "%cocalc ping", "%cocalc create_project title=x"
        )
    )
    page.run_all()
    page.page.wait_for_function(f"() => document.querySelectorAll('{LIVE}').length === 2")
    buttons = page.page.locator(".jp-OutputArea > * .ccm-head").get_by_role("button", name="Again")
    ping, create = buttons.nth(0), buttons.nth(1)

    ping.click()
    page.page.wait_for_function(f"() => document.querySelectorAll('{LIVE}').length === 3")
    create.click()
    page.page.get_by_role("button", name="Send it?").click()
    page.page.wait_for_function(f"() => document.querySelectorAll('{LIVE}').length === 4")


def test_tab_offers_events_and_options(page: Page, lab: Lab) -> None:
    page.open(lab.notebook("tab.ipynb", "%load_ext cocalc_magic", "res = %cocalc user_se"))
    page.run_all()
    page.page.get_by_text("Did you mean user_search?").wait_for()
    page.page.wait_for_function(IDLE)
    cell = page.page.locator(".jp-CodeCell .cm-content").nth(1)

    cell.click()
    page.page.keyboard.press("End")
    for typed, offered in (("", "user_search"), (" que", "query=")):
        page.page.keyboard.type(typed)
        page.page.keyboard.press("Tab")
        page.page.locator(".jp-Completer-item", has_text=offered).first.wait_for()
        page.page.keyboard.press("Enter")

    assert cell.inner_text() == "res = %cocalc user_search query="


def test_a_reloaded_page_is_live_again(page: Page, notebook: Path) -> None:
    page.open(notebook)
    page.run_all()
    page.page.wait_for_selector(LIVE)
    page.saved(notebook, "output-42")

    page.page.reload()

    page.page.wait_for_selector(LIVE)
    assert "output-42" in page.page.locator(LIVE).inner_text()


def test_a_restarted_kernel_leaves_the_static_half(page: Page, notebook: Path) -> None:
    page.open(notebook)
    page.run_all()
    page.page.wait_for_selector(LIVE)

    page.page.evaluate(
        "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
    )

    page.page.wait_for_selector(LIVE, state="detached")
    assert "output-42" in page.outputs()


def test_notebook_7_has_live_tabs_too(page: Page, notebook: Path) -> None:
    page.open(notebook, app="notebooks")
    page.run_all()

    page.page.wait_for_selector(LIVE)
    page.page.get_by_role("tab", name="JSON").click()
    page.page.locator(LIVE).get_by_text("exit_code").wait_for()


def test_no_key_is_in_the_notebook(page: Page, lab: Lab) -> None:
    """Neither in what it shows nor in what the page was sent for the widgets."""
    source = (
        "from cocalc_magic import config as servers\nopen('key', 'w').write(servers.sandbox().connection()[1].reveal())\n"
        "print('it is', 'written')"
    )
    notebook = lab.notebook("key.ipynb", "%load_ext cocalc_magic", "%cocalc ping", source)
    _, got = frames_of(page)
    page.open(notebook)
    page.run_all()
    page.page.wait_for_selector(LIVE)
    page.page.get_by_role("tab", name="Request").click()
    page.page.get_by_text("it is written").wait_for()
    text = page.saved(notebook, "pong")

    key = (lab.root / "key").read_text()
    assert key.startswith("sk-")
    assert key not in text
    assert "".join(got).count("pong") > 0
    assert not holding(key, got)
