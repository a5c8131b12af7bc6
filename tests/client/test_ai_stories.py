"""The stories told to cocalc.ai, by keys of all capabilities and of all but one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cocalc_magic import Client, catalog
from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError, NoEquivalent, NotPermitted, PermissionRefused
from cocalc_magic.sandbox.default_world import WORLD
from tests.client.test_generations import Cast, Told, first_api, sandbox, stories, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["first_api"]
pytestmark = pytest.mark.slow

ME, SAM = (account["account_id"] for account in WORLD["accounts"][:2])
ONE, TWO = "0e000000-1111-4111-8111-000000000001", "0e000000-2222-4222-8222-000000000002"
ABOUT = Cast(ONE, TWO, ME, SAM)
CAPABILITIES = tuple(catalog.CAPABILITIES)
PEOPLE_DO_IT = {
    "a table that is none": NotPermitted,  # queries are for people, but for a few
    "a search": NoEquivalent,
    "somebody joins": NoEquivalent,
    "and leaves": NoEquivalent,
    "an invitation": NoEquivalent,
    "a report": NoEquivalent,
    "a wrong password": NoEquivalent,
}
TELLS_LESS = {"code": {"time"}}  # nothing is remembered there
NEEDS = {
    "account:read": {"names"},
    "project:create": {"a project"},
    "project:list": {"a query", "a query with options", "what it wrote"},
    "project:write": {"a write"},
    "file:read": {"a copy"},
    "file:write": {"a copy"},
    "project:exec": {
        "a command", "its exit code", "its failure", "its time limit", "a long one", "a long one that fails",
        "arguments", "a cut output", "a file", "its text", "a file that is none", "a touch", "the copy",
        "kernels", "code",
    },
}  # fmt: skip


def key(*lacking: str) -> str:
    """The key of the world with all capabilities but these."""
    name = f"{sum(1 << CAPABILITIES.index(one) for one in lacking):016}"
    return f"sk-cc-v2.{name}.Test-key-of-the-stories-0000000000000000000"


def world() -> dict[str, Any]:
    keys = [(), *((capability,) for capability in CAPABILITIES)]
    of_me = WORLD["accounts"][0]["handle"]
    return {
        "accounts": [
            *WORLD["accounts"],
            *(
                {
                    "key_of": of_me,
                    "keys": [key(*lacking)],
                    "capabilities": [name for name in CAPABILITIES if name not in lacking],
                    "allowed_project_ids": [ONE, TWO],
                }
                for lacking in keys
            ),
        ],
        "projects": [{"project_id": ONE, "title": "One"}, {"project_id": TWO, "title": "Two"}],
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a sandbox that plays cocalc.ai."""
    file: Path = tmp_path_factory.mktemp("world") / "world.yaml"
    file.write_text(yaml.safe_dump(world()))
    with sandbox("ai", "--world", str(file)) as client:
        yield client.server.url


def test_with_a_full_key_what_a_key_may_do_is_answered_as_the_first_api_did(
    first_api: Told, server: str
) -> None:
    with Client(server, key()) as client:
        today = told(client, ABOUT)
        assert client.router.generations() == {"ai"}

    for name, before in first_api.items():
        if name in PEOPLE_DO_IT:
            assert today[name]["failed"] == PEOPLE_DO_IT[name].__name__, name
        elif "failed" in before:
            assert today[name]["failed"] == before["failed"], name
        else:
            less = TELLS_LESS.get(name, set())
            assert today[name] == {field: value for field, value in before.items() if field not in less}, name
    assert {*PEOPLE_DO_IT, *(name for names in NEEDS.values() for name in names), "ping"} == set(first_api)


@pytest.mark.parametrize("lacking", sorted(NEEDS))
def test_with_a_key_that_lacks_one_it_is_named_by_the_server_or_by_what_was_said_of_the_key(
    server: str, lacking: str
) -> None:
    has = [name for name in CAPABILITIES if name != lacking]
    with (
        Client(server, Secret(key(lacking))) as unknown,
        Client(server, Secret(key()), scope=UNKNOWN.stating(has, [ONE, TWO])) as known,
    ):
        for (name, ask), (_, ask_known) in zip(stories(unknown, ABOUT), stories(known, ABOUT), strict=True):
            if name in NEEDS[lacking]:
                assert lacking_of(ask, PermissionRefused, NotPermitted) == lacking, name
                # The key itself would do: so this is refused before it is sent.
                assert lacking_of(ask_known, NotPermitted) == lacking, name


def lacking_of(ask: Any, *kinds: type[CoCalcError]) -> str:
    with pytest.raises(kinds) as refused:
        ask()
    assert "/settings/keys" in str(refused.value)
    return str(getattr(refused.value, "capability"))  # noqa: B009


def test_ping_needs_no_capability(server: str) -> None:
    for capability in CAPABILITIES:
        with Client(server, key(capability)) as client:
            assert client.ping().event == "pong"
