"""The sections of a response: heading and view, made once and read by text, HTML and the live view."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_magic.render.blocks import Block, Heading, Note
from cocalc_magic.render.failures import failure_blocks
from cocalc_magic.render.files import rendered_file
from cocalc_magic.render.html import format_frame
from cocalc_magic.render.humanize import MAX_WORD, duration, project_words
from cocalc_magic.render.payload import Payload, shown_value
from cocalc_magic.render.records import table
from cocalc_magic.render.request import code_blocks, request_blocks
from cocalc_magic.render.text import format_text
from cocalc_magic.render.trees import tree
from cocalc_magic.render.truncate import text_block
from cocalc_magic.render.views import body
from cocalc_magic.sanitize import cut, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.render.chart import Chart
    from cocalc_magic.render.screen import Screen
    from cocalc_magic.response import Response

Blocks: TypeAlias = tuple[Block, ...]

_MAX_TITLES = 3  # projects that are all named


class Rendered:
    """A response as it is shown; blocks, text and HTML are each made once, when first used."""

    def __init__(self, response: Response) -> None:
        self.response = response

    @cached_property
    def _payload(self) -> Payload:
        return Payload(self.response)

    @cached_property
    def heading(self) -> Heading:
        """The first line: which message, where, how it went."""
        return _heading(self._payload)

    @cached_property
    def content(self) -> Blocks:
        """What a reader wants to see of the response, below its heading."""
        payload = self._payload
        if make := _AS.get(self.response.view):
            return make(payload)
        if not self.response.ok:
            return failure_blocks(payload)
        lost = (Note(f"Not as in v1: {cut(words, 3 * MAX_WORD)}.") for words in self.response.lost)
        return (*body(payload), *lost)

    @property
    def blocks(self) -> Blocks:
        """Heading and content; of a raw view the content alone."""
        return self.content if self.response.view == "raw" else (self.heading, *self.content)

    @cached_property
    def text(self) -> str:
        """Plain text, for terminals and front ends without HTML."""
        return format_text(self.blocks)

    def text_on(self, screen: Screen) -> str:
        """Plain text, as wide and as long as a screen is."""
        whole = self.response.view == "raw"
        return format_text(self.blocks, replace(screen, width=None, height=0) if whole else screen)

    @cached_property
    def html(self) -> str:
        """HTML that stands by itself: nothing to load, nothing that runs."""
        return format_frame(self.heading, self.content)

    def chart(self) -> Chart:
        """Return a chart of the records. Raises what `Response.plot` raises."""
        from cocalc_magic.render.plots import of_records  # late: few responses are charted

        return of_records(self.response.records() or [], self.response.request.event)

    @property
    def tabs(self) -> tuple[str, ...]:
        """The names of all ways to look at the response."""
        rendered, chart = bool(self.file_blocks), self._has_chart
        return ("View", *["Rendered"] * rendered, *["Chart"] * chart, "JSON", "Request", "Code")

    def tab(self, name: str) -> Blocks:
        """Return what a tab shows; *Tree* is the other form of *JSON*."""
        if name == "Chart":
            return self._chart_blocks
        make = _TABS.get(name)
        return make(self.response) if make else (self.file_blocks or self.content)

    def tab_text(self, name: str) -> str:
        """Return the whole text of a tab, to be copied."""
        if name == "JSON":
            return visible(_json_text(self.response))
        return format_text(self.tab(name))

    @cached_property
    def _has_chart(self) -> bool:
        """Whether there are numbers or times among the records, and charts can be made here."""
        records = self.response.records() if self.response.ok else None
        if not records:
            return False
        from cocalc_magic.render.plots import has_chart  # late, as above

        return has_chart(records)

    @cached_property
    def _chart_blocks(self) -> Blocks:
        from cocalc_magic.render.outputs import picture  # late, as above

        chart = self.chart()
        drawn = picture("image/svg+xml", chart.svg, chart.words, len(chart.svg) * 2)
        return (drawn or Note(chart.words),)

    @cached_property
    def file_blocks(self) -> Blocks | None:
        """A file that is written to be read in another form (Markdown, a notebook), in that form."""
        return rendered_file(self.response)


def json_blocks(response: Response) -> Blocks:
    """Return all that the server answered, as a tree."""
    response = response.as_shown()
    return (tree(shown_value(response) if isinstance(response.value, str) else response.value),)


def json_text_blocks(response: Response) -> Blocks:
    """Return all that the server answered, as indented JSON."""
    return (text_block(_json_text(response), language="json"),)


def _json_text(response: Response) -> str:
    return json.dumps(shown_value(response.as_shown()), indent=2, ensure_ascii=False)


_TABS: dict[str, Callable[[Response], Blocks]] = {
    "JSON": json_text_blocks,
    "Tree": json_blocks,
    "Request": request_blocks,
    "Code": code_blocks,
}


def _heading(payload: Payload) -> Heading:
    response = payload.response
    sent, received = response.request.event, response.event
    remarks = [duration(response.elapsed)]
    if response.status != 200:
        remarks.append(f"HTTP {response.status}")
    if response.route:
        remarks.append(f"by {cut(response.route, MAX_WORD)}")
    return Heading(
        event=cut(sent, MAX_WORD),
        answer="" if received == sent else cut(received, MAX_WORD),
        server=cut(response.server, MAX_WORD),
        sandbox=response.sandbox,
        failed=not response.ok,
        remarks=tuple(remarks),
        projects=_projects(payload),
    )


def _projects(payload: Payload) -> tuple[tuple[str, str], ...]:
    """Return which projects the message was about, each with what it is in it: by title, if that is known."""
    message, options = payload.message, payload.response.request.options
    names = [option.name for option in message.options if option.names_project] if message else []
    return tuple(
        (_role(name), project_words(project, payload.response.titles, payload.site))
        for name in dict.fromkeys([*names, "project_id"])
        if options.get(name) is not None
        for project in _few(options[name])
    )


def _role(name: str) -> str:
    """Return what a project is in a message: `project`, or for `src_project_id` `src project`."""
    return cut(name.removesuffix("_id").replace("_", " "), MAX_WORD)


def _few(value: Any) -> list[Any]:
    """Return the projects of an option that are named one by one; many are one value."""
    return value if isinstance(value, list) and 0 < len(value) <= _MAX_TITLES else [value]


def _as_json(payload: Payload) -> Blocks:
    text = json.dumps(payload.shown, indent=2, ensure_ascii=False)
    return (text_block(text, language="json"),)


def _as_table(payload: Payload) -> Blocks:
    records = payload.response.records()
    if records is None:
        value = payload.shown
        records = [value if isinstance(value, Mapping) else {"value": value}]
    return (table(records),)


def _as_raw(payload: Payload) -> Blocks:
    return (text_block(json.dumps(payload.shown, ensure_ascii=False, separators=(",", ":"))),)


_AS: dict[str, Callable[[Payload], Blocks]] = {
    "json": _as_json,
    "table": _as_table,
    "raw": _as_raw,
}
