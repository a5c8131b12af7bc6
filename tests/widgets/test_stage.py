"""The kernel's half of the live views, without a page: what it makes, when, and for whom."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from ipywidgets import HBox, Label, Widget

from cocalc_magic import render, widgets
from cocalc_magic.response import Request, Response
from cocalc_magic.widgets import stage as stages
from cocalc_magic.widgets.stage import KEPT, Stage

RESPONSE = Response(
    {"event": "pong", "id": "1"}, Request("ping"), server="sandbox", sandbox=True, elapsed=0.012
)


class Watched(Stage):
    """A stage that notes what it sends to pages."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, str]] = []

    def send(self, content, buffers=None):
        self.sent.append(content)

    def asked(self, content) -> None:
        """A message from a page."""
        self._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


@pytest.fixture
def stage():
    made = Watched()
    yield made
    Widget.close_all()


@pytest.fixture
def made():
    return []


@pytest.fixture
def make(made):
    """Makes a label, and keeps it in ``made``."""

    def maker() -> Widget:
        made.append(HBox([Label("live")]))
        return made[-1]

    return maker


def token_of(html: str) -> str:
    return re.fullmatch(r'<div data-ccm="([0-9a-f]{16})"><div>.*</div></div>', html, re.DOTALL)[1]


def test_the_twin_is_the_html_in_a_marked_element(stage, make):
    assert "<b>static</b>" in stage.twin("<b>static</b>", make)
    assert token_of(stage.twin("", make)) != token_of(stage.twin("", make))


def test_nothing_is_made_until_a_page_asks(stage, make, made):
    stage.twin("static", make)

    assert made == []
    assert stage.sent == []


def test_a_page_that_asks_gets_the_widget(stage, make, made):
    token = token_of(stage.twin("static", make))
    stage.asked({"want": token})

    assert stage.sent == [{"key": token, "id": made[0].model_id}]


def test_two_pages_get_the_same_widget(stage, make, made):
    token = token_of(stage.twin("static", make))
    stage.asked({"want": token})
    stage.asked({"want": token})

    assert len(made) == 1
    assert stage.sent[0] == stage.sent[1]


def test_a_widget_that_was_closed_is_made_again(stage, make, made):
    token = token_of(stage.twin("static", make))
    stage.asked({"want": token})
    made[0].close()
    stage.asked({"want": token})

    assert [sent["id"] for sent in stage.sent[1:]] == [made[1].model_id]


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        "want",
        [],
        {},
        {"want": None},
        {"want": ["0"]},
        {"want": {}},
        {"want": "0" * 16},
        {"want": "_makers"},
    ],
)
def test_other_messages_are_not_answered(stage, make, made, content):
    stage.twin("static", make)
    stage.asked(content)

    assert stage.sent == []
    assert made == []


def test_a_maker_that_fails_is_reported_and_the_page_hears_nothing(stage, caplog):
    token = token_of(stage.twin("static", lambda: 1 / 0))
    stage.asked({"want": token})

    assert "ZeroDivisionError" in caplog.text
    assert stage.sent == []


def test_the_last_200_are_kept(stage, make, made):
    tokens = [token_of(stage.twin("static", make)) for _ in range(KEPT + 1)]
    stage.asked({"want": tokens[0]})
    assert made == []

    stage.asked({"want": tokens[1]})
    assert len(made) == 1


def test_an_old_widget_is_closed_with_all_of_its_parts(stage, make, made):
    stage.asked({"want": token_of(stage.twin("static", make))})
    (box,) = made
    (label,) = box.children
    parts = [box, box.layout, label, label.layout, label.style]
    assert all(part.comm for part in parts)

    for _ in range(KEPT):
        stage.twin("static", make)

    assert not any(part.comm for part in parts)


def test_the_stage_has_a_script_and_nothing_of_a_response_in_its_state(stage):
    stage.twin("the static half", lambda: Label("the live half"))
    state = stage.get_state()

    assert "initialize" in state["_esm"]
    assert "half" not in str({name: value for name, value in state.items() if name != "_esm"})


def test_there_is_one_stage_until_it_is_closed():
    first = stages.the_stage()

    assert stages.the_stage() is first
    Widget.close_all()
    assert stages.the_stage() is not first


def test_live_html_is_the_static_html_with_a_token():
    html = widgets.live(RESPONSE)

    assert html == f'<div data-ccm="{token_of(html)}"><div>{render.to_html(RESPONSE)}</div></div>'
    HTMLParser().feed(html)
