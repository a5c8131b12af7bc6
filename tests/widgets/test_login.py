"""The kernel's half of the key form: what it does when a page asks, and what it never holds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Widget

from cocalc_magic.config import login_sessions
from cocalc_magic.errors import CoCalcError
from cocalc_magic.sandbox.testing import FakeServer, Response
from cocalc_magic.session.login import Login
from cocalc_magic.session.session import Session
from cocalc_magic.widgets.login import LoginForm
from tests.client.approving import CHALLENGE, SECRETS, Approving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cocalc_magic.config.secret import Secret


KEY = "sk-Marked0Marked0Mark00001n"


class Recorder(Login):
    """Writes down what it was asked."""

    def __init__(self) -> None:
        super().__init__(Session())
        self.asked: list[tuple[str, ...]] = []
        self.problem: Exception | None = None

    def servers(self) -> dict[str, str]:
        return {"old": "https://old.example.edu", "lab": "https://example.edu/lab"}

    def places(self) -> list[str]:
        return ["file"]

    def _note(self, *words: str) -> str:
        if self.problem:
            raise self.problem
        self.asked.append(words)
        return f"{words[0]} done."

    def test(self, name: str, text: Secret) -> str:
        assert "Marked" not in f"{text} {text!r}"
        return self._note("test", name, text.reveal())

    def save(self, name: str, place: str) -> str:
        return self._note("save", name, place)

    def forget(self, name: str, *, everywhere: bool) -> str:
        return self._note("forget", name, str(everywhere))


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    yield Recorder()
    Widget.close_all()


@pytest.fixture
def form(recorder: Recorder) -> LoginForm:
    return LoginForm(recorder, "lab", "my-app")


def ask(form: LoginForm, content: object) -> object:
    """A message from a page; gives it back as the form left it."""
    form._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
    return content


def test_a_key_is_tested_once_and_is_in_no_state(form: LoginForm, recorder: Recorder) -> None:
    left = ask(form, {"do": "test", "server": " lab ", "key": KEY})

    assert recorder.asked == [("test", "lab", KEY)]
    assert (form.status, form.tone) == ("test done.", "done")
    assert "Marked" not in str(form.get_state()) + str(vars(form)) + str(left)


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        ({"do": "save", "server": "lab", "key": ""}, [("save", "lab", "file")]),
        ({"do": "save", "server": "lab", "key": KEY}, [("test", "lab", KEY), ("save", "lab", "file")]),
        ({"do": "forget", "server": "lab"}, [("forget", "lab", "True")]),
        ({"do": "test", "server": "lab"}, [("test", "lab", "")]),
    ],
)
def test_what_is_asked_is_done(
    form: LoginForm, recorder: Recorder, content: Any, asked: list[tuple[str, ...]]
) -> None:
    ask(form, content)

    assert recorder.asked == asked
    assert form.tone == "done"


@pytest.mark.parametrize("content", [None, 7, [], {}, {"do": "give"}, {"do": ["test"]}, {"key": KEY}])
def test_other_messages_are_not_for_it(form: LoginForm, recorder: Recorder, content: Any) -> None:
    ask(form, content)

    assert recorder.asked == []
    assert form.status == ""


def test_what_goes_wrong_is_said_in_the_form(form: LoginForm, recorder: Recorder) -> None:
    recorder.problem = CoCalcError("the server does not know the key.", "Has it expired?")
    ask(form, {"do": "test", "server": "lab", "key": KEY})

    assert form.status == "the server does not know the key.\n  Has it expired?"
    assert form.tone == "error"


def test_a_bug_is_said_too_and_its_traceback_has_no_key(
    form: LoginForm, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    recorder.problem = ZeroDivisionError("a bug")
    ask(form, {"do": "test", "server": "lab", "key": KEY})

    assert form.tone == "error"
    assert "ZeroDivisionError" in caplog.text
    assert "Marked" not in caplog.text


def test_it_begins_with_the_server_and_knows_the_others(form: LoginForm) -> None:
    state = form.get_state()

    assert state["server"] == "lab"
    assert state["servers"][1] == {"name": "lab", "url": "https://example.edu/lab"}
    assert (state["place"], state["app_name"]) == ("file", "my-app")


# -- signing in on a page --------------------------------------------------------------------------


def until(over: Callable[[], bool]) -> None:
    """Wait for the form's own thread."""
    deadline = time.monotonic() + 20
    while not over() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert over()


def signing_in(server: Approving) -> tuple[LoginForm, Session]:
    """A form in which *Sign in on its page* was clicked."""
    session = Session()
    form = LoginForm(Login(session), server.url, "my-app")
    ask(form, {"do": "sign-in", "server": server.url})
    return form, session


def test_a_person_is_led_to_the_page_and_the_session_is_used() -> None:
    with Approving(1) as server:
        form, session = signing_in(server)
        until(lambda: form.page != "")
        assert form.page == f"{server.url}/auth/cli-login/{CHALLENGE}"
        assert form.status == "Waiting for you to approve it there."
        assert form.tone == "busy"
        until(lambda: form.tone == "done")

    assert "You are signed in to 127.0.0.1" in form.status
    until(lambda: form.page == "")
    assert session.used_server == server.url
    assert login_sessions.find(server.url)
    for secret in SECRETS:
        assert secret not in str(form.get_state()) + str(vars(form))
    login_sessions.forget(server.url)


def test_stop_ends_the_wait_and_takes_the_page_away() -> None:
    with Approving(10_000) as server:
        form, _ = signing_in(server)
        until(lambda: form.page != "")
        ask(form, {"do": "stop"})
        until(lambda: form.page == "" and form.tone == "")

    assert login_sessions.find(server.url) is None
    assert "redeem" not in str(server.asked)


def test_a_server_without_it_is_told_in_the_form() -> None:
    with FakeServer(Response(404, "text/html", b"<html>")) as older:
        form = LoginForm(Login(Session()), older.url, "my-app")
        ask(form, {"do": "sign-in", "server": older.url})
        until(lambda: form.tone == "error")

    assert "has no sign-in for programs" in form.status


def test_the_form_knows_where_keys_are_made_and_no_server_that_is_gone() -> None:
    form = LoginForm(Login(Session()), "cocalc.ai", "my-app")

    assert form.servers == [
        {"name": "cocalc.ai", "url": "https://cocalc.ai", "keys": "https://cocalc.ai/settings/keys"}
    ]
    assert form.boxes == "%cocalc scope FILE.ipynb says which boxes to tick."
