"""The tabs of one response."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from ipywidgets import Widget
from ipywidgets.widgets.widget import _instances

from cocalc_magic import render
from cocalc_magic.render import Rendered
from cocalc_magic.response import Request, Response
from cocalc_magic.widgets.view import ResponseView
from tests.render.responses import found
from tests.widgets.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Iterator


RESPONSE = Response(
    {
        "event": "project_exec_output",
        "id": "1",
        "stdout": "<script>hi</script>",
        "stderr": "",
        "exit_code": 0,
    },
    Request("project_exec", {"command": "make", "code": "hunter2"}, secret=("code",)),
    server="sandbox",
)


BEFORE: list[str] = []


class WatchedView(Watched, ResponseView):
    """A view that notes what it sends to pages."""


@pytest.fixture
def view() -> Iterator[WatchedView]:
    BEFORE[:] = list(_instances)
    yield WatchedView(Rendered(RESPONSE), None, None)
    Widget.close_all()


def test_the_tabs_have_names(view: WatchedView) -> None:
    assert view.titles == ["View", "JSON", "Request", "Code"]


def test_records_with_numbers_have_a_chart() -> None:
    pytest.importorskip("vl_convert")
    view = WatchedView(Rendered(found([{"name": "Ada", "size": 1}, {"name": "Bob", "size": 3}])), None, None)

    assert view.titles == ["View", "Chart", "JSON", "Request", "Code"]
    html = view.asked(do="tab", name="Chart")["html"]
    assert '<img src="data:image/svg+xml;base64,' in html
    assert "size of 2 records" in html


def test_the_tabs_show_what_render_makes_of_the_response(view: WatchedView) -> None:
    rendered = Rendered(RESPONSE)

    assert view.heading == render.heading_html(rendered.heading)
    assert view.markup == (render.format_html(rendered.content),)
    for name, make in (
        ("Tree", render.json_blocks),
        ("Request", render.request_blocks),
        ("Code", render.code_blocks),
    ):
        assert view.asked(do="tab", name=name)["html"] == render.format_html(make(RESPONSE))
    assert "hi&lt;/script&gt;" in view.asked(do="tab", name="JSON")["html"]


def test_all_of_the_json_is_copied_however_little_of_it_is_shown() -> None:
    value = {"event": "x", "lines": [f"line {number}" for number in range(5_000)], "api_key": "sk-abc"}
    view = WatchedView(Rendered(Response(value, Request("x"))), None, None)

    assert "not shown" in view.asked(do="tab", name="JSON")["html"]
    copied = json.loads(view.asked(do="copy", name="JSON")["text"])
    assert copied == {**value, "api_key": "•••"}
    Widget.close_all()


def test_a_response_is_one_message_to_the_page(view: WatchedView) -> None:
    """Besides its layout: every widget is another."""
    assert list(view.children) == []
    assert len(_instances) - len(BEFORE) == 2


def test_the_view_is_as_safe_as_the_html(view: WatchedView) -> None:
    tabs = [view.asked(do="tab", name=name)["html"] for name in ("JSON", "Tree", "Request", "Code")]
    state = "".join([view.heading, *view.markup, *tabs])

    assert "<script>" not in state
    assert "hunter2" not in state
