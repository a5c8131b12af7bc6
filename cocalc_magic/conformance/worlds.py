"""What is known of a server before it is asked: its APIs, whose key it is, a project to try things on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.client import Client
from cocalc_magic.client.routing import SANDBOX_MARK
from cocalc_magic.conformance.cases import NOBODY, example
from cocalc_magic.conformance.compare import UUID
from cocalc_magic.conformance.exchange import NO_KEY
from cocalc_magic.conformance.recordings import Ids
from cocalc_magic.errors import CoCalcError, KeyRefused
from cocalc_magic.session.whoami import owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.conformance.exchange import Side

_CREATE = {"v1": "create_project", "v2": "projects/create", "conat": "projects.createProject"}
_NO_PROJECT = "9f1d7c42-5b0e-4d63-8a97-2c6e0b41f5d8"
_PERSON = re.compile(r"(?P<name>.+) <(?P<address>[^>]+)>")


def spoken(side: Side) -> frozenset[str]:
    """Return the APIs that a server speaks.

    Raises:
        CoCalcError: It cannot be reached, or speaks none.
    """
    apis = _client(side).router.generations()
    if not apis:
        raise CoCalcError(
            f"{side.server.name} speaks no API that is known.", "Is this the address of a CoCalc?"
        )
    return apis


def is_other_world(side: Side, reference: Side) -> bool:
    """Return whether a server has accounts and data of its own, so that values of answers differ.

    Two fresh sandboxes have not, and there every value counts.

    Raises:
        KeyRefused: The server does not know the key.
    """
    if side.key is None or reference.key is None:
        return not _is_sandbox(side)
    person, other = (_PERSON.fullmatch(_owner(each)) for each in (side, reference))
    return bool(
        person and other and person["name"] != other["name"] and person["address"] != other["address"]
    )


def make_project(side: Side, apis: frozenset[str]) -> None:
    """Make a project on the server, which the examples are about from then on."""
    message = catalog.find(next(event for api, event in _CREATE.items() if api in apis))
    value = side.ask(example(message)).value
    # Nothing where none was made: the case about it will tell why.
    _rename_projects(side, str(value.get("project_id") if isinstance(value, dict) else value))


def without_projects(side: Side) -> None:
    """Send the examples about a project that no server has: reading in one would start it."""
    _rename_projects(side, _NO_PROJECT)


def _rename_projects(side: Side, project_id: str) -> None:
    ids = Ids()
    for usual in _example_projects():
        ids.tie(usual, project_id)
    side.rename = ids.rename


def _example_projects() -> Iterator[str]:
    """Find the ids of projects in the examples of the catalog."""
    for message in catalog.all_messages():
        for option in message.options:
            if option.names_project:
                yield from UUID.findall(str(message.example.options.get(option.name)))


def _owner(side: Side) -> str:
    try:
        return owner(_client(side), side.timeout)
    except KeyRefused:
        raise
    except CoCalcError:  # the cases will tell why
        return ""


def _is_sandbox(side: Side) -> bool:
    ping = example(catalog.find("/customize"))
    return side.ask(replace(ping, sender=NOBODY)).headers.get("server", "").startswith(SANDBOX_MARK)


def _client(side: Side) -> Client:
    return Client(side.server, side.key or NO_KEY, session=side.session)
