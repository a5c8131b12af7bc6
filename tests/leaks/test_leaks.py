"""The leak test: a marked key goes through everything, and is then looked for in all that was made of it.

What runs in a browser is in `tests/browser/test_leaks.py`; the ways in which a key may look and the
servers that give it back are in `tests/leaks/search.py`.
"""

from __future__ import annotations

import atexit
import base64
import copy
import importlib.util
import io
import json
import logging
import os
import pickle
import pprint
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

import nbformat
import pexpect
import pytest
import yaml

from cocalc_magic import Client
from cocalc_magic.commands.synopsis import SYNOPSES
from cocalc_magic.config import keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sandbox.testing import FakeServer
from cocalc_magic.sanitize.secret_forms import hint
from tests.ipython.test_kernel import Kernel
from tests.leaks.examples import KEYS, core
from tests.leaks.search import KEY, WAYS, Hostile, forms, found, hits, in_files, in_objects
from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "correct horse 9"
WORLD: dict[str, Any] = {
    "accounts": [
        {
            "handle": "iris",
            "first_name": "Iris",
            "last_name": "Instructor",
            "email_address": "iris@example.edu",
            "password": PASSWORD,
            "keys": list(KEYS.values()),
        }
    ],
    "projects": [{"owner": "iris", "title": "Course", "files": {"a.txt": "hello\n"}}],
}


@pytest.fixture(scope="module", params=KEYS.values(), ids=list(KEYS))
def key(request: pytest.FixtureRequest) -> str:
    """A key of every form."""
    return str(request.param)


# Where a kernel or a terminal is started: the form of today, and in -m long the others too.
by_today = pytest.mark.parametrize(
    "key",
    [pytest.param(key, id=name, marks=() if key == KEY else pytest.mark.long) for name, key in KEYS.items()],
    indirect=True,
    scope="module",
)


# -- the search itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", forms())
def test_the_search_finds_every_form(key: str, name: str) -> None:
    assert name in found(b"x" + forms(key)[name] + b"y", key)


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("after", ["", ":", ":x", "\n"])
def test_the_search_finds_it_in_base64_wherever_it_stands(key: str, before: str, after: str) -> None:
    text = base64.b64encode(f"{before}{key}{after}".encode()).decode()

    assert found(f"Authorization: Basic {text}", key)
    assert not found(base64.b64encode(b"sk-SomeOtherKey0000000000").decode())


def test_the_search_finds_it_in_objects() -> None:
    class Holder:
        __slots__ = ("key",)
        key: object

    holder = Holder()
    holder.key = {"a": [f"x {KEY}"]}

    assert in_objects({"it": holder}) == ["it → key → ['a'] → [0]"]
    assert in_objects({"it": Secret(KEY)}) == []
    assert in_objects({"it": ValueError(holder)})


# -- what a shell makes of it ----------------------------------------------------------------------


