"""A sandbox that is no process: the same answers, limits and faults, and one line for what it can't."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cocalc_magic import Client, config
from cocalc_magic.errors import (
    CoCalcError,
    ConnectionLost,
    KeyRefused,
    SandboxFailed,
    ServerError,
    TimeLimitReached,
)
from cocalc_magic.sandbox.testing import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def sandbox() -> Iterator[config.EmbeddedSandbox]:
    started = config.EmbeddedSandbox()
    yield started
    started.stop()


@pytest.fixture
def client(sandbox: config.EmbeddedSandbox) -> Iterator[Client]:
    with Client(*sandbox.start("--in-process")) as connected:
        yield connected


def children() -> set[int]:
    import psutil

    return {process.pid for process in psutil.Process().children(recursive=True)}


def test_it_answers_and_starts_no_process(client: Client) -> None:
    before = children()
    project_id = client.create_project(title="here", start=True)["project_id"]

    assert client.ping().ok
    assert client.project_exec(project_id=project_id, command="pwd")["exit_code"] == 0
    assert children() == before


def test_another_key_is_refused(client: Client) -> None:
    with Client(client.server, "sk-not-one") as other, pytest.raises(KeyRefused):
        other.create_project(title="not mine")


def test_it_is_found_by_its_address_and_gone_after_its_end(sandbox: config.EmbeddedSandbox) -> None:
    first, _ = sandbox.start("--in-process")
    second, key = sandbox.start("--in-process", "--generation", "ai")

    assert first.url != second.url
    with Client(second, key) as client:
        assert client.ping().ok
    sandbox.stop()
    assert sandbox.running is None


def test_its_data_can_be_kept_and_a_program_goes_on_with_it(
    sandbox: config.EmbeddedSandbox, tmp_path: Path
) -> None:
    with Client(*sandbox.start("--in-process", f"--data={tmp_path}")) as client:
        project_id = client.create_project(title="kept")["project_id"]
    sandbox.stop()

    with Client(*sandbox.start(f"--data={tmp_path}")) as client:
        assert client.router.projects.find("kept").project_id == project_id


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port=8000"], "takes no --port: nobody can connect to it"),
        (["--frame=https://example.org"], "takes no --frame: it has no pages for a browser"),
        (["--generation=v9"], "invalid choice: 'v9'"),
        (["--world=/nowhere.yaml"], "/nowhere.yaml is not a world file"),
    ],
)
def test_an_option_that_it_has_not_is_told_in_a_line(
    sandbox: config.EmbeddedSandbox, options: list[str], words: str
) -> None:
    with pytest.raises(SandboxFailed) as failure:
        sandbox.start("--in-process", *options)

    assert words in str(failure.value)


def test_faults_are_those_of_a_real_connection(client: Client) -> None:
    client.control("fault", drop=True)
    with pytest.raises(ConnectionLost, match="ended the connection without an answer"):
        client.ping()
    client.control("fault", truncate=5)
    with pytest.raises(ConnectionLost, match=r"broke off after 5 of \d+ bytes"):
        client.ping()
    client.control("fault", latency=5)
    client.timeout = 0.05
    with pytest.raises(TimeLimitReached), Client(client.server, client.key, timeout=0.05) as hasty:
        hasty.ping()
    client.control("fault", status=503)
    with pytest.raises(ServerError):
        client.ping()


def test_a_body_over_the_limit_is_refused_as_by_the_program(client: Client) -> None:
    project_id = client.create_project(title="large")["project_id"]

    with pytest.raises(CoCalcError, match=r"too large|413"):
        client.write_text_file_to_project(project_id=project_id, path="x", content="x" * 40_000_000)


def test_files_go_in_and_come_back_out(client: Client, tmp_path: Path) -> None:
    project_id = client.create_project(title="files")["project_id"]
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "é 'n.bin").write_bytes(os.urandom(300_000))
    (tmp_path / "a" / "empty").touch()

    client.upload(project_id, tmp_path / "a", "up/")
    again = client.upload(project_id, tmp_path / "a", "up/")
    client.download(project_id, "up/*", tmp_path / "b/")

    assert repr(again) == "<Transfer of 0 of 2 files, 0 bytes>"
    assert (tmp_path / "b/a/é 'n.bin").read_bytes() == (tmp_path / "a/é 'n.bin").read_bytes()
    with pytest.raises(CoCalcError, match="there is no nothing in the project"):
        client.download(project_id, "nothing", tmp_path)


def test_other_programs_do_not_reach_it(client: Client) -> None:
    with pytest.raises(CoCalcError, match="speaks HTTP, and a sandbox in this process does not"):
        client.to_cocalc_api()


ALONE = """
import sys, threading
start = threading.Thread.start
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
def audit(event, arguments):
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "_thread.start_new_thread", "{socket}"):
        raise RuntimeError(event)
