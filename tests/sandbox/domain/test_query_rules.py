"""Rules of queries: their order of checks, names, ids, values of the wrong kind, and tables with ways of their own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.api_v2 import ask as ask_v2
from tests.sandbox.domain.queries import ADMIN, STRANGER, ask, of_three_accounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Running

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    yield from of_three_accounts(tmp_path_factory)


def in_all_apis(sandbox: Running, query: Any, key: str | None = None) -> list[Any]:
    """The error that each API gives for the same query."""
    return [
        ask(sandbox, query, key=key),
        ask_v2(sandbox, "user-query", query=query, key=key)["error"],
        sandbox.call("db.userQuery", {"query": query}, key=key)["error"],
    ]


# -- shapes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("ab", "FATAL: must specify exactly one key in the query"),
        ("a", "FATAL: invalid user_query of '0' -- query must be an object"),
        ("", "FATAL: invalid user_query of 'undefined' -- query must be an object"),
        (False, "FATAL: invalid user_query of 'undefined' -- query must be an object"),
        (7, "FATAL: invalid user_query of 'undefined' -- query must be an object"),
        ({"accounts": "x"}, "FATAL: invalid user_query of 'accounts' -- query must be an object"),
        ({"accounts": [{}, {}]}, "FATAL: array of length > 1 not yet implemented"),
    ],
)
def test_a_query_of_another_kind_has_the_names_that_javascript_gives_it(
    sandbox: Running, query: Any, error: str
) -> None:
    assert in_all_apis(sandbox, query) == [error] * 3


def test_the_number_of_names_comes_before_the_kind_of_the_options(sandbox: Running) -> None:
    assert ask(sandbox, {"a": 1, "b": 2}, {"limit": 1}) == "FATAL: must specify exactly one key in the query"
    assert ask(sandbox, {"a": 1}, {"limit": 1}) == 'FATAL: options (={"limit":1}) must be an array'


def test_lists_of_queries_nest(sandbox: Running) -> None:
    query = {"accounts": {"first_name": None}}
    found = {"accounts": {"first_name": "Ann"}}

    assert ask(sandbox, [[query], query]) == [[found], found]


# -- options ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ([{"limit": "-7"}], "ERROR -- opts.limit = '-7' is not an integer"),
        ([{"limit": -2.5}], "ERROR -- opts.limit = '-2' is not an integer"),
        ([{"order_by": "name's"}], "ERROR -- detected ' apostrophe in order_by='name's'"),
        ([{"order_by": "-a'"}, {"limit": -1}], "ERROR -- detected ' apostrophe in order_by='a' DESC '"),
        ([{"foo": 1}, {"bar": 2}], "unknown option 'bar'"),
        ([{"slice": [1]}], "slice not implemented"),
        ([{"order_by": "nosuch desc"}], 'postgresql error: column "nosuch" does not exist'),
    ],
)
def test_options_fail_in_the_servers_own_words(sandbox: Running, options: Any, error: str) -> None:
    assert ask(sandbox, {"collaborators": [{"account_id": None}]}, options) == error


def test_orders_are_joined_and_may_be_expressions(sandbox: Running) -> None:
    for title in ("order b", "order C", "order a", "order B"):
        sandbox.project(title)
    query = {"projects_all": [{"title": {"LIKE": "order %"}, "project_id": None}]}

    def titles(*orders: str) -> str:
        rows = ask(sandbox, query, [{"order_by": text} for text in orders])["projects_all"]
        return "".join(row["title"][-1] for row in rows)

    assert titles("lower(title)", "-title") == "abBC"
    assert titles("lower(title) desc, created") == "CbBa"
    assert titles("-title") == "baCB"


def test_an_administrator_acts_with_the_rights_of_the_account_it_names(sandbox: Running) -> None:
    [bob] = ask(sandbox, {"accounts": [{"account_id": None}]}, key=STRANGER)["accounts"]
    as_bob = [{"account_id": bob["account_id"]}]
    query = {"accounts": {"first_name": None}}

    assert ask(sandbox, query, as_bob, key=ADMIN) == {"accounts": {"first_name": "Bob"}}
    assert (
        ask(sandbox, {"crm_agents": [{"account_id": None}]}, as_bob, key=ADMIN)
        == "FATAL: user must be an admin"
    )


# -- conditions ------------------------------------------------------------------------------------


def test_like_distinguishes_capitals_and_ilike_does_not(sandbox: Running) -> None:
    sandbox.project("Like 100%")
    sandbox.project("like [x]*")

    def titles(condition: Any) -> list[str]:
        query = {"projects_all": [{"title": condition, "project_id": None}]}
        return [row["title"] for row in ask(sandbox, query, [{"order_by": "title"}])["projects_all"]]

    assert titles({"LIKE": "Like%"}) == ["Like 100%"]
    assert titles({"ILIKE": "LIKE%"}) == ["Like 100%", "like [x]*"]
    assert titles({"LIKE": "%[x]*"}) == ["like [x]*"]
    assert titles({"LIKE": r"Like 100\%"}) == ["Like 100%"]


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        ({"groups": {"LIKE": "a%"}}, "operator does not exist: text[] ~~ unknown"),
        ({"terminal": {"NOT ILIKE": "a%"}}, "operator does not exist: jsonb !~~* unknown"),
        ({"font_size": {"LIKE": "1%"}}, "operator does not exist: integer ~~ unknown"),
        ({"last_name": {"IS": True}}, "argument of IS TRUE must be type boolean, not type text"),
        ({"terminal": "no json"}, "invalid input syntax for type json"),
        ({"created": 5}, 'invalid input syntax for type timestamp: "5"'),
        ({"created": {">": 1700000000000}}, 'date/time field value out of range: "1700000000000"'),
    ],
)
def test_conditions_on_columns_of_other_kinds_fail_in_the_databases_words(
    sandbox: Running, condition: dict[str, Any], error: str
) -> None:
    query = {"accounts": [{"account_id": None, **condition}]}

    assert in_all_apis(sandbox, query) == [f"postgresql error: {error}"] * 3


def test_a_comparison_with_nothing_is_no_condition(sandbox: Running) -> None:
    query = {"accounts": [{"account_id": None, "first_name": {"==": None}}]}

    assert len(ask(sandbox, query)["accounts"]) == 1


# -- ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"project_log": [{"project_id": "zz", "id": None}]}, "zz"),
        ({"file_use": [{"project_id": 5, "id": None}]}, "5"),
        ({"collaborators_one_project": [{"project_id": ["a", "b"], "account_id": None}]}, "a,b"),
        ({"projects": {"project_id": {"==": "x"}, "title": None}}, "[object Object]"),
    ],
)
def test_an_id_that_is_none_comes_before_the_right_to_read(sandbox: Running, query: Any, shown: str) -> None:
    assert in_all_apis(sandbox, query) == [f"invalid project_id -- {shown}"] * 3


def test_today_the_refusal_says_who_and_forgets_what(sandbox: Running) -> None:
    query = {"projects": {"project_id": sandbox.project(), "title": None}}
    [bob] = ask(sandbox, {"accounts": [{"account_id": None}]}, key=STRANGER)["accounts"]
    refused = "FATAL: you do not have read access to this project"
    today = f"{refused} -- account_id={bob['account_id']}, project_id_=undefined"

    assert in_all_apis(sandbox, query, key=STRANGER) == [refused, today, today]


def test_an_administrator_reads_of_a_project_that_does_not_exist(sandbox: Running) -> None:
    query = {"project_log": [{"project_id": "00000000-0000-4000-8000-000000000000", "id": None}]}

    assert ask(sandbox, query, key=ADMIN) == {"project_log": []}


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "name must have at least 1 character"),
        ("n" * 40, "name must have at most 39 characters"),
        ("8dc3a46d-6b4e-4c58-b60b-de9e7f1575bb", "name must not be a v4 UUID"),
        ("a--b", "name must not contain consecutive hyphens"),
        ("-ab", "name must contain only a-z,A-Z,0-9, or -, and not start with hyphen."),
        ("ab-", "name must contain only a-z,A-Z,0-9, or -, and not start with hyphen."),
        ("Settings", 'username "Settings" is reserved -- not available'),
    ],
)
def test_a_user_name_follows_rules(sandbox: Running, name: str, error: str) -> None:
    assert in_all_apis(sandbox, {"accounts": {"name": name}}) == [f"Error: {error}"] * 3


def test_a_user_name_comes_before_an_empty_name(sandbox: Running) -> None:
    assert ask(sandbox, {"accounts": {"last_name": "", "name": "x--y"}}).startswith("Error: name must")
    assert in_all_apis(sandbox, {"accounts": {"last_name": ""}}) == ["last_name must be nonempty"] * 3


def test_a_users_other_names_are_cut(sandbox: Running) -> None:
    ask(sandbox, {"accounts": {"first_name": "B" * 300}}, key=STRANGER)
    [row] = ask(sandbox, {"accounts": [{"first_name": None}]}, key=STRANGER)["accounts"]
    ask(sandbox, {"accounts": {"first_name": "Bob"}}, key=STRANGER)

    assert len(row["first_name"]) == 254


_LETTERS = "Error: name must contain only a-z,A-Z,0-9, . or -, and not start with hyphen or have spaces."


def test_a_projects_name_follows_rules_on_every_write(sandbox: Running) -> None:
    project_id, name = sandbox.project(), f"name{next(_NUMBERS)}"

    for wrong in ("has space!", "-a", "a-"):
        assert in_all_apis(sandbox, {"projects": {"project_id": project_id, "name": wrong}}) == [_LETTERS] * 3
    long = {"projects": {"project_id": project_id, "name": "x" * 101}}
    assert ask(sandbox, long) == "Error: name must have at most 100 characters"
    assert ask(sandbox, {"projects": {"project_id": project_id, "name": name}}) == {}
    other = {"project_id": sandbox.project(), "name": name.upper()}
    taken = f"There is already a project with the same owner as this project and name='{name.upper()}'.   "
    assert in_all_apis(sandbox, {"projects": other}) == [f"{taken}Names are not case sensitive."] * 3
    assert ask_v2(sandbox, "projects/update", **other)["error"].startswith("There is already a project")


def test_only_an_owner_changes_a_projects_name(sandbox: Running) -> None:
    project_id = sandbox.project()
    [bob] = ask(sandbox, {"accounts": [{"account_id": None}]}, key=STRANGER)["accounts"]
    sandbox.send("add_collaborator", project_id=project_id, account_id=bob["account_id"])

    assert ask(sandbox, {"projects": {"project_id": project_id, "name": "bobs"}}, key=STRANGER) == (
        "Only the owner of the project can currently change the project name."
    )


def test_a_published_path_has_a_name_of_its_own(sandbox: Running) -> None:
    project_id = sandbox.project()
    path = {"project_id": project_id, "path": "one", "name": "Same"}

    assert ask(sandbox, {"public_paths": path}) == {}
    assert ask(sandbox, {"public_paths": {**path, "name": "a b"}}) == _LETTERS
    assert ask(sandbox, {"public_paths": {**path, "path": "two", "name": "same"}}) == (
        'There is already a public path "one" in this project with the name "same".  '
        "Names are not case sensitive."
    )


# -- maps ------------------------------------------------------------------------------------------


def test_a_value_without_names_changes_nothing_in_a_map(sandbox: Running) -> None:
    def terminal(value: Any) -> Any:
        assert ask(sandbox, {"accounts": {"terminal": value}}, key=STRANGER) == {}
        return ask(sandbox, {"accounts": {"terminal": None}}, key=STRANGER)["accounts"]["terminal"]

    before = terminal({"font": "serif"})

    assert before["font"] == "serif"
    assert terminal(5) == terminal(True) == before
    assert terminal(["x"]) == {**before, "0": "x"}
    assert terminal("yz") == {**before, "0": "y", "1": "z"}


def test_an_object_cannot_be_merged_into_a_text(sandbox: Running) -> None:
    ask(sandbox, {"accounts": {"ssh_keys": {"k": "text"}}}, key=STRANGER)

    assert ask(sandbox, {"accounts": {"ssh_keys": {"k": {"a": 1}}}}, key=STRANGER) == (
        "postgresql error: cannot set path in scalar"
    )


def test_a_profile_has_a_colour_before_one_is_chosen(sandbox: Running) -> None:
    ask(sandbox, {"accounts": {"profile": {"image": "x"}}})

    assert ask(sandbox, {"accounts": {"profile": None}})["accounts"]["profile"] == {
        "image": "x",
        "color": "rgb(170,170,170)",
    }


# -- tables with ways of their own -----------------------------------------------------------------


def test_agents_are_the_administrators(sandbox: Running) -> None:
    [row] = ask(sandbox, {"crm_agents": [{"account_id": None, "groups": None}]}, key=ADMIN)["crm_agents"]

    assert row["groups"] == ["admin"]


@pytest.mark.parametrize("form", ["record", "list"])
def test_nobody_reads_organizations(sandbox: Running, form: str) -> None:
    record = {"organization_id": None, "title": None}
    query = {"organizations": record if form == "record" else [record]}

    error = 'postgresql error: invalid input syntax for type uuid: "organization_id"'
    assert in_all_apis(sandbox, query, key=ADMIN) == [error] * 3


def test_registration_tokens_are_read_by_a_star_and_written_by_what_looks_like_a_read(
    sandbox: Running,
) -> None:
    def tokens(record: Any, options: Any = None) -> Any:
        return ask(sandbox, {"registration_tokens": record}, options, key=ADMIN)

    assert tokens([{"token": "t1", "descr": None}]) == {"registration_tokens": []}
    assert tokens({"token": "t2", "descr": "second", "limit": 3, "disabled": True}) == {}
    everything = {
        "registration_tokens": [
            {
                "token": "t1",
                "descr": None,
                "expires": None,
                "counter": None,
                "limit": None,
                "disabled": False,
            },
            {
                "token": "t2",
                "descr": "second",
                "expires": None,
                "counter": None,
                "limit": 3,
                "disabled": True,
            },
        ]
    }
    assert tokens({"token": "*"}) == tokens([{"token": "*", "descr": None}]) == everything
    for token in ("t1", "t2"):
        assert tokens({"token": token, "descr": None}, [{"delete": True}]) == {}
    assert tokens([{"token": "*", "descr": None}]) == {"registration_tokens": []}
    assert tokens([{"token": None}]) == "Error: don't know what to do with this query"


# -- what is checked of a record -------------------------------------------------------------------


def test_a_document_is_written_by_members_of_its_project(sandbox: Running) -> None:
    project_id, string_id = sandbox.project(), f"{next(_NUMBERS):040d}"
    document = {"project_id": project_id, "path": f"{string_id}.md"}
    patch = {"string_id": string_id, "time": "2024-01-01T00:00:00Z", "user_id": 1, "patch": "[]"}

    assert ask(sandbox, {"patches": patch}) == "FATAL: no such syncstring"
    assert ask(sandbox, {"cursors": {"string_id": "short", "user_id": 1}}) == (
        "FATAL: string_id (='short') must be a string of length 40"
    )
    assert ask(sandbox, {"syncstrings": {"path": "a"}}) == (
        "FATAL: project_id (='undefined') must be a valid uuid"
    )
    assert ask(sandbox, {"syncstrings": document}) == {}
    [row] = ask(sandbox, {"syncstrings": [{**document, "string_id": None}]})["syncstrings"]
    own = {**patch, "string_id": row["string_id"]}
    assert ask(sandbox, {"patches": own}, key=STRANGER) == "FATAL: user must be an admin"
    assert ask(sandbox, {"patches": {**own, "time": 9_999_999_999_999}}) == "clock"
    assert ask(sandbox, {"patches": own}) == {}
    assert ask(sandbox, {"patches": {**own, "patch": "[1]"}}) == "you may not change a patch"
    assert ask(sandbox, {"patches": {**own, "user_id": 2}}) == (
        "you may not change the author of a patch from 1 to 2"
    )


def test_a_blob_has_the_id_that_its_content_makes(sandbox: Running) -> None:
    blob = {"project_id": sandbox.project(), "blob": "hello", "id": "00000000-0000-4000-8000-000000000000"}
    right = "aaf4c61d-dcc5-4e8a-adab-ede0f3b482cd"

    assert ask(sandbox, {"blobs": blob}) == (
        f"the sha1 uuid (='{right}') of the blob must equal the given uuid (='{blob['id']}')"
    )
    assert ask(sandbox, {"blobs": {**blob, "id": right}}) == {}
    assert ask(sandbox, {"blobs": {"id": right, "blob": None}})["blobs"]["blob"] == "hello"
    assert ask(sandbox, {"blobs": {"id": "zz", "blob": None}}) == "uuid is invalid"


def test_an_organization_is_written_by_its_members(sandbox: Running) -> None:
    record = {"organization_id": "00000000-0000-4000-8000-000000000000", "title": "t"}

    assert (
        ask(sandbox, {"organizations": record}, key=ADMIN) == "account must be a member of the organization"
    )