class Lab:
    """A shell with a folder, and all that is ever shown, logged or written in it."""

    seen: ClassVar[set[tuple[object, ...]]] = set()  # failures that the slower tools have shown

    def __init__(self, shell: Any, folder: Path) -> None:
        self.shell, self.folder, self.shown, self.key = shell, folder, io.StringIO(), KEY
        self.log = logging.FileHandler(folder / "debug.log")
        logging.getLogger().addHandler(self.log)
        logging.getLogger().setLevel(logging.DEBUG)

    def run(self, line: str) -> None:
        """Runs a cell, and shows its value and its failure in all the ways that there are."""
        outcome = self.shell.run_cell(line, store_history=True)
        if outcome.error_in_exec is not None:
            self.fails(outcome.error_in_exec)
        elif outcome.result is not None:
            self.has(outcome.result)

    def fails(self, problem: BaseException) -> None:
        """Also as tools show it that ask no exception how it wants to be shown."""
        told = traceback.TracebackException.from_exception(problem, capture_locals=True)
        self.shown.write("".join(told.format()) + repr(problem) + pprint.pformat(vars(problem)))
        assert in_objects({"problem": problem}, self.key) == []
        place = (type(problem), *(frame.name for frame in told.stack))
        if place in self.seen:
            return
        self.seen.add(place)
        verbose = self.shell.InteractiveTB
        verbose.set_mode("Verbose")
        self.shown.write(verbose.text(type(problem), problem, problem.__traceback__))
        if importlib.util.find_spec("rich"):
            from rich.console import Console
            from rich.traceback import Traceback

            rich = Traceback.from_exception(
                type(problem), problem, problem.__traceback__, show_locals=True, locals_max_string=10_000
            )
            Console(file=self.shown, width=300).print(rich)
        logging.getLogger("somebody").debug("failed", exc_info=problem)

    def has(self, value: Any) -> None:
        bundle, _ = self.shell.display_formatter.format(value)
        shown = [*map(str, bundle.values()), repr(value), str(value), pprint.pformat(value)]
        if hasattr(value, "text"):
            shown += [
                value.text,
                json.dumps(dict(value)),
                pprint.pformat(vars(value)),
                value.to_frame().to_csv(),
            ]
            shown += [repr(copy.deepcopy(value).request), str(pickle.dumps(value))]
        self.shown.write("\n".join(shown))
        assert in_objects({"value": value}, self.key) == []

    def leaks(self) -> dict[str, Any]:
        """Where the key is; in a key file it may be."""
        self.log.flush()
        self.shell.history_manager.writeout_cache()
        found_in = in_files(self.folder, self.key)
        places = {name: hit for name, hit in found_in.items() if "/keys/" not in f"/{name}"}
        session = self.shell.magics_manager.registry["CoCalc"].session
        named = {"shell": self.shell.user_ns, "session": session}
        return {
            **places,
            **dict.fromkeys(hits(re.split(r"\n(?=\S)", self.shown.getvalue()), self.key), "shown"),
            **dict.fromkeys(in_objects(named, self.key), "in memory"),
        }


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A real shell that shows tracebacks with all variables, with a history on disk."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    monkeypatch.chdir(tmp_path)
    config = Config()
    config.HistoryManager.hist_file = str(tmp_path / "history.sqlite")
    shell = InteractiveShell(config=config)
    shell.run_line_magic("load_ext", "cocalc_magic")
    shell.run_line_magic("xmode", "Verbose")
    level = logging.getLogger().level
    started = Lab(shell, tmp_path)
    yield started
    logging.getLogger().removeHandler(started.log)
    logging.getLogger().setLevel(level)
    started.log.close()
    assert shell.history_manager is not None
    shell.history_manager.end_session()
    atexit.unregister(shell.atexit_operations)  # it collects garbage, for each shell that ever was
    InteractiveShell.clear_instance()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[FakeServer]:
    """A server that the key does not belong to."""
    with FakeServer() as server:
        yield server


@pytest.fixture(scope="module")
def hostile(elsewhere: FakeServer, key: str) -> Iterator[Hostile]:
    with Hostile(elsewhere.url) as server:
        for url in server.ways.values():
            keys.give(url, Secret(key))
        yield server
        for url in server.ways.values():
            keys.forget(url)


PID = "project_id=3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
LINES = [
    "%cocalc ping",
    "res = %cocalc ping --no-raise",
    "res",
    '%cocalc query query=\'{"projects_all": [{"project_id": null, "title": null}]}\' --no-raise',
    f"%cocalc project_exec {PID} command=ls --no-raise",
    f"%cocalc read_text_file_from_project {PID} path=a.txt",
    "%cocalc /api-keys action=get --no-raise",
    "%cocalc projects.getProject --no-raise",
    "%cocalc ping --as raw --no-raise",
    "%cocalc status",
    "%cocalc use Course",
    "%cocalc keys",
    "%cocalc keys list --project Course",
    "%cocalc keys edit 1 --name x",
    "%cocalc keys delete 1 --yes",
    "%cocalc server list",
    "%cocalc last-error",
    "%cocalc history",
    "%cocalc history 1 --again",
    "%cocalc login",
    *(f"%cocalc history --export {form} sent.{form}" for form in ("curl", "python", "notebook")),
    *(f"%cocalc ping --show {form}" for form in ("curl", "httpie", "python", "requests", "http", "message")),
    "%whos",
    "%history -n",
]


