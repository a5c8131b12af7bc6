"""Who may send what through API v2, and its words for what went wrong."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.sandbox.world import Caller

_KIND = re.compile(r"\w*[eE]rror( \[\w+\])?: ")


def signed_in(caller: Caller | None, words: str = "must be signed in") -> Caller:
    """The caller. Raises :class:`Failed` for nobody."""
    if caller is None:
        raise Failed(words)
    return caller


def acting_as(caller: Caller, options: Mapping[str, Any]) -> str:
    """The account that an administrator names, else the caller's. Raises :class:`Failed` for others."""
    named = options.get("account_id")
    if named is None:
        return caller.account_id
    if not caller.admin:
        raise Failed("The `account_id` field may only be specified by account administrators.")
    return str(named).lower()


@contextmanager
def without_kind() -> Iterator[None]:
    """Failures lose JavaScript's name of the error, which other doors show before the text."""
    try:
        yield
    except Failed as problem:
        if not isinstance(problem.error, str):
            raise
        raise Failed(
            _KIND.sub("", problem.error, count=1) if _KIND.match(problem.error) else problem.error
        ) from None
