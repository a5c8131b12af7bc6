"""The key form in a real page: a key is pasted, works, and is found nowhere afterwards."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import IDLE, both, chromium_only

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Lab, Page
    from tests.sandbox.conftest import Running

FORM = ".ccm-login"
LINE = "%cocalc login takes the key of a server"


@pytest.fixture
def notebook(lab: Lab, server: Running, request: pytest.FixtureRequest) -> Path:
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return lab.notebook(
        f"{name}.ipynb",
        "%load_ext cocalc_magic",
        f"%cocalc server use {server.url}",
        "%cocalc login",
        "%cocalc status",
    )


def run_first(page: Page, count: int) -> None:
    """Runs the first cells, one after the other."""
    page.page.locator(".jp-CodeCell").first.click()
    for _ in range(count):
        page.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
    page.page.wait_for_function(IDLE)


def said(page: Page, words: str) -> None:
    page.page.locator(f"{FORM} .ccm-status", has_text=words).wait_for()


@pytest.mark.parametrize("form", ["the key", "the redirect line"])
def test_a_key_is_pasted_and_used_and_is_found_nowhere(
    page: Page, lab: Lab, notebook: Path, server: Running, form: str
) -> None:
    """With widget state saved; every frame of the page's sockets is searched, in both directions."""
    lab.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
    sent, got = frames_of(page)
    page.open(notebook)
    run_first(page, 3)
    key = page.page.get_by_label("Key", exact=True)
    key.wait_for()
    assert key.get_attribute("type") == "password"
    assert key.get_attribute("autocomplete") == "off"
    link = page.page.locator(f"{FORM} .ccm-hint a")
    assert link.get_attribute("href") == f"{server.url}/app?get_api_key=cocalc-magic"

    key.fill(server.key if form == "the key" else f"Location: https://authenticated/?api_key={server.key}")
    key.press("Enter")

    said(page, "It belongs to Iris Instructor <iris@example.edu>.")
    assert key.input_value() == ""
    page.page.locator(".jp-CodeCell .cm-content").nth(3).click()
    page.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
    page.page.get_by_text("from login in this kernel").wait_for()
    text = page.saved(notebook, "Iris Instructor")
    assert '"application/vnd.jupyter.widget-state+json"' in text
    assert not holding(server.key, [text, page.page.content()])
    assert len(holding(server.key, sent)) == 1
    assert not holding(server.key, got)
    assert not holding(server.key, files_of(lab))
    assert page.errors == []


def test_errors_are_said_inside_and_the_field_is_emptied(page: Page, notebook: Path) -> None:
    page.open(notebook)
    run_first(page, 3)
    key = page.page.get_by_label("Key", exact=True)
    key.wait_for()

    for typed, words in [
        ("", "no key was given"),
        ("hunter2", "what was given is not a key"),
        ("sk-00000000000000000000Zz", "does not know the key"),
    ]:
        key.fill(typed)
        page.page.get_by_role("button", name="Test and use").click()
        said(page, words)
        assert key.input_value() == ""
    page.page.get_by_label("Server", exact=True).select_option("another address …")
    page.page.get_by_label("Address", exact=True).fill("http://cocalc.example.edu")
    key.fill("sk-00000000000000000000Zz")
    page.page.get_by_role("button", name="Test and use").click()
    said(page, "would get the key unencrypted")
    assert page.errors == []


def test_a_key_is_saved_and_forgotten(page: Page, lab: Lab, notebook: Path, server: Running) -> None:
    page.open(notebook)
    run_first(page, 3)
    page.page.get_by_label("Key", exact=True).fill(server.key)

    page.page.get_by_role("button", name="Save to file").click()

    said(page, "for later kernels too")
    assert [path.name for path in holding_files(lab, server.key)] == [
        f"{server.url.replace(':', '%3A').replace('/', '%2F')}.json"
    ]
    page.page.get_by_role("button", name="Forget").click()
    said(page, "was removed from this kernel and the key file")
    assert holding_files(lab, server.key) == []


