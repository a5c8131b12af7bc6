"""Replace secrets, e-mail addresses and names of people: `<key 1>`, `person2@example.com`, `Person3`.

The same text has the same stand-in in a whole recording, so that what belonged together still does. They are
numbered in the order of the recording. Secrets are found by their form or by the name of their field, and
from then on wherever they occur; names of people by the catalog's fields.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.personal import is_person_name
from cocalc_magic.sanitize.secret_forms import HIDDEN, find_secrets, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

EMAIL, PERSON, PASSWORD, TOKEN, SECRET, UPLOAD = "email", "person", "password", "token", "secret", "upload"
STAND_IN = re.compile(
    r"<(?:key|session|token|credentials|password|secret|upload) [1-9]\d{0,6}>"
    r"|\bperson[1-9]\d{0,6}@example\.com|\bPerson[1-9]\d{0,6}\b"
)
_NO_SECRETS = frozenset({EMAIL, PERSON, UPLOAD})
_SHAPES = {EMAIL: "person{}@example.com", PERSON: "Person{}"}
_KINDS = {"key": "key", "session cookie": "session", "sign-in token": TOKEN, "password": PASSWORD}
_EMAIL = re.compile(
    r"(?<![\w.%+-])[\w%+-](?:[\w.%+-]{0,62}[\w%+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}"
    r"[A-Za-z]{2,24}(?![\w@-])"
)
_STAGE = re.compile(r"(?<=\.cache/cocalc-magic/)[0-9a-f]{32}")  # where one upload stands until it is whole
_PASSWORD_IS = re.compile(
    r"(?i)(?<![a-z])(?:password|passwd|passphrase|pwd)\\{0,7}[\"']?\s{0,9}[:=]\s{0,9}\\{0,7}[\"']?"
    r"(?P<secret>(?=[^\s\"',;&\\]{0,80}\d)[^\s\"',;&\\$(){}<>•…]{6,256})(?![(\[])"
)
_MASKED = re.compile(rf"{HIDDEN}|sk[-_]….{{0,2}}")
LEAST = 5  # characters of a secret without a form that is looked for beyond its own field
_MAX_TEXT = 1_000_000  # characters of a text that is read as JSON


class StandIns:
    """The stand-ins of one recording.

    Args:
        taken: Stand-ins that occur in it already, as those of a replayed message; they stay what they are.
        secrets: Texts that must not occur in it, such as the key that everything was sent with.
        known: Stand-ins by the texts that they stand for already.
    """

    def __init__(
        self, taken: Iterable[str] = (), secrets: Iterable[str] = (), known: Mapping[str, str] | None = None
    ) -> None:
        self._taken, self._numbers = set(taken), Counter[str]()
        self._stand_ins = dict(known or {})  # by the text that they stand for
        self._everywhere: dict[str, str] = {}  # kinds of texts that are replaced wherever they occur
        for text in secrets:
            self._know(text, "key")

    @property
    def counts(self) -> dict[str, int]:
        """How many different texts of each kind were replaced."""
        return dict(Counter(map(kind_of, self._stand_ins.values())))

    @property
    def secrets(self) -> list[str]:
        """The texts that must be found nowhere any more: secrets of any form, but too short ones."""
        replaced = {
            text for text, stand_in in self._stand_ins.items() if kind_of(stand_in) not in _NO_SECRETS
        }
        known = {text for text, kind in self._everywhere.items() if kind not in _NO_SECRETS}
        return sorted(text for text in replaced | known if len(text) > LEAST)

    def learn(self, value: Any, secret: Iterable[str] = ()) -> None:
        """Find the texts of a JSON value that are to be replaced wherever they occur.

        Args:
            value: The value.
            secret: Names of fields of its first level that are secret besides those that sound so.
        """
        for kind, text in _named(value, frozenset(secret)):
            if kind == PERSON:
                self.know_person(text)
            elif len(text) >= LEAST:
                self._know(text, kind)

    def replaced(self, value: Any, secret: Iterable[str] = ()) -> Any:
        """Return a JSON value with stand-ins; `secret` as in `learn`."""
        return self._value(value, frozenset(secret))

    def text(self, text: str) -> str:
        """Return a text with stand-ins for all that is known, or has a form to be known by."""
        known = [secret for secret in self._everywhere if secret in text]  # which are few, of a class of 300
        if known:
            longest_first = sorted(known, key=len, reverse=True)
            text = re.sub("|".join(map(_whole, longest_first)), self._known, text)
        if "ass" in text.lower() or "pwd" in text.lower():
            text = _PASSWORD_IS.sub(self._password, text)
        text = self._without_forms(text)
        if "@" in text:
            text = _EMAIL.sub(lambda match: self._for(EMAIL, match[0]), text)
        return _STAGE.sub(lambda match: self._for(UPLOAD, match[0]), text)

    # ----------------------------------------------------------------------------------------------

    def _value(self, value: Any, secret: frozenset[str]) -> Any:
        if isinstance(value, dict):
            return {self.text(name): self._field(name, inner, value, secret) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, frozenset()) for inner in value]
        return self.text(value) if isinstance(value, str) else value

    def _field(self, name: str, value: Any, beside: Mapping[str, Any], secret: frozenset[str]) -> Any:
        if name in secret or is_secret_name(name):
            return self._all(value, _kind_of(name))
        if isinstance(value, str) and is_person_name(name, beside):
            return self._person(value)
        return self._value(value, frozenset())

    def _all(self, value: Any, kind: str) -> Any:
        """Replace every text below the name of a secret."""
        if isinstance(value, dict):
            return {self.text(name): self._all(inner, kind) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._all(inner, kind) for inner in value]
        return self._for(_form_of(value) or kind, value) if isinstance(value, str) else value

    def _person(self, name: str) -> str:
        """Replace a name word by word, so that a full name is that of its first and last name."""
        if _EMAIL.fullmatch(name):
            return self._for(EMAIL, name)
        return re.sub(r"\S+", lambda match: self._for(PERSON, match[0]), name)

    def _without_forms(self, text: str) -> str:
        """Replace what has the form of a secret; again where one has hidden another."""
        for _ in range(3):
            spans = [span for span in find_secrets(text) if not _is_left(text[span.start : span.end], TOKEN)]
            if not spans:
                break
            for span in reversed(spans):
                stand_in = self._for(_KINDS.get(span.kind, TOKEN), text[span.start : span.end])
                text = f"{text[: span.start]}{stand_in}{text[span.end :]}"
        return text

    def _known(self, match: re.Match[str]) -> str:
        kind = self._everywhere[match[0]]
        return self._person(match[0]) if kind == PERSON else self._for(kind, match[0])

    def _password(self, match: re.Match[str]) -> str:
        start, end = match.span("secret")
        before, behind = match[0][: start - match.start()], match[0][end - match.start() :]
        return f"{before}{self._for(PASSWORD, match['secret'])}{behind}"

    def _know(self, text: str, kind: str) -> None:
        if not _is_left(text, kind) and text not in self._everywhere:
            self._everywhere[text] = _form_of(text) or kind

    def know_person(self, name: str) -> None:
        """Know a full name; a single word of it may be a word of any text."""
        if len(name.split()) > 1 and not _EMAIL.fullmatch(name) and name not in self._everywhere:
            self._everywhere[name] = PERSON

    def _for(self, kind: str, text: str) -> str:
        """Return the stand-in for a text, which is the same one every time."""
        if _is_left(text, kind):
            return text
        known = text.casefold() if kind == EMAIL else text
        if known not in self._stand_ins:
            self._stand_ins[known] = self._next(kind)
        return self._stand_ins[known]

    def _next(self, kind: str) -> str:
        while True:
            self._numbers[kind] += 1
            stand_in = _SHAPES.get(kind, f"<{kind} {{}}>").format(self._numbers[kind])
            if stand_in not in self._taken:
                return stand_in


def stand_ins_in(text: str) -> set[str]:
    """Return the stand-ins that occur in a text."""
    return set(STAND_IN.findall(text))


def kind_of(stand_in: str) -> str:
    """Return what a stand-in stands for."""
    if stand_in.startswith("<"):
        return stand_in[1:].partition(" ")[0]
    return EMAIL if "@" in stand_in else PERSON


def is_email(text: str) -> bool:
    """Return whether a text is an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def _is_left(text: str, kind: str) -> bool:
    """Return whether a text is left as it is: empty, masked already, or a stand-in itself.

    A password may be `Person1`; what stands for one looks otherwise.
    """
    if not text.strip() or _MASKED.fullmatch(text):
        return True
    return STAND_IN.fullmatch(text) is not None and (kind in _NO_SECRETS or text.startswith("<"))


