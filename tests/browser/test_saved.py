"""Notebooks that are saved read well: every live thing leaves its content, or a line that says what to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Lab, Page

ROOT = Path(__file__).parents[2]
TRACKER = "@jupyterlab/notebook-extension/tracker"
PASSWORD = "Hunter2Hunter2"
KEY = "sk-Marked0Marked0Mark00001n"
SOURCES = (
    f"""%load_ext cocalc_magic
import sys
sys.path.insert(0, {str(ROOT)!r})
from cocalc_magic import config as servers
from cocalc_magic.config.secret import Secret
from tests.render.responses import command_output, found, ran
open("key", "w").write(servers.sandbox().connection()[1].reveal())
servers.keys.give("http://127.0.0.1:1", Secret({KEY[:9]!r} + {KEY[9:]!r}));""",
    "%cocalc ping",
    "found([{'name': f'row-{number}', 'size': number} for number in range(300)])",
    "command_output(''.join(f'line-{number}\\n' for number in range(3000)))",
    "ran({'data': {'text/html': f'<table><tr><td>cell-{40 + 2}</td></tr></table>'}})",
    """from cocalc_magic.render.blocks import Board, BoardRow, Cell
from cocalc_magic.render.page import LivePage
rows = tuple(BoardRow(f'student-{number}', (Cell('done', 'good'),)) for number in range(60))
board = Board(('prepare',), rows, 'student')
LivePage((board,), lambda: __import__('cocalc_magic.widgets').widgets.shown_blocks([board]))""",
    "%cocalc form create_project",
    "%cocalc form change_password",
    "%cocalc explore",
    "%cocalc login http://127.0.0.1:1",
    "%cocalc keys",
    "%cocalc check reading-group",
    "%cocalc create_project title=x -o project --quiet",
    "%cocalc project_exec project_id=$project['project_id'] command='sleep 2; echo waited-for'",
    "%cocalc delete_account account_id=63539481-6e7b-4138-b8c2-5cf0b6d7ddf2 --server http://127.0.0.1:1",
)
LEFT = (
    "round trip",
    "row-19",
    "20 of 300 rows",
    "line-2999",
    "student-59",
    "60/60",
    "cell-42",
    "%cocalc form create_project shows its form in a notebook that runs",
    "%cocalc form change_password shows its form",
    "%cocalc explore shows the explorer in a notebook that runs",
    "%cocalc login takes the key of a server",
    "%cocalc keys create NAME makes one",
    "A project with the title Reading group.",
    "A file plan.md in it.",
    "in a notebook that runs, a button here sends it",
    "Run it with --yes",
    "waited-for",
)
"""What everybody reads who has no kernel."""
LIVE = (
    ".cocalc-magic.ccm-response",
    ".ccm-table",
    ".ccm-board",
    ".ccm-form",
    ".ccm-explorer",
    ".ccm-login",
    ".ccm-keys",
)
BROKEN = ("model not found", "Error displaying widget", "Loading widget")
SEEN = """() => [...document.querySelectorAll('.jp-OutputArea-output')].map((output) => {
    const framed = [...output.querySelectorAll('iframe')].map((frame) => frame.srcdoc).join(' ');
    return `${output.innerText} ${framed}`;
}).join('\\n')"""
ALL_THERE = """(left) => {
    const text = document.body?.innerText.replaceAll('\\u00a0', ' ') ?? '';  // a page that begins has no body
    return left.every((part) => text.includes(part));
}"""
HEIGHTS = "(all) => all.map((one) => one.offsetHeight)"
RESTART = "() => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"

STAGE = """async () => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const code = "%load_ext cocalc_magic\\nfrom cocalc_magic import widgets\\nwidgets.get_view_host();";
    const { content } = await kernel.requestExecute({ code }).done;
    if (content.status !== "ok") throw new Error(content.evalue);
    for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
}"""


def reads_well(page: Page) -> None:
    """All is there without anything live; nothing is blank or broken."""
    page.page.wait_for_function(ALL_THERE, arg=[text for text in LEFT if not text.startswith("cell-")])
    text = page.page.evaluate(SEEN)
    assert [part for part in LEFT if part not in text] == []
    assert [part for part in BROKEN if part in text] == []
    assert page.page.locator(", ".join(LIVE)).count() == 0
    heights = page.page.locator(".jp-RenderedHTMLCommon:visible").evaluate_all(HEIGHTS)
    assert min(heights) > 8


@pytest.fixture
def unwindowed(lab: Lab) -> Iterator[None]:
    """All cells are in the page, those out of sight too."""
    lab.set(TRACKER, windowingMode="none")
    yield
    (lab.settings / f"{TRACKER}.jupyterlab-settings").unlink()
    lab.changes += 1


@pytest.mark.usefixtures("unwindowed")
@pytest.mark.parametrize("save_state", [False, True], ids=["as it is", "with widget state"])
def test_a_saved_notebook_reads_well(page: Page, lab: Lab, save_state: bool) -> None:
    """Reloaded it is live; after a restart, without its kernel, untrusted, in Notebook 7, exported it reads well.

    No secret is in it.
    """
    lab.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=save_state)
    notebook = lab.notebook(f"saved-{save_state}.ipynb", *SOURCES)
    page.open(notebook)
    page.run_all()
    page.page.get_by_text("Run it with --yes").wait_for(timeout=180_000)
    for widget in LIVE:
        page.page.wait_for_selector(widget, state="attached")
    for field in page.page.locator("input[type=password]:visible").all():
        field.fill(PASSWORD)
        field.blur()
    text = page.saved(notebook, "Run it with --yes")
    key = (lab.root / "key").read_text()
    assert [secret for secret in (key, KEY, PASSWORD) if secret in text] == []
    assert "widget-view" not in text
    assert ("widgets" in json.loads(text)["metadata"]) is save_state

    page.page.reload()
    for widget in LIVE:
        page.page.wait_for_selector(widget, state="attached")
    page.page.evaluate(RESTART)
    for widget in LIVE:
        page.page.wait_for_selector(widget, state="detached")
    reads_well(page)

    lab.end_kernels()
    page.open(notebook)
    reads_well(page)
    copy = notebook.with_name(f"copy-of-{notebook.name}")
    copy.write_text(text.replace("row-7", "row-VII"))  # so that its signature is not known
    page.open(copy, app="notebooks" if save_state else "lab/tree")
    reads_well(page)
    page.page.evaluate(STAGE)  # whose page's half finds nothing that it may bring to life
    reads_well(page)

    exported(page, notebook)


def exported(page: Page, notebook: Path) -> None:
    from nbconvert import HTMLExporter, MarkdownExporter

    markdown, _ = MarkdownExporter().from_filename(str(notebook))
    assert [part for part in (*LEFT, "pong") if part not in markdown] == []
    html, _ = HTMLExporter().from_filename(str(notebook))
    target = notebook.with_suffix(".html")
    target.write_text(html, encoding="utf-8")
    page.page.goto(target.as_uri(), wait_until="commit")
    reads_well(page)
