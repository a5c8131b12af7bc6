"""Files of any kind out of a project: `GET <server>/<project_id>/files/<path>`, with the key as a cookie.

Servers take the key in no other form there. Recorded in July 2026.
"""

from __future__ import annotations

import posixpath
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

from cocalc_magic.client.wire.messages import busy_hints
from cocalc_magic.errors import InvalidValue, KeyRefused, MessageFailed, ServerError
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from cocalc_magic.client.wire.messages import WireResponse


def path(project_id: str, file: str) -> str:
    """Return where a file is, below the server's address.

    Raises:
        InvalidValue: For what would lead elsewhere than into the project's home folder.
    """
    try:
        project = uuid.UUID(project_id)
    except ValueError:
        raise InvalidValue(
            f"{project_id!r} is not a project_id.", "%cocalc use PROJECT tells that of one"
        ) from None
    inside = posixpath.normpath(file)
    if not file or inside.startswith(("/", "../")) or inside in (".", ".."):
        raise InvalidValue(
            f"{file!r} is not a file in a project.", "Its path begins at the project's home folder"
        )
    return f"/{project}/files/{quote(inside, errors='surrogateescape')}"


def failure(response: WireResponse, file: str, server: str) -> ServerError | None:
    """Return what went wrong, or `None`: success has status 200, a failure is a line of text."""
    if response.status == 200 and not response.location:
        return None
    if "Please login" in response.body:
        return KeyRefused(f"{server} does not take the key for a download.", http_response=response)
    reason = response.body.rpartition("Error: ")[2].strip() or response.http
    if response.absent or response.location:
        reason = f"the server has no downloads of this form ({response.http})"
    return MessageFailed(
        f"{file} was not read: {cut(reason, 200)}", *busy_hints(response.status), http_response=response
    )
