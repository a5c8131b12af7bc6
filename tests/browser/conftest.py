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
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "chromium")) or shutil.which("chromium-browser")
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
ARTEFACTS = Path(__file__).parents[1] / "artefacts"

both = pytest.mark.parametrize("app", ["lab/tree", "notebooks"], ids=["lab", "notebook"])
"""JupyterLab and Notebook 7, for a test that opens its notebook with ``page.open(notebook, app)``."""

IDLE = """() => {
    const widget = window.jupyterapp?.shell.currentWidget;
    return widget?.sessionContext?.session?.kernel?.status === 'idle' && widget.context.isReady;
}"""


def missing() -> str:
    """Why there can be no browser test here; empty when there can."""
    if CHROMIUM is None:
        return "there is no Chromium (apt-get install chromium)"
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "there is no Playwright (pip install playwright)"
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder drives a browser; without one it is skipped, but not in CI."""
    reason = missing()
    for item in items:
        if "tests/browser/" in item.nodeid:
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
        file.write_text(json.dumps(values))

    def end_kernels(self) -> None:
        """Shuts all kernels down behind the pages' backs."""
        for session in self._call("GET", "/api/sessions"):
            with contextlib.suppress(urllib.error.HTTPError):  # it has ended meanwhile
                self._call("DELETE", f"/api/sessions/{session['id']}")

    def _call(self, method: str, path: str) -> Any:
        request = urllib.request.Request(f"{self.url}{path}?token={self.token}", method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None


@contextlib.contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """A JupyterLab that keeps everything in the folder, until the end."""
    (folder / "root").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(8), folder / "root", folder / "settings")
    started.set("@jupyterlab/apputils-extension/notification", fetchNews="false", checkForUpdates=False)
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython", "JUPYTER_DATA_DIR": "data",
    }  # fmt: skip
    environ = os.environ | {name: str(folder / place) for name, place in places.items()}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
             "--ServerApp.port_retries=0", f"--IdentityProvider.token={started.token}",
             f"--ServerApp.root_dir={started.root}", "--LabApp.expose_app_in_browser=True",
             "--JupyterNotebookApp.expose_app_in_browser=True"],
            env=environ, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    wait_until_up(started, process, folder / "log")
    yield started
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(20)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as started:
        yield started


def wait_until_up(lab: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            lab._call("GET", "/api/status")
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


class Page:
    """A page with a notebook in it."""

    def __init__(self, page: Any, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        self.errors: list[str] = []
        page.on("pageerror", lambda problem: self.errors.append(str(problem)))

    def open(self, path: Path, app: str = "lab/tree") -> None:
        """Opens a notebook and waits until its kernel is idle."""
        reset = "&reset" if app.startswith("lab") else ""
        self.page.goto(f"{self.lab.url}/{app}/{path.name}?token={self.lab.token}{reset}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.page.wait_for_function(IDLE, timeout=60_000)

    def command(self, name: str) -> None:
        """Starts one of JupyterLab's commands, and does not wait for it."""
        self.page.evaluate(f"() => {{ window.jupyterapp.commands.execute('{name}'); }}")

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")

    def saved(self, path: Path, part: str) -> str:
        """Saves the notebook and gives its text, once that has this part."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        deadline = time.monotonic() + 15
        while part not in (text := path.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert part in text
        return text

    def outputs(self) -> str:
        """All text of outputs that a person sees."""
        return "\n".join(self.page.locator(".jp-OutputArea-output").all_inner_texts())


@pytest.fixture
def page(browser: Any, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    # As it is in a fresh JupyterLab, whatever the test before has chosen.
    lab.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=False)
    opened = Page(context.new_page(), lab)
    failed_before = request.session.testsfailed
    yield opened
    if request.session.testsfailed > failed_before:
        ARTEFACTS.mkdir(exist_ok=True)
        opened.page.screenshot(path=ARTEFACTS / f"{request.node.name}.png")
    context.close()
    lab.end_kernels()
