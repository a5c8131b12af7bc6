"""Nothing outlives a sandbox, nothing that it acknowledged is lost, and no key is on its disk."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from cocalc_magic.sandbox import cli
from cocalc_magic.sandbox.runtime.processes import Command
from tests.leaks.examples import KEYS, core
from tests.sandbox.conftest import Running, Start, alive, gone
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.sandbox.runtime.processes import Processes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="commands need Linux or macOS"),
]

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")


def begin_commands(running: Running) -> list[int]:
    """Process ids of three commands: in the background, out of group and session, and without environment."""
    answer = running.run(
        running.project(),
        "sleep 600 >/dev/null 2>&1 & echo $!; "
        "setsid nohup sh -c 'echo $$ > left; exec sleep 601' >/dev/null 2>&1 & "
        "env -i setsid sh -c 'echo $$ > bare; exec sleep 602' >/dev/null 2>&1 & "
        "until [ -s left ] && [ -s bare ]; do sleep 0.01; done; cat left bare",
    )
    return [int(word) for word in answer["stdout"].split()]


STRIPPED = """
import os, resource, sys, time
if len(sys.argv) == 1:
    for _ in range(2):
        if os.fork():
            os._exit(0)
        os.setsid()
    resource.setrlimit(resource.RLIMIT_RTTIME, (10**7, 10**7))
    os.execve(sys.executable, [sys.executable, sys.argv[0], "bare"], {})
with open("stripped", "w") as file:
    file.write(f"{os.getpid()}")
