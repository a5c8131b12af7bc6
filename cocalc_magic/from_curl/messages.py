"""A request of curl as a message, or as a raw request where the catalog has no such message."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from cocalc_magic import catalog
from cocalc_magic.client.wire import WIRES, conat
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.from_curl import addresses
from cocalc_magic.from_curl.request_body import LocalFile, body_of, gathered, object_of, pairs_of
from cocalc_magic.sanitize.secret_forms import find_secrets, is_secret_name
from cocalc_magic.syntax import convert

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Message, Option
    from cocalc_magic.from_curl.addresses import Address
    from cocalc_magic.from_curl.options import Request
    from cocalc_magic.from_curl.references import Reference, References
    from cocalc_magic.from_curl.request_body import Body

SHOW_SECONDS = 60.0  # what snippets are written with


@dataclass
class Interpretation:
    """What one request means in the notebook.

    `words` follow `%cocalc`: the event, or `raw` with method and path. `payload` is a file, or a
    value of the notebook, that holds all options.
    """

    words: str
    options: dict[str, Any] = field(default_factory=dict)
    server: str = ""
    timeout: str = ""
    payload: LocalFile | Reference | None = None
    into: str = ""
    notes: list[str] = field(default_factory=list)
    had_key: bool = False


def interpret(request: Request, url: str, references: References) -> Interpretation:
    """Return what a request to one of its addresses means.

    Raises:
        InvalidSyntax: For a request that is not for CoCalc, or that nothing here can send.
        InvalidMessage: For options that the message does not take.
    """
    address = addresses.parse(url, references)
    result = Interpretation("", server=address.server, timeout=_seconds(request.timeout))
    if request.timeout and not result.timeout:
        result.notes.append(f"Left aside: -m {references.restored(request.timeout)}.")
    body = body_of(request, references, result.notes)
    query = [*address.query, *pairs_of(request.query)]
    credentials = [*request.credentials, address.credentials]
    credentials += [text for name, text in query if is_secret_name(name)]
    result.had_key = any(_is_literal(text, references) for text in credentials)
    query = [(name, text) for name, text in query if not is_secret_name(name)]
    _Meaning(request, address, references, result).fill(body, query)
    return result


class _Meaning:
    """Fills in what one request means."""

    def __init__(
        self, request: Request, address: Address, references: References, result: Interpretation
    ) -> None:
        self.request = request
        self.address = address
        self.references = references
        self.result = result

    @property
    def method(self) -> str:
        """The method that curl uses."""
        sends = self.request.data or self.request.form
        return self.request.method.upper() or ("POST" if sends and not self.request.get else "GET")

    def fill(self, body: Body, query: list[tuple[str, Any]]) -> None:
        """Find the message, and write its options down; without one in the catalog, a raw request."""
        address = self.address
        if address.api in ("v1", "v2"):
            message = catalog.by_api(address.api, addresses.event(address.api, address.name))
        else:
            message = self._of_conat(body) if address.api == "conat" else None
        if message is None:
            self._raw(body, query)
            return
        self._notes_on_method(message)
        self.result.words = message.event
        if body.whole:
            self.result.payload = body.whole
            return
        if body.json is None and not body.pairs:
            body.pairs, query = query, []
        if query:
            self.result.notes.append(f"Left aside: {', '.join(name for name, _ in query)} in the address.")
        self.result.options = self._options(message, body)

    def _notes_on_method(self, message: Message) -> None:
        if self.method != "POST":
            self.result.notes.append(
                f"curl sends {self.method}; the magic sends POST, as {message.event} wants it."
            )

    # -- options -----------------------------------------------------------------------------------

    def _options(self, message: Message, body: Body) -> dict[str, Any]:
        if body.json is None:
            options: dict[str, Any] = gathered(body.pairs)
            return self._converted(message, options, self._from_form)
        options, wait = WIRES[message.generation].options_of(message, object_of(body.json))
        if wait is not None:
            self._wait(message, options, wait)
        return self._converted(message, options, convert.from_json)

    def _converted(
        self, message: Message, values: dict[str, Any], read: Callable[[Option, Any], Any]
    ) -> dict[str, Any]:
        options = {}
        for name, value in values.items():
            option = message.option(name)
            if name in message.secret:
                options[name] = self._password(name, value)
            elif isinstance(value, LocalFile) or self.references.inside(_text(value)):
                options[name] = self._public(value)
            else:
                options[name] = self._public(read(option, value))
        return options

    def _from_form(self, option: Option, value: Any) -> Any:
        """Return a value that a form has as text, in the option's type."""
        if isinstance(value, list):
            return [convert.from_text(option, text) for text in value] if _is_array(option) else value
        text = convert.from_text(option, value)
        if text is False:
            self.result.notes.append(
                f"{option.name}={value} is sent as false; curl sends a text, which servers take for true."
            )
        return text

    def _public(self, value: Any, name: str = "") -> Any:
        """Return a value without the secrets that stand in it, at any depth."""
        if isinstance(value, dict):
            return {key: self._public(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._public(inner, name) for inner in value]
        if not isinstance(value, str) or not value:
            return value
        if is_secret_name(name):
            return self._password(name, value)
        for span in reversed(find_secrets(value)):
            token = self.references.secret(value[span.start : span.end])
            value = value[: span.start] + token + value[span.end :]
        return value

    def _password(self, name: str, value: Any) -> Any:
        """Return a variable of the notebook in place of a secret value."""
        if not isinstance(value, str) or self.references.alone(value) is not None:
            return value
        return self.references.secret(value, re.sub(r"\W", "_", name))

    # -- conat -------------------------------------------------------------------------------------

    def _of_conat(self, body: Body) -> Message | None:
        if not isinstance(body.json, dict) or self.address.name not in ("hub", "project"):
            return None
        start = conat.PROJECT if self.address.name == "project" else ""
        message = catalog.by_api("conat", start + str(body.json.get("name", "")))
        args = body.json.get("args", [])
        if message is None or not isinstance(args, list):
            return None
        objects = args[len(message.ordered) :]
        fits = len(objects) <= 1 and all(isinstance(inner, dict) for inner in objects)
        return message if fits else None

    def _wait(self, message: Message, options: dict[str, Any], wait: float) -> None:
        """Turn the seconds that the server is told to wait into those that the notebook waits."""
        if self.result.timeout:
            return
        if own := message.own_seconds(options):
            if wait != own + conat.MARGIN:
                self.result.notes.append(
                    "Left aside: timeout of the body; the message has a timeout of its own."
                )
            return
        seconds = conat.client_seconds(wait)
        if seconds != SHOW_SECONDS:
            self.result.timeout = f"{seconds:g}"

    # -- raw ---------------------------------------------------------------------------------------

    def _raw(self, body: Body, query: list[tuple[str, Any]]) -> None:
        path = quote(self.address.path, safe="/:@!$&'()*+,;=~-._%", errors="surrogateescape")
        path += f"?{urlencode(query)}" if query else ""
        if self.references.inside(path) or not self.method.isalpha():
            raise InvalidSyntax(
                "the address or the method holds a value that only the shell knows.", "Write it out."
            )
        self.result.words = f"raw {self.method} {path}"
        near = catalog.names_like(self.address.name) if self.address.api else []
        suggestion = f" Did you mean {' or '.join(near)}?" if near else ""
        self.result.notes.append(f"The catalog has no message for {self.address.path}.{suggestion}")
        if isinstance(body.whole, LocalFile):
            self.result.options["body"] = body.whole
        elif body.whole:
            self.result.options["body"] = self.references.token(body.whole)
        elif body.json is not None or body.pairs:
            value = body.json if body.json is not None else gathered(body.pairs)
            self.result.options["body"] = self._public(value)


def _is_array(option: Option) -> bool:
    return any(type_.startswith("array") for type_ in option.types)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _seconds(text: str) -> str:
    return text if re.fullmatch(r"\d+(\.\d+)?", text) and float(text) > 0 else ""


def _is_literal(text: str, references: References) -> bool:
    """Return whether credentials stand in the text itself: not for `:`, `$KEY:` or `YOUR_API_KEY:`."""
    plain = references.without(text).strip(": ")
    return any(reference.secret for reference in references.inside(text)) or not re.fullmatch(
        r"|YOUR\W?\w*|[A-Z_]*API_KEY|<[^>]*>|(?:sk[-_])?(?:\.\.\.|…)", plain, re.IGNORECASE
    )
