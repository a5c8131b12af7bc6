"""Uploads and downloads of files of any kind, beside the API: `/upload`, `…/files/…`.

An upload is authenticated by a key in the header, a download by a cookie, as on the recorded server.
"""

from __future__ import annotations

import errno
import html
import mimetypes
import os
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cocalc_magic.sandbox.domain.access import is_collaborator, is_uuid
from cocalc_magic.sandbox.domain.projects import touch
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.auth import find_caller
from cocalc_magic.sandbox.http.form_data import FormFile, InvalidForm, files_in
from cocalc_magic.sandbox.http.messages import Response, json_response
from cocalc_magic.sandbox.http.routes import DOWNLOAD_PATH
from cocalc_magic.sandbox.http.sign_in import COOKIE as SESSION_COOKIE
from cocalc_magic.sandbox.http.sign_in import find_visitor
from cocalc_magic.sandbox.storage.folders.node_errors import FileError

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import World

MAX_DOWNLOAD = 100_000_000  # bytes
COOKIE = "api_key"
# A page in a project must not act as one of the sandbox.
HARMLESS = (
    (
        "Content-Security-Policy",
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
)


def upload(world: World, request: Request) -> Response:
    """Answer `POST /upload?project_id=…&path=FOLDER`: write the files of a form, making the folder."""
    return refuse_upload(world, request) or write_files(world, request, find_visitor(world, request))


def write_files(world: World, request: Request, caller: Caller | None) -> Response:
    """Write the files of a form into the project that the query names."""
    try:
        project_id = request.query["project_id"]
        if caller:
            touch(world, caller, project_id.lower())
        for file in files_of(request):
            _write(world, project_id.lower(), request.query.get("path", ""), file)
    except FileError as problem:
        full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
        words = problem.words(request.query.get("path", ""))
        return _html(507, f"upload failed -- Error: {words}") if full else _html(500, "upload failed")
    except (Failed, InvalidForm):
        return _html(500, "upload failed")
    return json_response(200, {"status": "ok"})


def refuse_upload(world: World, request: Request) -> Response | None:
    """Return the response to an upload that is refused whatever its body is; `None` for others."""
    try:
        caller, project_id = find_visitor(world, request), request.query.get("project_id", "")
        if caller is None or request.is_cross_origin:
            return _html(401, "user must be signed in to upload files")
        allowed = is_uuid(project_id) and is_collaborator(world, caller, project_id)
    except Failed:
        allowed = False
    return None if allowed else _html(500, "upload failed")


def files_of(request: Request) -> list[FormFile]:
    """Return the files in a form. Raises `Failed` where there is none, and `InvalidForm`."""
    files = files_in(request.headers.get("content-type", ""), request.body)
    if not files:
        raise Failed("the form has no file")
    return files


def _write(world: World, project_id: str, folder: str, file: FormFile) -> None:
    name = os.path.basename(file.name)
    if name in ("", ".", ".."):
        raise Failed("a file needs a name")
    world.folders.write(project_id, os.path.join(folder.lstrip("/"), name), file.body)


def download(world: World, request: Request) -> Response:
    """Answer `GET /<project_id>/files/<path>` with a file."""
    match = DOWNLOAD_PATH.fullmatch(request.path)
    assert match  # noqa: S101 - or another route would be taken
    caller = _cookie_owner(world, request)
    if caller is None:
        site = "https://localhost"
        link = f"<a target='_blank' href='{site}'>{site}</a>"
        return _refused(request, f"Please login to {link} with cookies enabled, then refresh this page.")
    if not is_uuid(match[1]) or not is_collaborator(world, caller, match[1]):
        return _refused(request, "user does not have read access to project")
    return read_file(world, request, match[1].lower(), match[2])


def read_file(world: World, request: Request, project_id: str, quoted: str) -> Response:
    """Return the file at a path as addresses have it; with `?download` browsers save it."""
    path = unquote(quoted, errors="surrogateescape")
    try:
        content = _content(world, project_id, path.lstrip("/"))
    except (Failed, OSError, ValueError):
        return Response(500, "text/plain", b"Error reading file.")
    content_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    disposition = (("Content-Disposition", "attachment"),) if "download" in request.query else ()
    return Response(200, content_type, content, (*HARMLESS, *disposition))


def _cookie_owner(world: World, request: Request) -> Caller | None:
    """Return the owner of a cookie, which holds an API key or a session."""
    if key := request.cookies.get(COOKIE):
        return find_caller(world, unquote(key))
    if SESSION_COOKIE not in request.cookies:
        return None
    try:
        return find_visitor(world, request)
    except Failed:
        return None


def _content(world: World, project_id: str, path: str) -> bytes:
    with world.folders.open(project_id, path) as file:
        if file.facts.st_size > MAX_DOWNLOAD:
            raise Failed("the file is too large")
        return file.read(MAX_DOWNLOAD)


def _refused(request: Request, reason: str) -> Response:
    return _html(500, f"WARNING: error proxying request {html.escape(request.path)} -- Error: {reason}")


def _html(status: int, text: str) -> Response:
    return Response(status, "text/html; charset=utf-8", text.encode("utf-8", "replace"), HARMLESS)
