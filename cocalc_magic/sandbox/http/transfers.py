"""Files of any kind on their way into a project and out of it, beside the API: ``/upload``, ``…/files/…``.

An upload goes with a key in the header, a download with a cookie, as on the recorded server.
"""

from __future__ import annotations

import errno
import html
import mimetypes
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tornado.httputil import HTTPFile, HTTPInputError, parse_multipart_form_data

from cocalc_magic.sandbox.domain.access import is_collaborator, is_uuid
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.auth import known_caller
from cocalc_magic.sandbox.http.messages import Reply, json_reply, not_there
from cocalc_magic.sandbox.http.sign_in import visitor
from cocalc_magic.sandbox.storage.folders.node_errors import FileError

if TYPE_CHECKING:
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import Caller, World

LARGEST = 100_000_000  # bytes of a file that is sent
COOKIE = "api_key"
_DOWNLOAD = re.compile(r"/([0-9a-fA-F-]{36})/files/(.*)", re.DOTALL)
_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?')
# A page out of a project must not act as one of the sandbox.
_HARMLESS = (
    ("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
)


def upload(world: World, request: Request) -> Reply:
    """``POST /upload?project_id=…&path=FOLDER``: writes the files of a form, making the folder."""
    if refused := refusal(world, request):
        return refused
    try:
        caller, project_id = visitor(world, request), request.query["project_id"]
        if caller:
            touch(world, caller, project_id.lower())
        for file in _files(request):
            _keep(world, project_id.lower(), request.query.get("path", ""), file)
    except FileError as problem:
        full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
        words = problem.words(request.query.get("path", ""))
        return _html(507, f"upload failed -- {words}") if full else _html(500, "upload failed")
    except (Failed, HTTPInputError):
        return _html(500, "upload failed")
    return json_reply(200, {"status": "ok"})


def refusal(world: World, request: Request) -> Reply | None:
    """Return the reply to an upload that is refused whatever its body is; ``None`` for others."""
    if request.method != "POST":
        return not_there(request)
    try:
        caller, project_id = visitor(world, request), request.query.get("project_id", "")
        if caller is None or request.from_elsewhere:
            return _html(401, "user must be signed in to upload files")
        may = is_uuid(project_id) and is_collaborator(world, caller, project_id)
    except Failed:
        may = False
    return None if may else _html(500, "upload failed")


def _files(request: Request) -> list[HTTPFile]:
    """The files in a form. Raises :class:`Failed` when it has none."""
    mark = _BOUNDARY.search(request.headers.get("content-type", ""))
    found: dict[str, list[HTTPFile]] = {}
    if mark:
        parse_multipart_form_data(mark[1].encode(), request.body, {}, found)
    files = [file for name in found for file in found[name]]
    if not files:
        raise Failed("there is no file in it")
    return files


def _keep(world: World, project_id: str, folder: str, file: HTTPFile) -> None:
    name = os.path.basename(file["filename"])
    if name in ("", ".", ".."):
        raise Failed("a file needs a name")
    world.folders.write(project_id, os.path.join(folder.lstrip("/"), name), file["body"])


def is_download(path: str) -> bool:
    """Whether a path is that of a file in a project."""
    return _DOWNLOAD.fullmatch(path) is not None


def download(world: World, request: Request) -> Reply:
    """``GET /<project_id>/files/<path>``: a file as it is; with ``?download`` to be saved."""
    found = _DOWNLOAD.fullmatch(request.path)
    if found is None or request.method not in ("GET", "HEAD"):
        return not_there(request)
    caller = _bearer(world, request)
    if caller is None:
        site = "https://localhost"
        link = f"<a target='_blank' href='{site}'>{site}</a>"
        return _refused(request, f"Please login to {link} with cookies enabled, then refresh this page.")
    if not is_uuid(found[1]) or not is_collaborator(world, caller, found[1]):
        return _refused(request, "user does not have read access to project")
    path = unquote(found[2], errors="surrogateescape")
    try:
        content = _content(world, found[1].lower(), path.lstrip("/"))
    except (Failed, OSError, ValueError):
        return Reply(500, "text/plain", b"Error reading file.")
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    saved = (("Content-Disposition", "attachment"),) if "download" in request.query else ()
    return Reply(200, kind, content, (*_HARMLESS, *saved))


def _bearer(world: World, request: Request) -> Caller | None:
    """Whose cookie it is: the key itself is in one, or a session."""
    if key := request.cookies.get(COOKIE):
        return known_caller(world, unquote(key))
    if "remember_me" not in request.cookies:
        return None
    try:
        return visitor(world, request)
    except Failed:
        return None


def _content(world: World, project_id: str, path: str) -> bytes:
    with world.folders.open(project_id, path) as file:
        if file.facts.st_size > LARGEST:
            raise Failed("it is too large")
        return file.read(LARGEST)


def _refused(request: Request, reason: str) -> Reply:
    return _html(500, f"WARNING: error proxying request {html.escape(request.path)} -- Error: {reason}")


def _html(status: int, text: str) -> Reply:
    return Reply(status, "text/html; charset=utf-8", text.encode("utf-8", "replace"), _HARMLESS)
