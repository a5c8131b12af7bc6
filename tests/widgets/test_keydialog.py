"""The kernel's half of the key dialog: what a page may ask, and what no state ever holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from ipywidgets import Widget

from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import CoCalcError
from cocalc_magic.session.api_keys import KeyManager
from cocalc_magic.session.legacy_key import LegacyKeyManager
from cocalc_magic.widgets.keydialog import PAD_BYTES, Dialog, KeyDialog, LegacyKeyDialog

if TYPE_CHECKING:
    from collections.abc import Iterator


KEY = "sk-Marked0Marked0Mark00001n"
ROW = {
    "number": 7,
    "name": "laptop",
    "trunc": "sk-...00001n",
    "expires": "",
    "last_used": "",
    "in_use": False,
}


class Recorder(KeyManager):
    """Has one key, and writes down what it was asked."""

    title = "Keys"

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.key: Secret | None = None
        self.problem: Exception | None = None

    def places(self) -> list[str]:
        return ["file"]

    def rows(self) -> list[dict[str, Any]]:
        if self.problem:
            raise self.problem
        return [ROW]

    def new_entry(self) -> dict[str, Any]:
        return ROW if self.key else {}

    def create(self, name: str, days: Any) -> str:
        self.asked.append(("create", name, days))
        self.key = Secret(KEY)
        return "made."

    def edit(self, number: int, name: str, days: Any) -> str:
        self.asked.append(("edit", number, name, days))
        return "changed."

    def delete(self, number: int) -> str:
        self.asked.append(("delete", number))
        return "deleted."

    def take(self) -> Secret:
        if self.key is None:
            raise CoCalcError("the text of a key is shown once.")
        key, self.key = self.key, None
        return key

    def save(self, place: str) -> str:
        self.asked.append(("save", place))
        self.key = None
        return "kept."


class LegacyRecorder(Recorder, LegacyKeyManager):
    """Has the one key of an account, whose password is `hunter22`."""

    def rows(self) -> NoReturn:
        raise CoCalcError("this server has no list.")

    def change(self, action: str, password: Secret) -> str:
        self.asked.append((action, password))
        if password != Secret("hunter22"):
            raise CoCalcError("the password is wrong.")
        self.key = None if action == "delete" else Secret(KEY)
        return "done."


class Listening(KeyDialog):
    """The dialog, with what it sends to pages besides its state."""

    def __init__(self, recorder: Recorder) -> None:
        self.told: list[dict[str, list[int]]] = []
        super().__init__(recorder)

    def send(self, content: Any, buffers: Any = None) -> None:
        self.told.append(content)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    yield Recorder()
    Widget.close_all()


@pytest.fixture
def dialog(recorder: Recorder) -> Listening:
    return Listening(recorder)


def ask(dialog: Dialog, **content: object) -> None:
    dialog._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def asked(dialog: LegacyKeyDialog) -> list[tuple[object, ...]]:
    """What the manager of the dialog was asked."""
    assert isinstance(dialog._manager, Recorder)
    return dialog._manager.asked


def test_it_lists_at_once(dialog: Listening) -> None:
    assert dialog.rows == [ROW]
    assert (dialog.tone, dialog.status) == ("", "")


def test_a_new_key_is_told_once_and_never_as_it_is(dialog: Listening) -> None:
    pad = [(37 * place + 11) % 256 for place in range(PAD_BYTES)]
    ask(dialog, do="create", name="laptop", days="30")
    assert dialog.new_key == ROW

    ask(dialog, do="show", pad=pad)
    ask(dialog, do="show", pad=pad)

    (told,) = dialog.told
    assert bytes(a ^ b for a, b in zip(told["shown"], pad, strict=False)).decode() == KEY
    assert KEY.encode() not in bytes(told["shown"])
    assert dialog.new_key == {}
    assert (dialog.tone, dialog.status) == ("error", "the text of a key is shown once.")
    assert "Marked" not in str(dialog.get_state())


@pytest.mark.parametrize(
    "pad", [None, "x" * PAD_BYTES, [0] * 25, [256] * PAD_BYTES, [-1] * PAD_BYTES, {}, [[1]] * PAD_BYTES]
)
def test_a_page_that_hides_nothing_is_told_nothing(
    dialog: Listening, recorder: Recorder, pad: object
) -> None:
    ask(dialog, do="create", name="laptop", days="")

    ask(dialog, do="show", pad=pad)

    assert dialog.told == []
    assert dialog.tone == "error"
    assert recorder.key


def test_what_a_page_asks_is_done(dialog: Listening, recorder: Recorder) -> None:
    ask(dialog, do="create", name="laptop", days="")
    ask(dialog, do="save", place="file")
    ask(dialog, do="edit", id=7, name="desk", days=None)
    ask(dialog, do="edit", id=7, name="desk", days=" 3 ")
    ask(dialog, do="delete", id=7)

    assert recorder.asked == [
        ("create", "laptop", ""),
        ("save", "file"),
        ("edit", 7, "desk", None),
        ("edit", 7, "desk", "3"),
        ("delete", 7),
    ]
    assert (dialog.tone, dialog.status) == ("done", "deleted.")


@pytest.mark.parametrize("content", [{}, {"do": "take"}, {"do": ["show"]}, {"do": "__class__"}])
def test_other_messages_do_nothing(dialog: Listening, recorder: Recorder, content: dict[str, object]) -> None:
    ask(dialog, **content)
    dialog._run(dialog, "show", [])

    assert recorder.asked == []
    assert dialog.told == []


def test_a_page_that_names_no_key_is_told(dialog: Listening, recorder: Recorder) -> None:
    ask(dialog, do="delete", id="7; DROP")

    assert (dialog.tone, dialog.status) == ("error", "the page did not name a key.")
    assert recorder.asked == []


def test_problems_are_said_inside(recorder: Recorder) -> None:
    recorder.problem = CoCalcError("there is no answer.")

    assert Listening(recorder).status == "there is no answer."


# -- the one key of older servers ------------------------------------------------------------------


@pytest.fixture
def one() -> Iterator[tuple[LegacyKeyDialog, list[str]]]:
    """The form, with the states that it has ever sent."""
    dialog = LegacyKeyDialog(LegacyRecorder())
    states: list[str] = []
    dialog.observe(lambda change: states.append(str(change)))
    yield dialog, states
    Widget.close_all()


def test_the_one_key_asks_nothing_before_there_is_a_password(one: tuple[LegacyKeyDialog, list[str]]) -> None:
    dialog, _ = one

    assert asked(dialog) == []
    assert (dialog.form, dialog.status, dialog.rows, dialog.new_key) == ("one", "", [], {})


@pytest.mark.parametrize("action", ["reveal", "create", "regenerate"])
def test_the_one_key_is_there_for_whoever_knows_the_password(
    one: tuple[LegacyKeyDialog, list[str]], action: str
) -> None:
    dialog, _ = one

    ask(dialog, do=action, password="wrong")
    assert (dialog.tone, dialog.status, dialog.new_key) == ("error", "the password is wrong.", {})
    ask(dialog, do=action, password="hunter22")

    assert (dialog.tone, dialog.status, dialog.new_key) == ("done", "done.", ROW)
    assert asked(dialog)[1] == (action, Secret("hunter22"))


def test_the_one_key_is_deleted_and_kept(one: tuple[LegacyKeyDialog, list[str]]) -> None:
    dialog, _ = one
    ask(dialog, do="reveal", password="hunter22")
    ask(dialog, do="save", place="file")
    ask(dialog, do="delete", password="hunter22")

    assert [action for action, *_ in asked(dialog)] == ["reveal", "save", "delete"]
    assert dialog.new_key == {}


def test_password_and_key_are_in_no_state_and_no_message_after_it(
    one: tuple[LegacyKeyDialog, list[str]],
) -> None:
    dialog, states = one
    message = {"do": "reveal", "password": "hunter22"}
    ask(dialog, **message)
    dialog._run(dialog, message, [])

    assert message == {"do": "reveal"}
    assert states
    assert not [text for text in [*states, str(dialog.get_state())] if "hunter22" in text or "Marked" in text]


def test_a_form_does_only_what_it_shows(
    one: tuple[LegacyKeyDialog, list[str]], dialog: Listening, recorder: Recorder
) -> None:
    """The list knows no password, the one key no name; a lone key can be had and kept, and no more."""
    ask(one[0], do="edit", id=7, name="x")
    ask(one[0], do="refresh")
    ask(dialog, do="reveal", password="hunter22")
    lone = Dialog(recorder)
    for action in ("create", "delete", "reveal", "refresh"):
        ask(lone, do=action, id=7, name="x", password="hunter22")

    assert asked(one[0]) == recorder.asked == []
    assert (lone.form, lone.status) == ("alone", "")
