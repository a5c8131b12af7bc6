"""What an answer carries beside its envelope: the value without what says only that it is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cocalc_magic.render.clean import masked
from cocalc_magic.render.links import is_uuid
from cocalc_magic.sanitize.secret_forms import HIDDEN

if TYPE_CHECKING:
    from cocalc_magic.response import Response

EMPTY: Any = object()
"""Stands for nothing at all, which is not ``null``."""

_QUERIES = frozenset({"query", "/user-query", "db.userQuery"})
_SUCCESS = {"success": (True,), "status": ("ok", "success"), "error": (False,)}
_WRAPPERS = frozenset(
    {
        "query",
        "data",
        "response",
        "result",
        "results",
        "value",
        "text",
        "output",
        "content",
        "customer",
        "mesg",
    }
)


def carried(response: Response) -> tuple[str, Any]:
    """The name and the value of what an answer is about; the name is empty where it tells nothing new."""
    value = response.value
    if not isinstance(value, Mapping):
        return "", value
    left = {name: one for name, one in value.items() if not _is_envelope(name, one, value)}
    if not left:
        return "", EMPTY
    if len(left) > 1 or not _wraps(left):
        return "", left
    ((name, one),) = left.items()
    name = str(name)
    told = name in _WRAPPERS or name.rstrip("s") in response.request.event or name == response.event
    return ("" if told else name), masked(name, one)


def empty_list(response: Response) -> str:
    """The name of a list that an answer has, and nothing is in it; or empty."""
    value = response.value
    names = [str(name) for name, one in value.items() if one == []] if isinstance(value, Mapping) else []
    return names[0] if len(names) == 1 and names[0] not in _WRAPPERS else ""


def tables_of(response: Response) -> list[tuple[str, Any]] | None:
    """The tables of a query's answer with what was found; ``None`` for the answer of anything else."""
    if response.request.event not in _QUERIES and response.event != "query":
        return None
    value = response.value
    if isinstance(value, Mapping) and "query" in value:
        value = value["query"]
    asked = value if isinstance(value, list) else [value]
    if not all(isinstance(one, Mapping) for one in asked):
        return None
    return [
        (str(name), masked(str(name), found))
        for one in asked
        for name, found in one.items()
        if name != "event"
    ]


def _is_envelope(name: Any, value: Any, whole: Mapping[str, Any]) -> bool:
    """Whether a field says no more than which message it is, or that all went well."""
    if name in ("event", "id") and "event" in whole:
        return True
    if name == "note" and whole.get("copy_path_id") == "":
        return True  # it says how to use the id that is not there
    if name in ("copy_path_id", "copy_id") and value == "":
        return True
    return any(value is one or (isinstance(value, str) and value == one) for one in _SUCCESS.get(name, ()))


def _wraps(fields: Mapping[str, Any]) -> bool:
    """Whether the one field is but a wrapping: of an object or a list, or of a value without a name."""
    ((name, value),) = fields.items()
    if value == HIDDEN:
        return False
    if isinstance(value, list) and value and not isinstance(value[0], Mapping | None):
        return name in _WRAPPERS
    return name in _WRAPPERS or (isinstance(value, Mapping | list) and not is_uuid(name))
