"""What servers say of commands that failed: every sentence that was recorded, and hostile ones."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from cocalc_magic import Client, catalog
from cocalc_magic.client.wire import command, failure
from cocalc_magic.errors import CommandFailed, MessageFailed
from cocalc_magic.response import Request, Response
from cocalc_magic.sandbox import Sandbox
from tests.client.wire import recorded
from tests.unix import unix

V1 = Path(__file__).parents[3] / "conformance" / "v1.jsonl"


def v1(case: str) -> Response:
    """The response of a case that was recorded in 2024."""
    rows = (json.loads(line) for line in V1.read_text(encoding="utf-8").splitlines())
    row = next(row for row in rows if row["case"] == case)
    request = Request(row["event"], row["request"]["body"])
    return Response(row["response"]["body"], request, status=row["response"]["status"], server="lab")


def today(case: str) -> Response:
    """The response of a case that was recorded in 2026."""
    row = recorded.exchanges()[case]
    body = row["request"]["body"]
    options = (
        {"project_id": body.get("project_id"), **body["args"][0]}
        if "args" in body and "name" in body
        else body
    )
    return recorded.response(row, options)


def failed(response: Response) -> CommandFailed:
    problem = failure(catalog.find(response.request.event), response)
    assert isinstance(problem, CommandFailed)
    return problem


@pytest.mark.parametrize(
    ("response", "code", "stderr"),
    [
        (v1("project_exec-exit-3-default"), 3, ""),
        (v1("project_exec-exit-3-err-true"), 3, "err\n"),
        (v1("project_exec-exit-nonbash-false"), 1, ""),
        (v1("project_exec-stderr-long-nonzero"), 1, "e" * 1023 + "…"),
        (v1("project_exec-bash-string-false"), 127, "/tmp/cocalc-rqa8Ld/a.sh: line 2: echo $HOME: command not found\n"),
        (today("exec-exit3"), 3, "bad\n"),
        (today("exec-exit3-err-explicit"), 3, ""),
        (today("exec-exit-nobash"), 1, ""),
    ],
)  # fmt: skip
def test_an_exit_code_is_told_with_what_was_written(response: Response, code: int, stderr: str) -> None:
    problem = failed(response)

    assert (problem.exit_code, problem.stderr) == (code, stderr)
    assert str(problem).splitlines()[0] == f"the command ended with exit code {code}."
    assert "err_on_exit=no gives all that it printed" in str(problem)
    assert problem.server_text == response["error"].removeprefix("Error: ")


@pytest.mark.parametrize(
    ("response", "limit", "longer"),
    [
        (v1("project_exec-timeout-short-killed"), 1, 60),
        (v1("project_exec-timeout-nonbash"), 1, 60),
        (v1("project_exec-timeout-default-sleep-12"), 10, 60),
        (today("exec-timeout"), 2, 60),
        (today("exec-timeout-float"), 0.5, 60),
        (today("call-exec-timeout"), 1, 60),
        (today("p-exec-timeout"), 1, 60),
        (today("p-exec-timeout-bash"), 1, 60),
    ],
)
def test_a_command_that_took_too_long_is_told_with_its_limit(
    response: Response, limit: float, longer: int
) -> None:
    problem = failed(response)

    assert str(problem).splitlines() == [
        f"the command was killed at its time limit of {limit:g} s.",
        "  The answer is from lab.",
        f"  timeout={longer} gives it longer.",
        "  What it had printed is lost there. A file keeps it: … > out.txt 2>&1",
    ]
    assert problem.exit_code is None


def test_a_command_that_was_killed_early_had_time_left() -> None:
    response = v1("project_exec-killed-by-signal-err")
    response.elapsed = 0.5

    assert str(failed(response)).startswith("the command was killed, before its time limit of 10 s.")


@pytest.mark.parametrize(
    "response",
    [v1("project_exec-no-such-command"), v1("project_exec-path-missing-bash"), today("p-exec-notfound")],
)
def test_what_could_not_be_started_is_told(response: Response) -> None:
    problem = failed(response)

    assert problem.problem.startswith("the command could not be started: ENOENT ")
    assert "no such program in the project, or no such folder (path)" in str(problem)
    assert problem.exit_code is None


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ("project_exec", "must be a collaborator"),
        ("ping", "command 'x' (args=) exited with nonzero code 3 -- stderr=''"),
        ("projects/call", "command 'x' (args=) exited with nonzero code 3 -- stderr=''"),
        ("project_exec", "command 'x' exited with nonzero code 99999999999999 -- stderr=''"),
        ("project_exec", "Error executing command 'x' with args '' -- do not run smc-jupyter directly"),
    ],
)
def test_other_failures_stay_what_they_are(event: str, text: str) -> None:
    request = Request(event, {"mesg": {"event": "ping"}})
    problem = failure(catalog.find(event), Response({"error": text}, request))

    assert type(problem) is MessageFailed


@pytest.mark.parametrize("event", ["project_exec", "/exec", "project:system.exec"])
@pytest.mark.parametrize(
    "script", ["echo \"exited with nonzero code 9 -- stderr='x'\"; exit 3", "'; exit 3", "exit 3 -- stderr='"]
)
@pytest.mark.parametrize(
    "stderr", ["", "command 'x' exited with nonzero code 8 -- stderr='y'", "killed command 'z'", "'exit 3'"]
)
def test_what_stands_in_the_command_or_in_what_it_wrote_is_not_taken_for_the_outcome(
    event: str, script: str, stderr: str
) -> None:
    before = "" if event.startswith("project:") else f"Error executing command '{script}' with args '' -- "
    text = f"{before}command '{script}' exited with nonzero code 3 -- stderr='{stderr}'"
    problem = failed(Response({"error": text}, Request(event, {"command": script, "bash": True})))

    assert (problem.exit_code, problem.stderr) == (3, stderr)


@pytest.mark.parametrize(
    "text", ["killed command '" * 50_000, "exited with nonzero code 1 -- stderr='" * 50_000, "x" * 10**7]
)
def test_a_long_sentence_takes_no_time(text: str) -> None:
    command.read(text)


def test_of_much_that_was_written_the_end_is_shown() -> None:
    written = "\n".join(f"line {number}" for number in range(1000))
    problem = command.error_for(command.Outcome(2, written), {})

    shown = str(problem).splitlines()
    assert shown[1] == "  stderr: …"
    assert shown[2:22] == [f"    line {number}" for number in range(980, 1000)]
    assert problem.stderr == written


def test_it_can_be_copied_and_pickled() -> None:
    problem = failed(v1("project_exec-exit-3-err-true"))
    for other in (copy.copy(problem), copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):  # noqa: S301
        assert (type(other), str(other), other.exit_code) == (CommandFailed, str(problem), 3)


# -- in a sandbox of every generation --------------------------------------------------------------


@pytest.fixture(scope="module")
def box() -> Any:
    with Sandbox() as started:
        yield started


@pytest.fixture(scope="module")
def client(box: Sandbox) -> Any:
    with Client(box.url, box.key, session=box.session()) as connected:
        yield connected


@pytest.fixture(scope="module")
def project(client: Client) -> str:
    return str(client.create_project(title="commands")["project_id"])


def sent(event: str, project_id: str, **options: Any) -> dict[str, Any]:
    """The options of the message that runs a command."""
    if event == "projects/call":
        return {"project_id": project_id, "mesg": {"event": "project_exec", **options}}
    return {"project_id": project_id, **options}


EVENTS = pytest.mark.parametrize("event", ["project_exec", "/exec", "projects/call", "project:system.exec"])


@unix
@EVENTS
def test_a_command_that_fails_in_the_sandbox(client: Client, project: str, event: str) -> None:
    options = sent(event, project, command="echo out; echo err >&2; exit 3", bash=True)

    with pytest.raises(CommandFailed) as caught:
        client.send(event, **options)

    assert (caught.value.exit_code, caught.value.stderr) == (3, "err\n")
    assert str(caught.value).splitlines()[1:3] == [
        f"  The answer is from {client.server.name}.",
        "  stderr: err",
    ]


@unix
@EVENTS
@pytest.mark.slow
def test_a_command_that_takes_too_long_in_the_sandbox(client: Client, project: str, event: str) -> None:
    options = sent(event, project, command="echo out; sleep 9", bash=True, timeout=1)

    with pytest.raises(CommandFailed, match=r"killed at its time limit of 1 s"):
        client.send(event, **options)


@unix
@EVENTS
def test_what_is_asked_for_with_err_on_exit_is_no_failure(client: Client, project: str, event: str) -> None:
    options = sent(event, project, command="echo out; exit 3", bash=True, err_on_exit=False)

    assert client.send(event, **options)["stdout"] == "out\n"
