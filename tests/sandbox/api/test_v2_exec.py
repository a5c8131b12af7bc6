"""`exec` of API v2: commands that are waited for, and those in the background."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.sandbox.domain import exec
from cocalc_magic.sandbox.runtime.jobs import MAX_JOBS, Jobs
from cocalc_magic.sandbox.runtime.processes import Command
from tests.sandbox.api_v2 import ask, person
from tests.timing import within

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.sandbox.runtime.processes import Processes
    from tests.sandbox.conftest import Running


@pytest.fixture(scope="module")
def project(sandbox: Running) -> str:
    return sandbox.project()


@pytest.fixture
def jobs(processes: Processes) -> Jobs:
    return Jobs(processes)


def command(text: str, **more: Any) -> Command:
    return Command(text, [], "/", "/", "project", bash=True, **more)


def execute(sandbox: Running, project: str, text: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = ask(sandbox, "exec", project_id=project, command=text, bash=True, **more)
    return answer


# -- waited for ------------------------------------------------------------------------------------


def test_a_command_gives_both_streams_and_its_exit_code(sandbox: Running, project: str) -> None:
    answer = execute(sandbox, project, "echo out; echo err >&2; exit 3", err_on_exit=False)

    assert answer == {"type": "blocking", "stdout": "out\n", "stderr": "err\n", "exit_code": 3}


def test_an_exit_code_is_a_failure_unless_it_is_not_to_be(sandbox: Running, project: str) -> None:
    answer = execute(sandbox, project, "echo bad >&2; exit 3")

    words = "command 'echo bad >&2; exit 3' exited with nonzero code 3 -- stderr='bad\n'"
    whole = f"Error executing command 'echo bad >&2; exit 3' with args 'undefined' -- {words}"
    assert answer == {"error": whole}


def test_a_commands_own_variables_are_set_beside_those_that_all_have(sandbox: Running, project: str) -> None:
    text = "echo $WORD-$COCALC_PROJECT_ID"
    answer = execute(
        sandbox, project, text, env={"WORD": "one two", "COCALC_PROJECT_ID": "x", "": "y", "a=b": 1}
    )

    assert answer["stdout"] == f"one two-{project}\n"


def test_a_command_over_its_time_is_ended_and_fails_whatever_exit_codes_mean(
    sandbox: Running, project: str
) -> None:
    with within(20, time.monotonic):
        answer = execute(sandbox, project, "sleep 30", timeout=0.3, err_on_exit=False)

        assert "-- killed command 'bash /" in answer["error"]


def test_a_command_that_a_signal_ended_has_the_exit_code_0(sandbox: Running, project: str) -> None:
    assert execute(sandbox, project, "kill -9 $$")["exit_code"] == 0


def test_the_same_aggregate_runs_a_command_once(sandbox: Running, project: str) -> None:
    first, second = (execute(sandbox, project, "date +%N", aggregate=1) for _ in range(2))
    third = execute(sandbox, project, "date +%N", aggregate=2)

    assert first == second != third


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "invalid account_id or project_id -- all must be valid uuid's"),
        (
            {"project_id": "00000000-0000-4000-8000-000000000000"},
            "user must be a collaborator on the project",
        ),
    ],
)
def test_a_command_needs_a_project_of_the_caller(
    sandbox: Running, options: dict[str, str], words: str
) -> None:
    assert ask(sandbox, "exec", command="pwd", **options) == {"error": words}


def test_a_stranger_and_nobody_run_nothing(sandbox: Running, project: str) -> None:
    stranger = ask(sandbox, "exec", key=person(sandbox).key, project_id=project, command="pwd")

    assert stranger == {"error": "user must be a collaborator on the project"}
    assert ask(sandbox, "exec", key="", project_id=project, command="pwd") == {"error": "must be signed in"}


def test_a_command_starts_the_project(sandbox: Running) -> None:
    rests = ask(sandbox, "projects/create", title="rests")["project_id"]
    execute(sandbox, rests, "true")
    query = {"projects": {"project_id": rests, "state": None}}

    assert ask(sandbox, "user-query", query=query)["query"]["projects"]["state"]["state"] == "running"


def test_a_command_that_outlasts_the_patience_of_the_server_goes_on(jobs: Jobs, tmp_path: Path) -> None:
    until = "while [ ! -e go ]; do sleep 0.05; done; touch done"
    job = jobs.start(Command(until, [], str(tmp_path), "/", "project", bash=True, timeout=60), lambda _: None)

    assert not job.ended.wait(0.1)
    (tmp_path / "go").touch()
    assert job.ended.wait(60)
    assert (tmp_path / "done").exists()
    assert exec.PATIENCE == 60


# -- in the background -----------------------------------------------------------------------------


def test_a_job_is_followed_to_its_end(sandbox: Running, project: str) -> None:
    job = execute(sandbox, project, "echo 1; read -t 0.5 <> <(:); echo 2", async_call=True)
    assert job == {
        "type": "async",
        "status": "running",
        "stdout": "",
        "stderr": "",
        "exit_code": 0,
        "job_id": job["job_id"],
        "start": pytest.approx(time.time() * 1000, abs=60_000),
        "pid": job["pid"],
    }
    done = ask(sandbox, "exec", project_id=project, async_get=job["job_id"], async_await=True)

    assert done == {**job, "status": "completed", "stdout": "1\n2\n", "elapsed_s": done["elapsed_s"]}
    assert done["elapsed_s"] > 0.4


def test_what_a_running_job_has_said_is_seen(sandbox: Running, project: str) -> None:
    job = execute(sandbox, project, "echo first; sleep 30", async_call=True, timeout=60)
    deadline = time.monotonic() + 25  # of the 30 seconds that it runs
    while (seen := ask(sandbox, "exec", project_id=project, async_get=job["job_id"]))["stdout"] == "":
        assert time.monotonic() < deadline
    os.killpg(job["pid"], 9)

    assert (seen["status"], seen["stdout"]) == ("running", "first\n")
    ended = ask(sandbox, "exec", project_id=project, async_get=job["job_id"], async_await=True)
    assert (ended["status"], ended["exit_code"]) == ("completed", 0)


@pytest.mark.parametrize(
    ("text", "more", "status", "stderr", "code"),
    [
        ("echo y >&2; exit 7", {}, "error", "y\n", 1),
        ("exit 7", {}, "error", "No result", 1),
        ("exit 7", {"err_on_exit": False}, "completed", "", 7),
        ("sleep 9", {"timeout": 0.2}, "error", "killed command 'bash ", 1),
    ],
)
def test_how_a_job_ended_is_told(
    sandbox: Running, project: str, text: str, more: dict[str, Any], status: str, stderr: str, code: int
) -> None:
    job = execute(sandbox, project, text, async_call=True, **more)
    done = ask(sandbox, "exec", project_id=project, async_get=job["job_id"], async_await=True)

    assert (done["status"], done["exit_code"]) == (status, code)
    assert done["stderr"].startswith(stderr)


def test_the_use_of_a_job_is_sampled_each_second(sandbox: Running, project: str) -> None:
    job = execute(sandbox, project, "sleep 2.2", async_call=True)
    asked = {"project_id": project, "async_get": job["job_id"], "async_await": True}
    done = ask(sandbox, "exec", **asked, async_stats=True)

    assert len(done["stats"]) >= 1
    assert done["stats"][0].keys() == {"timestamp", "mem_rss", "cpu_pct", "cpu_secs"}
    assert done["stats"][0]["mem_rss"] > 0
    assert "stats" not in ask(sandbox, "exec", **asked)


def test_a_job_is_known_in_its_own_project_alone(sandbox: Running, project: str) -> None:
    job = execute(sandbox, project, "true", async_call=True)
    answer = ask(sandbox, "exec", project_id=sandbox.project("another"), async_get=job["job_id"])

    assert "does not exist" in answer["error"]


def test_stopping_the_project_ends_its_jobs(sandbox: Running) -> None:
    project = sandbox.project("to be stopped")
    job = execute(sandbox, project, "sleep 50", async_call=True)
    asked = {"project_id": project, "async_get": job["job_id"], "async_await": True}
    ended: list[Any] = []
    waiting = threading.Thread(target=lambda: ended.append(ask(sandbox, "exec", **asked)))
    waiting.start()
    ask(sandbox, "projects/stop", project_id=project)
    waiting.join()

    assert ended[0]["status"] == "completed"


def test_the_oldest_ended_jobs_of_a_project_are_forgotten(jobs: Jobs) -> None:
    first = jobs.start(command("true"), lambda _: None)
    first.ended.wait(60)
    others = [jobs.start(command("true"), lambda _: None) for _ in range(MAX_JOBS)]

    assert all(job.ended.wait(60) for job in others)
    assert jobs.find("project", first.job_id) is None
    assert jobs.find("project", others[-1].job_id) is others[-1]
