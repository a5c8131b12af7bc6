"""Keys, held so that they can be used and not seen."""

from __future__ import annotations

import base64
from typing import Any, NoReturn

from cocalc_magic.errors import CoCalcError

HIDDEN = "•••"


class Secret:
    """A key. ``repr``, ``str``, ``format`` show nothing of it; ``vars``, ``json``, ``pickle`` refuse it.

    ``reveal()`` is the one way to the text. The text lives in a closure: no attribute holds it, so
    that tools which walk through objects (tracebacks with variables, inspectors) don't meet it.
    """

    __slots__ = ("reveal",)

    def __init__(self, text: str) -> None:
        def reveal() -> str:
            """The key itself."""
            return text

        self.reveal = reveal

    def __repr__(self) -> str:
        return f"<Secret {HIDDEN}>"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: Any) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise CoCalcError(
            "a key can't be pickled.", "Give it to the other process in its environment: COCALC_API_KEY"
        )

    @property
    def hint(self) -> str:
        """Enough to tell one key from another, as CoCalc's own settings page shows it: ``sk-…1n``."""
        text = self.reveal()
        return f"{text[:3]}…{text[-2:]}" if len(text) >= 16 else HIDDEN


def redact(text: str, secret: Secret | None) -> str:
    """The text without the key, in its plain form and as Basic authentication writes it."""
    if not secret:
        return text
    key = secret.reveal()
    for shape in (
        key,
        base64.b64encode(f"{key}:".encode()).decode(),
        base64.b64encode(key.encode()).decode(),
    ):
        if shape in text:
            text = text.replace(shape, HIDDEN)
    return text
