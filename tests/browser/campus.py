"""The campus in a page in a Chromium: its files from a server in this process, everything else refused."""

from __future__ import annotations

import contextlib
import re
import threading
from typing import TYPE_CHECKING, Any, ClassVar

from lite import serve
from tests.browser.conftest import running_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CREATE = """async () => {
    await jupyterapp.commands.execute('notebook:create-new', {kernelName: 'python'});
}"""
FILL = """async (sources) => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;
    const model = panel.content.model.sharedModel;
    model.transact(() => {
        model.deleteCellRange(0, model.cells.length);
        model.insertCells(0, sources.map(source => ({cell_type: 'code', source, metadata: {}})));
    });
}"""
IDLE = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.sessionContext?.session?.kernel?.status === 'idle' && panel.context.isReady;
}"""
RUN = """async () => {
    await jupyterapp.commands.execute('notebook:run-all-cells');
    return jupyterapp.shell.currentWidget.content.model.toJSON().cells;
}"""
SAVED = """async () => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.save();
    const kept = [await jupyterapp.serviceManager.contents.get(panel.context.path, {content: true})];
    for (const {name} of await indexedDB.databases()) {
        const database = await new Promise(done => {
            const opening = indexedDB.open(name);
            opening.onsuccess = () => done(opening.result);
        });
        for (const store of database.objectStoreNames) {
            kept.push(await new Promise(done => {
                const all = database.transaction(store).objectStore(store).getAll();
                all.onsuccess = () => done([name, store, all.result]);
            }));
        }
        database.close();
    }
    return JSON.stringify([kept, {...localStorage}]);
}"""
"""What the browser keeps: the notebook, every database, and what pages leave in it otherwise."""

Cell = dict[str, Any]


class Counted(serve.Handler):
    """Requests, with the bytes of the files that were sent."""

    sent: ClassVar[list[int]] = []  # requests are answered side by side

    def copyfile(self, source: Any, outputfile: Any) -> None:
        data = source.read()
        self.sent.append(len(data))
        outputfile.write(data)


class Campus:
    """One page of the campus; what it asks for elsewhere is refused, and kept in `foreign`."""

    def __init__(self, context: Any, base: str) -> None:
        self.base = base
        self.foreign: list[str] = []
        context.route("**/*", self._answer)
        self.page = context.new_page()

    def _answer(self, route: Any) -> None:
        if not route.request.url.startswith(self.base):
            self.foreign.append(route.request.url)
            route.abort()
        elif route.request.url.endswith("/jupyter-lite.json"):
            route.fulfill(response=(answer := route.fetch()), json=_exposed(answer.json()))
        else:
            route.continue_()

    @contextlib.contextmanager
    def allowing(self, server: str) -> Iterator[None]:
        """Lets another server be asked: at its own address, and below the page's for the APIs, as by a proxy."""

        def hand_on(route: Any) -> None:
            route.fulfill(response=route.fetch(url=route.request.url.replace(self.base, server)))

        context, elsewhere = self.page.context, f"{server}/**"
        here = re.compile(re.escape(self.base) + "/api/(v1|v2|conat)/")
        context.route(elsewhere, lambda route: route.continue_())
        context.route(here, hand_on)
        try:
            yield
        finally:
            context.unroute(elsewhere)
            context.unroute(here)

    def open(self, lesson: str = "") -> None:
        """Opens JupyterLab, with a lesson and its kernel if one is named."""
        self.page.goto(f"{self.base}/lab/index.html" + (f"?path={lesson}" if lesson else ""))
        self.page.wait_for_function("() => window.jupyterapp?.shell")
        self.page.evaluate("() => jupyterapp.restored")
        if lesson:
            self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        self.page.wait_for_function(IDLE)

    def notebook(self, *sources: str) -> None:
        """A notebook of these cells, whose kernel is ready: a new one, or the one that is open, filled anew."""
        if not self.page.evaluate("() => !!jupyterapp.shell.currentWidget?.sessionContext"):
            self.page.evaluate(CREATE)
        self.wait_for_kernel()
        self.page.evaluate(FILL, list(sources))

    def run(self) -> list[Cell]:
        """Runs the notebook until it has ended or a cell failed, and gives its cells."""
        return list(self.page.evaluate(RUN))

    def kept(self) -> str:
        """Saves the notebook, and gives everything that the browser keeps."""
        return str(self.page.evaluate(SAVED))


def _exposed(config: dict[str, Any]) -> dict[str, Any]:
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    return config


def errors(cells: list[Cell]) -> list[str]:
    """What failed, with the cell's source."""
    return [
        f"{cell['source']}\n{output['evalue']}\n" + "\n".join(output["traceback"])
        for cell in cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    ]


def text(cell: Cell) -> str:
    """The output of a cell as text."""
    parts = []
    for output in cell["outputs"]:
        part = output.get("text") or output.get("data", {}).get("text/plain") or ""
        parts.append(part if isinstance(part, str) else "".join(part))
    return "\n".join(parts)


@contextlib.contextmanager
def served(site: Path) -> Iterator[str]:
    """The address of a server of the built page."""
    with serve.server(site, handler=Counted) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def running_campus(browser: Any, base: str) -> Iterator[Campus]:
    """A page in a browser that has nothing of it yet."""
    with running_context(browser) as context:
        yield Campus(context, base)
