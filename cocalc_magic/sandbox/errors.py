"""The exceptions of the sandbox: of messages, of requests, and of its start."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sanitize.secret_forms import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator


class Failed(Exception):
    """Raised where a message fails by a text, or an object, that real servers pass on.

    Attributes:
        error: What API v1 and the conat bridge show.
        text: What is shown where the kind of an error is left out; here the same.
    """

    def __init__(self, error: Any) -> None:
        super().__init__(error)
        self.error = self.text = error


class Thrown(Failed):
    """Raised where real servers throw an Error object.

    How it is shown is a property of the failure, whatever its text: v1 and the conat bridge convert it to
    text, which begins with its kind (`Error: `, `TypeError: `, the database's `error: `); endpoints of API
    v2 show its text alone.
    """

    def __init__(self, text: str, *, kind: str = "Error") -> None:
        super().__init__(f"{kind}: {text}")
        self.text = text


class StorageFailed(Failed):
    """Raised where the database cannot be read or written: a full disk, a damaged or a locked file."""


@contextmanager
def thrown_again() -> Iterator[None]:
    """Throw an Error of what was shown before: what comes through a project keeps the kind it has there."""
    try:
        yield
    except StorageFailed:
        raise
    except Failed as problem:
        raise Thrown(str(problem.error)) from None


@contextmanager
def passed_on(*, with_kind: bool = False) -> Iterator[None]:
    """Pass on the text of what is thrown, as real servers do at some places: it is no Error any more."""
    try:
        yield
    except Failed as problem:
        raise Failed(problem.error if with_kind else problem.text) from None


class Refused(Exception):
    """Raised for a request that is answered with HTTP status 400 before any message is carried out."""


class CannotStart(Exception):
    """Raised where the data folder or the initial world cannot be used; secrets are masked."""

    def __init__(self, problem: str) -> None:
        super().__init__(mask_secrets(problem))
