"""A real JupyterLab and a real Chromium; a screenshot of every page that a test left in failure."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "chromium")) or shutil.which("chromium-browser")
FIREFOX = os.environ.get("FIREFOX", "")
"""Firefox is driven in place of Chromium if this is its command; Playwright 1.60 drives the ESR of 2026."""
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE = {"width": 1280, "height": 900}
PATIENCE = 90.0  # seconds for what a page is to show: machines that run tests are slow at times
ARTEFACTS = Path(__file__).parents[1] / "artefacts"

both = pytest.mark.parametrize("app", ["lab/tree", "notebooks"], ids=["lab", "notebook"])
"""JupyterLab and Notebook 7, for a test that opens its notebook with `page.open(notebook, app)`."""

# What Notebook 7 stumbles over by itself: settings of a plugin, a command and a font, that it does not have.
NOTEBOOK_7 = (
    "(reading 'schema')",
    'access property "schema"',
    "download failed (font-family: ",
    "Command 'filebrowser:open-path' not registered",
)
CLOSED = ("Kernel connection is disposed", "Canceled future for ")  # JupyterLab still waited for an answer

PATIENT = f"""AbortSignal.timeout = ((timeout) => (milliseconds) => timeout(Math.max(milliseconds, {1_000 * PATIENCE})))(
    AbortSignal.timeout.bind(AbortSignal));"""
"""A model that anywidget could not begin within two seconds never hears its kernel; here pages are slow at times."""
IDLE = """() => {
    const widget = window.jupyterapp?.shell.currentWidget;
    return widget?.sessionContext?.session?.kernel?.status === 'idle' && widget.context.isReady;
}"""
OPEN = "async (path) => { await window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'}); }"
CLOSE = """() => {
    for (const widget of [...window.jupyterapp.shell.widgets('main')]) {
        if (widget.context) widget.context.model.dirty = false;
        widget.dispose();
    }
}"""


def missing() -> str:
    """Why there can be no browser test here; empty when there can."""
    if CHROMIUM is None and not FIREFOX:
        return "there is no Chromium (apt-get install chromium)"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "there is no Playwright (pip install playwright)"
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder drives a browser; without one it is skipped, but not in CI. What is long is that alone."""
    reason = missing()
    for item in items:
        if "tests/browser/" in item.nodeid:
            if not item.get_closest_marker("long"):
                item.add_marker(pytest.mark.browser)
            if reason and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason=reason))


@dataclass
class Lab:
    """A JupyterLab server of its own, with configuration, kernels and notebooks in one folder."""

    url: str
    token: str
    root: Path
    settings: Path
    changes: int = 0
    """How often a setting was changed: a page has those of when it was loaded."""
    endings: dict[str, threading.Thread] = field(default_factory=dict)
    """What shuts the kernels of notebooks down meanwhile."""

    def notebook(self, name: str, *sources: str) -> Path:
        """Writes a notebook of these cells."""
        path = self.root / name
        kernel = {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
        }
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
        return path

    def set(self, plugin: str, **values: Any) -> None:
        """One setting of the user's."""
        file = self.settings / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(values)
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
            self.changes += 1

    def fresh(self) -> None:
        """The settings of a fresh JupyterLab, whatever a test before has chosen."""
        self.set("@jupyterlab/apputils-extension/notification", fetchNews="false", checkForUpdates=False)
        self.set("@jupyterlab/apputils-extension/themes", theme="JupyterLab Light")
        self.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=False)

    def end_kernels(self) -> None:
        """Shuts all kernels down behind the pages' backs."""
        for session in self._call("GET", "/api/sessions"):
            self._end(session["id"])

    def leave_kernels(self) -> None:
        """Has all kernels of now shut down, without waiting for it."""
        for session in self._call("GET", "/api/sessions"):
            self.endings[session["path"]] = threading.Thread(target=self._end, args=[session["id"]])
            self.endings[session["path"]].start()

    def wait_for_end(self, path: str) -> None:
        """Until the kernel that this notebook had before has ended."""
        if path in self.endings:
            self.endings.pop(path).join()

    def _end(self, session: str) -> None:
        with contextlib.suppress(urllib.error.HTTPError):  # it has ended meanwhile
            self._call("DELETE", f"/api/sessions/{session}")

    def _call(self, method: str, path: str) -> Any:
        request = urllib.request.Request(f"{self.url}{path}?token={self.token}", method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else None


@contextlib.contextmanager
def running_lab(folder: Path, python: str = sys.executable) -> Iterator[Lab]:
    """A JupyterLab that keeps everything in the folder, until the end."""
    (folder / "root").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(8), folder / "root", folder / "settings")
    started.fresh()
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython", "JUPYTER_DATA_DIR": "data",
    }  # fmt: skip
    environ = os.environ | {name: str(folder / place) for name, place in places.items()}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [python, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
             "--ServerApp.port_retries=0", f"--IdentityProvider.token={started.token}",
             f"--ServerApp.root_dir={started.root}", "--LabApp.expose_app_in_browser=True",
             "--JupyterNotebookApp.expose_app_in_browser=True"],
            env=environ, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    wait_until_up(started, process, folder / "log")
    yield started
    for path in list(started.endings):
        started.wait_for_end(path)
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:  # Jupyter's server waits for a kernel: that is not what is tested here
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as started:
        yield started


