"""The files in a form, `multipart/form-data`, by the standard library's parser of headers."""

from __future__ import annotations

import re
from email.parser import HeaderParser
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PARTS = 100
MAX_HEADERS = 10 * 1024  # bytes of a part
_BOUNDARY = re.compile(r'boundary="?([^";,]+)"?')


class InvalidForm(Exception):
    """Raised for a body that is not a form, or one over the limits."""


class FormFile(NamedTuple):
    """A file in a form."""

    name: str
    body: bytes


def files_in(content_type: str, body: bytes) -> list[FormFile]:
    """Return the files in a form; none where the type names no boundary. Raises `InvalidForm`."""
    boundary = _BOUNDARY.search(content_type)
    return list(_files(b"--" + boundary[1].encode(), body)) if boundary else []


def _files(mark: bytes, body: bytes) -> Iterator[FormFile]:
    end = body.rfind(mark + b"--")
    parts = body[: max(0, end)].split(mark + b"\r\n", MAX_PARTS + 1)
    if end < 0 or len(parts) > MAX_PARTS:
        raise InvalidForm
    for part in filter(None, parts):
        head, separator, content = part.partition(b"\r\n\r\n")
        if not separator or len(head) > MAX_HEADERS or not content.endswith(b"\r\n"):
            raise InvalidForm
        if name := _file_name(head):
            yield FormFile(name, content[:-2])


def _file_name(head: bytes) -> str | None:
    """Return the name of the file that a part is; `None` for a field. Raises `InvalidForm`."""
    try:
        headers = HeaderParser().parsestr(head.decode())
    except UnicodeDecodeError:
        raise InvalidForm from None
    named = headers.get_param("name", header="content-disposition")
    if headers.get_content_disposition() != "form-data" or not named or headers.defects:
        raise InvalidForm
    return headers.get_filename()