time.sleep(604)
"""


def begin_stripped(running: Running) -> list[int]:
    """The process id of one that has taken off all that it could be known by: twice forked, in a session of
    its own, with an empty environment and a limit of its own.
    """
    project_id = running.project()
    running.send("write_text_file_to_project", project_id=project_id, path="strip.py", content=STRIPPED)
    answer = running.run(
        project_id,
        f"{sys.executable} strip.py >/dev/null 2>&1; until [ -s stripped ]; do sleep 0.01; done; cat stripped",
    )
    process_id = int(answer["stdout"])
    assert Path(f"/proc/{process_id}/environ").read_bytes() == b""
    assert "10000000" in Path(f"/proc/{process_id}/limits").read_text()
    return [process_id]


def reaper_of(running: Running) -> int:
    """The process id of its reaper."""
    found = subprocess.run(
        ["/usr/bin/env", "pgrep", "-P", str(running.process.pid), "-f", "reaper.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(found.stdout)


def by_signal(number: int) -> Callable[[Running], None]:
    return lambda running: running.process.send_signal(number)


def by_input(running: Running) -> None:
    assert running.process.stdin
    running.process.stdin.close()


@linux
@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        pytest.param((), by_signal(signal.SIGTERM), id="SIGTERM"),
        pytest.param((), by_signal(signal.SIGINT), id="SIGINT"),
        pytest.param((), by_signal(signal.SIGKILL), id="SIGKILL"),
        pytest.param(("--child",), by_signal(signal.SIGKILL), id="child, SIGKILL"),
        pytest.param(("--child",), by_input, id="child, its input closes"),
    ],
)
def test_every_command_is_gone_within_a_second_however_it_ends(
    start_sandbox: Start, arguments: tuple[str, ...], end: Callable[[Running], None]
) -> None:
    running = start_sandbox(*arguments)
    commands = begin_commands(running) + begin_stripped(running)
    assert len(commands) == 4

    end(running)

    assert gone(running.process.pid), "the sandbox still runs"
    assert all(gone(command) for command in commands), "a command still runs"


@linux
def test_it_ends_within_two_seconds_though_a_worker_hangs(start_sandbox: Start) -> None:
    """Here one that waits for a reaper that is stopped; what was begun ends when that goes on."""
    running = start_sandbox()
    commands = begin_commands(running)
    project_id, reaper = running.project(), reaper_of(running)
    os.kill(reaper, signal.SIGSTOP)
    hanging = threading.Thread(target=lambda: hangs(running, project_id))
    hanging.start()
    with within(2, time.monotonic):
        code = running.end()

    assert code == 0
    hanging.join(10)
    os.kill(reaper, signal.SIGCONT)
    assert gone(reaper, 5)
    assert not any(map(alive, commands))


def hangs(running: Running, project_id: str) -> None:
    with suppress(requests.ConnectionError):  # it is cut off, or refused where the end was quicker
        assert running.run(project_id, "echo never")["event"] == "error"


@linux
def test_without_its_reaper_it_ends_what_runs_and_starts_nothing(start_sandbox: Start) -> None:
    running = start_sandbox()
    commands = begin_commands(running)

    os.kill(reaper_of(running), signal.SIGKILL)

    assert all(gone(command) for command in commands)
    assert running.send("ping")["event"] == "pong"
    assert "has lost its reaper" in running.run(running.project(), "true")["error"]
    assert running.end() == 0


@linux
def test_what_ends_is_nobodys_zombie(start_sandbox: Start) -> None:
    """Also what its parent has left behind."""
    running = start_sandbox()
    running.run(running.project(), "for i in $(seq 20); do (sleep 0.1 & ) ; done")
    reaper = reaper_of(running)
    children = Path(f"/proc/{reaper}/task/{reaper}/children")

    deadline = time.monotonic() + 60
    while children.read_text().split() and time.monotonic() < deadline:
        time.sleep(0.02)

    assert children.read_text().split() == []


@linux
def test_none_gets_away_among_many_that_start_at_once(tmp_path: Path, processes: Processes) -> None:
    """Each clears its environment and leaves its group as fast as it can."""

    def start_some(project: str) -> None:
        command = f"env -i setsid sh -c 'echo $$ >> {project}; exec sleep 603' >/dev/null 2>&1 &"
        for _ in range(5):
            processes.run(Command(command, [], str(tmp_path), str(tmp_path), project, bash=True))

    threads = [threading.Thread(target=start_some, args=[f"project-{number}"]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deadline = time.monotonic() + 60
    begun: dict[str, list[int]] = {}
    while sum(map(len, begun.values())) < 40 and time.monotonic() < deadline:
        begun = {path.name: [int(line) for line in path.read_text().split()] for path in tmp_path.iterdir()}

    processes.stop("project-0")
    assert all(gone(command) for command in begun["project-0"])
    assert not gone(begun["project-1"][0], 0.1)
    processes.close()

    assert sum(map(len, begun.values())) == 40
    assert all(gone(command) for commands in begun.values() for command in commands)


@pytest.mark.parametrize("arguments", [(), ("--child",)])
def test_it_ends_well_when_it_is_told_to(start_sandbox: Start, arguments: tuple[str, ...]) -> None:
    """With its input still open: a read of it must not be in the way."""
    assert start_sandbox(*arguments).end(signal.SIGTERM) == 0


def test_an_interrupt_is_not_for_a_child(start_sandbox: Start) -> None:
    running = start_sandbox("--child")

    running.process.send_signal(signal.SIGINT)

    assert not gone(running.process.pid, 0.3)
    assert running.send("ping")["event"] == "pong"


@linux
def test_commands_that_wait_for_their_turn_are_dropped_with_the_sandbox(
    start_sandbox: Start, tmp_path: Path
) -> None:
    running = start_sandbox(folder=tmp_path / "data")
    project = running.project()
    body = {
        "project_id": project,
        "command": "touch started.$$; exec sleep 602.5",
        "bash": True,
        "timeout": 60,
    }
    code = f"import requests; requests.post('{running.url}/api/v1/project_exec', json={body!r}, auth=('{running.key}', ''))"
    combine = f"import threading\nfor _ in range(70): threading.Thread(target=lambda: exec({code!r})).start()"
    senders = subprocess.Popen([sys.executable, "-c", combine], stderr=subprocess.DEVNULL)
    folder = tmp_path / "data" / "projects" / project
    deadline = time.monotonic() + 60
    while len(list(folder.glob("started.*"))) < 64 and time.monotonic() < deadline:
        time.sleep(0.02)
    begun = [int(path.suffix[1:]) for path in folder.glob("started.*")]
    assert len(begun) == 64

    assert running.end() == 0

    senders.wait(60)
    assert all(gone(command) for command in begun)
    assert len(list(folder.glob("started.*"))) == 64, "one that waited has begun"


@linux
def test_a_command_that_runs_ends_with_the_sandbox(start_sandbox: Start) -> None:
    running = start_sandbox()
    project = running.project()
    sleeper = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import requests; requests.post('{running.url}/api/v1/project_exec', json={{'project_id': '{project}', 'command': 'echo $$ > pid; sleep 500'}}, auth=('{running.key}', ''))",
        ],
        stderr=subprocess.DEVNULL,
    )
    answer = running.run(project, "until [ -s pid ]; do sleep 0.01; done; cat pid")

    running.process.kill()

    assert gone(int(answer["stdout"]))
    sleeper.wait(60)


@linux
def test_a_killed_kernel_takes_its_sandbox_along(tmp_path: Path) -> None:
    """The sandbox that the extension starts, and its commands, end with the process that started it."""
    script = textwrap.dedent("""
        from cocalc_magic import Client, config
        client = Client()
        project = client.create_project()["project_id"]
        command = client.project_exec(project_id=project, command="sleep 600 >/dev/null 2>&1 & echo $!", bash=True)
        print(config.sandbox().process_id, command["stdout"], flush=True)
        input()
    """)
    kernel = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert kernel.stdout
    pids = [int(word) for word in kernel.stdout.readline().split()]
    assert len(pids) == 2

    kernel.kill()

    assert all(gone(pid) for pid in pids)
    kernel.communicate()


@linux
def test_an_interrupt_of_the_kernel_leaves_its_sandbox_alone() -> None:
    script = textwrap.dedent("""
        import os, signal
        from cocalc_magic import Client
        client = Client()
        try:
            os.killpg(0, signal.SIGINT)
            input()
        except KeyboardInterrupt:
            print(client.ping().event)
    """)

    done = subprocess.run(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=30,
    )

    assert done.stdout.strip() == "pong"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_temporary_folder_is_removed(start_sandbox: Start, number: int) -> None:
    running = start_sandbox("--child")
    folder = Path(running.run(running.project(), "pwd")["stdout"].strip()).parents[2]
    assert folder.is_dir()
    reaper = int(
        subprocess.run(
            ["/usr/bin/env", "pgrep", "-f", f"reaper.py .*{folder}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )

    running.process.send_signal(number)

    assert gone(reaper, 2)
    assert not folder.exists()


def test_what_one_that_was_killed_before_its_first_command_has_left_the_next_removes(
    start_sandbox: Start, tmp_path: Path
) -> None:
    """But neither the folder of one that runs, nor one that may be another's."""
    (tmp_path / "cocalc-other").mkdir()
    (tmp_path / "cocalc-other" / "lock").write_text("1")
    running = start_sandbox(TMPDIR=str(tmp_path))
    killed = start_sandbox(TMPDIR=str(tmp_path))
    killed.process.kill()
    killed.process.wait()
    assert len(list(tmp_path.glob("cocalc-*/data/sandbox.db"))) == 2

    start_sandbox(TMPDIR=str(tmp_path))

    databases = list(tmp_path.glob("cocalc-*/data/sandbox.db"))
    locks = [int((path.parents[1] / "lock").read_text()) for path in databases]
    assert len(locks) == 2
    assert running.process.pid in locks
    assert killed.process.pid not in locks
    assert (tmp_path / "cocalc-other").is_dir()


