"""Rules of the servers of 2026, each with inputs of its own, at every door that it holds for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.catalog.types import NO_ADMINISTRATOR, NOBODY
from cocalc_magic.sandbox.api import v2
from tests.sandbox.api_v2 import Person, ask, person, post

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running

UNKNOWN = "00000000-0000-4000-8000-0000000abcde"
EVENTS = {event.lstrip("/"): message for event, message in catalog.messages("v2").items()}
AFTER_OPTIONS = {  # names that look at their options before the caller, and options that pass
    "projects/start": {"project_id": UNKNOWN},
    "projects/stop": {"project_id": UNKNOWN},
    "projects/touch": {"project_id": UNKNOWN},
    "projects/restore": {"project_id": UNKNOWN},
    "projects/copy-path": {"path": "a", "src_project_id": UNKNOWN, "target_project_id": UNKNOWN},
    "projects/copy-path-status": {"copy_id": UNKNOWN},
    "projects/copy-url": {"url": "x", "project_id": UNKNOWN},
    "accounts/get-email-address": {"account_id": UNKNOWN},
    "jupyter/kernels": {"project_id": UNKNOWN},
    "jupyter/execute": {"project_id": UNKNOWN, "kernel": "k", "input": "1"},
    "licenses/get-license": {"subscription_id": "s"},
    "vouchers/redeem": {"code": "12345678"},
}


@pytest.fixture
def sam(sandbox: Running) -> Person:
    return person(sandbox, "Sam")


@pytest.fixture
def project(sandbox: Running, sam: Person) -> str:
    return str(ask(sandbox, "projects/create", key=sam.key, title="Rules")["project_id"])


# -- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, message in EVENTS.items()
        # The method of a request tells `accounts/delete` apart.
        if message.refusal(NOBODY) and name != "accounts/delete"
    ),
)
def test_every_name_refuses_nobody_in_its_own_words(sandbox: Running, name: str) -> None:
    answer = ask(sandbox, name, key="", **AFTER_OPTIONS.get(name, {}))

    assert answer == {"error": EVENTS[name].refusal(NOBODY)}


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, message in EVENTS.items()
        if message.refusal(NO_ADMINISTRATOR) and message.key == "administrator"
    ),
)
def test_what_is_for_administrators_is_refused_in_its_own_words(
    sandbox: Running, sam: Person, name: str
) -> None:
    answer = ask(sandbox, name, key=sam.key, account_id=UNKNOWN)

    assert answer == {"error": EVENTS[name].refusal(NO_ADMINISTRATOR)}


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("latex", {"path": "a.tex"}, "must be signed in as a collaborator on the project"),
        ("projects/touch", {}, "must be a collaborator to stop project"),
        ("jupyter/kernels", {}, "permission denied -- user must be collaborator on project"),
        ("compute/get-servers", {}, "user must be collaborator on project"),
        (
            "projects/write-text-file",
            {"path": "a", "content": ""},
            "callProject -- authenticated user must be a collaborator on the project",
        ),
        (
            "projects/course/set-course-info",
            {"course": {}},
            "you must be a collaborator on the the project to set the course info",
        ),
        ("projects/collaborators/change-user-type", {"new_group": "owner"}, "Not a project member"),
    ],
)
def test_a_stranger_is_refused_in_the_words_of_the_name(
    sandbox: Running, project: str, name: str, options: Any, words: str
) -> None:
    stranger = person(sandbox)

    assert ask(sandbox, name, key=stranger.key, project_id=project, **options) == {"error": words}


def test_what_is_looked_at_before_the_caller_is_told_to_nobody(sandbox: Running) -> None:
    for name, words in (
        ("projects/start", "project_id must be a valid uuid"),
        ("projects/copy-path", "path must be specified"),
        ("projects/copy-path-status", "copy_id must be a valid uuid"),
        ("projects/copy-url", "url must be specified"),
        ("vouchers/redeem", "code must be at least 8 characters long"),
        ("jupyter/execute", "input or hash must not be null"),
    ):
        assert ask(sandbox, name, key="", project_id="zz") == {"error": words}, name
    asked = {"input": "1"}
    words = "kernel must be specified in hash is not specified"
    assert ask(sandbox, "jupyter/execute", key="", **asked) == {"error": words}
    assert ask(sandbox, "jupyter/execute", key="", **asked, kernel="k") == {
        "error": "Jupyter API is not enabled on this server."
    }


def test_what_is_passed_on_as_text_is_lost_where_a_name_shows_errors_alone(
    sandbox: Running, sam: Person
) -> None:
    options = {"project_id": "zz", "account_id": UNKNOWN}

    assert ask(sandbox, "projects/collaborators/remove", key=sam.key, **options) == {}
    hub = sandbox.call("projects.removeCollaborator", {"opts": options}, key=sam.key)
    assert hub == {"error": "Error: invalid account_id or project_id -- all must be valid uuid's"}


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1_800_000_000_000, 'date/time field value out of range: "1800000000000"'),
        ("2026-13-01", 'date/time field value out of range: "2026-13-01"'),
        ("soon", 'invalid input syntax for type timestamp: "soon"'),
        (True, 'invalid input syntax for type timestamp: "true"'),
    ],
)
def test_the_database_casts_when_a_key_expires(sandbox: Running, sam: Person, value: Any, words: str) -> None:
    asked = {"action": "create", "name": "k", "expire": value}

    assert ask(sandbox, "api-keys", key=sam.key, **asked) == {"error": words}
    hub = sandbox.call("system.manageApiKeys", asked, key=sam.key)
    assert hub == {"error": f"error: {words}"}


def test_the_digits_of_a_date_are_one(sandbox: Running, sam: Person) -> None:
    made = ask(sandbox, "api-keys", key=sam.key, action="create", name="k", expire=20990131)

    assert made["response"][0]["expire"] == "2099-01-31T00:00:00.000Z"


@pytest.mark.parametrize("value", ["1 day", "2 weeks ago", "00:30", "P3D", 90, "", None])
def test_a_span_of_time_is_one_of_the_database(sandbox: Running, sam: Person, value: Any) -> None:
    assert ask(sandbox, "file-access", key=sam.key, interval=value) == {"files": []}


@pytest.mark.parametrize(
    "name", ["file-access", "vouchers/recent-vouchers", "shopping/cart/recent-purchases"]
)
def test_what_is_no_span_of_time_fails_in_the_database(sandbox: Running, sam: Person, name: str) -> None:
    answer = ask(sandbox, name, key=sam.key, interval="whenever", recent="whenever")

    assert answer == {"error": 'invalid input syntax for type interval: "whenever"'}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("a b", "type string ('a b')"),
        (7, "type number (7)"),
        (True, "type boolean (true)"),
    ],
)
def test_arguments_that_are_no_list_go_as_far_as_node(
    sandbox: Running, sam: Person, project: str, args: Any, words: str
) -> None:
    problem = f'error TypeError [ERR_INVALID_ARG_TYPE]: The "args" argument must be of type object. Received {words}'
    asked = {"command": "true", "args": args}

    answer = ask(sandbox, "exec", key=sam.key, project_id=project, **asked)
    shown = str(args).lower() if isinstance(args, bool) else args
    assert answer == {"error": f"Error executing command 'true' with args '{shown}' -- {problem}"}
    hub = sandbox.call("system.exec", asked, key=sam.key, project_id=project)
    assert hub == {"error": problem}


def test_bash_takes_a_text_for_its_argument(sandbox: Running, sam: Person, project: str) -> None:
    asked = {"command": "echo", "args": "a  b", "bash": True}

    assert ask(sandbox, "exec", key=sam.key, project_id=project, **asked)["stdout"] == "a  b\n"


@pytest.mark.parametrize("who", [{"uid": 12}, {"gid": 12}])
def test_a_command_of_another_user_is_not_started(
    sandbox: Running, sam: Person, project: str, who: dict[str, int]
) -> None:
    hub = sandbox.call("system.exec", {"command": "true", **who}, key=sam.key, project_id=project)

    assert hub == {"error": "error Error: spawn EPERM"}
    ran = ask(sandbox, "exec", key=sam.key, project_id=project, command="true", **who)
    assert ran["exit_code"] == 0, "the name has no such option"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "Error: evt must be specified"),
        ({"event": ""}, "Error: evt must be specified"),
        ({"event": "e" * 81, "value": {}}, "Error: event must have length at most 80"),
        ({"event": "e"}, "Error: value must be specified"),
    ],
)
def test_what_is_tracked_has_a_name_and_a_value(
    sandbox: Running, sam: Person, options: Any, words: str
) -> None:
    assert sandbox.call("system.userTracking", options, key=sam.key) == {"error": words}


def test_what_is_tracked_is_kept(sandbox: Running, sam: Person) -> None:
    assert sandbox.call("system.userTracking", {"event": "e", "value": {"a": 1}}, key=sam.key) is None


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        (None, "x", "TypeError: Cannot read properties of undefined (reading 'length')"),
        (
            "a",
            7,
            (
                'TypeError [ERR_INVALID_ARG_TYPE]: The "data" argument must be of type string or an instance of '
                "Buffer, TypedArray, or DataView. Received type number (7)"
            ),
        ),
    ],
)
def test_a_file_is_written_with_a_path_and_a_text(
    sandbox: Running, sam: Person, project: str, path: Any, content: Any, words: str
) -> None:
    given = {name: value for name, value in (("path", path), ("content", content)) if value is not None}

    hub = sandbox.call("system.writeTextFileToProject", given, key=sam.key, project_id=project)
    assert hub == {"error": words}
    message = {"event": "write_text_file_to_project", **given}
    called = ask(sandbox, "projects/call", key=sam.key, project_id=project, mesg=message)
    assert called["error"] == words.partition(": ")[2]


@pytest.mark.parametrize("query", [None, False, 12, "ab"])
def test_a_query_of_another_kind_has_no_table(sandbox: Running, sam: Person, query: Any) -> None:
    words = {
        None: "Cannot read properties of undefined (reading 'undefined')",
        "ab": "FATAL: must specify exactly one key in the query",
    }.get(query, "FATAL: invalid user_query of 'undefined' -- query must be an object")

    assert ask(sandbox, "user-query", key=sam.key, query=query) == {"error": words}
    kind = "TypeError: " if query is None else ""
    assert sandbox.call("db.userQuery", {"query": query}, key=sam.key) == {"error": kind + words}


def test_a_search_for_addresses_alone_finds_nobody_twice(sandbox: Running, sam: Person) -> None:
    asked = {"query": "sam, iris@example.edu"}

    everything = sandbox.call("system.userSearch", asked, key=sam.key)
    addresses = sandbox.call("system.userSearch", {**asked, "only_email": True}, key=sam.key)

    assert len(everything) > len(addresses) == 1
    assert addresses[0]["email_address"] == "iris@example.edu"


# -- what is kept, and what is not -----------------------------------------------------------------


def test_a_project_keeps_its_license(sandbox: Running, sam: Person) -> None:
    made = ask(sandbox, "projects/create", key=sam.key, title="Paid", license=f"{UNKNOWN}, nonsense")

    found = ask(sandbox, "licenses/get-projects", key=sam.key)

    assert [(row["project_id"], row["title"], row["site_license"]) for row in found] == [
        (made["project_id"], "Paid", {UNKNOWN: {}})
    ]
    assert isinstance(found[0]["last_edited"], int)
    assert ask(sandbox, "licenses/get-projects", key="") == []


@pytest.mark.parametrize("name", ["add", "remove", "set", "get"])
def test_bookmarks_are_echoed_and_not_kept(sandbox: Running, name: str) -> None:
    options = {"type": "starred-files", "project_id": UNKNOWN, "payload": ["a"]}
    answer = ask(sandbox, f"bookmarks/{name}", key="", **options)
    other = ask(sandbox, f"bookmarks/{name}", key="", type="shelves", project_id=UNKNOWN)

    stars: dict[str, Any] = {"stars": []} if name == "get" else {}
    assert answer == {"status": "success", "type": "starred-files", "project_id": UNKNOWN, **stars}
    echoed = {"type": "shelves", "project_id": UNKNOWN} if name == "get" else {}
    assert other == {"status": "error", "error": "cannot handle type 'shelves'", **echoed}


def test_a_published_path_is_starred_once(sandbox: Running, sam: Person, project: str) -> None:
    record = {"project_id": project, "path": "open", "description": ""}
    ask(sandbox, "user-query", key=sam.key, query={"public_paths": record})
    wanted = {"public_paths": [{"project_id": project, "id": None}]}
    path_id = ask(sandbox, "user-query", key=sam.key, query=wanted)["query"]["public_paths"][0]["id"]
    stranger = person(sandbox)

    assert ask(sandbox, "public-paths/star", key=stranger.key, id=path_id) == {}
    again = ask(sandbox, "public-paths/star", key=stranger.key, id=path_id)
    assert again["error"].startswith("duplicate key value violates unique constraint")
    assert ask(sandbox, "public-paths/unstar", key=stranger.key, id=path_id) == {}
    assert ask(sandbox, "public-paths/star", key=stranger.key, id="x") == {
        "error": "invalid public path id x"
    }
    assert ask(sandbox, "public-paths/save", key=stranger.key, id=path_id)["error"].startswith("user must be")


@pytest.mark.parametrize(
    ("name", "options", "answer"),
    [
        ("purchases/get-quotas", {}, {"services": {}, "minBalance": 0}),
        ("compute/get-servers", {}, []),
        ("compute/get-servers", {"project_id": "zz"},
         {"error": "invalid account_id or project_id -- all must be valid uuid's"}),
        ("projects/public-path-license", {"project_id": "zz"}, {"error": "project_id must be a valid uuid"}),
        ("projects/public-path-license", {"project_id": UNKNOWN, "public_path_id": "abc"},
         {"error": "public_path_id must be a sha1 hash"}),
        ("projects/public-path-license", {"project_id": UNKNOWN, "public_path_id": "a" * 40}, {}),
        ("vouchers/redeem", {"code": "ABCDEFGHIJ"},
         {"error": "Voucher code redemption is temporarily disabled. Please contact support."}),
        ("purchases/get-statements", {"interval": "year"}, {"error": "interval must be 'day' or 'month'"}),
        ("purchases/get-subscriptions", {"limit": 501},
         {"error": "limit must be specified and at most 500"}),
        ("shopping/cart/get", {"id": 12}, {"error": "no item with id 12"}),
        ("shopping/cart/get", {"id": "x"}, {"error": 'invalid input syntax for type integer: "x"'}),
        ("licenses/get-license", {}, {"error": "license_id or subscription_id must be specified"}),
        ("llm/evaluate", {"model": "nonsense"}, {"error": 'unsupported model "nonsense"'}),
        ("projects/get", {"limit": None}, []),
        ("projects/get", {"limit": "x"}, {"error": 'invalid input syntax for type bigint: "x"'}),
    ],
)  # fmt: skip
def test_what_a_site_has_none_of_is_checked_all_the_same(
    sandbox: Running, sam: Person, name: str, options: Any, answer: Any
) -> None:
    assert ask(sandbox, name, key=sam.key, **options) == answer


def test_histories_that_are_nowhere(sandbox: Running, sam: Person) -> None:
    info = sandbox.call("db.getLegacyTimeTravelInfo", {"project_id": UNKNOWN, "path": "a"}, key=sam.key)
    assert info == {"uuid": ""}, "whoever asks"
    patches = sandbox.call("db.getLegacyTimeTravelPatches", {"uuid": UNKNOWN}, key=sam.key)
    assert patches == {"error": "TypeError: Cannot read properties of undefined (reading 'toString')"}
    times = sandbox.call("db.fileUseTimes", {"project_id": UNKNOWN, "path": "a"}, key=sam.key)
    assert times == {"error": "Error: user does not have read access to the given project"}


def test_editors_make_a_file_and_strip_a_notebook(sandbox: Running, sam: Person, project: str) -> None:
    def call(name: str, *args: Any) -> Any:
        body = {"project_id": project, "name": f"editor.{name}", "args": list(args)}
        headers = {"Authorization": f"Bearer {sam.key}"}
        return sandbox.session.post(f"{sandbox.url}/api/conat/project", json=body, headers=headers).json()

    assert call("newFile", "new/a.txt") is None
    read = sandbox.call(
        "system.readTextFileFromProject", {"path": "new/a.txt"}, project_id=project, key=sam.key
    )
    assert read == ""
    cell = '{"cell_type":"code","outputs":[1],"attachments":{},"source":"1"}'
    text = f'{{"cells":[{cell}],"nbformat":4}}'
    given = {"path": "n.ipynb", "content": text}
    sandbox.call("system.writeTextFileToProject", given, project_id=project, key=sam.key)
    stripped = '{"cells":[{"cell_type":"code","outputs":[],"source":"1"}],"nbformat":4}'
    assert call("jupyterStripNotebook", "n.ipynb") == stripped
    missing = call("jupyterStripNotebook", "none.ipynb")
    assert missing["error"].startswith("Error: ENOENT: no such file or directory, open")


# -- members and organizations ---------------------------------------------------------------------


def test_owners_alone_manage_members_where_a_project_has_it_so(
    sandbox: Running, sam: Person, project: str
) -> None:
    friend, other = person(sandbox), person(sandbox)
    added = {"project_id": project, "account_id": friend.account_id}
    assert ask(sandbox, "projects/collaborators/add", key=sam.key, **added) == {"status": "ok"}
    rule = {"projects": {"project_id": project, "manage_users_owner_only": True}}
    ask(sandbox, "user-query", key=sam.key, query=rule)

    words = "Only owners can manage collaborators when this setting is enabled"
    third = {"project_id": project, "account_id": other.account_id}
    assert ask(sandbox, "projects/collaborators/add", key=friend.key, **third) == {"error": words}
    hub = sandbox.call("projects.addCollaborator", {"opts": third}, key=friend.key)
    assert hub == {"error": f"OwnershipError: {words}"}
    removed = ask(sandbox, "projects/collaborators/remove", key=friend.key, **added)
    assert removed == {"status": "ok"}, "everybody may leave"


def test_the_log_of_a_project_tells_of_its_members(sandbox: Running, sam: Person, project: str) -> None:
    friend = person(sandbox, "Frieda")
    options = {"project_id": project, "account_id": friend.account_id}
    ask(sandbox, "projects/collaborators/add", key=sam.key, **options)
    changed = {"project_id": project, "target_account_id": friend.account_id, "new_group": "owner"}
    ask(sandbox, "projects/collaborators/change-user-type", key=sam.key, **changed)

    query = {"project_log_all": [{"project_id": project, "event": None, "account_id": None}]}
    rows = ask(sandbox, "user-query", key=sam.key, query=query)["query"]["project_log_all"]

    events = {row["event"]["event"]: row["event"] for row in rows}
    assert events["invite_user"]["invitee_account_id"] == friend.account_id
    assert events["change_collaborator_type"]["target_name"] == "Frieda Example"
    assert {row["account_id"] for row in rows} == {sam.account_id}


# -- the door --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_is_no_post_has_no_parameters(sandbox: Running, sam: Person, project: str, method: str) -> None:
    def send(path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {sam.key}"}
        return sandbox.session.request(method, sandbox.url + path, json=body, headers=headers).json()

    asked = {"project_id": project, "name": "ping"}
    assert send("/api/conat/project", asked) == {
        "error": "must specify project_id or use project-specific api key"
    }
    assert send("/api/conat/hub", {"name": "system.ping"}) == {
        "error": "TypeError: Cannot read properties of undefined (reading 'split')"
    }
    words = "invalid account_id or project_id -- all must be valid uuid's"
    assert send("/api/v2/exec", {"project_id": project, "command": "true"}) == {"error": words}


@pytest.mark.parametrize(
    ("path", "single"),
    [
        ("/api/v2//customize", "/api/v2/customize"),
        ("//api///v2/projects//get?a=//b", "/api/v2/projects/get?a=//b"),
        ("/api/conat//hub", "/api/conat/hub"),
        ("/api/v2/customize/", "/api/v2/customize"),
    ],
)
def test_too_many_slashes_are_redirected(sandbox: Running, path: str, single: str) -> None:
    answer = sandbox.session.post(sandbox.url + path, json={}, allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"], answer.text) == (308, single, single)


def test_a_page_is_told_all_settings_of_the_site(sandbox: Running) -> None:
    known = sandbox.session.get(f"{sandbox.url}/customize").json()

    assert set(known) == {
        "configuration",
        "registration",
        "strategies",
        "software",
        "ollama",
        "custom_openai",
    }
    assert len(known["configuration"]) > 60
    assert known["configuration"]["email_signup"] is True
    assert known["configuration"]["samesite_remember_me"] == "strict"


def test_nobody_is_not_counted_and_accounts_are_throttled(sandbox: Running, sam: Person) -> None:
    refused = {"error": "must be signed in"}
    assert [ask(sandbox, "purchases/get-purchases", key="") for _ in range(5)] == [refused] * 5

    answers = [ask(sandbox, "purchases/get-purchases", key=sam.key) for _ in range(20)]

    assert any("too many requests to purchases/get-purchases" in str(answer) for answer in answers)


def test_no_name_is_played_that_the_catalog_lacks() -> None:
    assert set(v2.METHODS) <= set(EVENTS)


def test_the_door_that_is_not_played_says_so_to_accounts(sandbox: Running, sam: Person) -> None:
    words = "not answered by the sandbox: 'purchases/renew-subscription'"

    assert post(sandbox, "purchases/renew-subscription", {}, sam.key).json() == {"error": words}
