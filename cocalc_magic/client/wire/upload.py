"""Files that are too large for JSON: `POST <server>/upload`, as a browser's form does it.

Servers take 1 MB of JSON, and uploads of any size, with the same key. Recorded in July 2026.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cocalc_magic.client.wire.messages import WireRequest
from cocalc_magic.errors import KeyRefused, MessageFailed, ServerError
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from cocalc_magic.client.wire.messages import WireResponse

_NOBODY = "must be signed in to upload"
LARGEST_JSON = 950_000  # bytes; servers stop at 1 MB, and the message has more than the text


def encode(project_id: str, path: str, data: bytes) -> WireRequest:
    """Return the request for a file, a form of one part; `path` is relative to the project's home folder."""
    request, head, tail = form(project_id, path)
    return replace(request, body=head + data + tail)


def form(project_id: str, path: str) -> tuple[WireRequest, bytes, bytes]:
    """Return the request for a file without a body, and what stands before and behind its bytes there."""
    folder, _, name = path.rpartition("/")
    boundary = f"----{uuid.uuid4().hex}"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "%0D").replace("\n", "%0A")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    query = urlencode({"project_id": project_id, "compute_server_id": 0, "path": folder})
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = WireRequest(f"/upload?{query}", headers, b"")
    return request, head.encode("utf-8", "replace"), f"\r\n--{boundary}--\r\n".encode()


def failure(response: WireResponse, server: str) -> ServerError | None:
    """Return what went wrong, or `None`: success is `{"status": "ok"}`, a failure is a line of text."""
    if response.status == 401 or _NOBODY in response.body:
        return KeyRefused(
            f"{server} does not take the key for an upload: {cut(response.body, 200)}", http_response=response
        )
    try:
        ok = response.status == 200 and response.value() == {"status": "ok"}
    except ValueError:
        ok = False
    reason = cut(response.body, 200) or response.http
    return None if ok else MessageFailed(f"the file was not taken: {reason}", http_response=response)