FEW = ["%cocalc ping", "res = %cocalc ping --no-raise", "res", "%cocalc keys", "%cocalc last-error"]


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_gives_the_key_back_spreads_it_nowhere(
    lab: Lab, hostile: Hostile, elsewhere: FakeServer, key: str, way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    spread(lab, hostile.ways[way], key, FEW, capfd)

    assert lab.leaks() == {}
    assert elsewhere.requests == []


@pytest.mark.slow
@by_today
@pytest.mark.parametrize("way", WAYS)
def test_nor_does_any_command_after_it(
    lab: Lab, hostile: Hostile, elsewhere: FakeServer, key: str, way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    spread(lab, hostile.ways[way], key, LINES, capfd)

    assert lab.leaks() == {}
    assert elsewhere.requests == []


def spread(lab: Lab, url: str, key: str, lines: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """Runs the lines with a server that gives the key back; what is printed is kept in a file."""
    lab.key = key
    lab.run(f"%cocalc server use {url}")
    for line in ["%cocalc status --offline", *lines]:
        lab.run(line)
    out, err = capfd.readouterr()
    (lab.folder / "out.txt").write_text(out + err)
    assert hint(key) in out


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://cocalc.invalid", "http://cocalc.invalid"])
def test_a_server_that_is_not_there_spreads_it_nowhere(
    lab: Lab, key: str, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    lab.key = key
    keys.give(url, Secret(key))
    lab.run(f"%cocalc server use {url}")
    for line in FEW:
        lab.run(line)

    out, err = capfd.readouterr()
    (lab.folder / "out.txt").write_text(out + err)
    keys.forget(url)
    assert lab.leaks() == {}


# -- a real server ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox that knows the marked key, with a folder of its own."""
    file = tmp_path_factory.mktemp("world") / "world.yaml"
    file.write_text(yaml.safe_dump(WORLD))
    running = start("--world", str(file), folder=tmp_path_factory.mktemp("store") / "data")
    yield running
    stop(running)


COMMANDS = {
    "help": ["", "ping", "login"],
    "form": ["", "ping", "create_project"],
    "events": ["", "project"],
    "status": ["", "--offline"],
    "login": ["", "--prompt", "--save drawer"],
    "logout": ["", "--forget"],
    "keys": [
        "", "list", "create", "create kept --save file", "create shown --show", "edit 1 --name x",
        "delete 1", "legacy", "legacy create --save file", "--project Course",
    ],
    "server": ["", "list", "add lab https://cocalc.example.edu", "use lab", "remove lab", "use {url}"],
    "sandbox": ["status", "fault --status 500 --times 1", "fault --clear"],
    "use": ["Course", "--clear"],
    "history": ["", "1 --again", "--export curl a", "--export python b", "--export notebook c"],
    "last-error": [""],
    "from-curl": ["curl -u $COCALC_API_KEY: -X POST {url}/api/v1/ping"],
    "doctor": [""],
}  # fmt: skip
MESSAGES = [
    *LINES,
    "%cocalc project_exec command=env",
    "%cocalc project_exec command='cat /proc/self/environ /proc/$PPID/environ' bash=yes",
    "%cocalc create_project title=x -o project",
    "%cocalc user_search query=iris",
    "project",
]


@by_today
def test_no_command_spreads_it(
    lab: Lab, world: Running, key: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """All that `%cocalc help` names is run, with the key in the environment and then in a file."""
    lab.key = key
    monkeypatch.setenv("COCALC_HOST", world.url)
    monkeypatch.setenv("COCALC_API_KEY", key)
    lab.run("%cocalc use Course")
    for line in MESSAGES:
        lab.run(line)
    keys.save(world.url, Secret(key), "file")
    for name in SYNOPSES:
        for words in COMMANDS.get(name, [""]):
            lab.run(f"%cocalc {name} {words.format(url=world.url)}")
    keys.forget(world.url, everywhere=True)

    out, err = capfd.readouterr()
    (lab.folder / "out.txt").write_text(out + err)
    assert "pong" in out
    assert lab.leaks() == {}


GIVEN = {
    "create_account": "first_name=A last_name=B email_address={name}@example.edu password='correct horse 9' "
    "agreed_to_terms=yes get_api_key=yes",
    "/api-keys": "action=create name={name}",
    "system.manageApiKeys": "action=create name={name}",
    "user_auth": "account_id=${{account_id}} password='correct horse 9'",
    "system.generateUserAuthToken": "user_account_id=${{account_id}} password='correct horse 9'",
}


@pytest.mark.parametrize("view", ["auto", "json", "table", "text", "raw"])
@pytest.mark.parametrize("event", GIVEN)
def test_what_a_server_hands_out_is_for_code_and_not_shown(
    lab: Lab, world: Running, monkeypatch: pytest.MonkeyPatch, view: str, event: str
) -> None:
    """A new key, or a token that signs somebody in; what is shown is saved."""
    monkeypatch.setenv("COCALC_HOST", world.url)
    monkeypatch.setenv("COCALC_API_KEY", KEY)
    me = "query: {accounts: {account_id: null}}"
    lab.shell.run_cell(f"%%cocalc query -o me --quiet\n{me}").raise_error()
    lab.shell.run_cell("account_id = me['query']['accounts']['account_id']").raise_error()

    outcome = lab.shell.run_cell(f"%cocalc {event} {GIVEN[event].format(name=view)} --as {view}")
    outcome.raise_error()

    handed = re.findall(r"sk[-_]\w{16,22}|\b\w{24}\b", outcome.result.text)
    bundle, _ = lab.shell.display_formatter.format(outcome.result)
    assert handed
    assert not [text for text in handed if text[3:19] in str(bundle) + repr(outcome.result)]


def test_a_script_spreads_it_nowhere(world: Running, key: str) -> None:
    client = Client(world.url, Secret(key))
    client.ping()

    assert in_objects({"client": client}, key) == []
    assert not hits([repr(client), str(vars(client)), pprint.pformat(vars(client)), str(dir(client))], key)
    for dump in (pickle.dumps, json.dumps):
        with pytest.raises((CoCalcError, TypeError)) as caught:
            dump(client)
        assert not found(str(caught.value), key)
    assert in_objects({"copy": copy.copy(client)}, key) == []
    client.close()


def test_the_server_keeps_and_logs_nothing_of_it(tmp_path: Path, key: str) -> None:
    """Its folder, its log, and what its own page and control show; used, refused, and in the wrong place."""
    file = tmp_path / "world.yaml"
    file.write_text(yaml.safe_dump(WORLD))
    (tmp_path / "searched").mkdir()
    running = start("--world", str(file), folder=tmp_path / "searched" / "data")
    Client(running.url, key).send("ping")
    running.post("ping", key=f"{key}x")
    running.post("ping", key="", headers={"Authorization": f"Digest {key}"})
    running.post("ping", key=key, data=b"{")
    running.session.post(f"{running.url}/api/v2/api-keys", json={"action": "get"}, auth=(key, ""), timeout=10)
    running.session.post(f"{running.url}/nothing/here", auth=(key, ""), timeout=10)
    status = running.session.post(
        f"{running.url}/sandbox/status", json={}, auth=(running.key, ""), timeout=10
    )
    pages = [
        running.session.get(f"{running.url}{path}", timeout=10).text for path in ("/", "/app", "/customize")
    ]
    running.end()
    log = running.process.stderr.read() if running.process.stderr else ""
    stop(running)

    assert status.status_code == 200
    assert not hits([log, status.text, *pages], key)
    assert in_files(tmp_path / "searched", key) == {}


# -- whole kernels and terminals -------------------------------------------------------------------


def executed(environ: dict[str, str], *sources: str) -> Any:
    """A notebook of these cells, run by nobody; it goes on where a cell fails."""
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext cocalc_magic", *sources)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook, timeout=60, kernel_name="python3", allow_errors=True, store_widget_state=True
    )
    client.execute(env=os.environ | environ)
    return notebook


@by_today
@pytest.mark.slow
def test_a_notebook_run_by_nobody_has_it_nowhere(
    key: str, world: Running, hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As nbconvert and papermill run it; then exported to HTML and Markdown."""
    from nbconvert import HTMLExporter, MarkdownExporter

    monkeypatch.chdir(tmp_path)
    environ = {
        "COCALC_HOST": world.url,
        "COCALC_API_KEY": key,
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
    }
    debug = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n%xmode Verbose"
    notebook = executed(environ, debug, *MESSAGES)
    (tmp_path / "run.ipynb").write_text(nbformat.writes(notebook))
    for exporter, name in ((HTMLExporter(), "run.html"), (MarkdownExporter(), "run.md")):
        (tmp_path / name).write_text(exporter.from_notebook_node(notebook)[0])

    assert hint(key) in (tmp_path / "run.md").read_text()
    assert (tmp_path / "ipython").exists()
    assert in_files(tmp_path, key) == {}


@by_today
@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("papermill") is None, reason="there is no papermill")
def test_papermill_writes_it_nowhere(
    key: str, world: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import papermill

    monkeypatch.setenv("COCALC_HOST", world.url)
    monkeypatch.setenv("COCALC_API_KEY", key)
    cells = [
        nbformat.v4.new_code_cell(line) for line in ("%load_ext cocalc_magic", "%cocalc ping", "%cocalc x")
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "in.ipynb")
    with pytest.raises(papermill.PapermillExecutionError):
        papermill.execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", kernel_name="python3")

    assert in_files(tmp_path, key) == {}


@by_today
@pytest.mark.slow
def test_a_kernel_sends_it_to_nobody(
    key: str, world: Running, hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All messages on all channels but the one with the answer to `getpass`."""
    monkeypatch.chdir(tmp_path)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    kernel = Kernel()
    said: list[Any] = []
    try:
        for line in ("%load_ext cocalc_magic", "%xmode Verbose"):
            kernel.run(line)
        for login in (f"{world.url} --save file", *(hostile.ways[way] for way in ("fails", "page"))):
            said += [kernel.run(f"%cocalc login {login} --prompt", answers=[key])]
            said += [kernel.run(f"%cocalc login {login} --prompt", answers=[f"{key} mistyped"])]
            said += [kernel.run(line) for line in ("%tb", FRAMES)]
        said += [kernel.run(line, answers=[]) for line in MESSAGES]
        inspected = [kernel.client.inspect(name, reply=True, timeout=30) for name in ("res", "project")]
        completed = kernel.client.complete("%cocalc use ", reply=True, timeout=30)
    finally:
        kernel.close()

    assert not hits([json.dumps([said, inspected, completed], default=str)], key)
    assert list(in_files(tmp_path, key)) == [
        f"JUPYTER_CONFIG_DIR/cocalc-magic/keys/{quote(world.url, safe='')}.json"
    ]


FRAMES = "import sys, traceback as _t; print(*_t.TracebackException.from_exception(sys.last_value, capture_locals=True).format())"


@pytest.mark.slow
def test_a_key_made_by_login_or_keys_is_sent_to_nobody(
    world: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys whose texts nobody knows before; the kernel's own code writes them down where nothing is searched."""
    known = tmp_path / "known"
    (tmp_path / "searched").mkdir()
    monkeypatch.chdir(tmp_path / "searched")
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "searched" / name))
    note = (
        "from cocalc_magic.config import keys as _k\n"
        f"with open({str(known)!r}, 'a') as _file: print(_k.find({world.url!r}).key.reveal(), file=_file)"
    )
    kernel = Kernel()
    try:
        kernel.run("%load_ext cocalc_magic\n%xmode Verbose")
        email = f"%cocalc login {world.url} --email iris@example.edu --save no"
        said = [kernel.run(email, answers=[PASSWORD]), kernel.run(note)]
        said += [kernel.run(line, answers=[]) for line in ("%cocalc keys", "%cocalc status", "%cocalc ping")]
        said += [kernel.run("%cocalc keys create kept --save file", answers=[])]
        said += [
            kernel.run(line) for line in ("%cocalc logout", note, "%cocalc keys", "%cocalc logout --forget")
        ]
    finally:
        kernel.close()

    made = known.read_text().split()
    assert len(set(made)) == 2
    for key in made:
        assert not found(json.dumps(said, default=str), key)
        assert in_files(tmp_path / "searched", key) == {}
    assert PASSWORD not in json.dumps(said, default=str)


@by_today
@pytest.mark.slow
def test_a_terminal_and_its_debugger_show_it_nowhere(
    key: str, world: Running, hostile: Hostile, tmp_path: Path
) -> None:
    """With a real `%debug`, walked up through all frames with all of their variables."""
    environ = os.environ | {
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
        "COLUMNS": "1000",
    }
    command = ["-m", "IPython", "--simple-prompt", "--ext=cocalc_magic", "--no-banner", "--colors=NoColor"]
    terminal = pexpect.spawn(
        sys.executable,
        command,
        env=environ,
        encoding="utf-8",
        timeout=30,
        cwd=str(tmp_path),
        dimensions=(50, 1000),
    )
    with (tmp_path / "screen").open("w") as screen:
        terminal.logfile_read = screen
        terminal.expect(r"In \[1\]")
        terminal.sendline(f"%cocalc login {world.url}")
        terminal.expect("nothing is shown")
        terminal.sendline(key)
        terminal.expect("Save it for later kernels")
        terminal.sendline("no")
        for way, typed in (("fails", key), ("breaks", key), ("page", key), ("page", f"{key} mistyped")):
            terminal.expect(r"In \[\d+\]")
            terminal.sendline(f"%cocalc login {hostile.ways[way]} --save no")
            terminal.expect("nothing is shown")
            terminal.sendline(typed)
            terminal.expect(r"In \[\d+\]")
            terminal.sendline("%debug")
            for _ in range(12):
                terminal.expect("ipdb>")
                terminal.sendline("pp locals()")
                terminal.expect("ipdb>")
                terminal.sendline("up")
            terminal.expect("ipdb>")
            terminal.sendline("quit")
        terminal.expect(r"In \[\d+\]")
        terminal.sendline("exit")
        terminal.expect(pexpect.EOF)

    assert "It belongs to Iris Instructor" in (tmp_path / "screen").read_text()
    assert core(key) not in (tmp_path / "screen").read_text()
    assert in_files(tmp_path, key) == {}
