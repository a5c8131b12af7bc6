"""Parse the options of curl: a command line to the requests that it makes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.from_curl.option_names import letters as names_of_letters
from cocalc_magic.from_curl.option_names import long_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic.from_curl.commands import Curl, Stdin

_SCHEME = re.compile(r"^(?:Basic|Bearer|Token)\b\s*", re.IGNORECASE)
_SESSION = re.compile(r"remember_me|api_?key|sess|sid\b|auth|token", re.IGNORECASE)
_REFUSED = {
    "config": "reads options from a file",
    "variable": "sets variables of curl's own",
    "upload-file": "sends a file as it is",
    "request-target": "changes the address",
}


@dataclass(frozen=True)
class Data:
    """One piece of what is sent: a text as it stands, a pair to be encoded, or a local file.

    `name` and `encoded` are those of `--data-urlencode`.
    """

    text: str = ""
    file: str = ""
    name: str = ""
    encoded: bool = False


@dataclass
class Request:
    """One transfer of curl, as its options describe it."""

    urls: list[str] = field(default_factory=list)
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    data: list[Data] = field(default_factory=list)
    form: list[Data] = field(default_factory=list)
    query: list[Data] = field(default_factory=list)
    get: bool = False
    json: bool = False
    credentials: list[str] = field(default_factory=list)
    timeout: str = ""
    aside: list[str] = field(default_factory=list)
    other_headers: list[str] = field(default_factory=list)


def requests_of(curl: Curl) -> list[Request]:
    """Return the transfers of a command, one for each `--next`.

    Raises:
        InvalidSyntax: For an option that curl does not have, or that takes what is sent from elsewhere.
    """
    reader = _Reader(curl.stdin)
    reader.take(iter(curl.words))
    return [request for request in reader.requests if request.urls or request.data]


class _Reader:
    """Reads the words after `curl`, as curl's own reader does."""

    def __init__(self, stdin: Stdin | None) -> None:
        self.stdin = stdin
        self.requests = [Request()]
        self.meanings: dict[str, Callable[[str], None]] = {
            "url": lambda value: self.now.urls.append(value),
            "request": lambda value: setattr(self.now, "method", value),
            "data": lambda value: self._data(value, strips=True),
            "data-ascii": lambda value: self._data(value, strips=True),
            "data-binary": self._data,
            "data-raw": lambda value: self.now.data.append(Data(value)),
            "data-urlencode": lambda value: self.now.data.append(self._encoded(value)),
            "json": self._json,
            "form": self._form,
            "form-string": lambda value: self.now.form.append(_pair(value, literal=True)),
            "url-query": self._url_query,
            "get": lambda _: setattr(self.now, "get", True),
            "head": lambda _: setattr(self.now, "method", "HEAD"),
            "header": self._header,
            "user": lambda value: self.now.credentials.append(value),
            "oauth2-bearer": lambda value: self.now.credentials.append(value),
            "cookie": lambda value: self._cookies(value if "=" in value else "", "-b"),
            "max-time": lambda value: setattr(self.now, "timeout", value),
            "next": lambda _: self.requests.append(Request()),
        }

    @property
    def now(self) -> Request:
        """The transfer that options belong to."""
        return self.requests[-1]

    def take(self, words: Iterator[str]) -> None:
        """Read all words."""
        for word in words:
            if word == "--":
                self.now.urls += list(words)
            elif word.startswith("--"):
                self._long(word, words)
            elif word.startswith("-") and len(word) > 1:
                self._short(word[1:], words)
            else:
                self.now.urls.append(word)

    def _long(self, word: str, words: Iterator[str]) -> None:
        name = word[2:]
        known = long_names()
        if name.startswith("expand-"):
            raise _refused(word, _REFUSED["variable"])
        if name not in known and name.startswith("no-") and name[3:] in known:
            self.now.aside.append(word)
            return
        if name not in known:
            longer = [full for full in known if full.startswith(name)]
            if len(longer) != 1:
                raise InvalidSyntax(
                    f"curl has no option {word[:40]}.", "An option and its value are two words: --data x"
                )
            name = longer[0]
        self._mean(name, f"--{name}", self._value(word, words) if known[name] else "")

    def _short(self, letters: str, words: Iterator[str]) -> None:
        """Read a word of short options, which may be several, and the value of the last."""
        for at, letter in enumerate(letters):
            name = names_of_letters().get(letter)
            if name is None:
                raise InvalidSyntax(f"curl has no option -{letter}.", "Is a quote missing before it?")
            if not long_names()[name]:
                self._mean(name, f"-{letter}", "")
                continue
            self._mean(name, f"-{letter}", letters[at + 1 :] or self._value(f"-{letter}", words))
            return

    def _value(self, option: str, words: Iterator[str]) -> str:
        value = next(words, None)
        if value is None:
            raise InvalidSyntax(f"a value is missing after {option} of curl.")
        return value

    def _mean(self, name: str, written: str, value: str) -> None:
        if name in _REFUSED:
            raise _refused(written, _REFUSED[name])
        if name in self.meanings:
            self.meanings[name](value)
        elif written not in self.now.aside:
            self.now.aside.append(written)

    # -- what is sent ------------------------------------------------------------------------------

    def _file(self, name: str, *, strips: bool = False) -> Data:
        """Return a local file, or the input of the command, of which the text may be known."""
        if name != "-":
            return Data(file=name)
        if self.stdin is None or self.stdin.source:
            source = self.stdin.source if self.stdin else "what is typed"
            raise InvalidSyntax(
                f"the data is the output of {source}, which is known only when it runs.",
                "Paste the data itself: -d '{…}'",
            )
        if self.stdin.text is None:
            return Data(file=self.stdin.file)
        return Data(re.sub(r"[\r\n]", "", self.stdin.text) if strips else self.stdin.text)

    def _data(self, value: str, *, strips: bool = False) -> None:
        data = self._file(value[1:], strips=strips) if value.startswith("@") else Data(value)
        self.now.data.append(data)

    def _encoded(self, value: str) -> Data:
        """Parse `content`, `=content`, `name=content`, `@file` or `name@file`."""
        name, sign, content = value.partition("=")
        if sign:
            return Data(content, name=name, encoded=True)
        name, sign, path = value.partition("@")
        if not sign:
            return Data(value, encoded=True)
        data = self._file(path)
        return Data(data.text, data.file, name, encoded=True)

    def _json(self, value: str) -> None:
        self._data(value)
        self.now.json = True

    def _form(self, value: str) -> None:
        """Parse `name=text`, `name=@file` and `name=<file`, of which only the last is a text."""
        data = _pair(value)
        if data.text.startswith("@"):
            raise InvalidSyntax(
                f"-F {data.name}=@… uploads a file, which no message does.", "%cocalc upload FILE does."
            )
        if data.text.startswith("<"):
            read = self._file(data.text[1:])
            data = Data(read.text, read.file, data.name, encoded=True)
        self.now.form.append(data)

    def _url_query(self, value: str) -> None:
        self.now.query.append(Data(value[1:]) if value.startswith("+") else self._encoded(value))

    def _header(self, value: str) -> None:
        if value.startswith("@"):
            self.now.aside.append("-H @file")
            return
        name, _, content = value.partition(":")
        name, content = name.strip().rstrip(";"), content.strip()
        if name.lower() == "cookie":
            self._cookies(content, "-H Cookie")
        elif name.lower() in ("authorization", "x-api-key", "api-key"):
            self.now.credentials.append(_SCHEME.sub("", content))
        elif name.lower() == "content-type":
            self.now.headers["content-type"] = content
        elif name not in self.now.other_headers:
            self.now.other_headers.append(name)

    def _cookies(self, text: str, written: str) -> None:
        """Note the session cookies; all others are irrelevant to a message."""
        pairs = [cookie.strip().partition("=") for cookie in text.split(";")]
        signed_in = [value for name, _, value in pairs if _SESSION.search(name)]
        self.now.credentials += signed_in
        if len(signed_in) < len(pairs):
            self.now.aside.append(written)


def _pair(value: str, *, literal: bool = False) -> Data:
    """Parse `name=text;type=…`, a part of a form; with `--form-string` all of it is text."""
    name, _, text = value.partition("=")
    text = text if literal else re.sub(r";type=[^;]*\Z", "", text)
    return Data(text, name=name, encoded=True)


def _refused(option: str, reason: str) -> InvalidSyntax:
    return InvalidSyntax(
        f"{option[:40]} of curl {reason}, which from-curl can't follow.", "Paste the command without it."
    )
