"""The key dialog in a real page: a key is made, shown once, and is found nowhere afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import both
from tests.browser.test_login import MEASURE, files_of, frames_of, holding, run_first
from tests.commands.test_keys import Older

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Lab, Page
    from tests.sandbox.conftest import Running

DIALOG = ".ccm-keys"


@pytest.fixture
def notebook(lab: Lab, server: Running, request: pytest.FixtureRequest) -> Path:
    """The key is in the kernel's memory, from a message that no file keeps."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    lines = ["%load_ext cocalc_magic", f"%cocalc server use {server.url}", "%cocalc login", "%cocalc keys"]
    return lab.notebook(f"{name}.ipynb", *lines)


def open_dialog(page: Page, notebook: Path, server: Running, app: str = "lab/tree") -> None:
    """Logs in by the form, and opens the dialog."""
    page.open(notebook, app)
    run_first(page, 3)
    key = page.page.get_by_label("Key", exact=True)
    key.fill(server.key)
    key.press("Enter")
    page.page.locator(".ccm-login .ccm-status", has_text="It belongs to").wait_for()
    page.page.locator(".jp-CodeCell .cm-content").nth(3).click()
    page.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
    page.page.locator(DIALOG).wait_for()


def said(page: Page, words: str) -> None:
    page.page.locator(f"{DIALOG} .ccm-status", has_text=words).wait_for()


def press(page: Page, name: str) -> None:
    page.page.locator(DIALOG).get_by_role("button", name=name, exact=True).click()


def make(page: Page, name: str) -> None:
    page.page.locator(DIALOG).get_by_label("Name", exact=True).fill(name)
    page.page.locator(DIALOG).get_by_label("Name", exact=True).press("Enter")
    said(page, "Its text is shown once")


def test_a_new_key_is_shown_once_and_is_found_nowhere(
    page: Page, lab: Lab, notebook: Path, server: Running
) -> None:
    """With widget state saved; not even the frames of the page's sockets have it as it is."""
    lab.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
    sent, got = frames_of(page)
    open_dialog(page, notebook, server)

    make(page, "laptop")
    press(page, "Show")
    shown = page.page.locator(f"{DIALOG} output")
    shown.filter(has_text="sk-").wait_for()
    text = shown.inner_text()

    assert re.fullmatch(r"sk-\w{22}", text)
    assert server.post("ping", key=text).json()["event"] == "pong"
    page.page.locator(DIALOG).get_by_role("button", name="Show").wait_for(state="hidden")
    saved = page.saved(notebook, "sk-...")
    assert '"application/vnd.jupyter.widget-state+json"' in saved
    assert not holding(text, [saved, *sent, *got, *files_of(lab)])
    press(page, "Hide")
    assert not holding(text, [page.page.content()])
    assert page.errors == []


def test_a_key_is_copied_edited_and_deleted(page: Page, notebook: Path, server: Running) -> None:
    page.allow_clipboard()
    open_dialog(page, notebook, server)
    make(page, "before")

    press(page, "Copy")
    page.page.locator(DIALOG).get_by_role("button", name="Copied").wait_for()
    text = page.page.evaluate("() => navigator.clipboard.readText()")
    assert server.post("ping", key=text).json()["event"] == "pong"

    press(page, "Edit before")
    page.page.locator(f"{DIALOG} td").get_by_label("Name").fill("after")
    page.page.locator(f"{DIALOG} td").get_by_label("Expires in days").fill("30")
    press(page, "Save")
    said(page, "'after' was changed")
    row = page.page.locator(f"{DIALOG} tr", has_text="after")
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", row.inner_text())

    press(page, "Delete after")
    press(page, "Delete it for good? after")
    said(page, "'after' was deleted")
    assert server.post("ping", key=text).status_code == 400
    assert page.errors == []


def test_a_key_is_saved_for_later_kernels(page: Page, lab: Lab, notebook: Path, server: Running) -> None:
    open_dialog(page, notebook, server)
    make(page, "kept")

    press(page, "Save to file")

    said(page, "the key that later kernels have")
    kept = next((lab.root.parent / "config").rglob("keys/*.json"))
    page.page.locator(f"{DIALOG} .ccm-new").wait_for(state="hidden")
    kept.unlink()


