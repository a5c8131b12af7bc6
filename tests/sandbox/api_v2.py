"""What tests of API v2 share."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import requests

    from tests.sandbox.conftest import Running

_COUNT = itertools.count()


class Person(NamedTuple):
    """An account of a test, and its key."""

    account_id: str
    key: str


def post(sandbox: Running, name: str, options: Any = None, key: str | None = None) -> requests.Response:
    """Sends to a name of API v2; `key=""` sends none."""
    key = sandbox.key if key is None else key
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{sandbox.url}/api/v2/{name}"
    return sandbox.session.post(url, json={} if options is None else options, headers=headers, timeout=90)


def ask(sandbox: Running, name: str, /, *, key: str | None = None, **options: Any) -> Any:
    """The JSON of an answer."""
    return post(sandbox, name, options, key).json()


def person(sandbox: Running, first_name: str = "Pat") -> Person:
    """A new account."""
    made = sandbox.send(
        "create_account",
        first_name=first_name,
        last_name="Example",
        email_address=f"person{next(_COUNT)}@example.com",
        password="pw-of-a-test-12",
        agreed_to_terms=True,
        get_api_key=True,
    )
    return Person(made["account_id"], made["api_key"])
