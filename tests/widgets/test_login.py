"""The kernel's half of the key form: what it does when a page asks, and what it never holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Widget

from cocalc_magic.errors import CoCalcError
from cocalc_magic.session.login import Login
from cocalc_magic.session.session import Session
from cocalc_magic.widgets.login import LoginForm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.config.secret import Secret


KEY = "sk-Marked0Marked0Mark00001n"


class Recorder(Login):
    """Writes down what it was asked."""

    def __init__(self) -> None:
        super().__init__(Session())
        self.asked: list[tuple[str, ...]] = []
        self.problem: Exception | None = None

    def servers(self) -> dict[str, str]:
        return {"cocalc.ai": "https://cocalc.ai", "lab": "https://example.edu/lab"}

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
