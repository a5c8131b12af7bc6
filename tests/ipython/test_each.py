"""`--each` in a real shell against a real sandbox: a message a row, sent once each, and what is said of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.bulk.result import BulkResult
from cocalc_magic.errors import BulkFailed, CoCalcError, ConfirmationRequired, InvalidMessage
from cocalc_magic.session import bulk
from cocalc_magic.session.frontend import HeadlessFrontend
from cocalc_magic.session.session import Session
from cocalc_magic.syntax.line import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic import Client

ROOT = Path(__file__).parents[2]
ROSTER = "name,mail\nAda,ada@x.edu\nBob,bob@x.edu\nCyd,cyd@x.edu\n"


@pytest.fixture
def shell(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A shell in a folder of its own, with a roster in it; its journals are in a folder of their own, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "students.csv").write_text(ROSTER)
    return shell


def titles(client: Client) -> list[str]:
    return sorted(project.title for project in client.router.projects.all(fresh=True))


def displayed(shell: Any, value: object) -> dict[str, str]:
    bundle, _ = shell.display_formatter.format(value)
    return dict(bundle)


def test_a_line_makes_a_project_for_each_row_of_a_file(shell: Any, client: Client) -> None:
    made = shell.cell('%cocalc create_project --each students.csv title="${row.name}\'s file"')

    assert isinstance(made, BulkResult)
    assert repr(made) == "<BulkResult create_project · 3 rows · 3 ok · sandbox>"
    assert [row["name"] for row in made] == ["Ada", "Bob", "Cyd"]
    assert {f"{row['name']}'s file" for row in made} <= set(titles(client))
    assert all(len(row["project_id"]) == 36 for row in made)


def test_the_same_cell_again_sends_what_is_missing_and_says_so(
    shell: Any, client: Client, tmp_path: Path
) -> None:
    source = '%cocalc create_project --each students.csv title="${row.name} again"'
    first = shell.cell(source)
    (tmp_path / "students.csv").write_text("name,mail\nEve,e@x.edu\nCyd,c@x.edu\nAda,a@x.edu\nBob,b@x.edu\n")

    second = shell.cell(source)

    assert second.summary == "3 done before, 1 sent"
    assert {row["name"]: row["project_id"] for row in first}.items() <= {
        row["name"]: row["project_id"] for row in second
    }.items()
    assert [title for title in titles(client) if title.endswith(" again")] == [
        "Ada again", "Bob again", "Cyd again", "Eve again",
    ]  # fmt: skip
    assert "done: 3 done before, 1 sent" in displayed(shell, second)["text/plain"]


def test_first_sends_the_first_and_the_same_without_it_the_rest(shell: Any) -> None:
    source = "%cocalc create_project --each students.csv title=$row.mail"

    assert shell.cell(f"{source} --first 2").summary == "2 sent"
    assert shell.cell(source).summary == "2 done before, 1 sent"
    assert shell.cell(f"{source} --again").summary == "3 sent"


def test_a_cell_uses_what_the_last_one_has_made(shell: Any) -> None:
    shell.cell('%cocalc create_project --each students.csv title="${row.name} chained" start=yes -o made')

    written = shell.cell(
        "%%cocalc write_text_file_to_project --each $made\n"
        "project_id: $row.project_id\npath: hello.txt\ncontent: Hello ${row.name}!\n"
    )
    read = shell.cell(
        "%cocalc read_text_file_from_project --each $written project_id=$row.project_id path=$row.path"
        if "path" in written.columns
        else "%cocalc read_text_file_from_project --each $made project_id=$row.project_id path=hello.txt"
    )

    assert [row["content"] for row in read] == ["Hello Ada!", "Hello Bob!", "Hello Cyd!"]


def test_rows_are_chosen_and_told_apart(shell: Any) -> None:
    chosen = shell.cell("%cocalc create_project --each students.csv title=x --where 'row.name < \"B\"'")

    assert [row["name"] for row in chosen] == ["Ada"]
    with pytest.raises(InvalidMessage, match=r"rows 1 and 2.* send the same message"):
        shell.cell("%cocalc create_project --each students.csv title=same")
    assert shell.cell("%cocalc create_project --each students.csv title=same --key mail").summary == "3 sent"


def test_all_rows_are_checked_before_the_first_is_sent(shell: Any, client: Client) -> None:
    before = titles(client)
    shell.user_ns["rows"] = [{"name": "Ada"}, {"name": "Bob"}, {"nmae": "Cyd"}]

    with pytest.raises(CoCalcError, match=r"row 3: the row has no column 'name'") as error:
        shell.cell("%cocalc create_project --each $rows title=$row.name")

    assert "Did you mean" in str(error.value) or "Its columns: nmae" in str(error.value)
    assert titles(client) == before


def test_a_dry_run_shows_the_first_three_and_sends_nothing(shell: Any, client: Client) -> None:
    before = titles(client)
    shell.user_ns["rows"] = [{"name": f"student {number}"} for number in range(30)]

    page = shell.cell("%cocalc create_project --each $rows title=$row.name --dry-run")

    text = str(page)
    assert "30 messages to sandbox, of 30 rows; nothing is sent." in text
    assert '"title": "student 2"' in text
    assert "student 3" not in text
    assert "And 27 more." in text
    assert titles(client) == before


def test_a_dry_run_tells_which_rows_would_be_refused(shell: Any) -> None:
    text = str(shell.cell("%cocalc create_project --each students.csv title=same --dry-run"))

    assert "refused: rows 1 and 2 send the same message; --key COLUMN tells them apart" in text
    assert "refused: rows 1 and 3" in text
    assert "refused" not in str(shell.cell("%cocalc ping --each students.csv --dry-run"))


def test_a_dry_run_tells_what_the_server_cannot_do(
    shell: Any, play: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks nothing: what a server of today lacks is known since it was asked for something else."""
    known, server = play("conat")
    known.ping()
    monkeypatch.setenv("COCALC_HOST", known.server.url)
    monkeypatch.setenv("COCALC_API_KEY", known.key.reveal())
    before = len(server.got)

    shell.user_ns["rows"] = [{"name": "Ada", "id": "3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f10"}]
    text = str(shell.cell("%cocalc copy_path_delete --each $rows copy_path_id=$row.id --dry-run"))

    assert "refused: Ada (row 1): copy_path_delete is not possible on" in text
    assert len(server.got) == before


