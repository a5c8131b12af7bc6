"""Code runs in real kernels, fresh each time, within limits, and no kernel is left behind."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.runtime.kernels import Code, Kernels, Limits
from cocalc_magic.sandbox.storage.cache import content_hash
from tests.sandbox.conftest import Running, Start, gone
from tests.timing import granted, within

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic.sandbox.runtime.processes import Processes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="kernels need Linux or macOS"),
]


@pytest.fixture(scope="module")
def project(sandbox: Running) -> str:
    return sandbox.project()


def execute(sandbox: Running, project: str, code: str, **options: Any) -> list[dict[str, Any]]:
    """The outputs of code."""
    answer = sandbox.send(
        "jupyter_execute",
        project_id=project,
        kernel="python3",
        input=textwrap.dedent(code),
        **options,
    )
    assert answer["event"] == "jupyter_execute_response", answer
    outputs: list[dict[str, Any]] = answer["output"]
    return outputs


def text_of(outputs: list[dict[str, Any]]) -> str:
    """The text of the only output, a value."""
    [output] = outputs
    return str(output["data"]["text/plain"])


# -- what it answers -------------------------------------------------------------------------------


def test_code_gives_its_value(sandbox: Running, project: str) -> None:
    answer = sandbox.send("jupyter_execute", project_id=project, kernel="python3", input="2+2")

    assert answer["event"] == "jupyter_execute_response"
    assert answer["output"] == [{"data": {"text/plain": "4"}}]
    assert 0 < answer["total_time_s"] < 30
    assert answer["time"].endswith("Z")


def test_the_state_is_that_of_the_history_alone(sandbox: Running, project: str) -> None:
    assert text_of(execute(sandbox, project, "x + 1", history=["print('dropped'); x = 41", "1/0"])) == "42"
    [missing] = execute(sandbox, project, "x + 2")
    assert missing["ename"] == "NameError"


def test_an_error_is_an_output(sandbox: Running, project: str) -> None:
    [error] = execute(sandbox, project, "1/0")

    assert (error["ename"], error["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert "ZeroDivisionError" in "".join(error["traceback"])
    assert set(error) == {"ename", "evalue", "traceback"}


def test_streams_and_rich_values_come_in_order(sandbox: Running, project: str) -> None:
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    outputs = execute(
        sandbox,
        project,
        f"""
        import base64, sys
        from IPython.display import HTML, Image, display
        print(1); print(2)
        print("oops", file=sys.stderr)
        display(HTML("<b>x</b>"))
        display(Image(data=base64.b64decode("{pixel}")))
        42
        """,
    )

    assert outputs[:2] == [{"name": "stdout", "text": "1\n2\n"}, {"name": "stderr", "text": "oops\n"}]
    assert outputs[2]["data"]["text/html"] == "<b>x</b>"
    assert outputs[3]["data"]["image/png"].replace("\n", "") == pixel
    assert outputs[4:] == [{"data": {"text/plain": "42"}}]


def test_what_is_cleared_and_updated_comes_as_messages_of_the_kernel(sandbox: Running, project: str) -> None:
    """Real servers play no notebook: what clears is an output too, and an update is a second one."""
    outputs = execute(
        sandbox,
        project,
        """
        from IPython.display import clear_output, display
        for step in range(3):
            clear_output(wait=True)
            print(step, flush=True)
        handle = display(0, display_id=True)
        handle.update(7)
        """,
    )

    assert outputs[:2] == [{"wait": True}, {"name": "stdout", "text": "2\n"}]
    assert [output["data"] for output in outputs[2:]] == [{"text/plain": "0"}, {"text/plain": "7"}]


def test_no_input_gives_no_output(sandbox: Running, project: str) -> None:
    assert execute(sandbox, project, "") == []


def test_nothing_is_waited_for_that_nobody_can_type(sandbox: Running, project: str) -> None:
    assert execute(sandbox, project, "input('name? ')")[0]["ename"] == "StdinNotImplementedError"


@pytest.mark.parametrize(("path", "where"), [("sub/dir", "sub/dir"), ("sub/a.ipynb", "sub"), ("no/such", "")])
def test_code_runs_where_its_path_says(sandbox: Running, project: str, path: str, where: str) -> None:
    sandbox.run(project, "mkdir -p sub/dir; touch sub/a.ipynb")

    outputs = execute(sandbox, project, "import os; print(os.getcwd(), os.environ['HOME'])", path=path)

    folder, home = outputs[0]["text"].split()
    assert folder == os.path.join(home, where).rstrip("/")
    assert home.endswith(project)


def test_a_kernel_has_what_commands_have_and_leaves_nothing_in_the_project(
    start_sandbox: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCALC_API_KEY", "sk-Marked0Marked0Mark00002a")
    running = start_sandbox()
    project = running.project()

    environ = execute(running, project, "import os; print(dict(os.environ))")[0]["text"]

    assert "Marked" not in environ
    assert running.key not in environ
    assert project in environ
    assert running.run(project, "ls -A")["stdout"] == ""


# -- the same again --------------------------------------------------------------------------------


def test_the_same_code_runs_once_and_is_known_by_its_hash(sandbox: Running, project: str) -> None:
    """SHA-1 of the JSON of the five options, names sorted, no blanks."""
    code = "import time; time.time_ns()"
    options = {"history": None, "input": code, "kernel": "python3", "path": None, "project_id": project}
    text = json.dumps(options, sort_keys=True, separators=(",", ":"))
    key = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    first = execute(sandbox, project, code)

    assert execute(sandbox, project, code) == first
    assert sandbox.send("jupyter_execute", hash=key)["output"] == first
    assert execute(sandbox, project, f"{code} ") != first


def test_a_hash_says_nothing_to_strangers(start_sandbox: Start, tmp_path: Path) -> None:
    running, stranger = two_accounts(start_sandbox, tmp_path)
    project = running.project()
    execute(running, project, "'private'")
    options = {
        "history": None,
        "input": "'private'",
        "kernel": "python3",
        "path": None,
        "project_id": project,
    }

    assert running.send("jupyter_execute", hash=content_hash(options))["output"]
    theirs = running.post("jupyter_execute", {"hash": content_hash(options)}, key=stranger).json()
    assert theirs["error"] == "TypeError: Cannot set properties of null (setting 'id')"


# -- what it refuses -------------------------------------------------------------------------------


def two_accounts(start_sandbox: Start, tmp_path: Path) -> tuple[Running, str]:
    """A sandbox, and the key of another account than its first."""
    key = "sk_0123456789abcdef"
    world = tmp_path / "world.yaml"
    world.write_text(
        f"accounts:\n- {{handle: a, first_name: A}}\n- {{handle: b, first_name: B, keys: [{key}]}}\n"
    )
    return start_sandbox("--world", str(world)), key


def test_a_stranger_is_kept_out(start_sandbox: Start, tmp_path: Path) -> None:
    running, stranger = two_accounts(start_sandbox, tmp_path)
    options = {"project_id": running.project()}
    code = {"kernel": "python3", "input": "open('made', 'w')"}

    kernels = running.post("jupyter_kernels", options, key=stranger).json()
    ran = running.post("jupyter_execute", {**options, **code}, key=stranger).json()

    assert (
        kernels["error"] == "Error: callProject -- authenticated user must be a collaborator on the project"
    )
    assert ran["error"] == "Error: permission denied -- user must be collaborator on project"
    assert running.run(options["project_id"], "ls")["stdout"] == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Error: input or hash must not be null"),
        ({"hash": "abc"}, "TypeError: Cannot set properties of null (setting 'id')"),
        ({"input": "1"}, "Error: kernel must be specified in hash is not specified"),
        ({"input": "1", "kernel": "python3"}, "Error: Jupyter API is not enabled on this server."),
        (
            {"input": "1", "kernel": "python3", "project_id": "x"},
            "Error: permission denied -- user must be collaborator on project",
        ),
    ],
)
def test_what_is_missing_is_told_in_the_recorded_words(
    sandbox: Running, options: dict[str, Any], words: str
) -> None:
    assert sandbox.send("jupyter_execute", **options)["error"] == words


def test_a_kernel_that_there_is_not_is_told_with_those_that_there_are(sandbox: Running, project: str) -> None:
    answer = sandbox.send("jupyter_execute", project_id=project, kernel="sagemath", input="1")

    assert "there is no kernel 'sagemath' here; there are: " in answer["error"]
    assert "python3" in answer["error"]


def test_odd_options_fail_and_nothing_hangs(sandbox: Running, project: str) -> None:
    odd = sandbox.send("jupyter_execute", project_id=project, kernel="python3", input="1", history="x=1")

    assert "history must be an array" in odd["error"]
    assert text_of(execute(sandbox, project, "a", history=["a = 5", None, 7], path="a\0b")) == "5"


def test_a_kernel_that_dies_fails_the_message(sandbox: Running, project: str) -> None:
    answer = sandbox.send(
        "jupyter_execute", project_id=project, kernel="python3", input="import os; os._exit(3)"
    )

    assert answer["event"] == "error"
    assert answer["error"].startswith("Error: Kernel last exited with code 3.")


# -- kernels ---------------------------------------------------------------------------------------


def test_the_kernels_of_this_machine_are_listed(sandbox: Running, project: str) -> None:
    kernels = sandbox.send("jupyter_kernels", project_id=project)["kernels"]

    [python] = [kernel for kernel in kernels if kernel["name"] == "python3"]
    assert set(python) == {"name", "display_name", "language", "env", "metadata", "resource_dir", "argv"}
    assert python["language"] == "python"
    assert "{connection_file}" in python["argv"]


def test_there_are_no_kernels_outside_of_projects(sandbox: Running) -> None:
    assert sandbox.send("jupyter_kernels")["error"] == "Error: Jupyter API is not enabled on this server."


def test_a_kernel_installed_in_the_persons_folder_runs_too(
    start_sandbox: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By TCP, since what it understands is not known; interrupted by message; with variables of its own."""
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Mine",
        "language": "other",
        "interrupt_mode": "message",
        "env": {"MINE": "a ${LANG} ${COCALC_API_KEY}"},
    }
    (tmp_path / "kernels" / "mine").mkdir(parents=True)
    (tmp_path / "kernels" / "mine" / "kernel.json").write_text(json.dumps(spec))
    (tmp_path / "kernels" / "broken").mkdir()
    (tmp_path / "kernels" / "broken" / "kernel.json").write_text("{")
    for name, value in {"JUPYTER_PATH": str(tmp_path), "LANG": "C.UTF-8", "COCALC_API_KEY": "sk-x"}.items():
        monkeypatch.setenv(name, value)
    running = start_sandbox()
    project = running.project()

    listed = [kernel["name"] for kernel in running.send("jupyter_kernels", project_id=project)["kernels"]]
    answer = running.send(
        "jupyter_execute", project_id=project, kernel="mine", input="import os; os.environ['MINE']"
    )

    assert "mine" in listed
    assert "broken" not in listed
    assert answer["output"] == [{"data": {"text/plain": "'a C.UTF-8 '"}}]


