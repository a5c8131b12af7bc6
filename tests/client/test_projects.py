"""A project by what one has: title, its beginning, id, its beginning, a variable, the answer that made it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.client import key_dialog
from cocalc_magic.client.projects import Project, from_record, matching
from cocalc_magic.errors import CoCalcError, InvalidValue, UndefinedName
from cocalc_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ALGEBRA, STATS, STATS2, GONE, HEX = (
    Project(f"{start}-8d14-4a6f-b1c7-90d5f7a3e833", title, deleted=title == "Gone")
    for start, title in (
        ("3b9e2f60", "Linear Algebra"),
        ("3b9e7777", "Statistics 101"),
        ("aaaa0000", "Statistics 102"),
        ("bbbb0000", "Gone"),
        ("cccc0000", "dead  Poets"),
    )
)
ALL = [ALGEBRA, STATS, STATS2, GONE, HEX]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (ALGEBRA.project_id, [ALGEBRA]),
        (ALGEBRA.project_id.upper(), [ALGEBRA]),
        ("Statistics 101", [STATS]),
        ("statistics 101", [STATS]),
        (" Statistics 101 ", [STATS]),
        ("STAT", [STATS, STATS2]),
        ("lin", [ALGEBRA]),
        ("Algebra", []),
        ("3b9e", [ALGEBRA, STATS]),
        ("3B9E2", [ALGEBRA]),
        ("3b9e7777-8d", [STATS]),
        ("3b9", []),  # too short for an id
        ("aaaa", [STATS2]),
        ("dead", [HEX]),  # a title comes before the beginning of an id
        ("dead poets", [HEX]),
        ("Gone", []),
        (GONE.project_id, [GONE]),
        ("", []),
        ("   ", []),
    ],
)
def test_the_first_rule_that_finds_any_decides(name: str, found: list[Project]) -> None:
    assert matching(name, ALL) == found


def test_an_exact_title_is_meant_before_those_that_begin_with_it() -> None:
    short = Project("dddd0000-8d14-4a6f-b1c7-90d5f7a3e833", "Stat")

    assert matching("Stat", [*ALL, short]) == [short]
    assert matching("stat", [*ALL, short]) == [short]


def test_a_title_is_the_same_however_its_letters_are_composed() -> None:
    composed = Project(STATS.project_id, "Übung")

    assert matching("U\u0308bu", [composed]) == [composed]


@pytest.mark.parametrize(
    "record", [{}, {"project_id": None, "title": 7, "state": "x", "users": [], "deleted": "no"}]
)
def test_a_record_of_another_form_is_no_failure(record: dict[str, Any]) -> None:
    project = from_record(record)

    assert (project.project_id, project.state, dict(project.users), project.deleted) == ("", "", {}, False)


# -- against a sandbox -----------------------------------------------------------------------------


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(empty=True) as started:
        yield started


@pytest.fixture
def one(box: Sandbox) -> Iterator[Client]:
    with Client(box.url, box.key, session=box.session()) as client:
        yield client


def requests(box: Sandbox) -> list[str]:
    """The events that the sandbox was asked for, the last one last."""
    return [entry.event for entry in reversed(box.world.request_log.entries())]


def touched(client: Client, meant: Any) -> str:
    return str(client.touch_project(project_id=meant).request.options["project_id"])


def test_whatever_holds_a_project_stands_for_it(one: Client) -> None:
    made = one.create_project(title="Statistics 101")
    project_id = made["project_id"]

    for meant in (
        *(project_id, project_id.upper(), project_id[:8], uuid.UUID(project_id)),
        *(made, dict(made), {"project_id": project_id, "title": "x"}, "Statistics 101", "stat"),
    ):
        assert touched(one, meant).lower() == project_id


def test_an_id_is_sent_without_asking(one: Client, box: Sandbox) -> None:
    made = one.create_project(title="a")
    touched(one, made)

    assert requests(box) == ["create_project", "touch_project"]


def test_a_name_is_asked_for_once_and_again_where_projects_change(one: Client, box: Sandbox) -> None:
    first = one.create_project(title="first")["project_id"]
    one.project_exec(project_id="first", command="true")
    one.project_exec(project_id="fir", command="true")
    assert requests(box).count("query") == 1

    second = one.create_project(title="second")["project_id"]
    assert touched(one, "second") == second
    one.query(query={"projects": {"project_id": first, "title": "renamed"}})
    assert touched(one, "renamed") == first
    with pytest.raises(InvalidValue, match="no project of yours is called 'first'"):
        touched(one, "first")
    one.query(query={"projects": {"project_id": first, "deleted": True}})
    with pytest.raises(InvalidValue, match="no project of yours is called 'renamed'"):
        touched(one, "renamed")


def test_what_others_made_meanwhile_is_found(one: Client, box: Sandbox) -> None:
    one.create_project(title="mine")
    touched(one, "mine")
    with Client(box.url, box.key, session=box.session()) as other:
        made = other.create_project(title="theirs")

    assert touched(one, "theirs") == made["project_id"]


def test_several_are_told_with_ids_titles_owners_and_last_use(one: Client) -> None:
    ids = [one.create_project(title=f"Course {year}")["project_id"] for year in (2025, 2026)]

    with pytest.raises(InvalidValue) as caught:
        one.project_exec(project_id="course", command="ls")

    lines = str(caught.value).splitlines()
    assert lines[0] == "2 projects are called 'course', or begin so."
    assert lines[1] == "  Use the id of one of them, or its first characters:"
    for project_id, title in zip(ids, ("Course 2025", "Course 2026"), strict=True):
        line = next(line for line in lines if project_id in line)
        assert line.startswith(f"  {project_id}  {title} · of Ada Example · last used 20")


def test_a_name_that_nothing_has_is_told_with_what_is_near(one: Client) -> None:
    one.create_project(title="Statistics 101")

    with pytest.raises(InvalidValue) as caught:
        touched(one, "Statisics 101")

    assert str(caught.value).splitlines() == [
        "no project of yours is called 'Statisics 101', or begins so.",
        "  Did you mean Statistics 101?",
        "  %cocalc projects lists them.",
    ]


@pytest.mark.parametrize("meant", [{}, {"title": "x"}, [], 7, 1.5, True, None, "", " ", object()])
def test_what_holds_no_project_is_refused_and_nothing_is_asked(one: Client, box: Sandbox, meant: Any) -> None:
    with pytest.raises(InvalidValue):
        touched(one, meant)

    assert requests(box) == []


def test_every_project_of_a_message_is_found(one: Client) -> None:
    source, target = one.create_project(title="Source"), one.create_project(title="Target")
    one.write_text_file_to_project(project_id="Source", path="a", content="x")

    one.copy_path_between_projects(src_project_id="Source", src_path="a", target_project_id=target)
    read = one.read_text_file_from_project(project_id=["Source", target, "targ"], path=["a", "a", "a"])

    assert read.request.options["project_id"] == [
        source["project_id"], target["project_id"], target["project_id"]
    ]  # fmt: skip
    assert [row["content"] for row in read["content"]] == ["x", "x", "x"]


def test_a_hostile_title_is_harmless_where_it_is_told(one: Client) -> None:
    for number in range(2):
        one.create_project(title=f"x\x1b[31m\u202e\n{number} sk-Marked0Marked0Mark00001n")

    with pytest.raises(InvalidValue) as caught:
        touched(one, "x")

    told = str(caught.value)
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "Marked0" not in told
    assert len(told.splitlines()) == 4


def test_with_the_key_of_a_project_ids_are_taken_and_names_are_told_of(one: Client, box: Sandbox) -> None:
    project_id = one.create_project(title="a")["project_id"]
    _, key = key_dialog.send(
        one.router, "/api-keys", {"action": "create", "name": "k", "project_id": project_id}
    )
    with Client(box.url, key, session=box.session()) as narrow:
        assert narrow.project_exec(project_id=project_id, command="true")["exit_code"] == 0
        with pytest.raises(CoCalcError):
            narrow.project_exec(project_id="a", command="true")


# -- in a notebook ---------------------------------------------------------------------------------


@pytest.fixture
def shell(shell: Any, client: Any) -> Any:
    """The shell, with a sandbox that is ended with the session, and two projects of this test alone."""
    name = uuid.uuid4().hex
    shell.user_ns["made"] = client.create_project(title=f"{name} one")
    shell.user_ns["other"] = client.create_project(title=f"{name} two")
    shell.user_ns["title"] = f"{name} one"
    return shell


IN_CELLS = [
    "%cocalc touch_project project_id=$made",
    '%cocalc touch_project project_id="$title"',
    "%cocalc touch_project project_id=${title[:-1]}",
    '%cocalc touch_project project_id=${made["project_id"][:13]}',
    "%cocalc touch_project project_id:=$made",
    '%cocalc touch_project project_id:="${title}"',
    "%%cocalc touch_project\nproject_id: $made",
    "%%cocalc touch_project\nproject_id: $title",
    '%%cocalc touch_project\n{"project_id": "${title}"}',
    '%%cocalc touch_project\n{"project_id": $made}',
    "%%cocalc touch_project\nproject_id: ${dict(made)}",
]


@pytest.mark.parametrize("cell", IN_CELLS)
def test_a_project_is_meant_by_what_a_cell_has(shell: Any, cell: str) -> None:
    assert shell.cell(cell).request.options["project_id"] == shell.user_ns["made"]["project_id"]


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("use $made", "made"),
        ("use ${made}", "made"),
        ('use ${other["project_id"]}', "other"),
        ('use ${made["project_id"][:9]}', "made"),
        ("use $title", "made"),
        ('use "${title[:-4]} t"', "other"),
    ],
)
def test_the_current_project_is_named_by_what_one_has(shell: Any, words: str, which: str) -> None:
    project_id = shell.user_ns[which]["project_id"]

    assert f"({project_id})." in str(shell.cell(f"%cocalc {words}"))
    assert shell.cell("%cocalc project_exec command=pwd").request.options["project_id"] == project_id
    shell.cell("%cocalc use --clear")


def test_single_quotes_expand_nothing_in_commands_either(shell: Any) -> None:
    with pytest.raises(InvalidValue, match=r"is called '\$made'"):
        shell.cell("%cocalc use '$made'")
    with pytest.raises(UndefinedName, match="the notebook has no variable 'mad'"):
        shell.cell("%cocalc use $mad")
    shell.user_ns["nothing"] = None
    with pytest.raises(InvalidValue, match=r"\$nothing is neither a text nor a number"):
        shell.cell("%cocalc use $nothing")


def test_the_keys_of_a_project_are_named_the_same_way(shell: Any) -> None:
    for words in ("$made", '"$title"', '${made["project_id"]}'):
        assert "Keys of the project" in str(shell.cell(f"%cocalc keys list --project {words}"))


def test_the_current_project_runs_jupyter(shell: Any) -> None:
    shell.cell("%cocalc use $made")
    try:
        answer = shell.cell("%cocalc jupyter_execute kernel=python3 input='6 * 7'")
    finally:
        shell.cell("%cocalc use --clear")

    assert answer.request.options["project_id"] == shell.user_ns["made"]["project_id"]
    assert answer["output"][0]["data"]["text/plain"] == "42"


def test_of_two_projects_neither_is_the_current_one_unsaid(shell: Any) -> None:
    shell.cell("%cocalc use $made")
    try:
        with pytest.raises(CoCalcError, match="needs src_project_id"):
            shell.cell("%cocalc copy_path_between_projects src_path=a")
    finally:
        shell.cell("%cocalc use --clear")


def test_the_view_says_which_project_it_was(shell: Any) -> None:
    made, title = shell.user_ns["made"]["project_id"], shell.user_ns["title"]
    shell.user_ns["answer"] = shell.cell("%cocalc touch_project project_id=$title")

    text = shell.display_formatter.format(shell.user_ns["answer"])[0]["text/plain"]
    assert text.splitlines()[0].endswith(f" · project {title} ({made})")


def test_what_is_shown_in_place_of_sending_names_the_project_by_its_id(shell: Any) -> None:
    made = shell.user_ns["made"]["project_id"]

    for form in ("curl", "httpie", "python", "message"):
        assert made in str(shell.cell(f'%cocalc touch_project project_id="$title" --show {form}'))


def test_the_history_has_the_id(shell: Any) -> None:
    shell.cell("%cocalc touch_project project_id=$title --quiet")

    sent = shell.magics_manager.registry["CoCalc"].session.history[-1]
    assert sent.options == {"project_id": shell.user_ns["made"]["project_id"]}


def test_projects_are_listed_and_are_a_value(shell: Any) -> None:
    title, made = shell.user_ns["title"], shell.user_ns["made"]["project_id"]
    listed = shell.cell(f"%cocalc projects {title[:12]}")

    assert {one["title"] for one in listed} == {title, f"{title[:-3]}two"}
    record = next(one for one in listed if one["project_id"] == made)
    assert (record["members"], len(record["last_edited"])) == ("Iris Instructor (owner)", 16)
    assert set(listed.to_frame().columns) == {"title", "project_id", "last_edited", "state", "members"}
    text = str(listed)
    assert all(word in text for word in ("last edited", "state", "members", title, made, "2 rows"))
    shell.user_ns["record"] = record
    assert shell.cell("%cocalc touch_project project_id=$record").request.options["project_id"] == made


def test_a_word_of_no_project_is_told(shell: Any) -> None:
    listed = shell.cell("%cocalc projects xyzzy")

    assert list(listed) == []
    assert list(listed.to_frame()) == ["title", "project_id", "last_edited", "state", "members"]
    assert "projects matches this word." in str(listed)
    with pytest.raises(CoCalcError, match="projects takes one word"):
        shell.cell("%cocalc projects a b")


def test_a_hostile_title_in_the_list_is_harmless(shell: Any, client: Client) -> None:
    client.create_project(title="<img src=x onerror=alert(1)>\x1b[2J${1/0}")
    listed = shell.cell("%cocalc projects onerror")

    assert "<img" not in listed._repr_html_()
    assert "\x1b" not in str(listed)


def test_inside_cocalc_the_project_one_is_in_is_the_first_current_one(
    shell: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shell.user_ns["made"]["project_id"]
    monkeypatch.setenv("COCALC_PROJECT_ID", home)
    with pytest.raises(CoCalcError, match="needs project_id"):  # the sandbox is not the CoCalc one is in
        shell.cell("%cocalc touch_project")

    monkeypatch.setenv("COCALC_HOST", client.server.url)
    assert shell.cell("%cocalc touch_project").request.options["project_id"] == home
    assert home in str(shell.cell("%cocalc status --offline"))
    shell.cell("%cocalc use --clear")
    with pytest.raises(CoCalcError, match="needs project_id"):
        shell.cell("%cocalc touch_project")
