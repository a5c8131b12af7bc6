"""The small shell beside bash and coreutils: the same lines have the same output, errors and exit codes."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.runtime.bash_lines import LINES

if TYPE_CHECKING:
    from pathlib import Path

    from cocalc_magic import Client

AS_HERE = {"bash": "GNU bash, version 5.2", "ls": "ls (GNU coreutils) 9.", "grep": "grep (GNU grep) 3."}
Outcome = tuple[str, str, int]


def begins(program: str) -> str:
    """What a program says of its version; nothing where there is none."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


pytestmark = pytest.mark.skipif(
    not all(begins(program).startswith(version) for program, version in AS_HERE.items()),
    reason="other versions word errors otherwise",
)


def by_bash(line: str, home: Path, name: str) -> Outcome:
    (home / name).mkdir()
    script = home / f"{name}.sh"
    script.write_text(f"\n{line}", "utf-8")
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "USER": "user"}
    done = subprocess.run(
        ["bash", str(script)],  # noqa: S607 - the one that the table is of
        cwd=home / name,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    output, errors = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return (
        output.replace(str(home), "~"),
        errors.replace(f"{script}:", "").replace(str(home), "~"),
        done.returncode,
    )


def by_small_shell(line: str, client: Client, project_id: str, home: str, name: str) -> Outcome:
    answer = client.project_exec(
        project_id=project_id, command=line, path=name, bash=True, err_on_exit=False, timeout=20
    )
    errors = "\n".join(text.partition("/a.sh:")[2] or text for text in answer["stderr"].split("\n"))
    return answer["stdout"].replace(home, "~"), errors.replace(home, "~"), answer["exit_code"]


@pytest.mark.parametrize("about", LINES)
def test_lines_do_in_the_small_shell_what_they_do_in_bash(client: Client, about: str, tmp_path: Path) -> None:
    """Each in a folder of its own."""
    project_id = client.create_project(title=about)["project_id"]
    lines = {f"n{number}": line for number, line in enumerate(LINES[about])}
    home = client.project_exec(project_id=project_id, command="pwd")["stdout"].strip()
    client.project_exec(project_id=project_id, command="mkdir", args=[*lines])

    small = {line: by_small_shell(line, client, project_id, home, name) for name, line in lines.items()}

    assert small == {line: by_bash(line, tmp_path, name) for name, line in lines.items()}
