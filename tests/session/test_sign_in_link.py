"""Links that sign in: whose they are, and what a server's answers make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import Client
from cocalc_magic.client.page_links import ProjectPage
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import KeyRequired, UnexpectedReply
from cocalc_magic.sandbox.testing import FakeServer
from cocalc_magic.session.frontend import HeadlessFrontend
from cocalc_magic.session.session import Session
from cocalc_magic.session.sign_in_link import SignInLink, new_link, token_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
START = "https://lab.example.org/?auth_token="


def test_a_token_of_any_signs_is_one_value_of_the_link_and_steers_no_terminal() -> None:
    link = SignInLink(START, "Sam", Secret("a&b=\x1b[2Jü"))

    assert link.link().reveal() == f"{START}a%26b%3D%1B%5B2J%C3%BC"


@pytest.mark.parametrize("answer", [{}, {"auth_token": None}, {"auth_token": ""}, {"auth_token": [1]}])
def test_an_answer_without_a_token_is_told(answer: Mapping[str, Any]) -> None:
    with (
        FakeServer({"event": "user_auth_token", **answer}) as server,
        Client(server.url, "sk-x") as client,
        pytest.raises(UnexpectedReply, match="has not given a token"),
    ):
        token_of(client, ID, Secret("correct horse 9"))


@pytest.mark.parametrize("accounts", [None, [], [{"account_id": None}], {"account_id": 7}])
def test_a_key_of_no_account_has_none_to_sign_in(accounts: Any) -> None:
    """Such as that of a project. It is told before a password is asked for."""
    session = Session(frontend=HeadlessFrontend(person=True, page=True))

    with (
        FakeServer({"event": "query", "query": {"accounts": accounts}}) as server,
        Client(server.url, "sk-x") as client,
        pytest.raises(KeyRequired, match="Name it: --account"),
    ):
        new_link(session, client, ProjectPage(ID))
