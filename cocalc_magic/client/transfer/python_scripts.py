"""The same scripts in Python, for a project whose shell is a small one; they print what those of bash do."""

from __future__ import annotations

import base64
import json
import shlex
from typing import TYPE_CHECKING, Any

from cocalc_magic.client.transfer.scripts import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cocalc_magic.client.transfer.scripts import Piece

_PROGRAM = r"""
import base64, glob, hashlib, json, os, pathlib, shutil, stat, sys, time
op, given = sys.argv[1], json.loads(sys.argv[2])
read = lambda path: pathlib.Path(path).read_bytes()
unsafe = lambda text: os.fsdecode(text.encode("latin-1"))
paths = [os.path.join(".", unsafe(path)) for path in given.get("paths", ())]
stage = given.get("stage", "")

def listed(section, names):
    print("@" + section)
    if names:
        print(base64.b64encode(b"".join(os.fsencode(name) + b"\0" for name in names)).decode())

def facts(names):
    print("@sizes", *(os.stat(name).st_size for name in names), sep="\n")
    print("@hashes", *(hashlib.sha256(read(name)).hexdigest() for name in names), sep="\n")

def below(path, facts):
    yield path, facts
    if stat.S_ISDIR(facts.st_mode):
        for name in sorted(os.listdir(path)):
            inner = os.path.join(path, name)
            yield from below(inner, os.lstat(inner))

def kind(path):
    above = os.path.dirname(path)
    while not os.path.exists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above):
        return "blocked"
    if os.path.isdir(path):
        return "folder"
    return "file" if os.path.isfile(path) else "other" if os.path.lexists(path) else "nothing"

if op == "list":
    roots, missing = [], []
    for path in paths:
        found = [path] if os.path.exists(path) else sorted(glob.glob(path))
        roots += found
        missing += [] if found else [path]
    every = [entry for root in roots for entry in below(root, os.stat(root))]
    files = [path for path, about in every if stat.S_ISREG(about.st_mode)]
    folders = [path for path, about in every if stat.S_ISDIR(about.st_mode)]
    listed("missing", missing)
    listed("roots", roots)
    listed("files", files)
    facts(files)
    listed("programs", [path for path, about in every if path in files and about.st_mode & 0o100])
    listed("folders", folders)
    listed("others", [path for path, _ in every if path not in files and path not in folders])
elif op == "read":
    print(base64.b64encode(b"".join(map(read, paths))).decode())
elif op == "range":
    with open(paths[0], "rb") as file:
        file.seek(given["start"])
        print(base64.b64encode(file.read(given["size"])).decode())
elif op == "look":
    kinds = [kind(path) for path in paths]
    print("@looks", *kinds, sep="\n")
    facts([path for path, what in zip(paths, kinds) if what == "file"])
elif op == "begin":
    os.makedirs(stage, exist_ok=True)
    for path in pathlib.Path(given["stages"]).iterdir():
        if path.stat().st_mtime < time.time() - 2 * 86400:
            shutil.rmtree(path, ignore_errors=True)
elif op == "pieces":
    for name, data in given["pieces"].items():
        with open(os.path.join(stage, name), "wb") as file:
            file.write(base64.b64decode(data))
elif op == "check":
    for name in sorted(os.listdir(stage)):
        if "." in name:
            path = os.path.join(stage, name)
            with open(path.rpartition(".")[0], "ab") as file:
                file.write(read(path))
            os.unlink(path)
    names = sorted(os.listdir(stage))
    print("@numbers", *names, sep="\n")
    facts([os.path.join(stage, name) for name in names])
elif op == "move":
    print("@stopped")
    for (number, program), path in zip(given["moves"], paths):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.isdir(path) or (os.path.lexists(path) and not given["force"]):
            print(number)
            continue
        source = os.path.join(stage, str(number))
        if program:
            os.chmod(source, 0o755)
        os.replace(source, path)
elif op == "folders":
    for path in paths:
        os.makedirs(path, exist_ok=True)
elif op == "remove":
    shutil.rmtree(stage, ignore_errors=True)
if op in ("list", "look", "check", "move"):
    print("@end")
"""


def _script(operation: str, paths: Iterable[str] = (), **options: Any) -> str:
    """Return the command that runs one operation; paths travel as the bytes that they are."""
    options["paths"] = [path.encode("utf-8", "surrogateescape").decode("latin-1") for path in paths]
    return shlex.join(["python3", "-c", _PROGRAM, operation, json.dumps(options)])


def list_files(paths: Iterable[str]) -> str:
    """Return the script that lists these paths, with sizes and hashes; patterns are the shell's."""
    return _script("list", paths)


def read_files(paths: Iterable[str]) -> str:
    """Return the script that prints these files, concatenated, as Base64."""
    return _script("read", paths)


def read_range(path: str, start: int, size: int) -> str:
    """Return the script that prints some bytes of a file as Base64."""
    return _script("range", [path], start=start, size=size)


def look_at(paths: Iterable[str]) -> str:
    """Return the script that prints what each of these paths is."""
    return _script("look", paths)


def begin(stage: str) -> str:
    """Return the script that makes an upload's folder and removes abandoned ones after a day."""
    return _script("begin", stage=stage, stages=STAGES)


def write_pieces(stage: str, pieces: Iterable[Piece]) -> str:
    """Return the script that writes pieces of files."""
    packed = {piece.name: base64.b64encode(piece.data).decode() for piece in pieces}
    return _script("pieces", stage=stage, pieces=packed)


def check(stage: str) -> str:
    """Return the script that joins the pieces and prints size and hash of each file."""
    return _script("check", stage=stage)


def move(stage: str, moves: Iterable[tuple[int, str, bool]], *, force: bool) -> str:
    """Return the script that moves files into place (number, path, executable) and prints which it left."""
    entries = list(moves)
    numbers = [(number, program) for number, _, program in entries]
    return _script("move", [path for _, path, _ in entries], stage=stage, moves=numbers, force=force)


def make_folders(paths: Iterable[str]) -> str:
    """Return the script that makes these folders."""
    return _script("folders", paths)


def remove(stage: str) -> str:
    """Return the script that removes an upload's folder."""
    return _script("remove", stage=stage)
