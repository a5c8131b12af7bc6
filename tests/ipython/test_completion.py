"""Tab offers what may stand there, from what is known, in the line, in assignments and in bodies."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from IPython.core.completer import provisionalcompleter

from cocalc_magic import catalog
from cocalc_magic.ipython.completion import offers
from cocalc_magic.ipython.offers import Known, Offer
from cocalc_magic.response import Request as SentRequest
from cocalc_magic.response import Response
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read
from tests.timing import granted

if TYPE_CHECKING:
    from pathlib import Path

PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
KNOWN = Known({"pid": PID, "path": "x", "_hidden": 1}, {PID: "It's ${mine}", "other": "Plain"}, ["lab"])


def texts(text: str) -> list[str]:
    found = offers(text, KNOWN)
    assert found is not None
    return [offer.text for offer in found[1]]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("%cocalc pin", ["ping"]),
        ("%%cocalc pin", ["ping"]),
        ("res = %cocalc pin", ["ping"]),
        ("x = 1\n%cocalc pin", ["ping"]),
        ("%cocalc last", ["last-error"]),
        ("%cocalc help user_s", ["user_search"]),
        ("%cocalc create_project ti", ["title="]),
        ("%cocalc create_project title=x s", ["start="]),
        ('%cocalc create_project title="a b" start=', ["start=true", "start=false"]),
        ("%cocalc create_project start=t", ["start=true"]),
        ("%cocalc create_project --qu", ["--quiet"]),
        ("%cocalc create_project title=$p", ["title=$path", "title=$pid"]),
        ("%cocalc project_exec project_id=3b", [f"project_id={PID}"]),
        ("%cocalc use ", ['"It\'s $${mine}"', "Plain"]),
        ("%cocalc use pl", ["Plain"]),
        ('%cocalc use "Pl', ['"Plain"']),
        ("%cocalc use 'Pl", ["'Plain'"]),
        ("%cocalc use it", ['"It\'s $${mine}"']),
        ("%cocalc use 'It", ['"It\'s $${mine}"']),  # no single quotes hold it
        ("%cocalc project_exec project_id=Pl", ["project_id=Plain"]),
        ('%cocalc project_exec project_id="It', ['project_id="It\'s $${mine}"']),
        ("%cocalc project_exec project_id=it", ['project_id="It\'s $${mine}"']),
        ("%cocalc copy_path_between_projects target_project_id=pl", ["target_project_id=Plain"]),
        ("%cocalc projects/stop project_id=pl", ["project_id=Plain"]),
        ("%cocalc open pl", ["Plain"]),
        ("%cocalc docs first-m", ["first-message"]),
        ("%cocalc keys list --project pl", ["Plain"]),
        ("%cocalc upload a.csv --project pl", ["Plain"]),
        ("%cocalc upload --fo", ["--force"]),
        ("%cocalc course h", ["handout"]),
        ("%cocalc course apply --no-i", ["--no-invite"]),
        ("%cocalc course plan --fi", ["--file"]),
        ("%cocalc download x --t", ["--to"]),
        ("%cocalc down", ["download"]),
        ("%cocalc check reading", ["reading-group"]),
        ("%cocalc conf", ["conform"]),
        ("%cocalc conform la", ["lab"]),
        ("%cocalc conform sandbox la", ["lab"]),
        ("%cocalc conform lab --wr", ["--write"]),
        ("%cocalc conform lab --timeout ", []),
        ("%cocalc record demo.jsonl --st", ["--stop"]),
        ("%cocalc repl", ["replay"]),
        ("%cocalc replay demo.jsonl --di", ["--diff"]),
        ("%cocalc replay demo.jsonl --diff --server la", ["lab"]),
        ("%cocalc replay demo.jsonl --expires 90d --expired w", ["warn"]),
        ("%cocalc raw PAT", ["PATCH"]),
        ("%cocalc raw projects/sto", ["projects/stop"]),
        ("%cocalc raw projects/stop proj", ["project_id="]),
        ("%cocalc raw projects/stop project_id=pl", ["project_id=Plain"]),
        ("%%cocalc project_exec\nproject_id: pl", ["Plain"]),
        ("%%cocalc create_project title=x\nst", ["start: "]),
        ("%%cocalc create_project\ntitle: x\nstart: f", ["false"]),
        ("%%cocalc project_exec\nproject_id: $pi", ["$pid"]),
        ("%cocalc ping --as ta", ["table"]),
        ("%cocalc ping --show ", ["curl", "httpie", "python", "requests", "http", "message"]),
        ("%cocalc ping --server l", ["lab"]),
        ("d['k'] = %cocalc pin", ["ping"]),
        ("a, b = %cocalc pin", ["ping"]),
        ("%%cocalc project_exec args[]=-l\ncomm", ["command: "]),
    ],
)
def test_what_may_stand_there_is_offered(text: str, offered: list[str]) -> None:
    assert texts(text) == offered


def test_required_options_come_first_and_given_ones_not_again() -> None:
    assert texts("%cocalc project_exec ")[:2] == ["project_id=", "command="]
    assert "command=" not in texts("%cocalc project_exec command=ls ")


def test_an_option_is_offered_with_its_type() -> None:
    found = offers("%cocalc create_project st", KNOWN)

    assert found is not None
    assert [(offer.text, offer.kind) for offer in found[1]] == [("start=", "boolean")]


def test_what_an_option_takes_is_one_word() -> None:
    """A completer draws more over the rows below."""
    for event in catalog.names():
        for line in (f"%cocalc {event} ", f"%cocalc raw {event} ", f"%%cocalc {event}\n"):
            found = offers(line, KNOWN)
            assert found is not None
            assert not [offer for offer in found[1] if " " in offer.kind]


LESSONS = {
    "11111111-8d14-4a6f-b1c7-90d5f7a3e833": "Web lesson",
    "22222222-8d14-4a6f-b1c7-90d5f7a3e833": "Lesson of the week",
    "33333333-8d14-4a6f-b1c7-90d5f7a3e833": "Twice",
    "44444444-8d14-4a6f-b1c7-90d5f7a3e833": "Twice",
    "55555555-8d14-4a6f-b1c7-90d5f7a3e833": "two\nlines",
}
MADE = Response(
    {"event": "project_created", "project_id": PID}, SentRequest("create_project"), server="sandbox"
)
NOTEBOOK = {
    "made": MADE, "one": PID, "another": UUID(PID), "row": {"project_id": PID},
    "size": 7, "text": "Web lesson", "json": json, "function": len, "Path": UUID,
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("les", ["'Lesson of the week'", "'Web lesson'"]),  # those that begin so are first
        ("'web l", ["'Web lesson'"]),
        ("'week less", ["'Lesson of the week'"]),
        (
            "twi",
            [key for key, title in LESSONS.items() if title == "Twice"],
        ),  # which of them a title cannot say
        ("1111", ["11111111-8d14-4a6f-b1c7-90d5f7a3e833"]),
        ("$", ["$another", "$made", "$one", "$row", "$size", "$text"]),
        ("$t", ["$text"]),
    ],
)
def test_a_project_is_found_by_its_title_and_a_variable_by_its_id(typed: str, offered: list[str]) -> None:
    known = Known(NOTEBOOK, LESSONS)
    for start, sign in (
        ("%cocalc project_exec project_id=", "project_id="),
        ("%%cocalc project_exec\nproject_id: ", ""),
    ):
        found = offers(f"{start}{typed}", known)
        assert found is not None
        assert [offer.text.removeprefix(sign) for offer in found[1]] == offered


def test_titles_come_first_and_then_what_holds_an_id() -> None:
    found = offers("%cocalc project_exec project_id=", Known(NOTEBOOK, LESSONS))
    assert found is not None
    kinds = [offer.kind for offer in found[1]]
    texts = [offer.text.removeprefix("project_id=") for offer in found[1]]

    assert texts[:2] == ["'Web lesson'", "'Lesson of the week'"]
    assert texts[-4:] == ["$another", "$made", "$one", "$row"]
    assert kinds == ["project"] * 2 + ["id"] * 3 + ["variable"] * 4
    for variable in texts[-4:]:
        sent = read(parse(f"project_exec project_id={variable} command=ls"), None, NOTEBOOK).options
        assert sent["project_id"] == PID


def test_a_project_whose_title_cannot_be_offered_is_by_its_id() -> None:
    assert offers("%cocalc use two", Known({}, LESSONS)) == (
        "two",
        [Offer("55555555-8d14-4a6f-b1c7-90d5f7a3e833", "id", by_words=True)],
    )


def test_files_are_offered_behind_an_at_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes.md").write_text("")
    (tmp_path / ".hidden").write_text("")
    monkeypatch.chdir(tmp_path)

    assert texts("%cocalc write_text_file_to_project content=@") == ["content=@notes.md"]
    assert texts(f"%cocalc write_text_file_to_project content=@{tmp_path}/no") == [
        f"content=@{tmp_path}/notes.md"
    ]


@pytest.mark.parametrize("name", ["a b.md", "it's.md", "a$b.md", 'say "hi".md', "é.md"])
def test_the_name_of_a_file_is_quoted_where_it_has_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_text("text\r\n", newline="")
    monkeypatch.chdir(tmp_path)

    for typed in ("content=@", f"content=@{name[0]}", f"content=@'{name[0]}"):
        (offered,) = texts(f"%cocalc write_text_file_to_project {typed}")
        line = f"write_text_file_to_project project_id={PID} path=x {offered}"
        assert read(parse(line), None, {"b": "expanded"}).options["content"] == "text\r\n"


HOSTILE = [
    "a\nb", "a\r\nb", "a\u2028b", "a\u2029b", "a\x85b", "\x1b[31mred", "a\x00b", "a\tb", "\u202eevil", "a\u200bb", "a\x9bb",
    "\ud800", "a\u2066b",
]  # fmt: skip


@pytest.mark.parametrize("title", HOSTILE)
def test_what_cannot_be_seen_is_never_offered(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Known({title: 1, "fine": 1}, {PID: title, title: "Fine"}, [title, "lab"])
    monkeypatch.chdir(tmp_path)
    if title not in ("a\x00b", "\ud800"):  # no file can have such a name
        (tmp_path / f"n{title}").write_text("")
    for line in (
        "%cocalc use ", "%cocalc login ", "%cocalc ping --server ", "%cocalc project_exec project_id=",
        "%cocalc ping id=$", "%cocalc create_project title=@", "%%cocalc project_exec\nproject_id: ",
    ):  # fmt: skip
        found = offers(line, known)
        assert found is not None
        assert not [offer.text for offer in found[1] if title in offer.text or not offer.text.isprintable()]


@pytest.mark.parametrize(
    "title", ["${__import__('os').getpid()}", "$pid", "a $$ b", 'say "$x"', "it's $x \\", "$(ls)"]
)
def test_a_title_runs_nothing_when_it_is_completed(title: str) -> None:
    """Its dollar signs are doubled, whatever quotes stand round it: it reads as itself."""
    found = offers("%cocalc use ", Known({}, {PID: title}))
    assert found is not None
    (offer,) = found[1]

    assert "$" not in offer.text.replace("$$", "")
    assert read(parse(f"create_project title={offer.text}"), None, {"pid": "expanded"}).options == {
        "title": title
    }


@pytest.mark.parametrize("text", ["ping", "%cocalcx pin", "cocalc", "%time x"])
def test_elsewhere_nothing_is_ours(text: str) -> None:
    assert offers(text, KNOWN) is None


def test_the_shell_asks_us(shell: Any) -> None:
    with provisionalcompleter():
        found = [completion.text for completion in shell.Completer.completions("%cocalc creat", 13)]

    assert set(found) == {event for event in catalog.messages() if event.startswith("creat")}


def test_what_the_shell_itself_put_there_is_not_offered(shell: Any) -> None:
    """`exit`, `In`, `open` and the like; what the person calls so is."""
    shell.user_ns["mine"], shell.user_ns["quit"] = "x", "y"
    line = "%cocalc create_project title=$"
    with provisionalcompleter():
        found = [completion.text for completion in shell.Completer.completions(line, len(line))]

    assert found == ["title=$mine", "title=$quit"]


def test_it_is_quick() -> None:
    offers("%cocalc project_exec pro", KNOWN)
    began = time.thread_time()
    for _ in range(20):
        offers("%cocalc project_exec project_id=x command='a b' pa", KNOWN)

    assert (time.thread_time() - began) / 20 < granted(0.020)


def test_files_here_are_offered_where_they_are_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.csv").write_text("")
    (tmp_path / "data").mkdir()

    assert texts("%cocalc upload ") == ["'a b.csv'", "data"]
    assert texts("%cocalc upload data a") == ["'a b.csv'"]
    assert texts("%cocalc download x --to da") == ["data"]
    assert texts("%cocalc conform x --cases da") == ["data"]
    assert texts("%cocalc download ") == []
    assert texts("%cocalc upload x --to ") == []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("%cocalc create_project --ea", ["--each"]),
        ("%cocalc jobs --f", ["--forget"]),
        ("%cocalc create_project --each stu", ["students.csv"]),
        ("%cocalc create_project --each $cl", ["$class_"]),
        ("%cocalc create_project --each students.csv title=$row.n", ["title=$row.name"]),
        (
            '%cocalc create_project --each $class_ title="To ${row.',
            ['title="To ${row.name', 'title="To ${row.group'],
        ),
        ("%cocalc create_project --each=students.csv --key ", ["name", "'odd name'"]),
        ("%cocalc create_project --each nothing.csv title=$row.", []),
        ("%cocalc create_project title=$row.", []),
        ("%%cocalc create_project --each $class_\ntitle: $row.g", ["title: $row.group"]),
    ],
)
def test_with_each_the_columns_of_the_rows_are_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, offered: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "students.csv").write_text("name,odd name\nAda,1\n")
    known = Known({"class_": [{"name": "Ada", "group": "A"}]}, {})

    assert [offer.text for offer in (offers(text, known) or ("", []))[1]] == offered