# -- limits ----------------------------------------------------------------------------------------


def code(tmp_path: Path, text: str, *history: str) -> Code:
    return Code(textwrap.dedent(text), "python3", "a project", str(tmp_path), str(tmp_path), history)


SHORT = Limits(input=2.0, all_inputs=2.5, grace=0.5, output=1_000, kernels=2)


def test_code_without_end_is_interrupted(processes: Processes, tmp_path: Path) -> None:
    ran = Kernels(processes.groups, processes.scripts, SHORT).run(code(tmp_path, "while True: pass"))

    assert [output["ename"] for output in ran.output] == ["KeyboardInterrupt"]
    assert not ran.complete
    assert ran.seconds < granted(5, time.monotonic)


def test_what_does_not_heed_an_interrupt_is_killed(processes: Processes, tmp_path: Path) -> None:
    stubborn = """
        import os, signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(os.getpid(), flush=True)
        time.sleep(300)
    """

    ran = Kernels(processes.groups, processes.scripts, SHORT).run(code(tmp_path, stubborn))

    assert gone(int(ran.output[0]["text"]))
    assert not ran.complete
    assert ran.seconds < granted(5, time.monotonic)


def test_the_history_has_its_part_of_the_time(processes: Processes, tmp_path: Path) -> None:
    history = ["import time; time.sleep(1.5)"] * 2

    ran = Kernels(processes.groups, processes.scripts, SHORT).run(code(tmp_path, "1", *history))

    assert not ran.complete


