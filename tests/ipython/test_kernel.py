"""The magic in a real kernel: interrupts, questions, and notebooks that stop at a failure."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from tests.browser.gallery import BOARD
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
TREE = """from cocalc_magic.response import Request, Response
nested = {'event': 'x', 'settings': {'outer': {'inner': [1, 2, {'deep': 'middle value'}]}}}
Response(nested, Request('query'), server='sandbox')"""
QUERY = """%cocalc query query:={"projects": [{"title": null, "state": null}]}"""
SAVED = ("execute_result", "display_data", "stream", "error")
SAVED_VIEWS = (
    "%cocalc ping",
    QUERY,
    "%cocalc create_project title=Saved -o saved",
    "%cocalc project_exec project_id=$saved['project_id'] command='seq 3000; echo late >&2; exit 1' bash=yes --no-raise",
    "%cocalc ping --each ${[{'id': 'a'}, {'id': 'b'}]} id=$row.id",
    "%cocalc course init ${[{'name': 'Ada', 'email': 'ada@example.com'}]} --file $course --force",
    "%cocalc course plan --file $course",
    BOARD,
    TREE,
    *(f"%cocalc {command}" for command in (
        "projects", "form project_exec", "explore", "keys", "help project_exec", "help", "status", "sandbox status",
        "history", "docs", "docs windows", "lessons", "check reading-group", "server", "scope", "ping --show curl", "pin",
    )),
)  # fmt: skip


class Kernel:
    """A kernel, and what it says."""

    def __init__(self) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def run(
        self, source: str, answers: list[str] | None = None
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The reply to a cell, and the outputs that it made; `answers` are typed when it asks."""
        outputs: list[dict[str, Any]] = []
        waiting = list(answers or [])
        reply = self.client.execute_interactive(
            source,
            timeout=60,
            allow_stdin=answers is not None,
            stop_on_error=False,  # else the kernel may refuse the next cell, if that comes at once
            output_hook=lambda message: outputs.append({"type": message["msg_type"], **message["content"]}),
            stdin_hook=lambda _: self.client.input(waiting.pop(0)),
        )
        return reply["content"], outputs

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()  # which lets it end by itself: what it has reached is counted then
        self.manager.cleanup_resources()


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    started = Kernel()
    started.run("%load_ext cocalc_magic\n%cocalc create_project -o project --quiet")
    yield started
    started.close()


def _message(output: dict[str, Any]) -> dict[str, Any]:
    return {"header": {"msg_type": output["type"]}, "content": output}


def test_a_response_is_html_over_text_and_no_widget_view(kernel: Kernel) -> None:
    _, outputs = kernel.run("%cocalc ping id=abc")
    data = next(output["data"] for output in outputs if output["type"] == "execute_result")

    assert set(data) == {"text/plain", "text/html"}
    assert data["text/html"].startswith('<div data-ccm="')
    assert data["text/plain"].startswith("ping → pong · [sandbox]")


