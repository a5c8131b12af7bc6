"""Look for secrets that are left in what is about to be saved, in all ways in which programs write a text.

Here nothing is replaced: a secret within Base64 or a file cannot be, without breaking what it stands in.
"""

from __future__ import annotations

import base64
import html
import re
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from cocalc_magic.cassette.stand_ins import STAND_IN
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.secret_forms import HIDDEN, find_secrets, typed_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

LONG = 8  # characters of a secret that is found within a word, too
MAX_NAME = 40  # characters of a name in a place
DEPTH = 3  # encodings within each other
MAX_UNPACKED = 8 * 1024 * 1024  # bytes that are unpacked of a compressed text
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}")
_LINE_ENDS = re.compile(r"(?<=[A-Za-z0-9+/_-])(?:\\r)?(?:\\n|\r?\n)[ \t]*(?=[A-Za-z0-9+/_=-])")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){12,}")
_ESCAPES = re.compile(r"\\{1,8}(?:u00|x)([0-9A-Fa-f]{2})")
_NUMBERS = re.compile(r"(?:\d{1,3}\s{0,2},\s{0,9}){11,}\d{1,3}")


def places(value: Any, known: Sequence[str] = (), path: str = "") -> Iterator[str]:
    """Yield where secrets are in a JSON value: `response.stdout: a key in Base64`; none of them is repeated.

    Args:
        value: The value.
        known: Texts that are secrets whatever they look like.
        path: Where the value stands.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            hits = found(str(name), known)
            yield from (f"{path}, in a name: {what}" for what in hits)
            shown = "…" if hits else cut(str(name), MAX_NAME)
            yield from places(inner, known, f"{path}.{shown}" if path else shown)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, known, f"{path}[{index}]")
    elif isinstance(value, str):
        yield from (f"{path}: {what}" for what in found(value, known))


def found(text: str | bytes, known: Sequence[str] = ()) -> list[str]:
    """Return what secrets are in a text or in the content of a file, and how they are written there."""
    if isinstance(text, bytes):
        text = _as_text(_unpacked(text))
    hits = dict.fromkeys(_hits(text, known, ()))
    return list(hits)


def _hits(text: str, known: Sequence[str], way: tuple[str, ...]) -> Iterator[str]:
    """Yield what is in a text as it stands; where that is nothing, what is in it decoded."""
    hits = [f"{what}{''.join(f' in {step}' for step in way)}" for what in _plain(text, known, way)]
    yield from hits
    if hits or not text or len(way) == DEPTH or (way and not text.isascii()):  # the content of no text
        return
    for name, decode in _ENCODINGS.items():
        for decoded in decode(text):
            yield from _hits(decoded, known, (name, *way))


def _plain(text: str, known: Sequence[str], way: tuple[str, ...]) -> Iterator[str]:
    if not text:
        return
    if any(_occurs(secret, text) for secret in known):
        yield "a secret of the recording"
    elif any(_occurs(secret[::-1], text) for secret in known):
        yield "a secret of the recording, backwards"
    # What is no text by itself has the forms of passwords in it by chance.
    spans = typed_secrets(text) if way and not text.isprintable() else find_secrets(text)
    for span in spans:
        if not _is_harmless(text[span.start : span.end]):
            yield _article(span.kind)


def plainly(text: str) -> list[str]:
    """Return the kinds of secrets that are in a text as it stands."""
    spans = find_secrets(text)
    return [_article(span.kind) for span in spans if not _is_harmless(text[span.start : span.end])]


def _occurs(secret: str, text: str) -> bool:
    """Return whether a secret is in a text; a short one as a word, since it may be part of any."""
    if secret not in text:
        return False
    return len(secret) >= LONG or re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text) is not None


def _is_harmless(text: str) -> bool:
    return HIDDEN in text or "…" in text or STAND_IN.search(text) is not None


def _article(kind: str) -> str:
    return kind if kind == "credentials" else f"a {kind}"


def _as_text(data: bytes) -> str:
    """Return bytes as text; what is no UTF-8, byte by byte, and without the zeros of UTF-16."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _from_base64(text: str) -> Iterator[str]:
    """Yield the same from each of four places, since what stands before it is not known."""
    joined = _LINE_ENDS.sub("", text).replace("-", "+").replace("_", "/")
    tokens = dict.fromkeys(_BASE64.findall(joined))
    for offset in range(4):
        yield from _merged(_decoded(token[offset:]) for token in tokens if offset == 0 or len(token) > 24)


def _merged(contents: Iterable[bytes]) -> Iterator[str]:
    """Yield two texts, which is faster than many: what is ASCII, and may be encoded again, and the rest."""
    texts, others = list[bytes](), list[bytes]()
    for content in contents:
        (texts if content.isascii() else others).append(content)
    yield b"\n".join(texts).decode()
    yield b"\n".join(others).decode("latin-1")


def _decoded(token: str) -> bytes:
    whole = token[: len(token) // 4 * 4] if len(token) % 4 == 1 else token
    return _unpacked(base64.b64decode(whole + "=" * (-len(whole) % 4)))


def _unpacked(data: bytes) -> bytes:
    """Return what is compressed by gzip or zlib unpacked, as far as that goes; all else as it is."""
    if data[:2] not in (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        return data
    try:
        return zlib.decompressobj(wbits=47).decompress(data, MAX_UNPACKED)
    except zlib.error:
        return data


def _from_percents(text: str) -> Iterator[str]:
    if text.count("%") > 2:
        yield from _if_other(text, _as_text(unquote_to_bytes(text.replace("+", " "))))


def _from_escapes(text: str) -> Iterator[str]:
    yield from _if_other(text, _ESCAPES.sub(lambda match: chr(int(match[1], 16)), text))


def _from_html(text: str) -> Iterator[str]:
    if "&" in text:
        yield from _if_other(text, html.unescape(text))


def _from_hex(text: str) -> Iterator[str]:
    yield from _merged(map(bytes.fromhex, _HEX.findall(text)))


def _from_numbers(text: str) -> Iterator[str]:
    for match in _NUMBERS.finditer(text):
        yield "".join(chr(int(number)) for number in match[0].split(","))


def _from_zeros(text: str) -> Iterator[str]:
    yield from _if_other(text, text.replace("\0", ""))


def _if_other(text: str, decoded: str) -> Iterator[str]:
    if decoded != text:
        yield decoded


_ENCODINGS: dict[str, Callable[[str], Iterator[str]]] = {
    "Base64": _from_base64,
    "percent signs": _from_percents,
    "escapes": _from_escapes,
    "HTML": _from_html,
    "hexadecimal": _from_hex,
    "a list of numbers": _from_numbers,
    "UTF-16": _from_zeros,
}
