"""The tabs of one response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ipywidgets import Tab, Widget

from cocalc_magic import render, widgets
from cocalc_magic.render import Rendered
from cocalc_magic.response import Request, Response

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


@pytest.fixture
def view() -> Iterator[Widget]:
    yield widgets.response_view(Rendered(RESPONSE))
    Widget.close_all()


def test_the_tabs_have_names(view: Widget) -> None:
    assert isinstance(view, Tab)
    assert view.titles == ("View", "JSON", "Request", "Code")


def test_the_tabs_show_what_render_makes_of_the_response(view: Widget) -> None:
    makers = (render.json_blocks, render.request_blocks, render.code_blocks)
    blocks = [Rendered(RESPONSE).blocks, *(make(RESPONSE) for make in makers)]

    assert [
        render.format_html(shown) in tab.value for shown, tab in zip(blocks, view.children, strict=True)
    ] == [True] * 4


def test_the_view_is_as_safe_as_the_html(view: Widget) -> None:
    state = "".join(tab.value for tab in view.children)

    assert "<script>" not in state
    assert "hunter2" not in state