@both
def test_it_works_by_keyboard_alone(page: Page, notebook: Path, server: Running, app: str) -> None:
    """Letters that are shortcuts in a notebook do nothing to it here."""
    page.open(notebook, app)
    run_first(page, 3)
    page.page.get_by_label("Key", exact=True).click()
    cells = page.page.locator(".jp-CodeCell").count()

    page.page.keyboard.press("Shift+Tab")
    page.page.keyboard.type("dd")
    names = [page.page.evaluate(FOCUSED)]
    for _ in range(5):
        page.page.keyboard.press("Tab")
        names.append(page.page.evaluate(FOCUSED))
    page.page.keyboard.press("Enter")

    said(page, "There was no key.")
    assert names[:2] == ["server", "key"]
    assert names[-3:] == ["Test and use", "Save to file", "Forget"]
    assert page.page.locator(".jp-CodeCell").count() == cells


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_it_is_readable_in_400_pixels(page: Page, lab: Lab, notebook: Path, theme: str) -> None:
    """Nothing is wider than the form, and its text stands out from what is behind it."""
    lab.set("@jupyterlab/apputils-extension/themes", theme=theme)
    page.open(notebook)
    run_first(page, 3)
    page.page.locator(FORM).wait_for()
    page.page.locator(FORM).evaluate("(form) => { form.parentElement.style.width = '400px'; }")

    wide, contrast = page.page.locator(FORM).evaluate(MEASURE)

    lab.set("@jupyterlab/apputils-extension/themes", theme="JupyterLab Light")
    assert wide == []
    assert contrast >= 4.5


def test_a_saved_notebook_has_a_line_that_says_what_to_type(page: Page, lab: Lab, notebook: Path) -> None:
    page.open(notebook)
    run_first(page, 3)
    page.page.locator(FORM).wait_for()
    assert not page.page.get_by_text(LINE).is_visible()
    page.saved(notebook, LINE)

    lab.end_kernels()
    page.open(notebook)

    page.page.locator(".jp-OutputArea-output", has_text=LINE).wait_for()
    assert page.page.locator(FORM).count() == 0


# -- searching -------------------------------------------------------------------------------------


def frames_of(page: Page) -> tuple[list[str], list[str]]:
    """What the page's sockets send and get from now on."""
    chromium_only("frames of sockets")
    sent: list[str] = []
    got: list[str] = []

    def watch(socket: Any) -> None:
        socket.on("framesent", lambda frame: sent.append(text_of(frame)))
        socket.on("framereceived", lambda frame: got.append(text_of(frame)))

    page.on("websocket", watch)
    return sent, got


def text_of(frame: bytes | str) -> str:
    return frame if isinstance(frame, str) else frame.decode("utf-8", "replace")


def holding(key: str, texts: list[str]) -> list[str]:
    """The texts with the key in them, plain or in base64."""
    plain = key.encode()
    forms = [
        key,
        *(base64.b64encode(pad + plain).decode()[4 if pad else 0 : -4] for pad in (b"", b"a:", b":")),
    ]
    forms.append(json.dumps(key))
    return [text for text in texts if any(form in text for form in forms)]


def contents(lab: Lab) -> dict[Path, bytes]:
    """All files of the server's folder: notebooks, logs, history, settings."""
    found = {}
    for path in lab.root.parent.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # a kernel that ends takes its own along
            if path.is_file():
                found[path] = path.read_bytes()
    return found


def files_of(lab: Lab) -> list[str]:
    return [content.decode("utf-8", "replace") for content in contents(lab).values()]


def holding_files(lab: Lab, key: str) -> list[Path]:
    return [path for path, content in contents(lab).items() if key.encode() in content]


FOCUSED = "() => document.activeElement.id.split('-').pop() || document.activeElement.textContent"

MEASURE = """(form) => {
    const wide = [...form.querySelectorAll('*')].filter(
        (one) => one.getBoundingClientRect().right > form.getBoundingClientRect().right + 1).map((one) => one.outerHTML);
    const numbers = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const light = (rgb) => rgb.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (one) => {
        const color = getComputedStyle(one).backgroundColor;
        return /, 0\\)$/.test(color) && one.parentElement ? behind(one.parentElement) : color;
    };
    const contrast = (one) => {
        const [a, b] = [light(numbers(getComputedStyle(one).color)), light(numbers(behind(one)))].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
    };
    return [wide, Math.min(...[...form.querySelectorAll('label, input, select, button, a, .ccm-hint')].map(contrast))];
}"""
