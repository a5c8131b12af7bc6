"""Files and commands of projects: limits, words of failures, and nothing out of the folder."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.conftest import Running, gone
from tests.timing import within

if TYPE_CHECKING:
    from tests.sandbox.conftest import Start


@pytest.fixture(scope="module")
def project(sandbox: Running) -> str:
    return sandbox.project()


def home(sandbox: Running, project: str) -> Path:
    return Path(sandbox.run(project, "pwd")["stdout"].strip())


def test_a_file_is_written_and_read_back(sandbox: Running, project: str) -> None:
    content = "žluť 🐴\r\n\u2028\0x"
    written = sandbox.send(
        "write_text_file_to_project", project_id=project, path="new/dir/ž ☃.txt", content=content
    )

    assert written["event"] == "file_written_to_project"
    assert (
        sandbox.send("read_text_file_from_project", project_id=project, path="new/dir/ž ☃.txt")["content"]
        == content
    )


@pytest.mark.parametrize(
    "path",
    [
        "../escape.txt",
        "a/../../escape.txt",
        "/etc/passwd",
        "/tmp/escape.txt",
        "link/x.txt",
        "link",
        "a\0b",
        "new/../../x",
    ],
)
def test_no_path_leads_out_of_the_project(sandbox: Running, project: str, path: str) -> None:
    sandbox.run(project, "ln -sfn /etc link; mkdir -p a new")
    outside = home(sandbox, project).parent / "escape.txt"

    read = sandbox.send("read_text_file_from_project", project_id=project, path=path)
    written = sandbox.send("write_text_file_to_project", project_id=project, path=path, content="x")

    for answer in (read, written):
        assert answer["event"] == "error"
        assert "leads out of it" in answer["error"] or "cannot contain a null character" in answer["error"]
    assert not outside.exists()


def test_a_link_within_the_project_is_followed(sandbox: Running, project: str) -> None:
    sandbox.run(project, "echo hi > real.txt; ln -sf real.txt good")

    assert sandbox.send("read_text_file_from_project", project_id=project, path="good")["content"] == "hi\n"


def test_failures_of_files_are_those_of_node(sandbox: Running, project: str) -> None:
    root = home(sandbox, project)
    sandbox.run(project, "mkdir -p d; touch f")

    missing = sandbox.send("read_text_file_from_project", project_id=project, path="no.txt")["error"]
    a_folder = sandbox.send("write_text_file_to_project", project_id=project, path="d", content="x")["error"]
    under_a_file = sandbox.send("write_text_file_to_project", project_id=project, path="f/x", content="x")[
        "error"
    ]

    assert missing == f"Error: ENOENT: no such file or directory, stat '{root}/no.txt'"
    assert a_folder == {"errno": -21, "code": "EISDIR", "syscall": "open", "path": f"{root}/d"}
    assert under_a_file == {"errno": -20, "code": "ENOTDIR", "syscall": "open", "path": f"{root}/f/x"}


def test_a_pipe_is_not_waited_for(sandbox: Running, project: str) -> None:
    sandbox.run(project, "rm -f pipe; mkfifo pipe")

    read = sandbox.send("read_text_file_from_project", project_id=project, path="pipe")
    written = sandbox.send("write_text_file_to_project", project_id=project, path="pipe", content="x")

    for answer in (read, written):
        assert "is a pipe, socket or device" in answer["error"]


def test_half_a_surrogate_pair_is_stored_as_its_replacement(sandbox: Running, project: str) -> None:
    headers = {"Content-Type": "application/json"}
    body = '{"project_id":"' + project + '","path":"half \\ud83d","content":"\\ud83dx"}'
    sandbox.post("write_text_file_to_project", data=body, headers=headers)

    answer = sandbox.send("read_text_file_from_project", project_id=project, path="half \ufffd")

    assert answer["content"] == "\ufffdx"


def test_many_files_are_read_at_once(sandbox: Running, project: str) -> None:
    sandbox.run(project, "echo one > 1.txt")

    content = sandbox.send("read_text_file_from_project", project_id=[project] * 2, path=["1.txt", "2.txt"])[
        "content"
    ]

    assert [entry["path"] for entry in content] == ["2.txt", "1.txt"]
    assert content[1]["content"] == "one\n"
    assert "ENOENT" in content[0]["error"]


def test_a_stranger_is_kept_out(start_sandbox: Start, tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    world.write_text(
        "accounts:\n- {handle: a, first_name: A}\n- {handle: b, first_name: B, keys: [sk_0123456789abcdef]}\n"
    )
    running = start_sandbox("--world", str(world))
    project = running.project()

    read = running.post(
        "read_text_file_from_project", {"project_id": project, "path": "x"}, key="sk_0123456789abcdef"
    ).json()
    run = running.post(
        "project_exec", {"project_id": project, "command": "ls"}, key="sk_0123456789abcdef"
    ).json()

    assert "does not have read access to project" in read["error"]
    assert "does not have write access to project" in run["error"]


# -- commands --------------------------------------------------------------------------------------


def test_a_command_gives_its_streams_and_its_exit_code(sandbox: Running, project: str) -> None:
    answer = sandbox.run(project, "echo out; echo err >&2; exit 3", err_on_exit=False)

    assert (answer["stdout"], answer["stderr"], answer["exit_code"]) == ("out\n", "err\n", 3)


def test_arguments_are_not_read_by_a_shell(sandbox: Running, project: str) -> None:
    answer = sandbox.send(
        "project_exec", project_id=project, command="printf", args=["%s|", "a b", "$HOME", 1, None]
    )

    assert answer["stdout"] == "a b|$HOME|1|null|"


def test_a_failing_command_fails_the_message(sandbox: Running, project: str) -> None:
    assert sandbox.send("project_exec", project_id=project, command="false")["error"] == (
        "Error executing command 'false' with args '' -- command 'false' (args=) exited with nonzero code 1 "
        "-- stderr='', undefined, undefined"
    )


def test_a_missing_program_is_told_as_node_tells_it(sandbox: Running, project: str) -> None:
    answer = sandbox.send("project_exec", project_id=project, command="no_such", args=["a"])

    assert '"code":"ENOENT","syscall":"spawn no_such"' in answer["error"]


def test_the_time_limit_ends_the_whole_group(sandbox: Running, project: str) -> None:
    with within(10, time.monotonic):
        answer = sandbox.run(project, "sleep 300 & echo $! > sleeper; wait", timeout=0.3)

        assert "killed command 'bash " in answer["error"]

    assert gone(int(sandbox.run(project, "cat sleeper")["stdout"]))


def test_a_command_that_has_closed_its_streams_runs_on(sandbox: Running, project: str) -> None:
    answer = sandbox.run(project, "exec >&- 2>&-; sleep 1.2; touch done; exit 3", err_on_exit=False)

    assert answer["exit_code"] == 3
    assert (home(sandbox, project) / "done").exists()


def test_a_script_that_names_no_interpreter_is_the_shells(sandbox: Running, project: str) -> None:
    sandbox.run(project, "echo 'echo hi' > plain; chmod +x plain")

    assert sandbox.send("project_exec", project_id=project, command="./plain")["stdout"] == "hi\n"


def test_stopping_a_project_ends_its_commands_and_no_others(sandbox: Running, project: str) -> None:
    other = sandbox.project()
    mine = int(sandbox.run(project, "sleep 300 >/dev/null 2>&1 & echo $!")["stdout"])
    theirs = int(sandbox.run(other, "sleep 300 >/dev/null 2>&1 & echo $!")["stdout"])
    request = {"action": "stop", "time": "2026-01-01T00:00:00Z"}

    sandbox.send("query", query={"projects": {"project_id": project, "action_request": request}})

    assert gone(mine)
    assert not gone(theirs, 0.1)
    asked = {"project_id": project, "action_request": None, "state": None}
    row = sandbox.send("query", query={"projects": asked})["query"]["projects"]
    assert row["state"]["state"] == "opened"
    assert {"started", "finished"} <= set(row["action_request"])
    assert request.items() <= row["action_request"].items()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_stop_finds_what_left_its_group_and_its_environment(sandbox: Running, project: str) -> None:
    other = sandbox.project()
    leave = "sh -c 'echo $$ > {0}; exec sleep 300' >/dev/null 2>&1 &"
    script = (
        f"setsid {leave.format('left')} env -i setsid {leave.format('bare')} "
        "until [ -s left ] && [ -s bare ]; do sleep 0.01; done; cat left bare; rm left bare"
    )
    mine, theirs = (
        [int(word) for word in sandbox.run(where, script)["stdout"].split()] for where in (project, other)
    )

    stop(sandbox, project)

    assert all(gone(process) for process in mine)
    assert not any(gone(process, 0.1) for process in theirs)
    stop(sandbox, other)
    assert all(gone(process) for process in theirs)


def stop(sandbox: Running, project: str) -> None:
    request = {"action": "stop", "time": str(time.time())}
    sandbox.send("query", query={"projects": {"project_id": project, "action_request": request}})


def test_a_project_has_so_many_commands_and_no_more(sandbox: Running, project: str) -> None:
    full = sandbox.project()
    for _ in range(100):
        assert "error" not in sandbox.run(full, "sleep 300 >/dev/null 2>&1 &")

    refused = sandbox.run(full, "true")["error"]

    assert f"100 commands run in project {full} already, those in the background counted" in refused
    assert "error" not in sandbox.run(project, "true")
    stop(sandbox, full)
    assert "error" not in sandbox.run(full, "true")


def test_a_command_with_the_same_aggregate_is_run_once(sandbox: Running, project: str) -> None:
    def moment(**options: object) -> str:
        return str(sandbox.run(project, "date +%N", **options)["stdout"])

    first = moment(aggregate=5)

    assert moment(aggregate=5) == first
    assert moment(aggregate=6) != first
    assert moment(aggregate=5, timeout=9) != first
    assert moment() != moment()
    assert sandbox.run(sandbox.project(), "date +%N", aggregate=5)["stdout"] != first


def test_commands_with_the_same_aggregate_share_a_run_that_goes_on(sandbox: Running, project: str) -> None:
    def one() -> None:
        other = Running(sandbox.process, sandbox.url, sandbox.key, None)
        other.run(project, "echo run >> runs; sleep 0.3; exit 3", aggregate="a")

    threads = [threading.Thread(target=one) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sandbox.run(project, "cat runs")["stdout"] == "run\n"
    again = sandbox.run(project, "echo run >> runs; sleep 0.3; exit 3", aggregate="a", err_on_exit=False)
    assert again["exit_code"] == 3
    assert sandbox.run(project, "cat runs")["stdout"] == "run\n"


def test_output_is_cut_where_the_message_says(sandbox: Running, project: str) -> None:
    answer = sandbox.run(project, "printf 1234567890; printf abc >&2", max_output=10)

    assert answer["stdout"] == "1234567890 (truncated at 10 characters)"
    assert answer["stderr"] == "abc"


def test_much_output_arrives_whole(sandbox: Running, project: str) -> None:
    answer = sandbox.run(project, "head -c 20000000 /dev/zero | tr '\\0' x; head -c 100000 /dev/zero >&2")

    assert (len(answer["stdout"]), len(answer["stderr"])) == (20_000_000, 100_000)


def test_a_command_runs_where_it_is_told(sandbox: Running, project: str) -> None:
    sandbox.run(project, "mkdir -p sub/dir; touch file")

    inside = sandbox.send("project_exec", project_id=project, command="pwd", path="sub/dir/")
    missing = sandbox.run(project, "pwd", path="no/such")
    a_file = sandbox.send("project_exec", project_id=project, command="pwd", path="file")

    assert inside["stdout"].endswith(f"{project}/sub/dir\n")
    assert '"syscall":"spawn bash"' in missing["error"]
    assert "error Error: spawn ENOTDIR" in a_file["error"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"command": 5}, "opts.command.split"),
        ({"command": "ls", "args": "a"}, "opts.args?.join"),
        ({"command": "a\0b"}, "The argument 'file' must be a string without null bytes. Received 'a\\x00b'"),
        ({"command": "a", "args": ["b\0"]}, "The argument 'args[0]' must be a string without null bytes."),
        ({"command": ""}, "error TypeError [ERR_INVALID_ARG_VALUE]: The argument 'file' cannot be empty."),
        ({"command": "", "args": ["x"]}, "The argument 'file' cannot be empty. Received ''"),
    ],
)
def test_odd_options_fail_and_nothing_hangs(
    sandbox: Running, project: str, options: dict[str, object], words: str
) -> None:
    assert words in sandbox.send("project_exec", project_id=project, **options)["error"]