def test_acknowledged_writes_survive_a_kill(start_sandbox: Start, tmp_path: Path) -> None:
    running = start_sandbox(folder=tmp_path / "data")
    projects = [running.project(f"number {number}") for number in range(20)]
    running.send("write_text_file_to_project", project_id=projects[0], path="a.txt", content="kept")

    running.process.kill()
    running.process.wait()
    again = start_sandbox(folder=tmp_path / "data")

    found = again.send("query", query={"projects_all": [{"project_id": None, "title": None}]})
    titles = {row["project_id"]: row["title"] for row in found["query"]["projects_all"]}
    assert [titles[project] for project in projects] == [f"number {number}" for number in range(20)]
    assert (
        again.send("read_text_file_from_project", project_id=projects[0], path="a.txt")["content"] == "kept"
    )


def test_the_key_of_the_last_start_is_forgotten(start_sandbox: Start, tmp_path: Path) -> None:
    first = start_sandbox(folder=tmp_path)
    first.end()

    second = start_sandbox(folder=tmp_path)

    assert first.key != second.key
    assert second.post("ping", key=first.key).json() == {"error": "No account found. Is your API key wrong?"}
    assert second.send("ping")["event"] == "pong"


def test_a_second_sandbox_on_the_folder_stops_and_says_why(start_sandbox: Start, tmp_path: Path) -> None:
    first = start_sandbox(folder=tmp_path)

    with pytest.raises(RuntimeError, match=f"is in use by the sandbox with process id {first.process.pid}"):
        start_sandbox(folder=tmp_path)


