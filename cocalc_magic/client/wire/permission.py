"""What a key with capabilities may send, and how servers refuse what it may not.

Servers with such keys refuse with HTTP 200 and a text. Read in the source of July 2026, not recorded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import KeyRefused, PermissionRefused, ServerError
from cocalc_magic.sanitize import visible_line
from cocalc_magic.sanitize.secret_forms import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response

_LACKS = re.compile(
    r"API key lacks required capability '(?P<capability>[a-z:]+)'(?: for project (?P<project>\S+))?"
)
_NO_KEY_MAY = re.compile(r"\bAPI keys? (?:are not allowed|cannot|may only)\b|cannot be specified by API keys")
_BAD_KEY = re.compile(r"valid account API key|must sign in with an account API key")
_SESSION_IS_OLD = re.compile(
    r"(?:fresh auth|two-factor (?:authentication|verification)|browser sign-in) is required"
)


def is_scoped(key: str) -> bool:
    """Return whether a key has the form of those with capabilities."""
    return key.startswith(KEYS[0].marks)


def needed(message: Message, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a key needs for a message: a capability, and the project that it is for (or nothing)."""
    permission = message.permission
    if permission is None:
        return
    projects = [_project(options.get(name)) for name in permission.projects] or [""]
    if len(projects) == len(permission.capabilities):
        yield from zip(permission.capabilities, projects, strict=True)
        return
    for capability in permission.capabilities:
        for project in projects:
            yield capability, project


def _project(value: Any) -> str:
    return value if isinstance(value, str) else ""


def keys_page(address: str) -> str:
    """Return the page of a server, by its address, on which keys are made and changed."""
    return f"{address}/settings/keys"


def project_words(project: str, titles: Mapping[str, str]) -> str:
    """Return " for the project …" by its title where that is known; nothing for no project."""
    title = titles.get(project)
    named = repr(visible_line(title)) if title else visible_line(project)
    return f" for the project {named}" if project else ""


def failure(response: Response, text: str) -> ServerError | None:
    """Return the error for a refusal of a key or a session; `None` for any other text."""
    change = f"Keys are made, and changed, on {keys_page(response.address)}"
    if match := _LACKS.search(text):
        capability, project = match["capability"], match["project"] or ""
        return PermissionRefused(
            f"the key does not have {capability}{project_words(project, response.titles)}.",
            change,
            response=response,
            capability=capability,
            project=project,
        )
    if _NO_KEY_MAY.search(text):
        return PermissionRefused(text, "No key may do this there.", _NEEDS_PERSON, response=response)
    if _SESSION_IS_OLD.search(text):
        return PermissionRefused(
            text, "People do this in a browser, where they sign in again for it.", response=response
        )
    if _BAD_KEY.search(text):
        return KeyRefused(
            f"{response.server} does not know the key: {text}",
            "Has it been deleted, has it expired, or is it one of an older CoCalc?",
            change,
            response=response,
        )
    return None


_NEEDS_PERSON = "It takes a person who has signed in: %cocalc login --page, or the pages of the server."
