"""The file of a recording: a first line that says what it is, then a line for each message.

    {"cassette": 1, "recorded": "2026-03-01T09:30:00Z", "servers": [{"name": "lab", "url": "https://…"}]}

What is larger than 1 MB stands beside it, in the folder `NAME.files`, under the SHA-256 of its content, and
`{"$file": "…"}` in its place. All of it is readable by its owner alone, and written as a whole or not at all.
What is read may be anybody's.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from cocalc_magic.cassette import entry
from cocalc_magic.config.servers_file import replace_file
from cocalc_magic.errors import AlreadyThere, CoCalcError, InvalidCassette
from cocalc_magic.sanitize.file_names import typed_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from os import PathLike
    from typing import BinaryIO

VERSION = 1
BESIDE = 1_000_000  # bytes of a part of a line; what is larger is in a file beside it
MAX_LINE = 8 * BESIDE
MAX_LINES = 200_000
MAX_BYTES = 512 * 1024 * 1024  # of the file, and of all that is beside it
MAX_DEPTH = 100  # of a value
_PARTS = ("options", "response", "sent", "content")
_FILE = "$file"
_NAME = re.compile(r"[0-9a-f]{64}\.(?:json|bin)")
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Line:
    """One recorded message: its line number, what was asked, and the text of the whole line."""

    number: int
    event: str
    options: Mapping[str, Any]
    server: str
    text: bytes


@dataclass(frozen=True)
class Cassette:
    """A recording as it was read.

    Args:
        path: Its file.
        recorded: When it was made.
        servers: The servers that it was made of: `name`, `url`, `sandbox`, `generations`.
        lines: The messages, in their order.
    """

    path: Path
    recorded: datetime
    servers: Sequence[Mapping[str, Any]]
    lines: Sequence[Line] = field(repr=False)

    def value(self, line: Line) -> dict[str, Any]:
        """Return the object of a line, anew each time, with what stands beside the file."""
        value: dict[str, Any] = json.loads(line.text)
        for part in _PARTS:
            if _is_reference(value.get(part)):
                value[part] = self._beside(line.number, value[part][_FILE])
        return value

    def _beside(self, number: int, name: str) -> Any:
        content = _read_beside(self.path, number, name)
        return entry.content_fields(content) if name.endswith(".bin") else _parsed(self.path, number, content)


def read(path: str | PathLike[str]) -> Cassette:
    """Return the recording in a file.

    Raises:
        InvalidCassette: There is none, or something in it is wrong: the line is named.
    """
    path = typed_path(path)
    try:
        with path.open("rb") as file:
            return _read(path, file)
    except OSError as problem:
        raise InvalidCassette(
            f"{path} can't be read: {problem.strerror or problem}.", "%cocalc record FILE makes one."
        ) from None


def parse(name: str, content: bytes) -> Cassette:
    """Return the recording that a text is, which has nothing beside it.

    Raises:
        InvalidCassette: Something in it is wrong: the line is named.
    """
    return _read(Path(name), io.BytesIO(content))


def write(
    path: Path, servers: Sequence[Mapping[str, Any]], lines: Sequence[dict[str, Any]], recorded: datetime
) -> None:
    """Write a recording, in place of an older one.

    Raises:
        CoCalcError: The file can't be written; an older one is what it was.
    """
    head = {"cassette": VERSION, "recorded": recorded.astimezone(timezone.utc).strftime(_MOMENT)}
    try:
        texts = [entry.to_json({**head, "servers": servers})]
        texts += [entry.to_json(_split(path, line)) for line in lines]
        replace_file(path, "".join(f"{text}\n" for text in texts))
        _clear(path, texts)
    except OSError as problem:
        raise CoCalcError(f"{path} can't be written: {problem.strerror or problem}.") from None


def check_place(path: str | PathLike[str]) -> Path:
    """Return the path of a recording to make.

    Raises:
        AlreadyThere: Another file is there, which is no recording.
        CoCalcError: There is no such folder.
    """
    place = typed_path(path).absolute()
    if not place.parent.is_dir():
        raise CoCalcError(f"there is no folder {place.parent} for {place.name}.")
    if place.exists():
        try:
            with place.open("rb") as file:
                _head(place, file.readline(MAX_LINE))
        except (OSError, InvalidCassette):
            raise AlreadyThere(f"{place} is there, and is not a recording.", "Give another name.") from None
    return place


def folder_of(path: Path) -> Path:
    """Return the folder of what stands beside a recording."""
    return path.with_name(f"{path.name}.files")


# -- reading ---------------------------------------------------------------------------------------


def _read(path: Path, file: BinaryIO) -> Cassette:
    head = _head(path, file.readline(MAX_LINE + 1))
    lines, size = [], 0
    for number, text in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), 2):
        size += len(text)
        if len(text) > MAX_LINE:
            raise _wrong(path, number, f"it is longer than {MAX_LINE:,} bytes")
        if number > MAX_LINES or size > MAX_BYTES:
            raise _wrong(path, number, f"there is more than {MAX_LINES:,} lines or {MAX_BYTES:,} bytes")
        if text.strip():
            lines.append(_line(path, number, text))
    return Cassette(path, _moment(head), head["servers"], tuple(lines))


def _head(path: Path, text: bytes) -> dict[str, Any]:
    head = _parsed(path, 1, text)
    if not isinstance(head, dict) or "cassette" not in head:
        raise _wrong(path, 1, "it is not the beginning of a recording")
    if head["cassette"] != VERSION:
        raise _wrong(
            path,
            1,
            f"it is of version {str(head['cassette'])[:20]}, and this package reads version {VERSION}",
        )
    servers = head.get("servers")
    if not isinstance(servers, list) or not servers or not all(map(_is_server, servers)):
        raise _wrong(path, 1, "its servers are not a list of servers")
    try:
        _moment(head)
    except (KeyError, TypeError, ValueError):
        raise _wrong(path, 1, "it does not say when it was recorded") from None
    return head


def _moment(head: Mapping[str, Any]) -> datetime:
    return datetime.strptime(head["recorded"], _MOMENT).replace(tzinfo=timezone.utc)


def _is_server(server: Any) -> bool:
    if not isinstance(server, dict) or not all(isinstance(server.get(name), str) for name in ("name", "url")):
        return False
    generations = server.get("generations", [])
    return isinstance(generations, list) and all(isinstance(name, str) for name in generations)


def _line(path: Path, number: int, text: bytes) -> Line:
    value = _parsed(path, number, text)
    if isinstance(value, dict) and _is_reference(options := value.get("options")):
        value["options"] = _parsed(path, number, _read_beside(path, number, options[_FILE]))
    if trouble := entry.trouble(_without_references(value)):
        raise _wrong(path, number, trouble)
    return Line(number, value["event"], value["options"], value.get("server", ""), text)


def _without_references(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: part for name, part in value.items() if name == "options" or not _is_reference(part)}


def _parsed(path: Path, number: int, text: bytes) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        reason = (
            problem.msg if isinstance(problem, json.JSONDecodeError) else "it is nested too deep, or no UTF-8"
        )
        raise _wrong(path, number, f"it is not JSON: {reason}") from None
    if is_deep(value):
        raise _wrong(path, number, f"it is nested deeper than {MAX_DEPTH} levels")
    return value


def is_deep(value: Any) -> bool:
    """Return whether a JSON value is nested deeper than recordings may be."""
    level: Iterable[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (inner for inner in held if isinstance(inner, dict | list))


def _is_reference(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and value.keys() == {_FILE}


def _read_beside(path: Path, number: int, name: Any) -> bytes:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _wrong(path, number, "it names a file that is not one of a recording")
    place = folder_of(path) / name
    try:
        with place.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as problem:
        raise _wrong(path, number, f"{place.name} beside it can't be read: {problem.strerror}") from None
    if hashlib.sha256(content).hexdigest() != name.partition(".")[0]:
        raise _wrong(path, number, f"{place.name} beside it is not what was recorded")
    return content


def _wrong(path: Path, number: int, what: str) -> InvalidCassette:
    return InvalidCassette(f"{path.name}, line {number}: {what}.", "%cocalc record FILE makes a new one.")


# -- writing ---------------------------------------------------------------------------------------


def _split(path: Path, line: dict[str, Any]) -> dict[str, Any]:
    """Return a line with its large parts put into files beside it."""
    return {name: _part(path, part) if name in _PARTS else part for name, part in line.items()}


def _part(path: Path, part: Any) -> Any:
    text = entry.to_json(part)
    if len(text) <= BESIDE // 4 and not _is_reference(part):
        return part
    content, kind = text.encode(), "json"
    if isinstance(part, dict) and part.keys() in ({"text"}, {"base64"}):
        content, kind = entry.content_of(part), "bin"
    if len(content) <= BESIDE and not _is_reference(part):
        return part
    name = f"{hashlib.sha256(content).hexdigest()}.{kind}"
    replace_file(folder_of(path) / name, content)
    return {_FILE: name}


def _clear(path: Path, texts: Sequence[str]) -> None:
    """Remove what an older recording had beside it."""
    folder = folder_of(path)
    if not folder.is_dir():
        return
    used = set(_used(texts))
    for file in folder.iterdir():
        if _NAME.fullmatch(file.name) and file.name not in used:
            file.unlink()
    with suppress(OSError):
        folder.rmdir()


def _used(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if _FILE in text:
            yield from (part[_FILE] for part in json.loads(text).values() if _is_reference(part))
