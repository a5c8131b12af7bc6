"""Every event of the catalog as a method. Editors and type checkers read ``events.pyi``, its typed twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic import catalog
from cocalc_magic.client.event_methods import as_function

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.response import Response


class EventMethods:
    """Methods that send one message each, for a class that has ``send``."""

    def __getattr__(self, event: str) -> Callable[..., Response]:
        message = None if event.startswith("_") else catalog.messages().get(event)
        if message is None:
            raise AttributeError(f"a {type(self).__name__} has no {event!r}, and there is no such event")
        return as_function(self.send, message)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *catalog.messages()]
