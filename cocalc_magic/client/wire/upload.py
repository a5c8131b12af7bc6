"""Files that are too large for JSON: ``POST <server>/upload``, as a browser's form does it.

Servers take 1 MB of JSON, and uploads of any size, with the same key. Recorded in July 2026.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cocalc_magic.client.wire.generations import Letter
from cocalc_magic.errors import KeyRefused, MessageFailed, ServerError
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from cocalc_magic.client.wire.reply import Reply

LARGEST_JSON = 950_000  # bytes; servers stop at 1 MB, and the message has more than the text


def write(project_id: str, path: str, data: bytes) -> Letter:
    """The file as a form of one part; ``path`` is relative to the project's home folder."""
    letter, head, tail = form(project_id, path)
    return replace(letter, body=head + data + tail)


def form(project_id: str, path: str) -> tuple[Letter, bytes, bytes]:
    """A form for a file at this path, without a body, and what stands before and behind its bytes there."""
    folder, _, name = path.rpartition("/")
    mark = f"----{uuid.uuid4().hex}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    query = urlencode({"project_id": project_id, "compute_server_id": 0, "path": folder})
    letter = Letter(f"/upload?{query}", {"Content-Type": f"multipart/form-data; boundary={mark}"}, b"")
    return letter, head.encode("utf-8", "replace"), f"\r\n--{mark}--\r\n".encode()


def failure(reply: Reply, server: str) -> ServerError | None:
    """What went wrong, or ``None``: a good answer is ``{"status": "ok"}``, a bad one a line of text."""
    if reply.status == 401:
        return KeyRefused(
            f"{server} does not take the key for an upload: {cut(reply.body, 200)}", reply=reply
        )
    try:
        good = reply.status == 200 and reply.value() == {"status": "ok"}
    except ValueError:
        good = False
    return (
        None
        if good
        else MessageFailed(f"the file was not taken: {cut(reply.body, 200) or reply.http}", reply=reply)
    )
