"""What the commands are run in: what is configured, and whether a person is there."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from cocalc_magic.widgets.table import Keep


class Surroundings(Protocol):
    """What a shell knows and a command may ask; the magics are one."""

    @property
    def server(self) -> str:
        """Name or address of the server as configured; empty where none is."""

    @property
    def app_name(self) -> str:
        """What CoCalc's sign-in page calls the program that asks for a key."""

    @property
    def person(self) -> bool:
        """Whether a person can be asked something on the line."""

    @property
    def page(self) -> bool:
        """Whether a page is there that shows widgets, as far as the kernel can know."""

    @property
    def terminal(self) -> bool:
        """Whether a person is at a terminal, where what is written is kept by nobody."""

    @property
    def keep(self) -> Keep | None:
        """What gives a DataFrame a name in the notebook; ``None`` where there is no notebook."""

    def waiting(
        self, what: str, server: str, words: Callable[[], str], *, quiet: bool = False
    ) -> AbstractContextManager[object]:
        """Say while a block runs how far it is, where a person is there who did not ask for quiet."""


@dataclass(frozen=True)
class Nobody:
    """No configuration and no person, as in a script."""

    server: str = ""
    app_name: str = "cocalc-magic"
    person: bool = False
    page: bool = False
    terminal: bool = False
    keep: Keep | None = None

    def waiting(
        self, what: str, server: str, words: Callable[[], str], *, quiet: bool = False
    ) -> AbstractContextManager[object]:
        """Say nothing: nobody is there."""
        del what, server, words, quiet
        return nullcontext()