def test_much_output_is_cut_with_a_notice(processes: Processes, tmp_path: Path) -> None:
    kernels = Kernels(processes.groups, processes.scripts, Limits(output=1_000))

    ran = kernels.run(code(tmp_path, "print('kept', flush=True); print('x' * 2_000, flush=True); 1"))

    text = "Output truncated since it exceeded the cell output limit of 1000 characters"
    notice = {"name": "stdout", "output_type": "stream", "text": [text]}
    assert ran.output == [{"name": "stdout", "text": "kept\n"}, notice, notice]


def test_a_flood_of_output_neither_grows_nor_hangs(processes: Processes, tmp_path: Path) -> None:
    with within(10, time.monotonic):
        ran = Kernels(processes.groups, processes.scripts, SHORT).run(
            code(tmp_path, "while True: print('y' * 900, flush=True)")
        )

        assert sum(len(str(output)) for output in ran.output) < 10_000, "a notice a message, and at most ten"


def test_more_kernels_than_may_run_are_refused(processes: Processes, tmp_path: Path) -> None:
    kernels = Kernels(processes.groups, processes.scripts, Limits(kernels=1))
    waiting = code(
        tmp_path, "import os, time\nopen('runs', 'w')\nwhile not os.path.exists('go'): time.sleep(0.01)"
    )
    first = threading.Thread(target=kernels.run, args=[waiting])
    first.start()
    while not (tmp_path / "runs").exists():
        time.sleep(0.01)

    with pytest.raises(Failed, match=r"1 kernels run already, .* wait until one has ended"):
        kernels.run(code(tmp_path, "1"))

    (tmp_path / "go").touch()
    first.join(20)
    assert kernels.run(code(tmp_path, "1")).output == [{"data": {"text/plain": "1"}}]


