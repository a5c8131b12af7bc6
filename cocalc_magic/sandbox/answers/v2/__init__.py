"""What each name of API v2 does: ``(world, caller or None, options) -> JSON``, by subject.

Where it is what a message of v1 does, the answer of v1 does it, and only the words of failures and the
form of the result are made here. An answer raises :class:`~cocalc_magic.sandbox.errors.Failed`; its
module is loaded when it is first asked for.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

    Answer = Callable[[World, Caller | None, Mapping[str, Any]], Any]

ANSWERS = {
    "exec": "v2.running.execute",
    "api-keys": "keys.api_keys",
    "accounts/profile": "people.profile",
}
"""Name -> module and function, below ``answers``."""

WAITS = {"exec": "command"}
"""Answers that may wait, and for what: they are given threads."""


@cache
def find(name: str) -> Answer:
    """What answers a name of :data:`ANSWERS`."""
    module, _, function = ANSWERS[name].rpartition(".")
    answer: Answer = getattr(import_module(f"cocalc_magic.sandbox.answers.{module}"), function)
    return answer
