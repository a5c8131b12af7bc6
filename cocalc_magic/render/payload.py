"""What a response carries besides its envelope, determined once for all views; what its message has done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.catalog.raw import bare
from cocalc_magic.catalog.types import is_uuid
from cocalc_magic.render.blocks import Block, Done
from cocalc_magic.render.humanize import MAX_WORD, fact_text, is_many, project_words, site_url
from cocalc_magic.sanitize import rejoined
from cocalc_magic.sanitize.secret_forms import HIDDEN, is_secret_name, mask_named, mask_value

if TYPE_CHECKING:
    from cocalc_magic.response import Response

MAX_OPTIONS = 6  # options that say what was done
_BLANK = re.compile(r"\{([^{}]*)\}")
EMPTY: Any = object()
"""Stands for no value at all, which is not `null`."""

_CREDENTIALS = frozenset(
    {"compute/get-api-key", "system.generateUserAuthToken", "system.adminResetPasswordLink"}
)
"""Events whose answer is a key, or a text that signs somebody in."""

_QUERIES = frozenset({"query", "/user-query", "db.userQuery"})
_SUCCESS = {"success": (True,), "status": ("ok", "success"), "error": (False,)}
_WRAPPERS = frozenset((
    "query", "data", "response", "result", "results", "value", "text", "output", "content", "customer",
    "mesg",
))  # fmt: skip


class Payload:
    """The value that a response is about, and what its views need to know of it.

    Attributes:
        response: The response, without secret values that the server repeats.
        name: Name of the one field that it consists of; empty if the name says nothing new.
        value: The value without the envelope, or `EMPTY`.
        site: URL of the server's pages for people; empty if it has none.
    """

    def __init__(self, response: Response) -> None:
        self.response = response.as_shown()
        self.message = catalog.get(response.request.event)
        self.name, self.value = _carried(self.response)
        self.site = site_url(response)

    @cached_property
    def shown(self) -> Any:
        """The whole value of the response, with secrets masked."""
        return shown_value(self.response)


def shown_value(response: Response) -> Any:
    """Return the value of a response with credentials masked: outputs are saved."""
    value = response.value
    if isinstance(value, str) and value and response.ok:
        events = {bare(response.request.event), response.request.options.get("name")}  # of the conat bridge
        if not events.isdisjoint(_CREDENTIALS):
            return HIDDEN
    return rejoined(mask_value(value))


def _carried(response: Response) -> tuple[str, Any]:
    value = response.value
    if not isinstance(value, Mapping):
        return "", value
    fields = {name: field for name, field in value.items() if not _is_envelope(name, field, value)}
    if not fields:
        return "", EMPTY
    if len(fields) > 1 or not _wraps(fields):
        return "", fields
    ((name, field),) = fields.items()
    name = str(name)
    is_known = name in _WRAPPERS or name.rstrip("s") in response.request.event or name == response.event
    return ("" if is_known else name), mask_named(name, field)


def empty_list(response: Response) -> str:
    """Return the name of the one empty list in an answer, or an empty text."""
    value = response.value
    names = [str(name) for name, field in value.items() if field == []] if isinstance(value, Mapping) else []
    return names[0] if len(names) == 1 and names[0] not in _WRAPPERS else ""


def tables_of(response: Response) -> list[tuple[str, Any]] | None:
    """Return the tables in the answer to a query with their records; `None` for other messages."""
    if response.request.event not in _QUERIES and response.event != "query":
        return None
    value = response.value
    if isinstance(value, Mapping) and "query" in value:
        value = value["query"]
    queries = value if isinstance(value, list) else [value]
    if not all(isinstance(query, Mapping) for query in queries):
        return None
    return [
        (str(name), mask_named(str(name), records))
        for query in queries
        for name, records in query.items()
        if name != "event"
    ]


def _is_envelope(name: Any, value: Any, whole: Mapping[str, Any]) -> bool:
    """Return whether a field says no more than which message it is, or that it succeeded."""
    if name in ("event", "id") and "event" in whole:
        return True
    if name == "note" and whole.get("copy_path_id") == "":
        return True  # it says how to use the id that is not there
    if name in ("copy_path_id", "copy_id") and value == "":
        return True
    return any(value is good or (isinstance(value, str) and value == good) for good in _SUCCESS.get(name, ()))


def _wraps(fields: Mapping[str, Any]) -> bool:
    """Return whether the one field only wraps an object, a list, or a value without a name."""
    ((name, value),) = fields.items()
    if value == HIDDEN:
        return False
    if isinstance(value, list) and value and not isinstance(value[0], Mapping | None):
        return name in _WRAPPERS
    return name in _WRAPPERS or (isinstance(value, Mapping | list) and not is_uuid(str(name)))


def done(payload: Payload) -> tuple[Block, ...]:
    """Return what a message has done, in the words of the catalog; nothing for one that only reads."""
    message, request = payload.message, payload.response.request
    if message is None or not message.done:
        return ()
    pieces = _BLANK.split(message.done)
    for place in range(1, len(pieces), 2):
        name, _, instead = pieces[place].partition("|")
        value = None if name in request.secret or is_secret_name(name) else request.options.get(name)
        if value in (None, "", [], {}) or (is_many(value) and len(value) > MAX_OPTIONS):
            before = pieces[place - 1] if instead else pieces[place - 1].rstrip()
            pieces[place - 1 : place + 2] = [f"{before}{instead}{pieces[place + 1]}", "", ""]
        else:
            pieces[place] = _option_words(payload, name, value)
    return (Done(tuple(pieces)),)


def _option_words(payload: Payload, name: str, value: Any) -> str:
    """Return the value of an option in a sentence: a project by its title."""
    message = payload.message
    if message and message.option(name).names_project and isinstance(value, str):
        return project_words(value, payload.response.titles, payload.site)
    return fact_text(name, value, MAX_WORD)


def names_in_sentence(payload: Payload) -> frozenset[str]:
    """Return the options whose values stand in the sentence of what was done."""
    blanks = _BLANK.findall(payload.message.done) if payload.message else []
    return frozenset(blank.partition("|")[0] for blank in blanks)