sys.addaudithook(audit)
import cocalc_magic, pkgutil, importlib
"""
MISSING = [
    "tornado",
    "zmq",
    "jupyter_client",
    "ipykernel",
    "psutil",
    "tree_sitter",
    "tree_sitter_bash",
    "resource",
    "pwd",
    "grp",
]


def alone(code: str, *, connects: bool = False) -> str:
    """Run code where nothing can be started and what a page lacks is missing; return what it prints."""
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            ALONE.format(missing=MISSING, socket="" if connects else "socket.connect") + code,
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COCALC_IN_PAGE": "1"},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.slow
def test_a_page_starts_nothing_and_misses_nothing() -> None:
    """A message, a form, many messages, an awaited one, commands, code and the state of the sandbox."""
    printed = alone(
        """
import asyncio
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
config = Config(); config.HistoryManager.enabled = False
shell = InteractiveShell(config=config)
shell.run_line_magic("load_ext", "cocalc_magic")
run = lambda line: shell.run_line_magic("cocalc", line)
shell.push({"rows": [{"name": "Ada"}, {"name": "Emmy"}]})
for line in ["ping", "create_project title=x", 'create_project --each $rows title="${row.name}"', "jobs", "sandbox",
             'create_project --each $rows title="${row.name} 2" --background',
             'project_exec project_id=x command="python3 -c \\\\"print(41 + 1)\\\\""', "doctor", "login --page",
             "sandbox look", "open x notes.md --kiosk"]:
    try:
        print(line, "->", str(run(line)).strip().splitlines()[0])
    except Exception as problem:
        print(line, "-> !", type(problem).__name__, problem)
from cocalc_magic import AsyncClient
async def ask():
    async with AsyncClient() as client:
        return await asyncio.gather(client.ping(), client.ping())
print(asyncio.run(ask()))
from cocalc_magic.widgets.form import Form
import os
from cocalc_magic import Client
from cocalc_magic.cli.main import main
from cocalc_magic.sandbox.testing import FakeServer, Sandbox
with Client() as client, client.session() as session:
    print(session.post(client.server.url + "/api/v1/ping", json={}).status_code, "without a key")
    os.environ |= {"COCALC_HOST": client.server.url, "COCALC_API_KEY": client.key.reveal()}
print(main(["ping", "--json"]), "is the exit status")
for server in (FakeServer({"event": "pong"}), Sandbox()):
    with server, Client(server.url, getattr(server, "key", "sk-any"), session=server.session()) as client:
        print(client.ping().event, "in", type(server).__name__)
"""
    )

    assert "!" not in printed.replace("login --page -> !", ""), printed
    for line in ("400 without a key", "0 is the exit status", "pong in FakeServer", "pong in Sandbox"):
        assert line in printed.splitlines()


def test_a_project_is_started_before_what_goes_into_it_also_right_after_the_clock_began() -> None:
    """The clock that durations are measured by begins at nothing with a page, or with a machine."""
    printed = alone(
        """
import time
clock, began = time.monotonic, time.monotonic()
time.monotonic = lambda: clock() - began
from cocalc_magic import Client, config
with Client(*config.EmbeddedSandbox().start("--generation", "ai")) as client:
    project, = client.query(query={"projects": [{"project_id": None, "title": None}]})["query"]["projects"]
    print(client.project_exec(project_id=project["project_id"], command="echo it runs")["stdout"])
"""
    )

    assert printed.strip() == "it runs"


def test_a_server_elsewhere_is_asked_through_urllib3_and_a_refusal_explained() -> None:
    """In a page urllib3 hands requests to the browser, which gives no reason where it refuses them."""
    code = """
from cocalc_magic import Client
try:
    print(Client({url!r}, "sk-any", timeout=5).ping()["event"])
except Exception as problem:
    print(problem.problem)
"""
    with FakeServer({"event": "pong"}) as server:
        answered = alone(code.format(url=server.url), connects=True)
        asked = server.requests
    refused = alone(code.format(url=server.url), connects=True)

    assert answered == "pong\n"
    assert "authorization" in {name.lower() for name in asked[-1].headers}
    assert "likely the server does not allow other pages (CORS)" in refused
    assert "sk-any" not in refused


@pytest.mark.slow
def test_every_module_that_a_page_uses_loads_without_what_is_missing_there() -> None:
    printed = alone(
        """
skipped = {"cocalc_magic.sandbox.http.server", "cocalc_magic.sandbox.cli", "cocalc_magic.sandbox.__main__",
           "cocalc_magic.pytest_plugin", "cocalc_magic.browser.__main__", "cocalc_magic.sandbox.runtime.reaper"}
for module in pkgutil.walk_packages(cocalc_magic.__path__, "cocalc_magic."):
    if module.name not in skipped and not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except ImportError as problem:
            print(module.name, problem)
"""
    )

    assert printed == ""