def _kind_of(name: str) -> str:
    small = name.lower()
    if "pass" in small or "pwd" in small:
        return PASSWORD
    return TOKEN if "token" in small else SECRET


def _form_of(text: str) -> str:
    """Return the kind of a text that is one secret from its beginning to its end, by its form."""
    spans = find_secrets(text)
    whole = len(spans) == 1 and (spans[0].start, spans[0].end) == (0, len(text))
    return _KINDS.get(spans[0].kind, TOKEN) if whole else ""


def _whole(text: str) -> str:
    """Return a pattern that matches a text, but not inside a longer word."""
    before = r"(?<!\w)" if text[0].isalnum() else ""
    behind = r"(?!\w)" if text[-1].isalnum() else ""
    # After an escape of JSON a word begins, too: "\nhunter2".
    return f"(?:{before}|(?<=\\\\[bfnrt])){re.escape(text)}{behind}"


def _named(value: Any, secret: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Yield kind and text of what is a secret or the name of a person by the name of its field."""
    if isinstance(value, dict):
        yield from _full_names(value)
        for name, inner in value.items():
            if name in secret or is_secret_name(name):
                yield from ((_kind_of(name), text) for text in _texts(inner))
            elif isinstance(inner, str) and is_person_name(name, value):
                yield PERSON, inner
            else:
                yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)
    elif isinstance(value, str) and value[:1] in ("{", "[") and len(value) <= _MAX_TEXT:
        yield from _named_in_text(value)


def _named_in_text(text: str) -> Iterator[tuple[str, str]]:
    """Yield the same of a text that is JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict | list):
        yield from _named(value)


def _full_names(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for first, last in (("first_name", "last_name"), ("firstName", "lastName")):
        names = record.get(first), record.get(last)
        if all(isinstance(name, str) and name.strip() for name in names):
            yield PERSON, " ".join(str(name).strip() for name in names)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
