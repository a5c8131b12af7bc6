"""Access checks and failures of API v2."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

_ERROR_NAME = re.compile(r"\w*[eE]rror( \[\w+\])?: ")


def require_caller(caller: Caller | None, refusal: str = "must be signed in") -> Caller:
    """Return the caller. Raises `Failed` where there is none."""
    if caller is None:
        raise Failed(refusal)
    return caller


def acting_as(caller: Caller, options: Mapping[str, Any]) -> str:
    """Return the account that an administrator names, else the caller's. Raises `Failed`."""
    named = options.get("account_id")
    if named is None:
        return caller.account_id
    if not caller.admin:
        raise Failed("The `account_id` field may only be specified by account administrators.")
    return str(named).lower()


@contextmanager
def without_error_name() -> Iterator[None]:
    """Remove the JavaScript name of the error from failures, which other APIs show before the text."""
    try:
        yield
    except Failed as problem:
        if not isinstance(problem.error, str):
            raise
        match = _ERROR_NAME.match(problem.error)
        raise Failed(problem.error[match.end() :] if match else problem.error) from None


def to_accounts(value: Any) -> Callable[[World, Caller | None, Any], Any]:
    """Return a function that answers with this value, to signed-in callers alone."""

    def answer(_world: World, caller: Caller | None, _options: Any) -> Any:
        require_caller(caller)
        return value

    return answer
