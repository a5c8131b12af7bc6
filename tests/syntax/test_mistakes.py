"""One mistake, one message: what is said, what is not said besides, and what to type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.errors import CoCalcError
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import check, read

if TYPE_CHECKING:
    from collections.abc import Callable

PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"


def said(line: str, body: str | None = None, supply: Any = None) -> str:
    with pytest.raises(CoCalcError) as caught:
        read(parse(line), body, {"none": None}, supply, ("status", "from-curl"))
    return str(caught.value)


def known_project(message: catalog.Message, option: catalog.Option) -> Callable[[], Any] | None:
    del message
    return (lambda: PID) if option.name == "project_id" else None


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("project_exec project_id='' command=ls", None),
        ("project_exec command=ls", "project_id: [abc]"),
        ("project_exec command=ls", '{"project_id": 7}'),
        ("project_exec command=ls", "{'project_id': None}"),
        ("project_exec command=ls project_id=$nope", None),
        ("project_exec command=ls project_id=@/no/such/file", None),
        ("project_exec command=ls projct_id=x", None),
        ("project_exec command=ls", "projct_id: x"),
        ("project_exec command=ls project_id=a project_id=b", None),
        (f"project_exec project_id={PID} command=-", None),
        (f"project_exec project_id={PID} command[]=ls", None),
        (f"project_exec project_id={PID} comand=ls", None),
        (f"project_exec project_id={PID} command=ls timeout=soon", None),
        (f"project_exec project_id={PID} command=ls --as nothing", None),
        ("create_project title=$nope description=$nope", None),
        ("create_project titel=x titel=y", None),
    ],
)
def test_one_mistake_is_one_message(line: str, body: str | None) -> None:
    assert "And: " not in said(line, body).replace("And: project_id is given twice", "")


def test_in_a_script_too() -> None:
    with pytest.raises(CoCalcError) as caught:
        check(catalog.find("project_exec"), {"project_id": "", "comand": "ls"})

    assert str(caught.value).count("And: ") == 1
    assert "needs" not in str(caught.value)


def test_two_mistakes_are_two() -> None:
    text = said("project_exec project_id=None timeout=soon")

    assert [line.split()[1] for line in text.splitlines() if "And: " in line] == ["timeout", "project_exec"]
    assert "And: project_exec needs command" in text


def test_the_current_project_is_not_missing_whatever_else_is_wrong() -> None:
    text = said("project_exec timeout=soon command=ls", supply=known_project)

    assert text.startswith("timeout takes a number")
    assert "And: " not in text
    assert "needs command" in said("project_exec timeout=soon", supply=known_project)


def test_a_person_is_asked_once_all_else_is_right() -> None:
    asked: list[str] = []

    def supply(message: catalog.Message, option: catalog.Option) -> Callable[[], Any] | None:
        def ask() -> str:
            asked.append(option.name)
            return "secret"

        return ask

    text = said("change_password nothing=x", supply=supply)
    assert (asked, "And: " in text) == ([], False)

    assert read(parse("user_auth account_id=" + PID), None, {}, supply).options["password"] == "secret"
    assert asked == ["password"]


def test_a_person_who_gives_nothing_has_left_it_out() -> None:
    assert "user_auth needs password" in said(f"user_auth account_id={PID}", supply=lambda *_: lambda: None)


def test_many_mistakes_are_counted() -> None:
    text = said("create_project", "\n".join(f"wrong_{number}: x" for number in range(5_000)))

    assert text.splitlines()[-1].strip() == "And 4991 more mistakes."
    assert len(text) < 5_000


HINTS = [
    # the body is one option
    ("project_exec command=- path=-", "ls", "the cell is taken twice.", "path=-"),
    # separators
    ("create_project title=x, start=yes", None, "a comma stands between two items", 'title="x,"'),
    ("create_project title='x', start=yes", None, "a comma stands between two items", "blanks part"),
    ("create_project, title=x", None, "a comma stands between two items", "             ^"),
    ("create_project title=x; start=yes", None, "a semicolon stands between two items", 'title="x;"'),
    ("create_project title=x, --quiet", None, "a comma stands between two items", ""),
    ("create_project title=x, ${payload}", None, "a comma stands between two items", ""),
    ("create_project ${payload}, title=x", None, "a comma stands between two items", ""),
    ('project_exec args:=["a"], command=x', None, "a comma stands between two items", ""),
    ("project_exec args[]=a, args[]=b", None, "a comma stands between two items", ""),
    ("ping --server lab, id=x", None, "a comma stands between two items", ""),
    ("create_project title=x , start=yes", None, "',' is not an item.", "Only blanks part items."),
    # options as flags, flags
    ("create_project --title x", None, "title is an option of create_project, not a flag.", "Write title=…"),
    ("create_project --title=x", None, "title is an option of create_project, not a flag.", "Write title=…"),
    ("create_project -title x", None, "title is an option of create_project, not a flag.", "Write title=…"),
    ("project_exec --project-id x", None, "project_id is an option of project_exec", "Write project_id=…"),
    ("ping --titel x", None, "there is no flag --titel.", "%cocalc help lists the flags."),
    ("ping --servr x", None, "there is no flag --servr.", "Did you mean --server?"),
    ("ping --server a --server b", None, "--server is given twice.", "^^^^^^^^"),
    ("ping --as tabel", None, "--as takes auto, json, table", "Did you mean table?"),
    ("ping --show crul", None, "--show takes curl, httpie", "Did you mean curl?"),
    # JSON on the line
    ('create_project {"title": "x"}', None, "'{\"title\":' is not an item.", "JSON goes into the cell, below %%cocalc create_project"),
    ("create_project '{\"title\": \"x\"}'", None, "'\\'{\"title\":' is not an item.", "JSON goes into the cell"),
    ("query [1, 2]", None, "'[1,' is not an item.", "NAME:={…}"),
    ("create_project title: x", None, "'title:' is not an item.", "On the line it is title=…"),
    ("create_project “title”=x", None, "'“title”=x' is not an item.", '“ is a typographic quote; write "'),
    # what belongs to a command
    ("curl -sk https://cocalc.com/api/v1/ping", None, "a curl command is not a message.", "%%cocalc from-curl"),
    ("$ curl https://cocalc.com/api/v1/ping", None, "a curl command is not a message.", "%cocalc help"),
    ("curl.exe -X POST x", None, "a curl command is not a message.", "%%cocalc from-curl"),
    ("", "curl -X POST x \\\n -d a=b", "a curl command is not a message.", "%%cocalc from-curl"),
    ("event", "$ curl x", "a curl command is not a message.", "%%cocalc from-curl"),
    ("ping", "# try\ncurl x", "a curl command is not a message.", "%%cocalc from-curl"),
    ("https://cocalc.com/api/v1/ping", None, "an address is not a message.", "The message is ping: %cocalc ping"),
    ("https://cocalc.com/lab/api/v1/ping/ id=x", None, "an address is not a message.", "%cocalc help ping"),
    ("'https://cocalc.com/api/v1/ping'", None, "an address is not a message.", "%cocalc help ping"),
    ("/api/v1/create_project title=x", None, "an address is not a message.", "%cocalc create_project"),
    ("localhost:5000/api/v2/exec", None, "an address is not a message.", "The message is /exec"),
    ("https://cocalc.com/api/v2/projects/stop", None, "an address is not a message.", "%cocalc projects/stop"),
    ("https://cocalc.com/api/conat/hub", None, "an address is not a message.", "%cocalc events conat"),
    ("https://cocalc.com/api/v1/nothing", None, "an address is not a message.", "%cocalc events v1"),
    ("https://cocalc.com", None, "an address is not a message.", "%cocalc server add NAME ADDRESS"),
    ("", "https://cocalc.com/api/v1/ping", "an address is not a message.", "%cocalc ping"),
    # variables
    ("create_project title=$none[i]", None, "$none[i] has neither a quoted text nor a number", "Write ${none[i]}"),
    ("create_project title=${len}", None, "${len} is a function.", "${len()}"),
    ("create_project title=a=b start=${none}", None, "start is None.", "leave it out"),
    # a list that is long is named, not printed
    ("xyzzy", None, "there is no event 'xyzzy'.", "%cocalc events lists them"),
    ("statsu", None, "there is no event 'statsu'.", "Did you mean status?"),
    ("project_stat", None, "there is no event 'project_stat'.", "%cocalc events WORD"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "body", "problem", "hint"), HINTS)
def test_a_mistake_is_told_with_what_to_type(line: str, body: str | None, problem: str, hint: str) -> None:
    text = said(line, body)

    assert text.startswith(problem)
    assert hint in text
    assert "Traceback" not in text


@pytest.mark.parametrize("line", ["xyzzy", "project", "creat_projct", "copy_path", "project_exec --x", f"project_exec project_id={PID} command=x nope=1"])  # fmt: skip
def test_after_a_typo_there_are_three_names_at_most_and_where_the_list_is(line: str) -> None:
    text = said(line)

    assert len(text.splitlines()) <= 6
    assert sum(text.count(event) for event in ("log_client_error", "change_password", "ping")) == 0
    assert "%cocalc " in text


def test_a_short_list_is_printed() -> None:
    assert "Its options: id, title, description, image, license, start, noPool." in said(
        "create_project nope=1"
    )