def test_kernels_run_side_by_side(sandbox: Running, project: str) -> None:
    results: dict[int, str] = {}

    def one(number: int) -> None:
        results[number] = text_of(execute(sandbox, project, f"{number} * 10"))

    threads = [threading.Thread(target=one, args=[number]) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert results == {number: str(number * 10) for number in range(5)}


# -- ends ------------------------------------------------------------------------------------------


def begin_kernel(running: Running, project: str) -> tuple[list[int], threading.Thread, list[Any]]:
    """A kernel that sleeps, with a child; their process ids, and what the message will give."""
    answers: list[Any] = []
    sleeping = """
        import os, subprocess, time
        child = subprocess.Popen(["sleep", "600"])
        with open("pids.new", "w") as file:
            file.write(f"{os.getpid()} {child.pid}")
        os.rename("pids.new", "pids")
        time.sleep(600)
    """

    def ask() -> None:
        options = {"project_id": project, "kernel": "python3", "input": textwrap.dedent(sleeping)}
        try:
            answers.append(
                Running(running.process, running.url, running.key, None)
                .post("jupyter_execute", options)
                .json()
            )
        except OSError as problem:
            answers.append(problem)

    thread = threading.Thread(target=ask)
    thread.start()
    answer = running.run(project, "until [ -e pids ]; do sleep 0.02; done; cat pids")
    return [int(word) for word in answer["stdout"].split()], thread, answers


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_every_kernel_is_gone_with_the_sandbox(start_sandbox: Start, number: int) -> None:
    running = start_sandbox()
    processes, thread, _ = begin_kernel(running, running.project())

    running.process.send_signal(number)

    assert all(gone(process) for process in processes)
    thread.join(10)
    assert gone(running.process.pid, 3)


def test_the_stop_of_a_project_ends_its_kernels_and_no_others(sandbox: Running) -> None:
    stopped, other = sandbox.project(), sandbox.project()
    mine, thread, answers = begin_kernel(sandbox, stopped)
    theirs, other_thread, _ = begin_kernel(sandbox, other)

    stop(sandbox, stopped)

    assert all(gone(process) for process in mine)
    assert not gone(theirs[0], 0.2)
    thread.join(10)
    assert "Kernel was ended by signal 9" in answers[0]["error"]
    stop(sandbox, other)
    other_thread.join(10)


def stop(sandbox: Running, project: str) -> None:
    request = {"action": "stop", "time": str(time.time())}
    sandbox.send("query", query={"projects": {"project_id": project, "action_request": request}})


def test_starting_a_sandbox_loads_nothing_of_jupyter() -> None:
    report = (
        "import cocalc_magic.sandbox.cli, sys; "
        "print([name for name in ('jupyter_client', 'zmq', 'traitlets') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
