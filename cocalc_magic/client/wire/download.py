"""Files of any kind out of a project: ``GET <server>/<project_id>/files/<path>``, with the key as a cookie.

Servers take the key in no other form there. Recorded in July 2026.
"""

from __future__ import annotations

import posixpath
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

from cocalc_magic.client.wire import reply as replies
from cocalc_magic.errors import InvalidValue, KeyRefused, MessageFailed, ServerError
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from cocalc_magic.client.wire.reply import Reply


def path(project_id: str, file: str) -> str:
    """Where the file is, below the server's address.

    Raises :class:`InvalidValue` for what would lead elsewhere than into the project's home folder.
    """
    try:
        project = uuid.UUID(project_id)
    except ValueError:
        raise InvalidValue(
            f"{project_id!r} is no project_id.", "%cocalc use PROJECT tells that of one"
        ) from None
    inside = posixpath.normpath(file)
    if not file or inside.startswith(("/", "../")) or inside in (".", ".."):
        raise InvalidValue(
            f"{file!r} is no file in a project.", "Its path begins at the project's home folder"
        )
    return f"/{project}/files/{quote(inside, errors='surrogateescape')}"


def failure(reply: Reply, file: str, server: str) -> ServerError | None:
    """What went wrong, or ``None``: a good answer has status 200, a bad one a line of text."""
    if reply.status == 200 and not reply.location:
        return None
    if "Please login" in reply.body:
        return KeyRefused(f"{server} does not take the key for a download.", reply=reply)
    reason = reply.body.rpartition("Error: ")[2].strip() or reply.http
    if reply.absent or reply.location:
        reason = f"the server has no downloads of this form ({reply.http})"
    return MessageFailed(f"{file} was not read: {cut(reason, 200)}", *replies.busy(reply.status), reply=reply)
