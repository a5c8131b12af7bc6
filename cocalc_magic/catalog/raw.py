"""Raw messages: those that the catalog lacks, named as others are or by method and path, and sent unchecked.

`raw some/new-thing`, `raw projects.newThing`, `raw project:system.newThing`, `raw new_event`,
`raw GET /stats`. That text is the event, so that such a message is displayed, kept in the history and sent
again like any other.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cocalc_magic.catalog.types import UUID, Example, Message, Option
from cocalc_magic.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

RAW = "raw "
PATH = "path"  # in place of a generation, for what goes to a path of its own
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_EVENT = re.compile(rf"(?:(?P<method>{'|'.join(METHODS)}) )?(?P<what>\S+)")
_NAME = re.compile(r"/[A-Za-z0-9_-]+|[A-Za-z0-9_-]+(?:[./:][A-Za-z0-9_-]+)*")
_API = re.compile(r"/api/(?P<api>v1|v2|conat)/(?P<name>.+)")
_PATH = re.compile(r"/(?:[A-Za-z0-9._~!&'()*+,;=:@/?-]|\$(?![A-Za-z_{])|%[0-9A-Fa-f]{2})*")
_PROCESS = re.compile(rf"/+{UUID.pattern}(/|$)")
_DISGUISED = re.compile(r"%(?:2e|2f|5c|[01][0-9a-f]|7f)", re.IGNORECASE)  # a dot, a slash, a control
_REASON = "It goes as it stands: the catalog does not say what it does."


def is_raw(event: str) -> bool:
    """Return whether an event is that of a raw message."""
    return event.startswith(RAW)


def bare(event: str) -> str:
    """Return the server's name of a message: its event without the mark of a raw one."""
    if not is_raw(event):
        return event
    what = event.removeprefix(RAW)
    match = _API.fullmatch(what.rpartition(" ")[2].partition("?")[0]) if " " in what else None
    return _name_in(match) if match else what


def build(event: str, generation: str, secret: tuple[str, ...]) -> Message:
    """Return the raw message of a canonical event, with the secret options of its namesake in the catalog."""
    project = Option("project_id", "project", "The project to ask.", current=True)
    return Message(
        event=event,
        subject="raw",
        summary="Sent as it stands.",
        description="A message that the catalog lacks, or is not asked about.",
        options=(project,) if bare(event).startswith("project:") else (),
        response=None,
        fields=(),
        errors=(),
        example=Example(),
        documented=False,
        availability="open",
        confirm=_REASON,
        secret=secret,
        generations=(PATH if " " in event.removeprefix(RAW) else generation,),
        raw=True,
    )


def canonical(event: str) -> str:
    """Return the canonical event: by name for what belongs to an API, else by method and path.

    Raises:
        InvalidValue: It is neither, or could lead anywhere but below the server's address.
    """
    match = _EVENT.fullmatch(event.removeprefix(RAW))
    if match is None:
        raise _nothing(event)
    what = match["what"]
    is_name = _NAME.fullmatch(what) and what not in METHODS and not what.startswith("api/")
    if is_name and not match["method"]:
        return RAW + what
    method, path = match["method"] or "POST", _checked(what)
    of_api = _API.fullmatch(path)
    if of_api and of_api["api"] != "conat" and method == "POST" and _NAME.fullmatch(of_api["name"]):
        return RAW + _name_in(of_api)
    return f"{RAW}{method} {path}"


def unwrapped(message: Message, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a raw message, also where given as `body`, or as the one object in `args`.

    A `body` may be JSON in a text.
    """
    name = "args" if message.generation == "conat" else "body"
    rest = {key: value for key, value in options.items() if key != "project_id"}
    inside = rest.get(name) if list(rest) == [name] else None
    if isinstance(inside, list) and len(inside) == 1 and name == "args":
        inside = inside[0]
    if isinstance(inside, str) and name == "body" and isinstance(held := _loaded(inside), dict | list):
        inside, options = held, {**options, name: held}
    if not isinstance(inside, dict):
        return options
    return {**{key: value for key, value in options.items() if key != name}, **inside}


def whole(options: Mapping[str, Any]) -> Any:
    """Return the body to send: the options as one object, or `body` alone where that is not a text."""
    alone = list(options) == ["body"] and not isinstance(options["body"], str)
    return options["body"] if alone else dict(options)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _name_in(match: re.Match[str]) -> str:
    """Return the name of a message by its path: those of v2 with one segment begin with a slash."""
    return f"/{match['name']}" if match["api"] == "v2" and "/" not in match["name"] else match["name"]


def _checked(path: str) -> str:
    """Return the path if it stays below the server's address for every reader. Raises `InvalidValue`."""
    if not path.startswith("/"):
        raise _nothing(path)
    place = path.partition("?")[0]
    parts = unquote(place)[1:].split("/")
    if _PROCESS.match(unquote(place)):
        raise InvalidValue(
            "this path leads to a program in a project, which would get the key.",
            "Files: %cocalc download PATH --project PROJECT",
        )
    if not _PATH.fullmatch(path) or _DISGUISED.search(place) or {".", ".."} & set(parts) or "" in parts[:-1]:
        raise InvalidValue(
            f"{path[:100]!r} is not a path below the server's address.",
            "It looks like /api/v2/some/new-thing: without .. and //, without values of the notebook, other "
            "characters than these as %20",
        )
    return path


def _nothing(text: str) -> InvalidValue:
    return InvalidValue(
        f"{text[:100]!r} is neither the name of a message nor a path.",
        "Write raw some/new-thing, raw projects.newThing, raw project:system.newThing or raw GET /stats",
        "Another server is named by --server NAME; a key goes to its own server alone.",
    )
