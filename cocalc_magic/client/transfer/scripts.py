"""Bash scripts for a project, and parsers of their output; pure functions.

The scripts use what every Linux and macOS has. Their output is ASCII, with names and contents as Base64, so
that no byte is lost on the way.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import tarfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocalc_magic.client.transfer.names import HOME, in_project, quoted
from cocalc_magic.errors import CoCalcError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STAGES = ".cache/cocalc-magic"  # where uploads stand until they are whole, below the home folder
_HASH = re.compile(r"[0-9a-f]{64}")
_SECTION = re.compile(r"@([a-z]+)")
_KINDS = frozenset({"blocked", "file", "folder", "nothing", "other"})
_LARGEST = 2**53  # bytes of a file: whatever is told to be larger is none

_HEAD = r"""set -e -o pipefail
export LC_ALL=C
if command -v sha256sum >/dev/null; then sha=sha256sum; else sha='shasum -a 256'; fi
if stat -L -c %s . >/dev/null 2>&1; then size='stat -L -c %s'; else size='stat -L -f %z'; fi
bare() { sed 's/^\\//' | cut -c1-64; }
"""

_LIST = r"""
t=$(mktemp)
trap 'rm -f "$t"' EXIT
roots=(); missing=()
for p in "${paths[@]}"; do
  if [ -e "$p" ]; then roots+=("$p"); continue; fi
  n=${#roots[@]}
  IFS=''; for f in $p; do if [ -e "$f" ]; then roots+=("$f"); fi; done; unset IFS
  if [ ${#roots[@]} -eq $n ]; then missing+=("$p"); fi
done
echo @missing; if [ ${#missing[@]} -gt 0 ]; then printf '%s\0' "${missing[@]}" | base64; fi
if [ ${#roots[@]} -gt 0 ]; then
  echo @roots; printf '%s\0' "${roots[@]}" | base64
  find -H "${roots[@]}" -type f -print0 > "$t"
  echo @files; base64 < "$t"
  if [ -s "$t" ]; then
    echo @sizes; xargs -0 $size < "$t"
    echo @hashes; xargs -0 $sha < "$t" | bare
  fi
  echo @programs; find -H "${roots[@]}" -type f -perm -100 -print0 | base64
  echo @folders; find -H "${roots[@]}" -type d -print0 | base64
  echo @others; find -H "${roots[@]}" ! -type f ! -type d -print0 | base64
fi
echo @end
"""

_LOOK = r"""
files=()
look() {
  local above="${1%/*}"
  while [ ! -e "$above" ]; do above="${above%/*}"; done
  if [ ! -d "$above" ]; then echo blocked
  elif [ -d "$1" ]; then echo folder
  elif [ -f "$1" ]; then echo file; files+=("$1")
  elif [ -e "$1" ] || [ -L "$1" ]; then echo other
  else echo nothing
  fi
}
echo @looks
"""

_LOOKED = r"""
if [ ${#files[@]} -gt 0 ]; then
  echo @sizes; $size "${files[@]}"
  echo @hashes; $sha "${files[@]}" | bare
fi
echo @end
"""

_CHECK = r"""
for p in *.*; do
  if [ -e "$p" ]; then cat "$p" >> "${p%.*}"; rm -f "$p"; fi
done
echo @numbers; printf '%s\n' *
echo @sizes; $size *
echo @hashes; $sha * | bare
echo @end
"""

_MOVE = r"""
move() {
  if [ -d "$2" ] || { [ "$force" = 0 ] && { [ -e "$2" ] || [ -L "$2" ]; }; }; then echo "$1"; return; fi
  if [ "$3" = x ]; then chmod +x "$stage/$1"; fi
  mv -f "$stage/$1" "$2"
}
echo @stopped
"""


@dataclass(frozen=True)
class RemoteFile:
    """One file in the listing of a project."""

    path: str
    size: int
    hash: str
    program: bool = False


@dataclass(frozen=True)
class Listing:
    """The files below some paths of a project: `roots` are the paths that exist, `others` links and such."""

    roots: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    files: tuple[RemoteFile, ...] = ()
    folders: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class PathState:
    """What a path is: `nothing`, `file`, `folder`, `other`; `blocked`: below a file."""

    kind: str
    size: int = 0
    hash: str = ""


@dataclass
class Piece:
    """Some bytes of a file to upload: the file's number, and their offset in it."""

    number: int
    offset: int
    data: bytes = field(repr=False)
    whole: bool = False

    @property
    def name(self) -> str:
        """The file name of the piece: pieces of one file sort in order; a whole file is its number."""
        return str(self.number) if self.whole else f"{self.number}.{self.offset:016d}"


# -- scripts ---------------------------------------------------------------------------------------


def list_files(paths: Iterable[str]) -> str:
    """Return the script that lists these paths, with sizes and hashes; patterns are the shell's."""
    return f"{_HEAD}paths=({' '.join(map(quoted, paths))})\n{_LIST}"


def read_files(paths: Iterable[str]) -> str:
    """Return the script that prints these files, concatenated, as Base64."""
    return f"{_HEAD}cat {' '.join(map(quoted, paths))} | base64\n"


def read_range(path: str, start: int, size: int) -> str:
    """Return the script that prints some bytes of a file as Base64."""
    # head hangs up on tail, which is not a failure.
    return f"{_HEAD}{{ tail -c +{start + 1} {quoted(path)} || :; }} | head -c {size} | base64\n"


def look_at(paths: Iterable[str]) -> str:
    """Return the script that prints what each of these paths is."""
    lines = "\n".join(f"look {quoted(path)}" for path in paths)
    return f"{_HEAD}{_LOOK}{lines}\n{_LOOKED}"


def begin(stage: str) -> str:
    """Return the script that makes an upload's folder and removes abandoned ones after a day."""
    return (
        f"{_HEAD}mkdir -p {quoted(stage)}\n"
        f"find {quoted(STAGES)} -mindepth 1 -maxdepth 1 -type d -mtime +1 -exec rm -rf {{}} +\n"
    )


def write_pieces(stage: str, pieces: Iterable[Piece]) -> str:
    """Return the script that writes pieces of files, as one archive, so that a thousand take one program."""
    packed = io.BytesIO()
    with (
        # Without the time of day, so that the same pieces are the same message.
        gzip.GzipFile("", "wb", 1, packed, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for piece in pieces:
            entry = tarfile.TarInfo(piece.name)
            entry.size = len(piece.data)
            archive.addfile(entry, io.BytesIO(piece.data))
    text = base64.b64encode(packed.getvalue()).decode()
    return f"{_HEAD}base64 -d <<'.' | tar -xzomf - -C {quoted(stage)}\n{text}\n.\n"


def check(stage: str) -> str:
    """Return the script that joins the pieces and prints size and hash of each file."""
    return f"{_HEAD}cd {quoted(stage)}\n{_CHECK}"


def move(stage: str, moves: Iterable[tuple[int, str, bool]], *, force: bool) -> str:
    """Return the script that moves files into place (number, path, executable) and prints which it left."""
    lines, folders = list[str](), set[str]()
    for number, path, program in moves:
        lines.append(f"move {number} {quoted(path)} {'x' if program else '-'}")
        folders.add(quoted(path.rpartition("/")[0] or HOME))
    first = f"stage={quoted(stage)}\nforce={int(force)}\nmkdir -p {' '.join(sorted(folders))}\n"
    return "\n".join([f"{_HEAD}{first}{_MOVE}", *lines, "echo @end\n"])


def make_folders(paths: Iterable[str]) -> str:
    """Return the script that makes these folders."""
    return f"{_HEAD}mkdir -p {' '.join(map(quoted, paths))}\n"


def remove(stage: str) -> str:
    """Return the script that removes an upload's folder."""
    return f"{_HEAD}rm -rf {quoted(stage)}\n"


# -- what they print -------------------------------------------------------------------------------


def listing(printed: str) -> Listing:
    """Parse the output of `list_files`. Raises `CoCalcError` for anything else."""
    sections = _sections(printed)
    files, facts = _paths(sections, "files"), _sizes_and_hashes(sections)
    if len(files) != len(facts):
        raise CoCalcError("files of the project have changed while they were listed.", "Try again.")
    programs = set(_paths(sections, "programs"))
    return Listing(
        roots=_paths(sections, "roots"),
        missing=_paths(sections, "missing"),
        files=tuple(
            RemoteFile(path, size, hash_, path in programs)
            for path, (size, hash_) in zip(files, facts, strict=True)
        ),
        folders=_paths(sections, "folders"),
        others=_paths(sections, "others"),
    )


def content(printed: str) -> bytes:
    """Decode Base64 output. Raises `CoCalcError` for anything else."""
    try:
        return base64.b64decode("".join(printed.split()), validate=True)
    except (binascii.Error, ValueError):
        raise _garbled() from None


def looks(printed: str) -> list[PathState]:
    """Parse the output of `look_at`."""
    sections = _sections(printed)
    kinds = sections.get("looks", [])
    facts = _sizes_and_hashes(sections)
    if kinds.count("file") != len(facts) or not _KINDS.issuperset(kinds):
        raise _garbled()
    rest = iter(facts)
    return [PathState(kind, *next(rest)) if kind == "file" else PathState(kind) for kind in kinds]


def checked(printed: str) -> Mapping[int, tuple[int, str]]:
    """Parse the output of `check`: size and hash of each file by its number."""
    sections = _sections(printed)
    numbers, facts = sections.get("numbers", []), _sizes_and_hashes(sections)
    if len(numbers) != len(facts) or not all(number.isdecimal() for number in numbers):
        raise _garbled()
    return {int(number): fact for number, fact in zip(numbers, facts, strict=True)}


def _sizes_and_hashes(sections: Mapping[str, list[str]]) -> list[tuple[int, str]]:
    sizes, hashes = sections.get("sizes", []), sections.get("hashes", [])
    if len(sizes) != len(hashes):
        raise CoCalcError("files of the project have changed while they were listed.", "Try again.")
    return [(_size(size), _hash(hash_)) for size, hash_ in zip(sizes, hashes, strict=True)]


def stopped(printed: str) -> Sequence[int]:
    """Parse the output of `move`: the numbers of the files that it left."""
    return [int(line) for line in _sections(printed).get("stopped", []) if line.isdecimal()]


def _sections(printed: str) -> dict[str, list[str]]:
    """Return the lines by section; whatever is before the first section is not ours."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in printed.splitlines():
        if name := _SECTION.fullmatch(line):
            lines = sections.setdefault(name[1], [])
        else:
            lines.append(line)
    if "end" not in sections:
        raise _garbled()
    return sections


def _paths(sections: Mapping[str, list[str]], section: str) -> tuple[str, ...]:
    data = content("\n".join(sections.get(section, [])))
    texts = data.decode("utf-8", "surrogateescape").split("\0")
    if texts.pop():
        raise _garbled()
    return tuple(_our_form(text) for text in texts)


def _our_form(path: str) -> str:
    """Return a path that the shell printed (`./x`) in our own form (`x`)."""
    inside = path.removeprefix("./").rstrip("/")
    if inside in ("", HOME):
        return HOME
    return inside if ".." in inside.split("/") else in_project(inside)


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) <= _LARGEST):
        raise _garbled()
    return int(text)


def _hash(text: str) -> str:
    if not _HASH.fullmatch(text):
        raise _garbled()
    return text


def _garbled() -> CoCalcError:
    return CoCalcError(
        "the project did not answer as its programs do.",
        "It needs bash, find, base64 and sha256sum or shasum. Does something in its .bashrc print?",
    )