def wait_until_up(lab: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            lab._call("GET", "/api/status")
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


def chromium_only(what: str) -> None:
    """Skips a test of this in Firefox."""
    if FIREFOX:
        pytest.skip(f"Playwright has no {what} in Firefox")


@contextlib.contextmanager
def running_browser() -> Iterator[Any]:
    """A Chromium, or the Firefox that is asked for, which is closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        if FIREFOX:
            started = playwright.firefox.launch(channel="moz-firefox", executable_path=shutil.which(FIREFOX))
        else:
            started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield started
        finally:
            started.close()


@contextlib.contextmanager
def running_context(browser: Any, **options: Any) -> Iterator[Any]:
    """A window of its own in a browser, with the patience that all pages here have."""
    with contextlib.closing(browser.new_context(**{"viewport": SIZE} | options)) as context:
        context.set_default_timeout(1_000 * PATIENCE)
        context.add_init_script(PATIENT)
        yield context


@contextlib.contextmanager
def running_page() -> Iterator[Page]:
    """A page of a JupyterLab of its own, for programs that measure."""
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as lab:
        with running_browser() as started, running_context(started) as context:
            yield Page(context.new_page(), lab)
        lab.end_kernels()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with running_browser() as started:
        yield started


class Page:
    """A page with a notebook in it.

    JupyterLab takes seconds to load: the page that one test leaves in good order is the next one's. Its
    notebook is opened in it as a second one is by a person, unless a setting was changed since. A notebook
    that is opened after another in the same test is loaded with its page, from the file alone.
    """

    def __init__(self, page: Any, lab: Lab, loaded: int = -1) -> None:
        self.page = page
        self.lab = lab
        self.loaded = loaded
        """The settings' change that the page has; -1 when there is no JupyterLab to go on with."""
        self.errors: list[str] = []
        self._harmless = NOTEBOOK_7 if loaded == -1 else (*NOTEBOOK_7, *CLOSED)
        """JupyterLab's own errors; those about a notebook that this page closed for the test before come any time."""
        self._heard: list[tuple[str, Any]] = []
        self._opened = False
        self._went = False
        self.on("pageerror", self._stumbled)
        self.on("load", self._loaded)

    def on(self, event: str, heard: Any) -> None:
        """Hears an event of the page until the test ends."""
        self.page.on(event, heard)
        self._heard.append((event, heard))

    def _stumbled(self, problem: Any) -> None:
        if not any(words in str(problem) for words in self._harmless):
            self.errors.append(str(problem))

    def _loaded(self, _: Any) -> None:
        self._went = True

    def open(self, path: Path, app: str = "lab/tree") -> None:
        """Opens a notebook and waits until its kernel is idle."""
        self.lab.wait_for_end(path.name)
        if not self._opened and self.loaded not in (-1, self.lab.changes):
            self.page.goto("about:blank")  # and what the notebook before has to say ends with it
            self.errors.clear()
        if app.startswith("lab") and self.loaded == self.lab.changes and not self._opened:
            self.page.evaluate(OPEN, path.name)
            self.errors.clear()  # of the test before: widgets that went with their notebook
        else:
            reset = "&reset" if app.startswith("lab") else ""
            self.page.goto(f"{self.lab.url}/{app}/{path.name}?token={self.lab.token}{reset}")
            self.loaded = self.lab.changes if app.startswith("lab") else -1
            self._went = False
        self._opened = True
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(IDLE)

    def leave(self) -> bool:
        """Closes the notebook without saving it; says whether the page will do for another test.

        One that was loaded again will not: its JupyterLab opens by itself what was open. Nor one that has gone
        elsewhere, whose load may end later.
        """
        if self._went or not self.page.url.startswith(self.lab.url) or self.loaded != self.lab.changes:
            return False
        self.page.context.clear_permissions()
        self.page.set_viewport_size(SIZE)
        self.page.evaluate(CLOSE)
        for event, heard in self._heard:
            self.page.remove_listener(event, heard)
        return True

    def allow_clipboard(self) -> None:
        """Lets the page, and the test by it, read the clipboard."""
        chromium_only("permissions")
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.lab.url)

    def command(self, name: str) -> None:
        """Starts one of JupyterLab's commands, and does not wait for it."""
        self.page.evaluate(f"() => {{ window.jupyterapp.commands.execute('{name}'); }}")

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")

    def saved(self, path: Path, part: str) -> str:
        """Saves the notebook and gives its text, once that has this part."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        deadline = time.monotonic() + PATIENCE
        while part not in (text := path.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert part in text
        return text

    def outputs(self) -> str:
        """All text of outputs that a person sees."""
        return "\n".join(self.page.locator(".jp-OutputArea-output").all_inner_texts())


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A sandbox beside the kernels, whose key the tests of a module know."""
    running = start()
    yield running
    stop(running)


@dataclass
class Kept:
    """The page that the last test has left, if it will do for the next, and the settings that it has."""

    page: Any = None
    loaded: int = -1


@pytest.fixture(scope="session")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="session")
def context(browser: Any) -> Iterator[Any]:
    """One for all pages, so that JupyterLab's files are fetched once."""
    with running_context(browser) as shared:
        yield shared


@pytest.fixture
def page(context: Any, kept: Kept, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Page]:
    lab.fresh()
    opened = Page(kept.page or context.new_page(), lab, kept.loaded)
    kept.page, kept.loaded = None, -1
    failed_before = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failed_before:
        ARTEFACTS.mkdir(exist_ok=True)
        opened.page.screenshot(path=ARTEFACTS / f"{request.node.name}.png")
    elif opened.leave():
        kept.page, kept.loaded = opened.page, opened.loaded
    if kept.page is None:
        opened.page.close()
    lab.leave_kernels()
