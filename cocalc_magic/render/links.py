"""Where in CoCalc a project or a file is opened; words alone where there is no such page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cocalc_magic.render.blocks import Link
from cocalc_magic.render.clean import visible_line

if TYPE_CHECKING:
    from cocalc_magic.response import Response

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PATH = 1_000  # characters of one that is a link


def place(response: Response) -> str:
    """The address below which the server's pages are; empty for a sandbox, which has none of projects."""
    address = response.address.rstrip("/")
    return address if not response.sandbox and address.startswith(("http://", "https://")) else ""


def is_uuid(value: Any) -> bool:
    """Whether the value is written as an id of an account or a project is."""
    return isinstance(value, str) and bool(_UUID.fullmatch(value))


def project_address(address: str, project_id: Any) -> str:
    """The page of a project; empty where there is none."""
    return f"{address}/projects/{project_id.lower()}" if address and is_uuid(project_id) else ""


def file_address(address: str, project_id: Any, path: Any) -> str:
    """The page on which a file of a project is edited, or a folder (its path ends with a slash) is listed.

    Empty for a path that is not shown as it is, such as one with a key in it.
    """
    project = project_address(address, project_id)
    if not project or not isinstance(path, str) or not 0 < len(path) <= _PATH or path.startswith("/"):
        return ""
    return f"{project}/files/{quote(path.removeprefix('./'))}" if visible_line(path) == path else ""


def linked(words: str, address: str) -> str:
    """The words, as a link where there is an address."""
    return Link(words, address) if address else words
