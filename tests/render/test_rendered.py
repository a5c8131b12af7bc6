"""A response is rendered once, however many ways it is shown in."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ipywidgets import Widget

from cocalc_magic import widgets
from cocalc_magic.ipython import display
from cocalc_magic.render import Rendered, payload, views
from cocalc_magic.response import Request, Response
from cocalc_magic.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def calls() -> Iterator[Counter[tuple[str, str]]]:
    """Count the calls of Python functions, by their file and name."""
    counted = Counter[tuple[str, str]]()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            counted[frame.f_code.co_filename, frame.f_code.co_name] += 1

    sys.setprofile(profile)
    try:
        yield counted
    finally:
        sys.setprofile(None)


def test_the_blocks_are_made_once_for_text_html_and_the_live_view() -> None:
    response = Response({"event": "query", "query": {"projects": [{"title": "a"}]}}, Request("query"))
    rendered = Rendered(response)

    with calls() as counted:
        bundle = display.response_bundle(rendered, Session(), "widgets", kernel=True)
        view = widgets.response_view(rendered)

    assert "a" in bundle["text/plain"]
    assert "data-ccm" in bundle["text/html"]
    assert view.titles[0] == "View"
    assert counted[views.__file__, "body"] == 1
    assert counted[payload.__file__, "_carried"] == 1
    Widget.close_all()
