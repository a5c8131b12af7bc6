"""A sandbox that plays cocalc.ai, with keys for each test: what they may do, and in which projects."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import requests

ALPHA = "a1fa0000-1111-4111-8111-00000000a1fa"  # of Alice, allowed
BETA = "a1fb0000-5555-4555-8555-00000000a1fb"  # of Alice, in no key's list
BOBS = "b0b50000-3333-4333-8333-00000000b0b5"  # of Bob
ALICE, ADMIN = "72baf680-1132-44fd-aaf6-8a2a8c00754b", "8d8d02f5-c354-41ea-84f8-918e0c454150"
EVERYTHING = tuple(catalog.CAPABILITIES)
UNKNOWN = "sk-cc-v2.Nobody_000000000.Of-nobody_000000000000000000000000000000000"
PASSWORD = "pw-alice-12345"
DAY = "2026-01-01T00:00:00Z"


def text_of(capabilities: Sequence[str], projects: Sequence[str], owner: str = "alice") -> str:
    """The text of the key that may do just this."""
    bits = "".join("1" if name in capabilities else "0" for name in EVERYTHING)
    where = "".join("1" if project in projects else "0" for project in (ALPHA, BETA, BOBS))
    return f"sk-cc-v2.{owner}-{bits}{where}.{'x' * 43}"


def key_entry(capabilities: Sequence[str], projects: Sequence[str], owner: str = "alice") -> dict[str, Any]:
    """Its entry in a file of a world."""
    return {
        "key_of": owner,
        "keys": [text_of(capabilities, projects, owner)],
        "capabilities": list(capabilities),
        "allowed_project_ids": list(projects),
    }


def scopes() -> list[tuple[tuple[str, ...], tuple[str, ...], str]]:
    """What the keys of the world may do: each capability alone, pairs that go together, and all."""
    alone = [((name,), (ALPHA,), "alice") for name in EVERYTHING]
    copies = ("file:read", "file:write")
    return [
        *alone,
        (copies, (ALPHA,), "alice"),
        (EVERYTHING, (ALPHA,), "alice"),
        (EVERYTHING, (ALPHA, BOBS), "alice"),
        (("account:read", "project:create", "project:list"), (), "alice"),
        (("account:read",), (), "admin"),
        (EVERYTHING, (ALPHA,), "banned"),
    ]


def world() -> dict[str, Any]:
    """Accounts, projects and keys."""
    people = [
        ("alice", ALICE, {}),
        ("bob", "012ea110-ff1d-40e6-978b-475ac21f02b7", {}),
        ("admin", ADMIN, {"admin": True}),
        ("banned", "0bad0bad-0bad-4bad-8bad-0bad0bad0bad", {"banned": True}),
        ("empty", "5bf9730b-d1e9-4c29-a114-aeb87e864c0f", {}),
    ]
    accounts: list[dict[str, Any]] = [
        {
            "handle": name,
            "account_id": account_id,
            "first_name": name.title(),
            "last_name": "Example",
            "email_address": f"{name}@example.com",
            "password": f"pw-{name}-12345",
            "keys": [f"sk_{name.title()}00000000000"],
            **more,
        }
        for name, account_id, more in people
    ]
    expired = key_entry(EVERYTHING, (ALPHA,), "bob") | {"expire": DAY}
    empty = [
        key_entry(names, (), "empty") for names in (("project:list",), ("project:list", "project:create"))
    ]
    keys = [key_entry(*scope) for scope in scopes()]
    projects = [
        {"project_id": ALPHA, "title": "Alpha", "description": "", "owner": "alice", "files": {"a.txt": "a"}},
        {"project_id": BETA, "title": "Beta", "description": "", "owner": "alice"},
        {"project_id": BOBS, "title": "Bobs", "description": "", "owner": "bob"},
    ]
    return {"accounts": [*accounts, *keys, *empty, expired], "projects": projects}


def start(folder: Path) -> Sandbox:
    """A sandbox with this world, in this process."""
    file = folder / "world.yaml"
    file.write_text(json.dumps(world()), encoding="utf-8")  # JSON is YAML
    return Sandbox(world=file, generation="ai")


@dataclass
class Visitor:
    """Somebody who sends requests: with a key in the header, with the cookie of a session, or with neither."""

    box: Sandbox
    session: requests.Session
    key: str = ""
    cookie: str = ""

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """The response to one request."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= more.pop("headers", {})
        headers |= {"Cookie": self.cookie} if self.cookie else {}
        self.session.cookies.clear()
        options = {"json": body} if body is not None else {}
        return self.session.request(method, f"{self.box.url}{path}", headers=headers, **options, **more)

    def v2(self, name: str, options: Any = None) -> Any:
        """The JSON that a name of API v2 answers."""
        return self.send("POST", f"/api/v2/{name}", {} if options is None else options).json()

    def hub(self, name: str, *args: Any) -> Any:
        """The JSON that a method of the hub gives."""
        return self.send("POST", "/api/conat/hub", {"name": name, "args": list(args)}).json()

    def project(self, name: str, *args: Any, project_id: str = ALPHA, timeout: float = 15_000) -> Any:
        """The JSON that a function of a project gives."""
        body = {"name": name, "args": list(args), "project_id": project_id, "timeout": timeout}
        return self.send("POST", "/api/conat/project", body).json()


def sign_in(box: Sandbox, session: requests.Session, name: str = "alice") -> str:
    """The cookie of somebody who has signed in."""
    options = {"email": f"{name}@example.com", "password": f"pw-{name}-12345"}
    session.cookies.clear()
    response = session.post(f"{box.url}/api/v2/auth/sign-in", json=options)
    found = re.search(r"remember_me=[^;]+", response.headers["Set-Cookie"])
    assert found
    return found[0]