def test_errors_are_said_inside(page: Page, notebook: Path, server: Running) -> None:
    open_dialog(page, notebook, server)

    press(page, "Create")

    said(page, "a key has a name")


@both
def test_it_works_by_keyboard_alone(page: Page, notebook: Path, server: Running, app: str) -> None:
    """Letters that are shortcuts in a notebook do nothing to it here."""
    open_dialog(page, notebook, server, app)
    cells = page.page.locator(".jp-CodeCell").count()
    page.page.locator(DIALOG).get_by_label("Name", exact=True).focus()

    page.page.keyboard.type("ddaa")
    page.page.keyboard.press("Tab")
    page.page.keyboard.type("30")
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    said(page, "'ddaa' was made")
    show = page.page.locator(DIALOG).get_by_role("button", name="Show", exact=True)
    show.wait_for()
    show.focus()
    page.page.keyboard.press("d")
    page.page.keyboard.press("d")
    page.page.keyboard.press("Enter")

    page.page.locator(f"{DIALOG} output", has_text="sk-").wait_for()
    assert page.page.locator(".jp-CodeCell").count() == cells
    assert page.page.evaluate("() => document.activeElement.tagName") == "OUTPUT"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_readable(page: Page, lab: Lab, notebook: Path, server: Running, theme: str) -> None:
    lab.set("@jupyterlab/apputils-extension/themes", theme=theme)
    open_dialog(page, notebook, server)
    make(page, "readable")

    wide, contrast = page.page.locator(DIALOG).evaluate(MEASURE)

    lab.set("@jupyterlab/apputils-extension/themes", theme="JupyterLab Light")
    assert wide == []
    assert contrast >= 4.5


def test_a_saved_notebook_has_the_table(page: Page, lab: Lab, notebook: Path, server: Running) -> None:
    open_dialog(page, notebook, server)
    page.saved(notebook, "keys create NAME")

    lab.end_kernels()
    page.open(notebook)

    page.page.locator(".jp-OutputArea-output", has_text="keys create NAME").wait_for()
    assert page.page.locator(DIALOG).count() == 0


# -- the one key of older servers ------------------------------------------------------------------


def test_the_one_key_of_an_older_server_is_had_by_password_and_found_nowhere(page: Page, lab: Lab) -> None:
    """The password goes to the kernel once each time it is typed, and comes back in nothing."""
    lab.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
    sent, got = frames_of(page)
    with Older() as server:
        give = f"keys.give({server.url!r}, Secret('sk_previousQWERTY0909'))"
        notebook = lab.notebook(
            "one-key.ipynb",
            "%load_ext cocalc_magic",
            f"from cocalc_magic.config import keys\nfrom cocalc_magic.config.secret import Secret\n{give}",
            f"%cocalc server use {server.url}",
            "%cocalc keys",
        )
        page.open(notebook)
        run_first(page, 4)
        dialog = page.page.locator(DIALOG)
        dialog.wait_for()
        password = dialog.get_by_label("Password of your account")
        shown = dialog.locator("output")

        press(page, "Reveal")
        said(page, "type the password")
        password.fill("hunter22")
        password.press("Enter")
        said(page, "no such key. Create makes one.")
        assert password.input_value() == ""
        assert dialog.get_by_role("button", name="Refresh").count() == 0  # that is of the list
        password.fill("hunter22")
        press(page, "Create")
        said(page, "can be shown now")
        press(page, "Show")
        shown.filter(has_text="sk_abcdefQWERTY0001").wait_for()

        password.fill("hunter22")
        press(page, "Regenerate")
        assert server.made == 1  # the first click asks
        press(page, "The present key is deleted. Regenerate it?")
        said(page, "can be shown now")
        shown.filter(has_text="sk_abc").wait_for(state="detached")
        press(page, "Show")
        shown.filter(has_text="sk_abcdefQWERTY0002").wait_for()
        text = page.saved(notebook, "The key of your account")
        assert not holding("sk_abcdefQWERTY0002", [text, *sent, *got, *files_of(lab)])
        assert len(holding("hunter22", sent)) == 3
        assert not holding("hunter22", [text, *got, page.page.content(), *files_of(lab)])

        password.fill("hunter22")
        press(page, "Delete")
        press(page, "The present key is deleted. Delete it?")
        said(page, "no longer has such a key")
        assert server.key == ""
    assert page.errors == []
