"""Methods of a project over conat: commands, files, kernels."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sandbox.conftest import Running

    Ask = Callable[..., Any]

ENOENT = "ENOENT: no such file or directory"
_NO_TEXT = 'TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument must be of type string. Received undefined'


@pytest.fixture(scope="module")
def ask(sandbox: Running) -> Ask:
    """Calls a method of one project."""
    project_id = sandbox.project()

    def call(name: str, *args: Any, **more: Any) -> Any:
        return sandbox.call(f"system.{name}", *args, project_id=project_id, **more)

    return call


@pytest.fixture(scope="module")
def home(ask: Ask) -> str:
    return str(ask("exec", {"command": "pwd"})["stdout"].strip())


def error(answer: Any) -> str:
    return str(answer["error"]) if isinstance(answer, dict) and "error" in answer else f"none: {answer}"


# -- commands --------------------------------------------------------------------------------------


def test_a_command_gives_its_output_and_its_kind(ask: Ask) -> None:
    said = ask("exec", {"command": "echo $((1+2)); echo err >&2; exit 4", "bash": True, "err_on_exit": False})

    assert said == {"type": "blocking", "stdout": "3\n", "stderr": "err\n", "exit_code": 4}


def test_a_folder_of_any_kind_beats_the_path(ask: Ask) -> None:
    ask("exec", {"command": "mkdir -p sub", "bash": True})

    assert ask("exec", {"command": "pwd", "path": "sub"})["stdout"].endswith("/sub\n")
    assert ask("exec", {"command": "pwd", "path": "sub", "cwd": "/"})["stdout"] == "/\n"


def test_a_command_in_the_background_is_followed_to_its_end(ask: Ask) -> None:
    job = ask("exec", {"command": "echo a; sleep 0.3; echo b", "bash": True, "async_call": True})
    assert (job["type"], job["status"]) == ("async", "running")

    done = ask("exec", {"async_get": job["job_id"], "async_await": True})

    assert (done["status"], done["stdout"], done["exit_code"]) == ("completed", "a\nb\n", 0)
    assert done["elapsed_s"] >= 0.3


def test_a_signal_reaches_the_projects_own_processes_alone(ask: Ask) -> None:
    job = ask("exec", {"command": "sleep 60", "bash": True, "async_call": True})

    assert ask("signal", {"signal": signal.SIGTERM, "pid": job["pid"]}) is None
    assert gone(job["pid"], 5)
    assert error(ask("signal", {"signal": 0, "pid": os.getpid()})) == "Error: kill ESRCH"
    assert error(ask("signal", {"signal": 999, "pid": os.getpid()})).startswith(
        "TypeError [ERR_UNKNOWN_SIGNAL]"
    )
    assert ask("signal", {"signal": 15}) is None


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "TypeError: Cannot read properties of undefined (reading 'compute_server_id')"),
        (["pwd"], "TypeError: Cannot read properties of undefined (reading 'split')"),
    ],
)
def test_a_command_that_is_none_fails_as_recorded(ask: Ask, args: list[Any], words: str) -> None:
    assert error(ask("exec", *args)) == words


def test_there_is_no_other_machine(ask: Ask) -> None:
    assert error(ask("ping", compute_server_id=7)).startswith("timeout - Error: operation has timed out")


# -- files -----------------------------------------------------------------------------------------


def test_a_text_comes_back_as_it_was_written(ask: Ask) -> None:
    text = "alpha ∑\r\nβ\n"

    assert ask("writeTextFileToProject", {"path": "deep/er/a.txt", "content": text}) is None

    assert ask("readTextFileFromProject", {"path": "deep/er/a.txt"}) == text


def test_a_listing_tells_kinds_sizes_and_times(ask: Ask) -> None:
    make = "mkdir -p l/sub l/.dot; echo hi > l/sub/a; touch l/sub/.b; echo hi > l/f; ln -sf f l/link; ln -sf /no l/gone"
    ask("exec", {"command": make, "bash": True})

    found = {one.pop("name"): one for one in ask("listing", {"path": "l"})}
    hidden = {one["name"]: one for one in ask("listing", {"path": "/l", "hidden": True})}

    times = [one.pop("mtime") for one in found.values()]
    assert all(time > 1_700_000_000 for time in times)
    assert found == {
        "sub": {"isdir": True, "size": 1},
        "f": {"size": 3},
        "link": {"issymlink": True, "link_target": "f", "size": 3},
        "gone": {"issymlink": True, "link_target": "/no", "size": 3},
    }
    assert set(hidden) == {*found, ".dot"}
    assert hidden["sub"]["size"] == 2


def test_files_are_renamed_moved_and_deleted(ask: Ask, home: str) -> None:
    ask("exec", {"command": "mkdir -p m/to; echo 1 > m/a; echo 2 > m/b; ln -s ../m m/loop", "bash": True})

    assert ask("renameFile", {"src": "m/a", "dest": "m/new/c"}) is None
    assert ask("moveFiles", {"paths": ["m/b", "m/new"], "dest": "m/to"}) is None
    assert sorted(one["name"] for one in ask("listing", {"path": "m/to"})) == ["b", "new"]
    assert (
        error(ask("moveFiles", {"paths": ["m/nope"], "dest": ""}))
        == f"Error: {ENOENT}, lstat '{home}/m/nope'"
    )
    assert error(ask("renameFile", {"src": "m/to/b", "dest": "m/to/new"})) == "Error: dest already exists."
    assert ask("deleteFiles", {"paths": ["m/to", "m/nope", "m/loop"]}) is None
    assert ask("listing", {"path": "m"}) == []


def test_a_link_is_deleted_and_not_what_it_leads_to(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    ask("exec", {"command": f"ln -s {tmp_path} out", "bash": True})

    assert ask("deleteFiles", {"paths": ["out"]}) is None

    assert (tmp_path / "kept").read_text() == "kept"


def test_where_a_path_leads_to(ask: Ask, home: str) -> None:
    ask("exec", {"command": "mkdir -p r/deep; echo > r/deep/a; ln -sf deep/a r/link", "bash": True})

    assert ask("realpath", "r/link") == "r/deep/a"
    assert ask("canonicalPaths", ["r/../r/deep", ""]) == ["r/deep", ""]
    assert error(ask("realpath", "no/such")) == f"Error: {ENOENT}, realpath '{home}/no/such'"


@pytest.mark.parametrize("path", ["../x", "/etc/hostname", "out/x", "a/../../x", "x\0y"])
@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("readTextFileFromProject", lambda path: {"path": path}),
        ("writeTextFileToProject", lambda path: {"path": path, "content": "x"}),
        ("deleteFiles", lambda path: {"paths": [path]}),
        ("moveFiles", lambda path: {"paths": [path], "dest": ""}),
        ("moveFiles", lambda path: {"paths": ["inside"], "dest": path}),
        ("renameFile", lambda path: {"src": "inside", "dest": path}),
        ("renameFile", lambda path: {"src": path, "dest": "new"}),
        ("realpath", lambda path: path),
        ("canonicalPaths", lambda path: [path]),
    ],
)
def test_no_path_leads_out_of_the_project(
    ask: Ask, tmp_path: Path, path: str, method: str, options: Callable[[str], Any]
) -> None:
    (tmp_path / "x").write_text("outside")
    ask("exec", {"command": f"rm -rf out inside; ln -s {tmp_path} out; echo 1 > inside", "bash": True})

    assert error(ask(method, options(path))).startswith("Error: ")

    assert [file.name for file in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "outside"


@pytest.mark.parametrize("path", ["", ".", "sub/..", "/", "./"])
def test_the_folder_of_a_project_stays(ask: Ask, path: str) -> None:
    assert error(ask("deleteFiles", {"paths": [path]})).startswith("Error: the sandbox keeps")


@pytest.mark.parametrize(
    ("method", "args", "words"),
    [
        ("listing", [], "TypeError: Cannot destructure property 'path' of 'undefined' as it is undefined."),
        ("listing", [{}], _NO_TEXT),
        ("deleteFiles", [{}], "TypeError: Cannot read properties of undefined (reading 'map')"),
        ("deleteFiles", [{"paths": "x"}], "TypeError: paths.map is not a function"),
        ("readTextFileFromProject", [{"path": "no/such"}], f"Error: {ENOENT}, open 'no/such'"),
        ("readTextFileFromProject", [{"path": ""}], "Error: EISDIR: illegal operation on a directory, read"),
        ("configuration", ["nope"], 'Error: unable to get configuration of type "nope"'),
        ("terminate", [{"service": "nope"}], "Unknown service nope"),
    ],
)
def test_failures_are_worded_as_recorded(ask: Ask, method: str, args: list[Any], words: str) -> None:
    assert error(ask(method, *args)) == words


def test_what_software_there_is(ask: Ask, home: str) -> None:
    capabilities = ask("configuration", "main")["capabilities"]

    assert capabilities["homeDirectory"] == home
    assert set(capabilities["hashsums"]) == {"sha1sum", "sha256sum", "md5sum"}
    assert ask("version") > 1_700_000_000


# -- kernels ---------------------------------------------------------------------------------------


def test_code_forgets_and_history_remembers(ask: Ask) -> None:
    code = {"kernel": "python3", "input": "n = 5", "history": []}
    assert ask("jupyterExecute", code, timeout=60_000) == []

    [lost] = ask("jupyterExecute", {**code, "input": "n"}, timeout=60_000)
    [known] = ask("jupyterExecute", {**code, "input": "n", "history": ["n = 7"]}, timeout=60_000)

    assert lost["ename"] == "NameError"
    assert known == {"data": {"text/plain": "7"}}


def test_a_kernel_is_kept_ready_used_next_and_stopped_on_demand(ask: Ask) -> None:
    code = {"kernel": "python3", "input": "import os; os.getpid()"}
    ask("jupyterExecute", code, timeout=60_000)
    [ready] = ask("listJupyterKernels")
    assert os.path.exists(ready["connectionFile"])

    [used] = ask("jupyterExecute", code, timeout=60_000)
    assert used["data"]["text/plain"] == str(ready["pid"])
    assert not os.path.exists(ready["connectionFile"])

    [next_one] = ask("listJupyterKernels")
    assert ask("stopJupyterKernel", {"pid": next_one["pid"]}) == {"success": True}
    assert gone(next_one["pid"])
    assert ask("listJupyterKernels") == []


@pytest.mark.parametrize("options", [{}, {"pid": 99_999_999}, {"pid": "x"}, {"pid": os.getpid()}])
def test_what_is_no_kernel_of_the_project_is_not_stopped(ask: Ask, options: dict[str, Any]) -> None:
    assert ask("stopJupyterKernel", options) == {"success": False}


def test_limits_that_come_along_hold(ask: Ask) -> None:
    code = {
        "kernel": "python3",
        "input": "import time; time.sleep(30)",
        "limits": {"timeout_ms_per_cell": 2_000},
    }

    outputs = ask("jupyterExecute", code, timeout=30_000)

    assert outputs[-1]["ename"] == "KeyboardInterrupt"


@pytest.mark.parametrize(
    ("limits", "notice"),
    [
        ({"max_output_per_cell": 500}, "the cell output limit of 500"),
        ({"max_output": 500}, "the global output limit of 500"),
    ],
)
def test_each_message_over_a_limit_of_output_leaves_a_notice(
    ask: Ask, limits: dict[str, int], notice: str
) -> None:
    """Errors are told all the same."""
    text = "for letter in 'abc':\n    print(letter * 400, flush=True)\n1/0"

    outputs = ask("jupyterExecute", {"kernel": "python3", "input": text, "limits": limits}, timeout=60_000)

    shown = f"Output truncated since it exceeded {notice} characters"
    truncated = {"name": "stdout", "output_type": "stream", "text": [shown]}
    assert outputs[0] == {"name": "stdout", "text": "a" * 400 + "\n"}
    assert outputs[1:3] == [truncated, truncated]
    assert outputs[3]["ename"] == "ZeroDivisionError"


def test_without_a_kernel_nothing_is_spawned(ask: Ask) -> None:
    asked = {"input": "1", "history": ["x = 1"]}

    assert ask("jupyterExecute", asked) == {"error": "Error: cannot spawn since no kernel is set"}


def test_a_project_that_stops_ends_the_kernel_that_waits(sandbox: Running) -> None:
    project_id = sandbox.project()
    code = {"kernel": "python3", "input": "1"}
    sandbox.call("system.jupyterExecute", code, project_id=project_id, timeout=60_000)
    [ready] = sandbox.call("system.listJupyterKernels", project_id=project_id)

    assert sandbox.call("projects.stop", {"project_id": project_id}) is None

    assert gone(ready["pid"])
    assert sandbox.call("system.listJupyterKernels", project_id=project_id) == []
    again = sandbox.call("system.jupyterExecute", code, project_id=project_id, timeout=60_000)
    assert again == [{"data": {"text/plain": "1"}}]
