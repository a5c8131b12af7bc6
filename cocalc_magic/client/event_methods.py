"""Every event of the catalog as a method; editors and type checkers read its twin `event_methods.pyi`."""

from __future__ import annotations

import inspect
from functools import lru_cache
from types import MethodType
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.response import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Option


class EventMethods:
    """Methods that send one message each, for a class that has `send`."""

    def __getattr__(self, event: str) -> Callable[..., Response]:
        function = None if event.startswith("_") else _as_function(event)
        if function is None:
            raise AttributeError(f"a {type(self).__name__} has no {event!r}, and there is no such event")
        return MethodType(function, self)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *catalog.messages()]


@lru_cache(1_000)
def _as_function(event: str) -> Callable[..., Response] | None:
    """Return a message as a function of a client, with its own signature and docstring; made once."""
    message = catalog.messages().get(event)
    if message is None:
        return None

    def send(self: Any, /, **options: Any) -> Response:
        response: Response = self.send(event, **options)
        return response

    ordered = sorted(message.options, key=lambda option: not option.required)
    send.__name__ = send.__qualname__ = event
    send.__doc__ = "\n".join([message.summary, "", message.description, "", *map(_described, ordered)])
    send.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # documented by inspect, unknown to mypy
        [
            inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY),
            *(
                inspect.Parameter(
                    option.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=inspect.Parameter.empty if option.required else option.default,
                    annotation=option.type,
                )
                for option in ordered
            ),
        ],
        return_annotation=Response,
    )
    return send


def _described(option: Option) -> str:
    needed = "required" if option.required else f"default {option.default!r}"
    return f"{option.name} ({option.type}, {needed}): {option.meaning}"