def test_a_secret_of_all_rows_that_was_typed_is_warned_of(shell: Any, capsys: Any) -> None:
    shell.user_ns["rows"] = [{"id": "3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f10"}]

    shell.cell("%cocalc user_auth --each $rows account_id=$row.id password=hunter2-marked --dry-run --quiet")

    assert "The password now stands in this notebook" in capsys.readouterr().err


def test_a_dry_run_masks_what_is_secret(shell: Any) -> None:
    shell.user_ns["rows"] = [{"id": "3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f10", "word": "pass-word-1"}]

    page = shell.cell("%cocalc user_auth --each $rows account_id=$row.id password=$row.word --dry-run")

    assert "•••" in str(page)
    assert "pass-word-1" not in str(page)


def test_failures_do_not_end_it_and_one_error_names_the_rows(shell: Any, capsys: Any) -> None:
    made = shell.cell("%cocalc create_project --each students.csv title='$row.name' start=yes --key mail")
    shell.user_ns["rows"] = [
        {"name": "Ada", "where": made[0]["project_id"]},
        {"name": "Bob", "where": "3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f10"},
        {"name": "Cyd", "where": made[2]["project_id"]},
    ]
    source = "%cocalc project_exec --each $rows project_id=$row.where command=echo args[]=$row.name -o ran"

    with pytest.raises(BulkFailed) as error:
        shell.cell(source)

    assert str(error.value).startswith(
        "project_exec: 1 of 3 rows failed (2 sent, 1 failed).\n  Bob (row 2): "
    )
    ran = shell.user_ns["ran"]
    assert [row["stdout"] for row in ran.ok] == ["Ada\n", "Cyd\n"]
    assert [row["name"] for row in ran.failed] == ["Bob"]
    assert "Bob (row 2)" in capsys.readouterr().out  # the table, before the error
    assert shell.cell(f"{source} --no-raise").summary == "2 done before, 1 failed"


def test_a_message_has_its_time(shell: Any, project_id: str, client: Client) -> None:
    shell.user_ns["pid"] = project_id
    client.control("fault", latency=1.5, times=1, event="project_exec")

    line = "%cocalc project_exec --each students.csv project_id=$pid command=echo args[]=$row.name --jobs 1"
    late = shell.cell(f"{line} --timeout 0.5 --no-raise --first 1")

    assert late.counts in ({"unknown": 1}, {"failed": 1})


def test_max_fail_ends_it(shell: Any) -> None:
    shell.user_ns["rows"] = [
        {"id": f"3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f{number}"} for number in range(10, 40)
    ]

    with pytest.raises(BulkFailed, match=r"stop|rows have failed") as error:
        shell.cell("%cocalc project_exec --each $rows project_id=$row.id command=ls --max-fail 5% --jobs 2")

    assert error.value.result.counts["skipped"] > 0


def test_what_removes_needs_to_be_told_how_much(shell: Any, project_id: str) -> None:
    people = [f"3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f{number}" for number in range(10, 40)]
    shell.user_ns.update(rows=[{"name": f"S{n}", "id": id_} for n, id_ in enumerate(people)], pid=project_id)
    line = "%cocalc remove_collaborator --each $rows project_id=$pid account_id=$row.id"

    with pytest.raises(
        ConfirmationRequired, match="removes something for 30 of 30 rows, more than 5 %"
    ) as error:
        shell.cell(line)

    assert "If that is meant: --max-delete 30" in str(error.value)
    with pytest.raises(ConfirmationRequired, match="10 of 30 rows, more than 9"):
        shell.cell(f"{line} --max-delete 9 --where 'int(row.name[1:]) < 10' --yes")
    few = shell.cell(f"{line} --where 'row.name == \"S1\"' --no-raise")
    assert len(few) == 1
    assert len(shell.cell(f"{line} --max-delete 100% --no-raise")) == 30


