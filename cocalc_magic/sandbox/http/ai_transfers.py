"""Files in and out of cocalc.ai beside its APIs: `/upload`, `/blobs`, `…/files/…`."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cocalc_magic.sandbox.domain.access import Caller, is_collaborator, is_uuid
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http import transfers
from cocalc_magic.sandbox.http.ai_auth import scoped_owner, sender_of, session_of
from cocalc_magic.sandbox.http.form_data import InvalidForm
from cocalc_magic.sandbox.http.messages import Response, error_page, json_response, text_response
from cocalc_magic.sandbox.http.routes import DOWNLOAD_PATH

if TYPE_CHECKING:
    from cocalc_magic.sandbox.http.messages import Request
    from cocalc_magic.sandbox.world import World

_NOBODY = "user must be signed in to upload files"


def upload(world: World, request: Request) -> Response:
    """Answer `POST /upload?project_id=…&path=FOLDER`; neither capabilities nor projects of a key count."""
    if response := refuse_upload(world, request):
        return response
    caller = sender_of(world, request).caller
    return transfers.write_files(world, request, caller)


def refuse_upload(world: World, request: Request) -> Response | None:
    """Return the response to an upload that is refused whatever its body is; `None` for others."""
    caller, project_id = sender_of(world, request).caller, request.query.get("project_id", "")
    if caller is None or request.is_cross_origin:
        return text_response(500, _NOBODY)
    allowed = is_uuid(project_id) and is_collaborator(world, caller, project_id)
    return None if allowed else text_response(500, "upload failed")


def add_blob(world: World, request: Request) -> Response:
    """Answer `POST /blobs`: keep the first file of a form."""
    if response := refuse_blob(world, request):
        return response
    try:
        file = transfers.files_of(request)[0]
    except Failed:
        return text_response(500, "no file got uploaded")
    except InvalidForm:
        return text_response(500, "upload failed")
    return json_response(200, {"uuid": world.blobs.add(file.body)}, indent=2)


def refuse_blob(world: World, request: Request) -> Response | None:
    """Return the response to a blob that is refused whatever its body is; `None` for others."""
    caller, project_id = sender_of(world, request).caller, request.query.get("project_id")
    if caller is None or request.is_cross_origin:
        return text_response(401, _NOBODY)
    if project_id is not None and not (is_uuid(project_id) and is_collaborator(world, caller, project_id)):
        return text_response(403, "user must be collaborator on project")
    return None


def read_blob(world: World, request: Request) -> Response:
    """Answer `GET /blobs/<name>?uuid=…`; the name tells nothing but the type."""
    blob_id = request.query.get("uuid")
    if not is_uuid(blob_id):
        return text_response(404, "invalid blob id")
    content = world.blobs.get(str(blob_id).lower())
    if content is None:
        return text_response(404, "blob not found")
    content_type = mimetypes.guess_type(request.path)[0] or "application/octet-stream"
    return Response(200, content_type, content, transfers.HARMLESS)


def download(world: World, request: Request) -> Response:
    """Answer `GET /<project_id>/files/<path>` to the cookie of a session, or of a key for the project."""
    match = DOWNLOAD_PATH.fullmatch(request.path)
    assert match  # noqa: S101 - or another route would be taken
    caller = _cookie_owner(world, request, match[1])
    if caller is None or not (is_uuid(match[1]) and is_collaborator(world, caller, match[1])):
        return error_page(500, "Proxy request failed")
    return transfers.read_file(world, request, match[1].lower(), match[2])


def _cookie_owner(world: World, request: Request, project_id: str) -> Caller | None:
    """Return the owner of a cookie, which holds a session, or a key with `project:exec` for the project."""
    key = request.cookies.get(transfers.COOKIE)
    if not key:
        return session_of(world, request)
    owner = scoped_owner(world, unquote(key))
    if owner is None or owner.scope is None or "project:exec" not in owner.scope.capabilities:
        return None
    return Caller(owner.account_id, admin=owner.admin) if project_id in owner.scope.projects else None
