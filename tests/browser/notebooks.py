"""Notebooks as a person meets them: opened in a page, run, saved, restarted."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.conftest import Lab

CELLS = (
    "%load_ext cocalc_magic",
    "%cocalc create_project title=Stage -o project",
    "%cocalc ping",
    "%%cocalc project_exec project_id=$project[\"project_id\"] bash=true command=-\necho 'fine <b>weather</b>'\necho 'a small storm' >&2",
    "%cocalc user_search query=a",
)
VIEWS = len(CELLS) - 1

LIVE = "[data-ccm][data-live] [role=tablist]"
_IDLE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
# Not waited for: a command's promise ends when the last cell has run.
_RUN = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }"
_RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
_SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
_TRUSTED = "() => [...window.jupyterapp.shell.currentWidget.model.cells].filter(cell => cell.trusted).length"


def write(path: Path, cells: tuple[str, ...] = CELLS) -> None:
    """A new notebook of these cells."""
    made = [new_code_cell(cell, id=f"cell-{number}") for number, cell in enumerate(cells)]
    nbformat.write(new_notebook(cells=made), path)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


@dataclass
class Opened:
    """A notebook that is open in a page."""

    page: Any
    path: Path

    def run(self) -> None:
        """Runs all cells and waits until the views are live."""
        self.page.evaluate(_RUN)
        self.wait_live()

    def wait_live(self, count: int = VIEWS) -> None:
        self.page.wait_for_function(f"document.querySelectorAll('{LIVE}').length === {count}")

    def wait_static(self) -> None:
        """Waits until no view is live, and every static half is seen."""
        self.page.wait_for_function(f"document.querySelectorAll('{LIVE}').length === 0")
        self.page.wait_for_function("[...document.querySelectorAll('[data-ccm] > div')].every(half => !half.hidden)")

    def reload(self) -> None:
        self.page.reload()
        self._wait()

    def restart(self) -> None:
        self.page.evaluate(_RESTART)

    def save(self) -> None:
        self.page.evaluate(_SAVE)

    def trusted(self) -> int:
        """How many code cells the page trusts."""
        return int(self.page.evaluate(_TRUSTED))

    def output(self, cell: int) -> Any:
        """What is shown below a cell."""
        return self.page.locator(".jp-Cell").nth(cell).locator(".jp-OutputArea")

    def text(self) -> str:
        """All that can be read in the outputs."""
        return "\n".join(self.page.locator(".jp-OutputArea").all_inner_texts())

    def _wait(self) -> None:
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.page.wait_for_function(_IDLE)


def open_in(page: Any, lab: Lab, path: Path, app: str = "lab/tree") -> Opened:
    """Opens the notebook in JupyterLab, or with ``notebooks`` in Notebook 7, and waits for its kernel."""
    page.goto(f"{lab.url}/{app}/{path.relative_to(lab.root)}?token={lab.token}&reset")
    opened = Opened(page, path)
    opened._wait()
    return opened


def end_kernels(lab: Lab) -> None:
    """Shuts down all kernels of the server."""
    for kernel in json.loads(_ask(lab, "GET", "kernels")):
        _ask(lab, "DELETE", f"kernels/{kernel['id']}")


def _ask(lab: Lab, method: str, path: str) -> bytes:
    request = urllib.request.Request(f"{lab.url}/api/{path}", method=method)
    request.add_header("Authorization", f"token {lab.token}")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return bytes(answer.read())