def test_a_world_file_is_for_an_empty_folder(start_sandbox: Start, tmp_path: Path) -> None:
    start_sandbox(folder=tmp_path).end()
    (tmp_path / "world.yaml").write_text("accounts: []")

    with pytest.raises(RuntimeError, match="has data already; --world is for an empty folder"):
        start_sandbox("--world", str(tmp_path / "world.yaml"), folder=tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the program says that does not start with these arguments, in this process."""
    assert cli.main(list(arguments)) == 2
    said, told = capsys.readouterr()
    assert said == ""
    return told


@pytest.mark.parametrize(
    ("world", "words"),
    [
        ("accounts: []", "it needs an account"),
        ("accounts: [{handle: a}]\nprojects: [{owner: b}]", "it has no account 'b'"),
        ("accounts: [{handle: a}]\nprojects: [{project_id: ../../x}]", "badly formed hexadecimal UUID"),
        ("- 1", "does not have the form of a world file"),
        ("accounts: [", "is not a world file"),
    ],
)
def test_a_world_file_that_is_wrong_leaves_the_folder_empty(
    start_sandbox: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str], world: str, words: str
) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(world)

    assert re.search(words, refused(capsys, "--world", str(file), "--data", str(tmp_path / "data")))

    file.write_text("accounts: [{handle: a, first_name: A}]")

    assert start_sandbox("--world", str(file), folder=tmp_path / "data").send("ping")["event"] == "pong"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize(
    "world",
    [
        "accounts:\n- handle: a\n  keys: [{key}\n  password: marked-password: x",
        "accounts:\n- {{password: marked-password, keys: [{key}]]}}",
        "accounts: [{{handle: a, password: marked-password}}]\nprojects: [{{owner: {key}}}]",
        "accounts: [{{handle: a, keys: [{key}, {key}], password: marked-password}}]",
        "accounts: [{key}, marked-password]",
    ],
)
def test_what_is_said_of_a_wrong_world_file_has_no_secret_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], world: str, key: str
) -> None:
    (tmp_path / "world.yaml").write_text(world.format(key=key))

    said = refused(capsys, "--world", str(tmp_path / "world.yaml"), "--data", str(tmp_path / "data"))

    assert "world.yaml" in said
    assert core(key) not in said
    assert "marked-password" not in said


def test_one_key_needs_no_list(start_sandbox: Start, tmp_path: Path) -> None:
    (tmp_path / "world.yaml").write_text(f"accounts: [{{handle: a, keys: {KEYS['sk-cc-v2']}}}]")
    running = start_sandbox("--world", str(tmp_path / "world.yaml"))

    assert running.post("ping", key=KEYS["sk-cc-v2"]).json()["event"] == "pong"
    assert running.post("ping", key="s").status_code == 400


def test_a_port_that_is_taken_is_told(start_sandbox: Start) -> None:
    port = start_sandbox().url.rpartition(":")[2]

    with pytest.raises(RuntimeError, match="Address already in use"):
        start_sandbox("--port", port)


def test_no_key_and_no_password_is_on_the_disk(start_sandbox: Start, tmp_path: Path) -> None:
    key, password = "sk-Marked0Marked0Mark00002a", "Marked-password-1"
    world = tmp_path / "world.yaml"
    world.write_text(f"accounts: [{{first_name: A, password: {password}, keys: [{key}]}}]")
    running = start_sandbox("--world", str(world), folder=tmp_path / "data")
    running.project()
    assert running.post("ping", key=key).json()["event"] == "pong"

    texts = [text.encode() for text in (key, password, running.key)]
    texts += [base64.b64encode(text) for text in texts] + [base64.b64encode(text + b":") for text in texts]
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert files
    assert not [(path, text) for path in files for text in texts if text in path.read_bytes()]


def test_the_folder_is_the_owners_alone(start_sandbox: Start, tmp_path: Path) -> None:
    start_sandbox(folder=tmp_path / "new" / "data")

    assert os.stat(tmp_path / "new" / "data").st_mode & 0o777 == 0o700


def test_a_command_gets_no_key_and_no_way_to_the_sandboxs_files(
    start_sandbox: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCALC_API_KEY", "sk-Marked0Marked0Mark00002a")
    running = start_sandbox()
    project = running.project()

    answer = running.run(project, "env; ls /proc/self/fd 2>/dev/null | wc -l")["stdout"]

    assert "Marked" not in answer
    assert running.key not in answer
    assert f"COCALC_PROJECT_ID={project}" in answer
    assert int(answer.split()[-1]) <= 5  # stdin, stdout, stderr, the folder that ls reads
