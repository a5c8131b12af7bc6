"""Access checks and failures of API v2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Thrown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World


def require_caller(caller: Caller | None, refusal: str = "must be signed in") -> Caller:
    """Return the caller. Raises `Failed` where there is none."""
    if caller is None:
        raise Thrown(refusal)
    return caller


def acting_as(caller: Caller, options: Mapping[str, Any]) -> str:
    """Return the account that an administrator names, else the caller's. Raises `Failed`."""
    named = options.get("account_id")
    if named is None:
        return caller.account_id
    if not caller.admin:
        raise Thrown("The `account_id` field may only be specified by account administrators.")
    return str(named).lower()


def to_accounts(value: Any) -> Callable[[World, Caller | None, Any], Any]:
    """Return a function that answers with this value, to signed-in callers alone."""

    def answer(_world: World, caller: Caller | None, _options: Any) -> Any:
        require_caller(caller)
        return value

    return answer
