"""What a request of curl carries: JSON, a form, or a file that holds either."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from cocalc_magic.errors import InvalidSyntax, InvalidValue

if TYPE_CHECKING:
    from cocalc_magic.from_curl.options import Data, Request
    from cocalc_magic.from_curl.references import Reference, References


@dataclass(frozen=True)
class LocalFile:
    """The text of a local file, as the value of an option."""

    path: str


@dataclass
class Body:
    """What a request carries: JSON, or pairs of text (a form, a query), or a file that holds it."""

    json: Any = None
    pairs: list[tuple[str, Any]] = field(default_factory=list)
    whole: LocalFile | Reference | None = None


def body_of(request: Request, references: References, notes: list[str]) -> Body:
    """Return what a request carries.

    Raises:
        InvalidValue: For JSON that is none.
        InvalidSyntax: For a form in files, which are not read here.
    """
    if request.form:
        notes.append("curl sends a form in parts; the magic sends JSON.")
        return Body(pairs=pairs_of(request.form))
    if not request.data or request.get:
        return Body(pairs=pairs_of(request.data))
    if whole := _whole(request.data, references):
        return Body(whole=whole)
    if any(data.file and not data.encoded for data in request.data):
        raise InvalidSyntax("the content of files is not known here.", "Paste the data itself: -d '{…}'")
    is_json = request.json or "json" in request.headers.get("content-type", "").lower()
    text = ("" if request.json else "&").join(data.text for data in request.data)
    encoded = any(data.encoded for data in request.data)
    if not is_json and (encoded or not text.lstrip().startswith(("{", "["))):
        return Body(pairs=pairs_of(request.data))
    if encoded:
        raise InvalidValue("the data of the curl command is not JSON.", "--data-urlencode makes a form.")
    if not is_json:
        notes.append("The data is JSON, without the header that says so; the magic sends it as JSON.")
    return Body(json=_parsed(text, references))


def _whole(pieces: list[Data], references: References) -> LocalFile | Reference | None:
    """Return the file or the value of the notebook that is all of the data."""
    if len(pieces) != 1 or pieces[0].encoded:
        return None
    if pieces[0].file:
        return LocalFile(pieces[0].file)
    reference = references.alone(pieces[0].text)
    return LocalFile(reference.file) if reference and reference.file else reference


def _parsed(text: str, references: References) -> Any:
    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is not a value of JSON")

    try:
        return json.loads(references.in_json(text), parse_constant=refuse)
    except (ValueError, RecursionError) as problem:
        reason = "nested too deep" if isinstance(problem, RecursionError) else problem
        raise InvalidValue(f"the data of the curl command is not JSON: {reason}.") from None


def object_of(value: Any) -> dict[str, Any]:
    """Return a JSON object; raise `InvalidValue` for another value."""
    if not isinstance(value, dict):
        raise InvalidValue("the data of the curl command is not a JSON object.")
    return dict(value)


def pairs_of(pieces: list[Data]) -> list[tuple[str, Any]]:
    """Return pieces of a form as names and values, as a server reads them."""
    pairs: list[tuple[str, Any]] = []
    for piece in pieces:
        if piece.file:
            pairs.append((piece.name, LocalFile(piece.file)))
        elif piece.encoded and piece.name:
            pairs.append((piece.name, piece.text))
        elif piece.encoded:
            pairs.append((piece.text, ""))
        else:
            pairs += _of_form(piece.text)
    return pairs


def _of_form(text: str) -> list[tuple[str, str]]:
    """Return the pairs of a form; halves of characters stay, other bytes that are no text are replaced."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="surrogatepass")
    except UnicodeDecodeError:
        return parse_qsl(text, keep_blank_values=True)


def gathered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return pairs as options: what is given several times, or as `name[]`, is a list."""
    options: dict[str, Any] = {}
    for name, value in pairs:
        plain = name.removesuffix("[]")
        if plain in options or plain != name:
            before = options.get(plain, [])
            options[plain] = [*(before if isinstance(before, list) else [before]), value]
        else:
            options[plain] = value
    return options
