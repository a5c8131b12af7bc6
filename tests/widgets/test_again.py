"""*Send again*: at once what changes nothing, after a second click what does something each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ipywidgets import Widget

from cocalc_magic.errors import MessageFailed
from cocalc_magic.render import Rendered
from cocalc_magic.response import Request, Response
from cocalc_magic.widgets.view import SendAgain, response_view
from tests.widgets.settling import click, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.session.frontend import OnJob


PONG = Response({"event": "pong", "id": "1", "now": "2026-01-01T00:00:00.000Z"}, Request("ping"))


@pytest.fixture
def sent() -> Iterator[list[str]]:
    yield []
    Widget.close_all()


def button(sent: list[str], *, asks: bool) -> SendAgain:
    def send(on_job: OnJob) -> Response:
        sent.append("ping")
        return PONG

    view = response_view(Rendered(PONG), send, asks=asks)
    view.send_again()
    again: SendAgain = view.below[0]
    return again


def test_one_click_sends_what_changes_nothing(sent: list[str]) -> None:
    again = button(sent, asks=False)

    until(again.button, "disabled", lambda disabled: not disabled)

    assert sent == ["ping"]
    assert again.answer.children[0].titles == ["View", "JSON", "Request", "Code"]


def test_the_first_click_asks_where_it_does_something(sent: list[str]) -> None:
    again = button(sent, asks=True)

    until(again.button, "disabled", lambda disabled: not disabled)
    assert (sent, again.button.description) == ([], "Send it?")
    assert "It does something each time." in again.line.value
    click(again.button)

    assert (sent, again.button.description) == (["ping"], "Send again")


def test_a_failure_is_shown_in_its_place(sent: list[str]) -> None:
    def fail(on_job: OnJob) -> Response:
        raise MessageFailed("<b>no</b>")

    again = SendAgain(fail, asks=False)

    click(again.button)

    assert "&lt;b&gt;no&lt;/b&gt;" in again.answer.children[0].value
    assert not again.button.disabled


def test_without_a_way_to_send_there_is_no_button(sent: list[str]) -> None:
    assert not response_view(Rendered(PONG)).can_send
    assert response_view(Rendered(PONG)).titles == ["View", "JSON", "Request", "Code"]