def test_an_export_that_cleans_html_has_the_same_text(kernel: Kernel, tmp_path: Path) -> None:
    """As `nbconvert --to html --sanitize-html`; but for three tags, which nbconvert shows of anybody's HTML."""
    kernel.run(f"course = {str(tmp_path / 'course.yaml')!r}")
    cells = [_run_cell(kernel, source) for source in SAVED_VIEWS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    plain, cleaned = (_exported_text(notebook, sanitize_html=clean) for clean in (False, True))

    for text in (
        "server time",
        "Options",
        "middle value",
        "2 sent",
        "invite the student",
        "there is no event",
    ):
        assert text in plain
    assert re.sub(r"</?(tbody|details|summary)( open(=\"\")?)?>", "", cleaned) == plain


def _run_cell(kernel: Kernel, source: str) -> nbformat.NotebookNode:
    _, said = kernel.run(source)
    outputs = [nbformat.v4.output_from_msg(_message(output)) for output in said if output["type"] in SAVED]
    cell: nbformat.NotebookNode = nbformat.v4.new_code_cell(source, outputs=outputs)
    return cell


def _exported_text(notebook: nbformat.NotebookNode, **settings: bool) -> str:
    page, _ = HTMLExporter(**settings).from_notebook_node(notebook)
    return " ".join(BeautifulSoup(page, "html.parser").get_text().split())


@pytest.mark.parametrize("cell", ["%cocalc ping --quiet", "%cocalc ping;", "r = %cocalc ping"])
def test_quiet_shows_nothing(kernel: Kernel, cell: str) -> None:
    _, outputs = kernel.run(cell)

    assert [output for output in outputs if output["type"] in ("execute_result", "stream", "error")] == []


def test_an_error_is_one_block_without_a_traceback(kernel: Kernel) -> None:
    reply, outputs = kernel.run("%cocalc pin")
    error = next(output for output in outputs if output["type"] == "error")

    assert (reply["status"], reply["ename"]) == ("error", "UnknownEvent")
    assert error["traceback"][0] == "Not sent: there is no event 'pin'."
    assert "Traceback" not in "".join(error["traceback"])


def test_a_mistake_that_only_the_cell_shows_is_an_error_too(kernel: Kernel) -> None:
    reply, outputs = kernel.run("%cocalc create_project\ntitle: x")

    assert reply["status"] == "error"
    assert "would not be sent" in str(outputs)


def test_an_interrupt_returns_at_once_and_says_what_may_go_on(kernel: Kernel, tmp_path: Path) -> None:
    message = kernel.client.execute(
        f"%cocalc project_exec project_id=$project['project_id'] command='touch {tmp_path}/begun; sleep 8'",
        stop_on_error=False,
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    with within(0.5, time.monotonic):
        kernel.manager.interrupt_kernel()

        while (reply := kernel.client.get_shell_msg(timeout=10))["parent_header"]["msg_id"] != message:
            pass

    assert reply["content"]["ename"] == "Interrupted"
    assert "project_exec (at most 10 s) may still be going on there" in reply["content"]["evalue"]
    assert kernel.run("%cocalc ping --quiet")[0]["status"] == "ok"


PASSWORD = "hunter2-marked"
AUTH = "%cocalc user_auth account_id=7d1c6a52-0b3e-4c58-9a0f-2f6f1c8f5e11"
AUTH_SAM = "%cocalc user_auth account_id=c0a8f3d4-51b7-4e7b-8f5d-6a9be2d07c22"
"""For another wrong password: an account refuses a second one for a minute."""


def test_a_password_that_is_missing_is_asked_for_and_not_kept(kernel: Kernel) -> None:
    reply, outputs = kernel.run(AUTH, answers=[PASSWORD])

    assert reply["evalue"].startswith("incorrect password")
    assert PASSWORD not in str(outputs)
    assert PASSWORD not in str(kernel.run("%cocalc last-error")) + str(kernel.run("%cocalc history"))


def test_where_nobody_can_be_asked_it_is_missing(kernel: Kernel) -> None:
    assert kernel.run(AUTH)[0]["evalue"].startswith("user_auth needs password")


def test_a_password_on_the_line_works_with_a_warning(kernel: Kernel) -> None:
    _, outputs = kernel.run(f"{AUTH_SAM} password={PASSWORD}")

    said = "".join(output["text"] for output in outputs if output["type"] == "stream")
    assert said == "The password now stands in this notebook and in IPython's history: remove it there.\n"


def test_tab_offers_events_and_options(kernel: Kernel) -> None:
    def tab(code: str) -> list[str]:
        kernel.client.complete(code, len(code))
        return list(kernel.client.get_shell_msg(timeout=10)["content"]["matches"])

    assert tab("res = %cocalc user_se") == ["user_search"]
    assert tab("%%cocalc create_project\nti") == ["title: "]
    assert tab("%cocalc project_exec ")[:2] == ["project_id=", "command="]


def test_a_notebook_stops_at_a_failed_message() -> None:
    sources = ["%load_ext cocalc_magic", "%cocalc pin", "raise SystemError('ran on')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])

    with pytest.raises(CellExecutionError, match="there is no event 'pin'"):
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert notebook.cells[2].outputs == []


def test_what_takes_its_time_says_so_and_is_gone_at_the_end(kernel: Kernel) -> None:
    line = "%cocalc project_exec project_id=$project['project_id'] command='sleep 2.4'"
    reply, outputs = kernel.run(line, answers=[])

    assert reply["status"] == "ok"
    said = [output for output in outputs if output["type"] in ("display_data", "update_display_data")]
    texts = [output["data"]["text/plain"] for output in said]
    assert texts[0].startswith("project_exec: waiting for sandbox since ")
    assert texts[0].endswith(". The kernel's stop button (or I, I) ends the waiting.")
    assert texts[1:] == [""], "the clock ticks in the page"
    assert 'data-ccm-progress="' in said[0]["data"]["text/html"]
    assert len({output["transient"]["display_id"] for output in said}) == 1

    _, outputs = kernel.run(f"{line} --quiet", answers=[])
    assert [output for output in outputs if "display" in output["type"]] == []


def test_a_long_command_on_a_server_without_conat_is_a_job_that_the_stop_button_ends() -> None:
    kernel = Kernel()
    try:
        kernel.run("%load_ext cocalc_magic\n%cocalc sandbox start --generation v2")
        kernel.run("%cocalc create_project -o project --quiet")
        line = "%cocalc project_exec project_id=$project['project_id'] timeout=100 command="
        message = kernel.client.execute(f"{line}'sleep 77'", allow_stdin=True, stop_on_error=False)
        while "text/plain" not in (told := kernel.client.get_iopub_msg(timeout=20)["content"]).get(
            "data", ()
        ):
            pass
        kernel.manager.interrupt_kernel()
        while (reply := kernel.client.get_shell_msg(timeout=10))["parent_header"]["msg_id"] != message:
            pass

        stop = "The kernel's stop button (or I, I) ends it there."
        assert re.search(
            rf"runs as a job on sandbox since [\d:]+ \w+\. {re.escape(stop)}$", told["data"]["text/plain"]
        )
        assert reply["content"]["ename"] == "Interrupted"
        assert "ended on the server" in reply["content"]["evalue"]
        _, outputs = kernel.run(f"{line}'pgrep -f [s]leep.77 || echo gone'", answers=[])
        assert "gone" in str(outputs)
    finally:
        kernel.close()


BULK = """import os, tempfile
os.environ["JUPYTER_DATA_DIR"] = tempfile.mkdtemp()
rows = [{"name": f"student {number}"} for number in range(60)]"""
MANY = '%cocalc create_project --each $rows title="${row.name} stopped" --jobs 2'


def test_an_interrupt_of_many_messages_finishes_what_is_under_way_and_says_how_to_go_on(
    kernel: Kernel,
) -> None:
    kernel.run(f"{BULK}\n%cocalc sandbox fault --latency 0.1 --times 1000")
    message = kernel.client.execute(MANY, allow_stdin=True, stop_on_error=False)
    while "/60" not in str(kernel.client.get_iopub_msg(timeout=30)["content"]):  # what progress says
        pass
    kernel.manager.interrupt_kernel()
    while (answer := kernel.client.get_shell_msg(timeout=30))["parent_header"]["msg_id"] != message:
        pass
    reply = answer["content"]
    kernel.run("%cocalc sandbox fault --clear")

    assert (reply["status"], reply["ename"]) == ("error", "BulkFailed")
    assert "create_project: stopped by Ctrl-C (" in reply["evalue"]
    assert "The same line again sends what is missing, and nothing twice." in reply["evalue"]
    sent = int(re.findall(r"\((\d+) sent, \d+ not sent\)", reply["evalue"])[0])
    assert 0 < sent < 60
    _, outputs = kernel.run(f"made = {MANY}\nprint(made.summary)")
    assert f"{sent} done before, {60 - sent} sent" in str(outputs)


def test_many_messages_say_nothing_where_no_person_is(kernel: Kernel) -> None:
    """As papermill and nbconvert run a notebook."""
    kernel.run(f"{BULK}\n%cocalc sandbox fault --latency 0.1 --times 1000")
    _, outputs = kernel.run('made = %cocalc create_project --each $rows title="${row.name} quiet" --jobs 4')
    kernel.run("%cocalc sandbox fault --clear")

    assert [output for output in outputs if output["type"] not in ("status", "execute_input")] == []
