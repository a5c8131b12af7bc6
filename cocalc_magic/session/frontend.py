"""What a session runs in: whether a person or a page is there, and how something is shown to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cocalc_magic.look import Look
    from cocalc_magic.response import Response
    from cocalc_magic.session.jobs import Job

OnJob = Callable[..., None]
"""Called once the message has become a job on the server, or with words for what it waits for there."""

Keep = Callable[[Any, Any], str]
"""Gives a value a name in the notebook and returns that; the second argument is a value it may replace."""


class Frontend(Protocol):
    """The notebook, terminal or script that a session runs in; all questions to it are asked late."""

    @property
    def server(self) -> str:
        """Name or address of the configured server; empty if none is."""

    @property
    def app_name(self) -> str:
        """Name of the program that asks for a key, as CoCalc's sign-in page shows it."""

    @property
    def look(self) -> Look | None:
        """Title, logo and accent colour of the product that asks; `None` if none of them is configured."""

    @property
    def person(self) -> bool:
        """True if a person can be asked something on the line."""

    @property
    def page(self) -> bool:
        """True if a page is there that shows widgets, as far as the kernel can know."""

    @property
    def terminal(self) -> bool:
        """True in an interactive terminal, whose output is not saved to a notebook."""

    @property
    def keep(self) -> Keep | None:
        """Function that stores a DataFrame in the notebook's namespace; `None` outside a notebook."""

    @property
    def namespace(self) -> Mapping[str, Any]:
        """Values of the notebook by name; empty outside one."""

    def progress(
        self, what: str, server: str, words: Callable[[], str] | None = None, *, quiet: bool = False
    ) -> AbstractContextManager[OnJob | None]:
        """Return a context in which a person is told how long `what` has been running.

        Args:
            what: The event or command.
            server: Name of the server it waits for.
            words: Gives how far it is, if more is known than that it is waited for.
            quiet: Say nothing.
        """

    def show_send_button(
        self, event: str, server: str, reason: str, send: Callable[[OnJob], Response | Job]
    ) -> None:
        """Show a button that sends what has to be confirmed first: a message, or a job of many."""

    def show(self, value: object) -> None:
        """Show a value beside what the cell returns."""


@dataclass(frozen=True)
class HeadlessFrontend:
    """No configuration, no person and no page, as in a script."""

    server: str = ""
    app_name: str = "cocalc-magic"
    look: Look | None = None
    person: bool = False
    page: bool = False
    terminal: bool = False
    keep: Keep | None = None
    namespace: Mapping[str, Any] = field(default_factory=dict)

    def progress(
        self, what: str, server: str, words: Callable[[], str] | None = None, *, quiet: bool = False
    ) -> AbstractContextManager[OnJob | None]:
        """Show nothing."""
        del what, server, words, quiet
        return nullcontext()

    def show_send_button(
        self, event: str, server: str, reason: str, send: Callable[[OnJob], Response | Job]
    ) -> None:
        """Show nothing."""

    def show(self, value: object) -> None:
        """Show nothing."""
