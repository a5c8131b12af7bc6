"""%cocalc scope: the least key for a kernel's messages, a notebook, a script; nothing of them is run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.commands.scope import of_cells
from cocalc_magic.errors import CoCalcError
from cocalc_magic.session.needs import Needs

if TYPE_CHECKING:
    from pathlib import Path

PROJECT, OTHER = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833", "0c2d7e11-5a3b-4c8d-9e0f-1a2b3c4d5e6f"


@pytest.mark.parametrize(
    ("cells", "capabilities", "projects"),
    [
        (["%cocalc ping"], (), ()),
        ([f"%cocalc project_exec project_id={PROJECT} command=ls"], ("project:exec",), (PROJECT,)),
        (["x = %cocalc project_exec project_id=$pid command='echo $HOME'"], ("project:exec",), ("$pid",)),
        ([f"for i in range(3):\n    %cocalc touch_project project_id={PROJECT}"], ("project:exec",), (PROJECT,)),
        ([f"%cocalc project_exec \\\n  project_id={PROJECT} command=ls"], ("project:exec",), (PROJECT,)),
        (["%cocalc project_exec project_id='Seminar notes' command=ls"], ("project:list", "project:exec"), ("Seminar notes",)),
        ([f"%%cocalc project_exec project_id={PROJECT} command=-\nrm -rf *"], ("project:exec",), (PROJECT,)),
        ([f"# list\n\n%%cocalc project_exec\nproject_id: {PROJECT}\ncommand: ls"], ("project:exec",), (PROJECT,)),
        ([f'%%cocalc\n{{"event": "project_exec", "project_id": "{PROJECT}", "command": "ls"}}'], ("project:exec",), (PROJECT,)),
        (["%%cocalc project_exec\nproject_id: $made['project_id']\ncommand: ls"], ("project:exec",), ("$made['project_id']",)),
        (["%cocalc create_project title=x"], ("project:create",), ()),
        (["%%cocalc query\nquery:\n  projects_all: [{project_id: null, title: null}]"], ("project:list",), ()),
        (["%cocalc query query:={\"accounts\":{\"account_id\":null}}"], ("account:read",), ()),
        ([f"%%cocalc query\nquery: {{projects: {{project_id: {PROJECT}, title: New}}}}"], ("project:write",), (PROJECT,)),
        ([f"%cocalc copy_path_between_projects src_project_id={PROJECT} src_path=a target_project_id={OTHER}"],
         ("file:read", "file:write"), (PROJECT, OTHER)),
        ([f"%cocalc projects/stop project_id={PROJECT}"], ("project:exec",), (PROJECT,)),
        ([f"%cocalc projects.getProjectState project_id={PROJECT}"], ("project:read",), (PROJECT,)),
        ([f"%cocalc project:system.exec project_id={PROJECT} command=ls"], ("project:exec",), (PROJECT,)),
        ([f"%cocalc upload a.csv --project {PROJECT} --to data/"], ("project:exec",), (PROJECT,)),
        (["%cocalc projects linear"], ("project:list",), ()),
        ([f"%cocalc use {PROJECT}", "%cocalc project_exec command=ls"], ("project:exec",), (PROJECT,)),
        (["%cocalc use Seminar", "%cocalc download notes"], ("project:list", "project:exec"), ("Seminar",)),
        (["%cocalc use 'Seminar notes'", "%cocalc project_exec command=ls"], ("project:list", "project:exec"), ("Seminar notes",)),
        (["%cocalc download notes --project 'Seminar notes'"], ("project:list", "project:exec"), ("Seminar notes",)),
        ([f"%cocalc project_exec project_id={PROJECT} command=ls timeout=$t"], ("project:exec",), (PROJECT,)),
        (["%cocalc course apply"], ("project:create", "project:list", "project:read"), ("those of the class",)),
        (["%cocalc project_exec project_id=x command=ls timeout=long", "%cocalc create_project titel=x"], (), ()),
        (["%cocalc help project_exec", "%cocalc project_exec --help?", "print(1)", "!ls", "%%bash\n%cocalc ping"], (), ()),
        (["%cocalc creat_project titel=x", "%cocalc", "%%cocalc", "%cocalc project_exec command='", "def ("], (), ()),
    ],
)  # fmt: skip
def test_the_least_key_of_cells(
    cells: list[str], capabilities: tuple[str, ...], projects: tuple[str, ...]
) -> None:
    needs = of_cells(cells)

    assert (needs.capabilities, needs.projects) == (capabilities, projects)


SCRIPT = f'''
from cocalc_magic import Client
import os

with Client() as client:
    client.project_exec(project_id="{PROJECT}", command=os.environ["X"])
    client.send("projects.createProject", title="x")
    client.upload(project, "data")
other = Client("lab")
other.query(query={{"accounts": {{"account_id": None}}}})
frame.query("a > 1")
get_ipython().run_line_magic("cocalc", "projects/get")
get_ipython().run_cell_magic("cocalc", "touch_project", "project_id: {OTHER}")
'''


def test_calls_of_a_client_in_a_script_count_and_those_of_others_do_not() -> None:
    needs = of_cells([SCRIPT])

    assert needs.capabilities == ("account:read", "project:create", "project:list", "project:exec")
    assert needs.projects == (PROJECT, "$project", OTHER)


def test_what_no_key_may_send_and_what_is_not_there_is_listed() -> None:
    needs = of_cells(
        ["%cocalc user_search query=x", "%cocalc /user-query query={}", "%cocalc projects/call project_id=x"]
    )

    assert list(needs.signed_in) == ["/user-query"]
    assert list(needs.impossible) == ["user_search", "projects/call"]
    assert needs.capabilities == ()


def test_every_v1_message_has_an_answer() -> None:
    """Of each example: capabilities, a session, or why it is not possible."""
    needs = Needs.of((message, message.example.options) for message in catalog.messages().values())

    known = needs.by_event.keys() | needs.signed_in.keys() | needs.impossible.keys()
    assert known == catalog.messages().keys()


def test_nothing_of_a_file_is_run_or_opened(tmp_path: Path) -> None:
    """What would be done by a cell leaves a mark."""
    mark = tmp_path / "mark"
    touch = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    cells = [
        f"%cocalc project_exec project_id=${{{touch}}} command=x", f"%%cocalc ping\nid: ${{{touch}}}", touch,
        f"%cocalc write_text_file_to_project project_id=x path=a content=@{tmp_path}/secret",
        f"!touch {mark}", f"%cocalc ping --server ${{{touch}}}",
    ]  # fmt: skip
    (tmp_path / "secret").write_text("the content of a file")

    needs = of_cells(cells)

    assert not mark.exists()
    assert "content of a file" not in str(needs)


# -- the command -----------------------------------------------------------------------------------


def notebook(*sources: str) -> str:
    cells = [{"cell_type": "code", "source": source.splitlines(keepends=True)} for source in sources]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "%cocalc projects"}, *cells]})


def test_a_notebook_is_told_with_the_page_and_the_line_for_its_key(shell: Any, tmp_path: Path) -> None:
    file = tmp_path / "week 1.ipynb"
    file.write_text(notebook("%cocalc create_project title=x", f"%cocalc touch_project project_id={PROJECT}"))

    value = shell.cell(f"%cocalc scope '{file}'")

    assert value.capabilities == ("project:create", "project:exec")
    assert value.projects == (PROJECT,)
    text = str(value)
    assert "scope: what week 1.ipynb needs of a key" in text
    assert "https://cocalc.ai/settings/keys" in text
    assert (
        f"%cocalc login cocalc.ai --prompt --scope project:create,project:exec --projects {PROJECT}" in text
    )
    assert "A key may not use a project that it has made" in text
    assert 'href="https://cocalc.ai/settings/keys"' in value._repr_html_()


def test_the_messages_of_this_kernel_are_told(shell: Any) -> None:
    shell.cell("made = %cocalc create_project title='Scope here' --quiet")
    shell.cell("%cocalc project_exec project_id=$made command=ls --quiet")

    value = shell.cell("%cocalc scope")

    assert value.capabilities == ("project:create", "project:exec")
    assert len(value.projects) == 1
    assert "Scope here" in str(value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [("no.ipynb", None, "can't be read"), ("a.ipynb", "{", "neither a notebook nor a script"),
     ("b.ipynb", '{"cells": 7}', "neither a notebook nor a script"), ("c.py", "\udcff", "can't be read")],
)  # fmt: skip
def test_what_is_no_notebook_is_told(
    shell: Any, tmp_path: Path, name: str, content: str | None, told: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(CoCalcError, match=told):
        shell.cell(f"%cocalc scope {tmp_path}/{name}")


def test_a_hostile_notebook_ends_no_terminal(shell: Any, tmp_path: Path) -> None:
    file = tmp_path / "x.ipynb"
    file.write_text(notebook("%cocalc project_exec project_id='\x1b]0;t\x07\x1b[2J' command=ls"))

    assert not {"\x1b", "\x07"} & set(str(shell.cell(f"%cocalc scope {file}")))
