"""Forms in a real notebook: filled in, sent, inserted as a cell; and a button for what asks first."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.sandbox.testing import FakeServer, Request
from tests.browser.conftest import IDLE, SIZE, both

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Lab, Page

FORM = ".ccm-form"


def opened(page: Page, lab: Lab, event: str) -> None:
    page.open(
        lab.notebook(
            f"form-{event}.ipynb", "%load_ext cocalc_magic", "%cocalc ping --quiet", f"%cocalc form {event}"
        )
    )
    page.run_all()
    page.page.wait_for_selector(FORM)


def cells(page: Page) -> list[str]:
    sources: list[str] = page.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map((cell) => cell.getSource())"
    )
    return sources


def test_a_form_is_filled_in_and_sent(page: Page, lab: Lab) -> None:
    opened(page, lab, "create_project")

    page.page.locator(FORM).get_by_label("title").fill("it's $5")
    page.page.locator(f"{FORM} pre", has_text='"it\'s $$5"').wait_for()
    page.page.get_by_role("tab", name="curl").click()
    page.page.locator(f"{FORM} pre", has_text="curl -sS -X POST").wait_for()
    page.page.get_by_role("button", name="Send", exact=True).click()
    page.page.locator(f"{FORM} .cocalc-magic").get_by_text("project_created").first.wait_for()
    assert page.errors == []


def test_a_problem_stands_at_its_field(page: Page, lab: Lab) -> None:
    opened(page, lab, "project_exec")

    page.page.locator(FORM).get_by_label("timeout").fill("soon")
    page.page.locator(f"{FORM} pre", has_text='timeout takes a number, not "soon".').wait_for()
    page.page.get_by_role("button", name="Send", exact=True).click()
    page.page.locator(f"{FORM} pre", has_text="project_exec needs command").wait_for()


def test_a_project_is_chosen_by_its_title(page: Page, lab: Lab) -> None:
    opened(page, lab, "project_exec")

    titles = page.page.locator(f"{FORM} datalist option")
    first = titles.first.get_attribute("value") or titles.first.get_attribute("data-value") or ""
    page.page.locator(FORM).get_by_label("project_id").fill(first)
    page.page.locator(FORM).get_by_label("command").fill("echo out-$((40 + 2))")
    page.page.get_by_role("button", name="Send", exact=True).click()
    page.page.locator(f"{FORM} pre", has_text="out-42").wait_for()


IN_SIGHT = """(part) => {
    const { top } = document.querySelector(part).getBoundingClientRect();
    return top > 0 && top < window.innerHeight - 40;
}"""


def test_send_stays_in_sight_and_so_comes_the_response(page: Page, lab: Lab) -> None:
    opened(page, lab, "project_exec")
    page.page.set_viewport_size({"width": 1280, "height": 560})
    form = page.page.locator(FORM)
    form.get_by_label("project_id").fill("Statistics 101")
    form.get_by_label("command").fill("seq 1 40")
    form.locator("pre", has_text="seq 1 40").first.wait_for()
    assert form.evaluate("(form) => form.scrollHeight > window.innerHeight")
    assert page.page.evaluate(IN_SIGHT, f"{FORM} .ccm-sending button")

    form.get_by_role("button", name="Send", exact=True).click()
    form.locator(".ccm-result pre", has_text="40").first.wait_for()
    page.page.wait_for_function(IN_SIGHT, arg=f"{FORM} .ccm-result pre")
    page.page.set_viewport_size(SIZE)


def test_a_problem_goes_when_it_is_mended_and_the_cursor_is_where_the_first_is(page: Page, lab: Lab) -> None:
    opened(page, lab, "project_exec")
    form = page.page.locator(FORM)
    form.get_by_role("button", name="Send", exact=True).click()
    form.get_by_text("Not sent: project_id, command need to be corrected.").wait_for()
    page.page.wait_for_function("() => document.activeElement?.placeholder === 'a title, or an id'")

    page.page.keyboard.type("Statistics 101")
    form.get_by_text("project_exec needs project_id").wait_for(state="hidden")
    form.get_by_label("command").fill("ls")
    form.get_by_text("Not sent").wait_for(state="hidden")


FOCUS = "() => document.activeElement.closest('button')?.textContent ?? ''"


@both
def test_what_takes_its_time_says_so_and_is_stopped_by_keyboard(page: Page, lab: Lab, app: str) -> None:
    notebook = lab.notebook(
        "form-long.ipynb",
        "%load_ext cocalc_magic",
        "%cocalc use Statistics",
        "%cocalc form project_exec",
    )
    page.open(notebook, app)
    page.run_all()
    page.page.wait_for_selector(FORM)
    keyboard, command = page.page.keyboard, page.page.locator(FORM).get_by_label("command")
    command.fill("sleep 600")
    page.page.locator(FORM).get_by_label("timeout").fill("900")
    page.page.locator(f"{FORM} pre", has_text=re.compile("sleep 600.*900")).first.wait_for()
    page.page.get_by_role("button", name="Send", exact=True).focus()
    keyboard.press("Enter")

    line = page.page.locator(f"{FORM} .ccm-sending")
    clock = line.get_by_text(
        re.compile(r"project_exec: \d+\.\d s, waiting for sandbox\. Stop ends the waiting")
    )
    clock.wait_for()
    page.page.wait_for_function(IDLE)
    page.page.wait_for_function(
        f"(before) => ![before, undefined].includes(document.querySelector('{FORM} .ccm-sending')?.innerText)",
        arg=line.inner_text(),
    )
    clock.wait_for()
    keyboard.press("Tab")
    assert page.page.evaluate(FOCUS) == "Stop"
    keyboard.press("Enter")
    result = page.page.locator(f"{FORM} .ccm-result")
    result.get_by_text(
        "Stopped waiting for sandbox; project_exec (at most 900 s) may still be going on there."
    ).wait_for()
    line.locator("button:enabled", has_text="Send").wait_for()

    command.fill("echo out-$((40 + 2))")
    page.page.locator(f"{FORM} pre", has_text="out-$((40").first.wait_for()
    page.page.get_by_role("button", name="Send", exact=True).focus()
    keyboard.press("Enter")
    result.locator("pre", has_text="out-42").first.wait_for()
    assert page.errors == []


def test_its_magic_is_inserted_below_and_runs(page: Page, lab: Lab) -> None:
    opened(page, lab, "create_project")
    page.page.locator(FORM).get_by_label("title").fill("${1/0}")
    page.page.locator(f"{FORM} pre", has_text="${1/0}").first.wait_for()
    page.page.get_by_role("button", name="Insert cell").click()

    page.page.get_by_text("Inserted below.").wait_for()
    assert cells(page)[3] == "%cocalc create_project title='${1/0}'"


def test_cells_for_a_curl_command_are_inserted_below(page: Page, lab: Lab) -> None:
    text = (
        "curl https://cocalc.com/api/v1/ping -d id=1 | jq\ncurl https://cocalc.com/api/v1/ping -d 'id=${1/0}'"
    )
    page.open(lab.notebook("form-curl.ipynb", "%load_ext cocalc_magic", f"%%cocalc from-curl\n{text}"))
    page.run_all()
    page.page.wait_for_selector(FORM)

    for button in page.page.get_by_role("button", name="Insert cell").all():
        button.click()

    page.page.get_by_text("Inserted below.").nth(1).wait_for()
    assert sorted(cells(page)[2:4]) == ["%cocalc ping id='${1/0}'", "%cocalc ping id=1"]
    assert page.errors == []


def test_it_works_by_keyboard_and_on_400_pixels(page: Page, lab: Lab) -> None:
    opened(page, lab, "ping")
    page.page.locator(FORM).get_by_label("id").focus()
    page.page.keyboard.type("by-keyboard")
    page.page.locator(f"{FORM} pre", has_text="by-keyboard").first.wait_for()
    form = page.page.locator(FORM)
    form.evaluate("(form) => { form.parentElement.style.width = '400px'; }")
    wide = form.evaluate("(form) => form.scrollWidth - form.clientWidth")
    assert wide <= 0
    page.page.get_by_role("button", name="Send", exact=True).focus()
    page.page.keyboard.press("Enter")
    page.page.locator(f"{FORM} .cocalc-magic").get_by_text("pong").first.wait_for()


def test_without_its_kernel_a_line_says_what_to_run(page: Page, lab: Lab) -> None:
    opened(page, lab, "ping")
    notebook = lab.root / "form-ping.ipynb"
    text = page.saved(notebook, "%cocalc form ping shows")
    assert "widget-view" not in text
    lab.end_kernels()

    page.open(notebook)
    page.page.get_by_text("%cocalc form ping shows its form").first.wait_for()


def deleted(request: Request) -> dict[str, Any]:
    """Answer as CoCalc does what it has done."""
    return {"event": "account_deleted", "id": json.loads(request.body or b"{}").get("id")}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer(deleted) as started:
        yield started


def test_what_asks_first_is_sent_by_a_button(page: Page, lab: Lab, server: FakeServer) -> None:
    setup = f"import os\nos.environ['COCALC_HOST'] = '{server.url}'\nos.environ['COCALC_API_KEY'] = 'sk-Aaaaaaaaaaaaaaaaaaaa01'\n%load_ext cocalc_magic"
    account = "63539481-6e7b-4138-b8c2-5cf0b6d7ddf2"
    page.open(lab.notebook("asks.ipynb", setup, f"%cocalc delete_account account_id={account}"))
    page.run_all()

    button = page.page.get_by_role("button", name="Send", exact=True)
    button.wait_for()
    page.page.wait_for_function(IDLE)
    assert "Run it with --yes" in page.outputs()
    assert not [request for request in server.requests if "delete_account" in request.path]
    button.click()
    page.page.locator(".cocalc-magic").get_by_text("account_deleted").first.wait_for()
    assert len([request for request in server.requests if "delete_account" in request.path]) == 1


def test_notebook_7_has_forms_and_inserts_cells_too(page: Page, lab: Lab) -> None:
    notebook = lab.notebook(
        "form-seven.ipynb", "%load_ext cocalc_magic", "%cocalc ping --quiet", "%cocalc form ping"
    )
    page.open(notebook, app="notebooks")
    page.run_all()
    page.page.wait_for_selector(FORM)

    page.page.get_by_role("button", name="Insert cell").click()
    page.page.get_by_text("Inserted below.").wait_for()
    assert cells(page)[3] == "%cocalc ping"
