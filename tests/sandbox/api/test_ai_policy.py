"""On a sandbox that plays cocalc.ai, each of 231 doors lets through and refuses whom the table says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.sandbox.api.scoped import (
    ADMIN,
    ALICE,
    ALPHA,
    BETA,
    EVERYTHING,
    UNKNOWN,
    Visitor,
    sign_in,
    start,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from cocalc_magic.sandbox import Sandbox

TABLE = yaml.safe_load(Path(__file__).with_name("ai_policy.yaml").read_text(encoding="utf-8"))
LIKELY = TABLE["likely"].split()
KINDS = ("v2", "hub", "project", "http")
FULL = text_of(EVERYTHING, (ALPHA,))
OPTIONS: dict[str, dict[str, Any]] = {
    "accounts/get-email-address": {"account_id": ALICE},
    "accounts/get-names": {"account_ids": []},
    "projects/copy-path": {"path": "a.txt", "target_path": "b.txt"},
    "projects/copy-url": {"url": "github/a/b"},
    "projects/course/set-course-info": {"course": {"type": "student", "project_id": ALPHA}},
    "auth/sign-up": {"terms": True, "email": "new@example.com", "password": "correct horse battery staple"},
    "api-keys": {"action": "get"},
    "user-query": {"query": {}},
    "bookmarks/get": {"type": "starred-files"},
}
"""What a request needs besides the project, so that nothing but who asks refuses it."""
CALLED = {"any-other": "db.userQuery", "object-member": "toString", "unknown-function": "system.nosuch",
          "unknown-group": "nosuch.f"}  # fmt: skip
NAMED = {"upload": "/upload", "download": f"/{ALPHA}/files/a.txt", "read-blob": "/blobs/a.png",
         "add-blob": "/blobs", "customize": "/customize"}  # fmt: skip
ONLY_READ = ("download", "read-blob", "customize")


@dataclass(frozen=True)
class Door:
    """One row of the table."""

    kind: str
    name: str
    needs: tuple[str, ...]
    expected: dict[str, str]

    @property
    def title(self) -> str:
        """Its name; one that is not sure says so, so that those can be told apart in a report."""
        return f"{self.kind} {self.name}{' (likely)' if self.name in LIKELY else ''}"


def doors() -> list[Door]:
    """All rows, one for each name."""
    return [
        Door(kind, name, tuple(group.get("needs", "").split()), group)
        for kind in KINDS
        for group in TABLE[kind]
        for name in group["names"].split()
    ]


DOORS = doors()
every_door = pytest.mark.parametrize("door", DOORS, ids=[door.title for door in DOORS])


def with_column(name: str) -> pytest.MarkDecorator:
    """All doors of which the table says something in this column."""
    doors = [door for door in DOORS if name in door.expected]
    return pytest.mark.parametrize("door", doors, ids=[door.title for door in doors])


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start(tmp_path_factory.mktemp("world")) as one:
        yield one


@pytest.fixture
def session(box: Sandbox) -> requests.Session:
    """A session with a sandbox whose project Alpha runs."""
    session = box.session()
    Visitor(box, session, FULL).v2("projects/start", {"project_id": ALPHA})
    return session


def ask(door: Door, visitor: Visitor, project_id: str = ALPHA, method: str = "POST") -> requests.Response:
    """The response to somebody who asks for this about a project."""
    if door.kind == "http":
        return ask_http(door, visitor, project_id)
    about = {"project_id": project_id, "src_project_id": project_id, "target_project_id": project_id}
    called = CALLED.get(door.name, door.name)
    if door.kind == "v2":
        named = about if door.name == "projects/copy-path" else {"project_id": project_id}
        body: Any = {**(named if needs_project(door) else {}), **OPTIONS.get(door.name, {})}
        return visitor.send(method, f"/api/v2/{door.name}", body)
    if door.kind == "hub":
        first: Any = {"project_id": project_id} if door.needs else {}
        args = [[] if door.name == "system.getNames" else first]
        return visitor.send(method, "/api/conat/hub", {"name": called, "args": args})
    body = {"name": called, "args": [], "project_id": project_id}
    return visitor.send(method, "/api/conat/project", body)


def needs_project(door: Door) -> bool:
    return "elsewhere" in door.expected or door.name == "bookmarks/get"


def ask_http(door: Door, visitor: Visitor, project_id: str) -> requests.Response:
    path = NAMED[door.name]
    if door.name in ONLY_READ:
        return visitor.send("GET", path.replace(ALPHA, project_id))
    return visitor.send("POST", f"{path}?project_id={project_id}", files={"file": ("a.txt", b"a")})


def shown(response: requests.Response) -> str:
    """The text of a refusal, with its HTTP status where that is not 200; nothing of what is no refusal."""
    if response.headers["Content-Type"].startswith("application/json"):
        value = response.json()
        value = value.get("issues", value) if isinstance(value, dict) else {}
        text = str(value.get("error", value.get("api", "")))
    else:
        text = re.sub(r"<.*?>|^\s*Error\s*$", "", response.text, flags=re.DOTALL).strip()
        text = text.removeprefix("Error").strip()
    return text if response.status_code == 200 else f"{response.status_code} {text}".strip()


TEXTS = {
    words
    for door in DOORS
    for who, words in door.expected.items()
    if who not in ("names", "needs", "method") and not words.startswith("yes") and "<" not in words
}
"""All words of refusals, none of which may come to somebody who is let through."""


def check(door: Door, who: str, response: requests.Response, project_id: str = ALPHA) -> None:
    """Hold a response to what the table says of somebody."""
    expected, text = door.expected.get(who, "yes"), shown(response)
    if expected.startswith("yes"):
        status = expected.removeprefix("yes").strip()
        assert text not in TEXTS, (door.title, who)
        assert "lacks required capability" not in text, (door.title, who)
        assert response.status_code < 500, (door.title, who)
        assert not status or response.status_code == int(status), (door.title, who)
        return
    name = CALLED.get(door.name, door.name)
    for blank in ("<project_id>", "<src_project_id>"):
        expected = expected.replace(blank, project_id)
    pattern = re.escape(expected.replace("<name>", name))
    pattern = pattern.replace(re.escape("<names of the group>"), ".+")
    pattern = pattern.replace(re.escape("<JavaScript text of the member>"), ".+")
    assert re.fullmatch(pattern, text), (door.title, who, text)


def test_the_table_has_all_doors() -> None:
    assert len(DOORS) == len({door.title for door in DOORS}) == 231
    assert len(TABLE["likely"].split()) == 62


@every_door
def test_nobody_and_an_unknown_key_are_treated_as_the_table_says(
    box: Sandbox, session: requests.Session, door: Door
) -> None:
    check(door, "nobody", ask(door, Visitor(box, session)))
    check(door, "unknown", ask(door, Visitor(box, session, UNKNOWN)))


@every_door
def test_a_key_needs_what_the_table_says_and_nothing_else(
    box: Sandbox, session: requests.Session, door: Door
) -> None:
    """Each capability alone, where all but one are others, and what is needed."""
    for name in EVERYTHING:
        visitor = Visitor(box, session, text_of((name,), (ALPHA,)))
        if (name,) == door.needs:
            check_needed(box, session, door)
        elif name not in door.needs:
            check(door, "other", ask(door, visitor))
    check_needed(box, session, door)


def check_needed(box: Sandbox, session: requests.Session, door: Door) -> None:
    """Hold a door to what it does for a key that has what is needed, and no more."""
    key = text_of(door.needs, (ALPHA,)) if door.needs else FULL
    if door.name == "accounts/get-email-address":  # for administrators alone
        key = text_of(door.needs, (), "admin")
    if door.name == "download":  # which looks at a cookie
        check(door, "needed", ask(door, Visitor(box, session, cookie=f"api_key={key}")))
        return
    check(door, "needed", ask(door, Visitor(box, session, key)))
    if door.name == "projects/stop":
        Visitor(box, session, FULL).v2("projects/start", {"project_id": ALPHA})


@with_column("elsewhere")
def test_a_key_with_everything_is_refused_in_another_project(
    box: Sandbox, session: requests.Session, door: Door
) -> None:
    visitor = Visitor(box, session, FULL)
    if door.name == "object-member":
        response = visitor.send(
            "POST", "/api/conat/hub", {"name": "toString", "args": [{"project_id": BETA}]}
        )
        check(door, "elsewhere", response, BETA)
        return
    check(door, "elsewhere", ask(door, visitor, BETA), BETA)


@every_door
def test_a_session_is_treated_as_the_table_says(box: Sandbox, session: requests.Session, door: Door) -> None:
    check(door, "session", ask(door, Visitor(box, session, cookie=sign_in(box, session))))


@with_column("method")
def test_another_http_method_is_treated_as_the_table_says(
    box: Sandbox, session: requests.Session, door: Door
) -> None:
    expected = door.expected["method"]
    if door.kind == "http":
        wrong = "POST" if door.name in ONLY_READ else "GET"
        response = Visitor(box, session, FULL).send(wrong, NAMED[door.name])
        assert response.status_code == int(expected)
        assert f"Cannot {wrong} {NAMED[door.name]}" in response.text
        return
    response = ask(door, Visitor(box, session, FULL), method="PUT")
    if expected.startswith("405"):
        words = expected.removeprefix("405").strip()
        assert response.status_code == 405
        assert response.json() == {"error": words or "method_not_allowed"}
        assert response.headers.get("Allow") == (None if words else "POST")
    elif expected == "runs":
        assert response.status_code == 200
    else:
        assert shown(response) == expected


def test_an_administrator_s_key_is_asked_for_a_browser_where_others_are_told_of_administrators(
    box: Sandbox, session: requests.Session
) -> None:
    visitor = Visitor(box, session, text_of(("account:read",), (), "admin"))

    assert visitor.v2("accounts/ban", {"account_id": ADMIN}) == {"error": "browser sign-in is required"}


def test_copies_want_both_capabilities_one_for_each_project(box: Sandbox, session: requests.Session) -> None:
    options = {"path": "a.txt", "src_project_id": ALPHA, "target_project_id": ALPHA}
    refused = [
        Visitor(box, session, text_of((name,), (ALPHA,))).v2("projects/copy-path", options)["error"]
        for name in ("file:read", "file:write")
    ]
    elsewhere = Visitor(box, session, FULL).v2("projects/copy-path", options | {"target_project_id": BETA})

    lacking = "API key lacks required capability '{}' for project {}"
    assert refused == [lacking.format("file:write", ALPHA), lacking.format("file:read", ALPHA)]
    assert elsewhere == {"error": lacking.format("file:write", BETA)}
