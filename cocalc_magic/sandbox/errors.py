"""How an answer says that a message failed, and the sandbox that it cannot begin."""

from __future__ import annotations

from typing import Any

from cocalc_magic.sanitize.secret_forms import mask_secrets


class Failed(Exception):
    """The message failed: ``error`` goes into the response as it is, a text or an object."""

    def __init__(self, error: Any) -> None:
        super().__init__(error)
        self.error = error


class StorageFailed(Failed):
    """The database cannot be read or written: its disk is full, or its file damaged or locked."""


class CannotStart(Exception):
    """The data folder or the first state is not to be had; the text says why, without a secret of a file."""

    def __init__(self, problem: str) -> None:
        super().__init__(mask_secrets(problem))
