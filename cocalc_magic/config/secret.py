"""Keys, held so that they can be used but do not show themselves."""

from __future__ import annotations

import base64
import re
from typing import Any, NamedTuple, NoReturn
from urllib.parse import quote

from cocalc_magic.errors import CoCalcError
from cocalc_magic.sanitize.secret_forms import HIDDEN, hint


class Forms(NamedTuple):
    """The texts in which a key may come back: those that JSON may escape further, and all."""

    plain: tuple[str, ...]
    all: tuple[str, ...]


class Secret:
    """A key, password or cookie that is not shown by accident.

    `repr`, `str` and `format` show `•••`; `vars`, `json` and `pickle` refuse it. `reveal()` is the one way to
    the text, which is held in a closure: tools that walk through attributes (tracebacks with variables,
    inspectors) do not find it.

    Args:
        text: The secret.

    Raises:
        CoCalcError: On an attempt to pickle it.
    """

    __slots__ = ("forms", "reveal")

    def __init__(self, text: str) -> None:
        written: list[Forms] = []

        def reveal() -> str:
            """Return the key itself."""
            return text

        def forms() -> Forms:
            """Return the texts in which the key may come back, which are found once."""
            if not written:
                written.append(_forms(text))
            return written[0]

        self.reveal, self.forms = reveal, forms

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
        """Enough to tell one key from another, as CoCalc's own settings page shows it: `sk-…1n`."""
        return hint(self.reveal())


def redact(text: str, secret: Secret | None) -> str:
    """Mask a secret in a text: as it is, in the usual encodings, and in JSON with any letters escaped."""
    if not secret or len(text) < len(secret.reveal()):
        return text
    forms = secret.forms()
    for form in forms.all:
        if form in text:
            text = text.replace(form, HIDDEN)
    if _ESCAPED.search(text):  # JSON may write any letter so
        for form in forms.plain:
            text = re.sub("".join(map(_letter_pattern, form)), HIDDEN, text)
    return text


def _forms(key: str) -> Forms:
    plain = tuple(_plain_forms(key))
    return Forms(plain, (*plain, *_bytewise_forms(key)))


def _plain_forms(key: str) -> list[str]:
    """Return the key as headers and addresses have it: plain, as Basic authentication, URL-quoted."""
    base64s = [base64.b64encode(f"{key}{end}".encode()).decode() for end in (":", "")]
    return [key, *base64s, quote(key, safe="")]


def _bytewise_forms(key: str) -> list[str]:
    """Return the key byte by byte, as hex dumps, URLs, source code and HTML may have it."""
    codes = key.encode().hex(" ")
    shapes = ["&#" + ";&#".join(map(str, key.encode())) + ";"]
    for written in (codes, codes.upper()):
        shapes += [mark + written.replace(" ", mark) for mark in ("", "%", "\\x")]
        shapes.append("&#x" + written.replace(" ", ";&#x") + ";")
    return shapes


_ESCAPED = re.compile(r"\\u00[2-7]")


def _letter_pattern(letter: str) -> str:
    """Return a pattern for a letter, plain or escaped as in JSON."""
    return rf"(?:{re.escape(letter)}|\\u(?i:{ord(letter):04x}))"
