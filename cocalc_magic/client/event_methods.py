"""Every event of the catalog as a method; editors and type checkers read its twin `event_methods.pyi`."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.response import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Message, Option


class EventMethods:
    """Methods that send one message each, for a class that has `send`."""

    def __getattr__(self, event: str) -> Callable[..., Response]:
        message = None if event.startswith("_") else catalog.messages().get(event)
        if message is None:
            raise AttributeError(f"a {type(self).__name__} has no {event!r}, and there is no such event")
        return _as_function(self.send, message)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *catalog.messages()]


def _as_function(post: Callable[..., Response], message: Message) -> Callable[..., Response]:
    """Return a message as a function with its own signature and docstring."""

    def send(**options: Any) -> Response:
        return post(message.event, **options)

    ordered = sorted(message.options, key=lambda option: not option.required)
    send.__name__ = send.__qualname__ = message.event
    send.__doc__ = "\n".join([message.summary, "", message.description, "", *map(_described, ordered)])
    send.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # documented by inspect, unknown to mypy
        [
            inspect.Parameter(
                option.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if option.required else option.default,
                annotation=option.type,
            )
            for option in ordered
        ],
        return_annotation=Response,
    )
    return send


def _described(option: Option) -> str:
    needed = "required" if option.required else f"default {option.default!r}"
    return f"{option.name} ({option.type}, {needed}): {option.meaning}"