def test_a_query_that_deletes_is_a_removal_too(shell: Any) -> None:
    shell.user_ns["rows"] = [{"id": "3b6a9c5c-6a3e-4a53-9c3b-7b2b7c8f6f10"}]

    with pytest.raises(ConfirmationRequired, match="query removes something for 1 of 1 rows"):
        shell.cell(
            '%cocalc query --each $rows query:={"crm_tags":{"id":"$row.id"}} options:=[{"delete":true}]'
        )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("create_project --jobs 3 title=x", "--jobs is for messages of many rows"),
        ("create_project --each students.csv --jobs 0 title=$row.name", "--jobs takes a whole number from 1"),
        (
            "create_project --each students.csv --max-fail x title=$row.name",
            "--max-fail takes a number of rows",
        ),
        (
            "create_project --each students.csv --executor 7 title=$row.name",
            "--executor takes a concurrent.futures",
        ),
        ("create_project --each students.csv --show curl title=$row.name", "--show does not go with --each"),
        ("create_project --each student.csv title=$row.name", "Did you mean students.csv?"),
        ("create_project --each students.csv titel=$row.name", "takes no option 'titel'"),
        ("creat_project --each students.csv", "there is no event 'creat_project'"),
    ],
)
def test_a_mistake_is_told_before_anything_is_sent(shell: Any, line: str, said: str) -> None:
    with pytest.raises(CoCalcError) as error:
        shell.cell(f"%cocalc {line}")

    assert said in str(error.value)


def test_in_the_background_it_returns_at_once_with_a_job(shell: Any) -> None:
    job = shell.cell('%cocalc create_project --each students.csv title="${row.name} later" --background')

    assert repr(job).startswith("<Job 1 create_project · ")
    result = job.result(60)
    assert result.summary == "3 sent"
    assert repr(job) == "<Job 1 create_project · 3 sent · ended>"

    async def wait() -> Any:
        return await job

    assert asyncio.run(wait()) is result


def page_lines() -> list[str]:
    """The cells that begin the page on messages for each row."""
    page = (ROOT / "docs/how-to/rows.md").read_text(encoding="utf-8")
    first, cell, last = page.partition("```ipython\n")[2].partition("```")[0].strip().split("\n\n")
    return [first, cell + "\n", last]


def test_the_lines_of_the_page_make_a_class_and_can_be_run_again(shell: Any, client: Client) -> None:
    lines = page_lines()
    assert sum(len(line.splitlines()) for line in lines) <= 7

    for _ in range(2):
        for line in lines:
            shell.cell(line)

    assert [row["stdout"] for row in shell.user_ns["words"]] == ["3 welcome.md\n"] * 3
    assert shell.user_ns["words"].summary == "3 done before"
    assert [title for title in titles(client) if title.endswith("'s project")] == [
        "Ada's project", "Bob's project", "Cyd's project",
    ]  # fmt: skip


def test_what_reaches_people_asks_once_for_all(
    shell: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At an address that does not say that it is a sandbox."""
    monkeypatch.setenv("COCALC_HOST", client.server.url)
    monkeypatch.setenv("COCALC_API_KEY", client.key.reveal())
    line = "%cocalc forgot_password --each students.csv email_address=$row.mail"

    with pytest.raises(ConfirmationRequired) as error:
        shell.cell(line)

    assert error.value.problem == (
        "forgot_password asks first, and would be sent 3 times. It sends an e-mail to that person."
    )
    assert "asks first: It sends an e-mail to that person." in str(shell.cell(f"{line} --dry-run"))
    assert len(shell.cell(f"{line} --yes --no-raise")) == 3


def test_in_a_page_a_button_sends_what_asks_first_as_a_job(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    buttons: list[Any] = []

    class Notebook(HeadlessFrontend):
        def show_send_button(self, event: str, server: str, reason: str, send: Any) -> None:
            buttons.append((event, reason, send))

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    session = Session(frontend=Notebook(page=True))
    line = f"forgot_password --each $rows email_address=$row.mail --server {client.server.url} --no-raise"
    names = {"rows": [{"mail": "ada@x.edu"}, {"mail": "bob@x.edu"}]}
    monkeypatch.setenv("COCALC_HOST", client.server.url)
    monkeypatch.setenv("COCALC_API_KEY", client.key.reveal())
    work = bulk.read(session, parse(line), None, names, ())

    with pytest.raises(ConfirmationRequired):
        bulk.do(session, work)

    ((event, reason, send),) = buttons
    assert event == "forgot_password"
    assert reason.startswith("forgot_password asks first, and would be sent 2 times.")
    assert len(send(lambda: None).result(60)) == 2
    assert [job.event for job in session.jobs] == ["forgot_password"]
