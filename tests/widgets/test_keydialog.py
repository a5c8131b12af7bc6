"""The kernel's half of the key dialog: what a page may ask, and what no state ever holds."""

from __future__ import annotations

import pytest
from ipywidgets import Widget

from cocalc_magic.errors import CoCalcError
from cocalc_magic.secrets import Secret
from cocalc_magic.widgets.keydialog import PAD, KeyDialog

KEY = "sk-Marked0Marked0Mark00001n"
ROW = {
    "number": 7,
    "name": "laptop",
    "trunc": "sk-...00001n",
    "expires": "",
    "last_used": "",
    "in_use": False,
}


class Desk:
    """A desk with one key, that writes down what it was asked."""

    title = "Keys"

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.key: Secret | None = None
        self.problem: Exception | None = None

    def places(self):
        return ["file"]

    def rows(self):
        if self.problem:
            raise self.problem
        return [ROW]

    def made(self):
        return ROW if self.key else {}

    def create(self, name, days):
        self.asked.append(("create", name, days))
        self.key = Secret(KEY)
        return "made."

    def edit(self, number, name, days):
        self.asked.append(("edit", number, name, days))
        return "changed."

    def delete(self, number):
        self.asked.append(("delete", number))
        return "deleted."

    def take(self):
        if self.key is None:
            raise CoCalcError("the text of a key can be had once.")
        key, self.key = self.key, None
        return key

    def save(self, place):
        self.asked.append(("save", place))
        self.key = None
        return "kept."


class Dialog(KeyDialog):
    """The dialog, with what it sends to pages besides its state."""

    def __init__(self, desk: Desk) -> None:
        self.told: list[dict[str, list[int]]] = []
        super().__init__(desk)

    def send(self, content, buffers=None):
        self.told.append(content)


@pytest.fixture
def desk():
    yield Desk()
    Widget.close_all()


@pytest.fixture
def dialog(desk):
    return Dialog(desk)


def ask(dialog: KeyDialog, **content: object) -> None:
    dialog._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def test_it_lists_at_once(dialog) -> None:
    assert dialog.rows == [ROW]
    assert (dialog.tone, dialog.said) == ("", "")


def test_a_new_key_is_told_once_and_never_as_it_is(dialog) -> None:
    pad = [(37 * place + 11) % 256 for place in range(PAD)]
    ask(dialog, do="create", name="laptop", days="30")
    assert dialog.made == ROW

    ask(dialog, do="show", pad=pad)
    ask(dialog, do="show", pad=pad)

    (told,) = dialog.told
    assert bytes(a ^ b for a, b in zip(told["shown"], pad, strict=False)).decode() == KEY
    assert KEY.encode() not in bytes(told["shown"])
    assert dialog.made == {}
    assert (dialog.tone, dialog.said) == ("error", "the text of a key can be had once.")
    assert "Marked" not in str(dialog.get_state())


@pytest.mark.parametrize("pad", [None, "x" * PAD, [0] * 25, [256] * PAD, [-1] * PAD, {}, [[1]] * PAD])
def test_a_page_that_hides_nothing_is_told_nothing(dialog, desk, pad: object) -> None:
    ask(dialog, do="create", name="laptop", days="")

    ask(dialog, do="show", pad=pad)

    assert dialog.told == []
    assert dialog.tone == "error"
    assert desk.key


def test_what_a_page_asks_is_done(dialog, desk) -> None:
    ask(dialog, do="create", name="laptop", days="")
    ask(dialog, do="save", place="file")
    ask(dialog, do="edit", id=7, name="desk", days=None)
    ask(dialog, do="edit", id=7, name="desk", days=" 3 ")
    ask(dialog, do="delete", id=7)

    assert desk.asked == [
        ("create", "laptop", ""),
        ("save", "file"),
        ("edit", 7, "desk", None),
        ("edit", 7, "desk", "3"),
        ("delete", 7),
    ]
    assert (dialog.tone, dialog.said) == ("done", "deleted.")


@pytest.mark.parametrize("content", [{}, {"do": "take"}, {"do": ["show"]}, {"do": "__class__"}])
def test_other_messages_do_nothing(dialog, desk, content: dict[str, object]) -> None:
    ask(dialog, **content)
    dialog._asked(dialog, "show", [])

    assert desk.asked == dialog.told == []


def test_a_page_that_names_no_key_is_told(dialog, desk) -> None:
    ask(dialog, do="delete", id="7; DROP")

    assert (dialog.tone, dialog.said) == ("error", "the page named no key.")
    assert desk.asked == []


def test_problems_are_said_inside(desk) -> None:
    desk.problem = CoCalcError("there is no answer.")

    assert Dialog(desk).said == "there is no answer."
