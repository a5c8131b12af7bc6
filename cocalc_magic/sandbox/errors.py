"""The exceptions of the sandbox: of messages, of requests, and of its start."""

from __future__ import annotations

from typing import Any

from cocalc_magic.sanitize.secret_forms import mask_secrets


class Failed(Exception):
    """Raised where a message fails; `error`, a text or an object, goes into the response as it is."""

    def __init__(self, error: Any) -> None:
        super().__init__(error)
        self.error = error


class StorageFailed(Failed):
    """Raised where the database cannot be read or written: a full disk, a damaged or a locked file."""


class Refused(Exception):
    """Raised for a request that is answered with HTTP status 400 before any message is carried out."""


class CannotStart(Exception):
    """Raised where the data folder or the initial world cannot be used; secrets are masked."""

    def __init__(self, problem: str) -> None:
        super().__init__(mask_secrets(problem))
