"""What tests of `query` share: a world of three accounts, and how they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sandbox.conftest import start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from tests.sandbox.conftest import Running

STRANGER, ADMIN = "sk_0123456789abcdef", "sk_fedcba9876543210"
_WORLD = f"""
accounts:
- {{handle: a, first_name: Ann, last_name: Able, email_address: ann@example.com}}
- {{handle: b, first_name: Bob, last_name: Baker, email_address: bob@example.com, keys: [{STRANGER}]}}
- {{handle: c, first_name: Cy, last_name: Chief, admin: true, keys: [{ADMIN}]}}
"""


def of_three_accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run a sandbox of Ann, whose key is the sandbox's, Bob the stranger, and Cy the administrator."""
    world = tmp_path_factory.mktemp("world") / "world.yaml"
    world.write_text(_WORLD)
    running = start("--world", str(world))
    yield running
    stop(running)


def ask(sandbox: Running, query: Any, options: Any = None, key: str | None = None) -> Any:
    """The result, or the error's words."""
    sent = {"query": query} if options is None else {"query": query, "options": options}
    answer = sandbox.post("query", sent, key=key).json()
    return answer["error"] if "error" in answer else answer["query"]
