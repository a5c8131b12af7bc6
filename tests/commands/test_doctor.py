"""What a server is and what works there, found out on servers that are played."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic import render
from cocalc_magic.commands import run
from cocalc_magic.errors import KeyRefused
from cocalc_magic.session.session import Session
from cocalc_magic.session.whoami import owner
from tests.client.wire.played import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic import Client
    from tests.client.wire.played import Played

    Examine = Callable[..., tuple[str, Played]]


@pytest.fixture
def doctor(play: Callable[..., tuple[Client, Played]], monkeypatch: pytest.MonkeyPatch) -> Examine:
    """What the doctor says of a server that speaks these generations."""

    def examine(*generations: str, key: str = KEY) -> tuple[str, Played]:
        _, server = play(*generations)
        monkeypatch.setenv("COCALC_HOST", server.url)
        monkeypatch.setenv("COCALC_API_KEY", key)
        return str(run(Session(), "doctor", None)), server

    return examine


def row(page: str, event: str) -> str:
    return next(line for line in page.splitlines() if line.split()[:1] == [event])


def test_it_tells_what_a_server_of_today_speaks_whose_the_key_is_and_what_works(doctor: Examine) -> None:
    page, server = doctor("v2", "conat")

    assert "speaks  v2, conat" in page
    assert "key     Alice Example <alice@example.com>" in page
    assert row(page, "ping").split()[1:] == ["exact", "by", "system.ping", "or", "/customize"]
    assert row(page, "stripe_get_coupon").split()[1] == "no"
    assert "86 of conat: %cocalc events conat" in page
    assert len(server.got) <= 7
    assert not any(body and "project_id" in body for _, _, body in server.got)


def test_on_a_v1_server_events_go_as_they_are(doctor: Examine) -> None:
    page, _ = doctor("v1")

    assert "speaks  v1" in page
    assert "as it is" in row(page, "project_exec")
    assert "not on servers of 2024" in row(page, "metrics")


def test_what_needs_conat_is_told_where_there_is_none(doctor: Examine) -> None:
    page, _ = doctor("v2")

    assert "needs conat" in row(page, "invite_collaborator")
    assert "by projects/call or /exec" in row(page, "project_exec")


def test_a_server_that_speaks_nothing_is_no_cocalc(doctor: Examine) -> None:
    page, _ = doctor()

    assert "no known API" in page
    assert "Is this the address of a CoCalc?" in page


def test_the_key_of_a_project_is_told_as_such_although_conat_refuses_it(
    play: Callable[..., tuple[Client, Played]],
) -> None:
    client, server = play("v2", "conat")
    client.router.generations()
    server.extra["hub:system.ping"] = [{"error": "must be signed in and MUST provide an api key"}]
    server.extra["/api/v2/accounts/profile"] = [{"error": "no account with id 13204cf9"}]

    assert owner(client) == "a project, not an account"


def test_a_key_that_nobody_knows_is_refused_on_both_wires(play: Callable[..., tuple[Client, Played]]) -> None:
    client, server = play("v2", "conat")
    client.router.generations()
    server.extra["hub:system.ping"] = [{"error": "must be signed in and MUST provide an api key"}]
    server.extra["/api/v2/accounts/profile"] = [{"profile": {}}]

    with pytest.raises(KeyRefused):
        owner(client)


def test_a_translated_response_says_by_what_it_came_and_what_is_lost(
    play: Callable[..., tuple[Client, Played]],
) -> None:
    client, _ = play("v2", "conat")

    shown = render.to_text(client.user_search(query="bob", active="1 month"))

    assert "by system.userSearch" in shown
    assert "Not as in v1: without effect: active." in shown
