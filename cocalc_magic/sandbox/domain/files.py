"""Text files of a project as today's projects read and write them, in Node's words.

Paths come from callers as any JSON value; `Failed` is raised for those
that are not texts, lead out of the project or cannot be used.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import described, well_formed
from cocalc_magic.sandbox.storage.blobs import blob_id_of
from cocalc_magic.sandbox.storage.folders import MAX_FILE
from cocalc_magic.sandbox.storage.folders.node_errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.sandbox.world import World

_INVALID_TYPE = "TypeError [ERR_INVALID_ARG_TYPE]"


def read_text(world: World, project_id: str, path: Any) -> str:
    """Return a file as text, with U+FFFD for invalid UTF-8."""
    path = path_text(path, "string or an instance of Buffer or URL")
    try:
        with world.folders.open(project_id, path) as file:
            if file.facts.st_size > MAX_FILE:
                raise Thrown(f"{path!r} is larger than {MAX_FILE // 1_000_000} MB")
            return file.read(MAX_FILE).decode("utf-8", "replace")
    except FileError as problem:
        raise Thrown(problem.words(path)) from None


def write_text(world: World, project_id: str, path: Any, content: Any) -> None:
    """Write a whole file, making the folders that it needs."""
    if path is None:
        raise Thrown("Cannot read properties of undefined (reading 'length')", kind="TypeError")
    path = path_text(path, "string or an instance of Buffer or URL")
    if not isinstance(content, str):
        types = "string or an instance of Buffer, TypedArray, or DataView"
        received = f"Received {described(content)}"
        raise Thrown(f'The "data" argument must be of type {types}. {received}', kind=_INVALID_TYPE)
    try:
        world.folders.write(project_id, path, well_formed(content).encode())
    except FileError as problem:
        shown = path if problem.syscall == "open" else world.folders.shown(project_id, path)
        raise Thrown(problem.words(shown)) from None


def content_id(world: World, project_id: str, path: Any) -> str:
    """Return the id of a file's content, made of its SHA-1 as servers make those of what they keep."""
    path = path_text(path)
    with node_failures(world, project_id, path), world.folders.open(project_id, path) as file:
        if file.facts.st_size > MAX_FILE:
            raise Thrown(f"{path!r} is larger than {MAX_FILE // 1_000_000} MB")
        return blob_id_of(file.read(MAX_FILE))


# -- arguments -------------------------------------------------------------------------------------


def path_text(path: Any, types: str = "string") -> str:
    """Return a path as text. Raises `Failed` for other values, as Node does."""
    if isinstance(path, str):
        return well_formed(path)
    raise Thrown(
        f'The "path" argument must be of type {types}. Received {described(path)}', kind=_INVALID_TYPE
    )


def path_texts(paths: Any) -> list[str]:
    """Return paths as texts. Raises `Failed` for other values, as Node does."""
    if paths is None:
        raise Thrown("Cannot read properties of undefined (reading 'map')", kind="TypeError")
    if not isinstance(paths, list):
        raise Thrown("paths.map is not a function", kind="TypeError")
    return [path_text(path) for path in paths]


@contextmanager
def node_failures(world: World, project_id: str, path: str) -> Iterator[None]:
    """Turn a `FileError` into a failure that shows the whole path."""
    try:
        yield
    except FileError as problem:
        raise Thrown(problem.words(world.folders.shown(project_id, path))) from None
