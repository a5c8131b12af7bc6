"""The form of the APIs' tables: the function behind each message, and what it may wait for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.errors import Failed
    from cocalc_magic.sandbox.world import World


@cache
def load(name: str) -> Callable[..., Any]:
    """Return the function, or the class, of a dotted name below the sandbox."""
    module, _, attribute = name.rpartition(".")
    function: Callable[..., Any] = getattr(import_module(f"cocalc_magic.sandbox.{module}"), attribute)
    return function


@dataclass(frozen=True)
class Method:
    """A function `(world, caller, options) -> JSON` that carries out one message.

    Args:
        function: The function, or its dotted name below `cocalc_magic.sandbox`. Named functions are
            imported when they are first called, so that a start does not wait for all of them.
        blocking: The worker pool that the function needs (`command`, `file` or `password`). A function
            without one is quick: it runs on the event loop, in one transaction, so that a full disk leaves
            nothing half-written.
    """

    function: str | Callable[..., Any]
    blocking: str | None = None

    @cached_property
    def loaded(self) -> Callable[..., Any]:
        """The function itself."""
        return load(self.function) if isinstance(self.function, str) else self.function

    def __call__(self, world: World, *arguments: Any) -> Any:
        """Carry out the message."""
        if self.blocking:
            return self.loaded(world, *arguments)
        with world.store.message():
            return self.loaded(world, *arguments)


def methods(module: str, names: str, blocking: str | None = None) -> dict[str, Method]:
    """Return the table entries of messages whose functions, in one module, are called as the messages are."""
    return {name: Method(f"{module}.{_function(name)}", blocking) for name in names.split()}


def pool_of(table: Mapping[str, Method], name: str) -> str | None:
    """Return the worker pool that the message of this name needs, if any."""
    method = table.get(name)
    return method.blocking if method else None


def _function(name: str) -> str:
    """Spell the last part of a name as Python does: `projects.createProject`, `projects/get-one`."""
    last = re.split(r"[./:]", name)[-1].replace("-", "_")
    return re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", last)


def always(value: Any) -> Method:
    """Return a method that answers with this value, whatever it is asked."""
    return Method(lambda *_: value)


def fail_with(failure: Failed) -> Method:
    """Return a method that fails like this, whatever it is asked."""

    def answer(*_: Any) -> Any:
        raise failure

    return Method(answer)
