"""What IPython does to a cell before the magic sees it is put right, or told with the right spelling."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.ipython.input_transform import transform_cell
from tests.timing import granted, within


@pytest.fixture
def shell(shell: Any, client: Any) -> Any:
    del client
    return shell


@pytest.mark.parametrize(
    ("cell", "id_"),
    [
        ("# a comment\n%%cocalc ping\nid: abc", "abc"),
        ("\n\n# two\n\n# comments\n%%cocalc ping id=abc\n", "abc"),
        ("%%cocalc ping id=abc", "abc"),
        ("%%cocalc ping id=abc\n\n", "abc"),
        ("%cocalc ping \\\n  id=abc", "abc"),
        ("%cocalc ping id=abc # why?", "abc"),
        ("x = 1\n\n%cocalc ping id=abc", "abc"),
        ("%cocalc ping id='What?'", "What?"),
        ("if True:\n    r = %cocalc ping id=abc\nr", "abc"),
        # line ends of Windows
        ("%cocalc ping id=abc\r\n", "abc"),
        ("%%cocalc ping\r\nid: abc\r\n", "abc"),
        ("# a comment\r\n%%cocalc ping id=abc\r\n", "abc"),
        ("%%cocalc\r\nevent: ping\r\nid: abc\r\n", "abc"),
        ("%cocalc ping \\\r\n  id=abc\r\n", "abc"),
        ("x = 1\r\nr = %cocalc ping id=abc\r\nr", "abc"),
        # wherever a response is given to
        ("d = {}\nd['r'] = %cocalc ping id=abc # why?\nd['r']", "abc"),
        ("d = {}\nd['a=b'] = %cocalc ping id='[' # [?\nd['a=b']", "["),
        # a comment that ends with a question mark
        ("%%cocalc ping # why?\nid: abc", "abc"),
        # a no-break space, wherever a blank would be
        ("%cocalc\u00a0ping\u00a0id=abc", "abc"),
        ("%%cocalc\u00a0ping\u3000\nid: abc", "abc"),
        ("r = %cocalc\u202fping id=abc\nr", "abc"),
        # brackets that are text
        ("%cocalc ping id='a[b'\nr = 1\n_ = r\n%cocalc ping id='{'", "{"),
        # a whole message from Python
        ("message = {'event': 'ping', 'id': 'abc'}\nr = %cocalc event ${message}\nr", "abc"),
        ("%%cocalc event\n{'event': 'ping', 'id': 'abc'}", "abc"),
    ],
)
def test_a_cell_does_what_one_expects(shell: Any, cell: str, id_: str) -> None:
    assert shell.cell(cell).id == id_


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%cocalc create_project title=What?", "IPython takes a ? at the end"),
        ("res = %cocalc create_project title=What?", "IPython takes a ? at the end"),
        ("%%cocalc create_project title=What?\nstart: yes", "IPython takes a ? at the end"),
        (
            "%cocalc query query:={\n'accounts': {'first_name': null}}",
            "a line magic cannot have JSON over several lines",
        ),
        ("%cocalc create_project title='a\nb\nc'", "a line magic cannot have a text over several lines"),
        ("%cocalc create_project\ntitle: x", "title is below the line and would not be sent"),
        ("%cocalc create_project\r\ntitle: x\r\n", "title is below the line and would not be sent"),
        ("%cocalc create_project \\\n  title=What?", "IPython takes a ? at the end"),
        ("a, b = %cocalc create_project title=What?", "IPython takes a ? at the end"),
        ("d['k'] = %cocalc create_project title=What?", "IPython takes a ? at the end"),
        (
            "%cocalc curl -d '{\n\"title\": 1}' x/api/v1/ping",
            "a line magic cannot have a curl command over several lines",
        ),
        (
            "%cocalc from-curl curl -d '{\n\"title\": 1}' x",
            "%%cocalc from-curl, and the command in the cell below",
        ),
        (
            "%cocalc create_project start=yes\n\ntitle: x\n",
            "Options in the cell need two signs: %%cocalc create_project",
        ),
    ],
)
def test_what_would_go_wrong_is_told_and_nothing_is_sent(shell: Any, cell: str, words: str) -> None:
    with pytest.raises(InvalidSyntax) as caught:
        shell.cell(cell)

    assert words in str(caught.value)
    assert str(shell.cell("%cocalc history")) == "Nothing has been sent yet."


def test_other_cells_are_left_alone(shell: Any) -> None:
    assert shell.cell("len?\n'title: x'") == "title: x"
    assert shell.cell("%time 1 + 1") == 2


@pytest.mark.parametrize(
    "cell",
    [
        "text = '''\n%cocalc create_project title=What?\n'''\ntext.count('cocalc')",
        'text = """about\n%cocalc create_project\ntitle: x\n"""  # "\ntext.count("cocalc")',
        "text = 'a'  # '''\ntext = '''\n  r = %cocalc ping?\n'''\ntext.count('cocalc')",
    ],
)
def test_a_text_of_python_is_left_alone(shell: Any, cell: str) -> None:
    assert shell.cell(cell) == 1


def test_the_cell_of_another_magic_is_left_alone(shell: Any, tmp_path: Any) -> None:
    text = "%cocalc create_project title=What?\n%cocalc query {\n"

    shell.cell(f"%%writefile {tmp_path}/notes.txt\n{text}")

    assert (tmp_path / "notes.txt").read_text() == text


def test_a_quiet_line_with_a_comment_is_quiet(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.cell("%cocalc ping;  # a comment")
    shell.cell("%cocalc ping \\\n  id=abc;\n\n")
    shell.cell("%cocalc events;  # a comment")

    assert capsys.readouterr().out == ""


def test_a_command_may_have_a_comment(shell: Any) -> None:
    assert str(shell.cell("%cocalc history  # what was sent; all of it")) == "Nothing has been sent yet."
    assert "ping" in str(shell.cell("%cocalc events 'ping' # why"))
    assert "ping" in str(shell.cell("%cocalc\u00a0events\u00a0ping\u2009"))
    assert shell.cell("%cocalc\u00a0events\u00a0ping\u2009;") is None, "it was shown"
    with pytest.raises(InvalidSyntax, match=r"ZERO WIDTH SPACE \(U\+200B\)"):
        shell.cell("%cocalc events pi\u200bng")


PIECES = [
    "%cocalc ping", "%%cocalc ping", "%cocalc", "r = ", "d['k'] = ", "create_project", " title=x", " id='a", '"', "'",
    "\'\'\'", "?", "??", " # why?", ";", " \\", "{", "}", "[", "title: x", "curl -d '", "from-curl ", "x = 1", "%time ",
    "%%time", "#", " ", "    ", "${x}", "**x", "\u00a0", "é",
]  # fmt: skip


def test_what_is_mended_is_read_as_itself_and_all_of_it_is_quick() -> None:
    """20,000 cells with every end of a line, from a fixed seed; each goes through twice."""
    random_ = random.Random(20261204)  # noqa: S311 - no secret
    slowest = 0.0
    for _ in range(20_000):
        ends = random_.choice([["\n"], ["\r\n"], ["\n", "\r\n", "\r"]])
        words = random_.choices(PIECES, k=random_.randint(1, 16))
        cell = "".join(word + (random_.choice(ends) if random_.random() < 0.35 else "") for word in words)
        lines = f"{cell}\n".splitlines(keepends=True)
        began = time.thread_time()
        try:
            once = transform_cell(lines)
        except CoCalcError:
            continue
        finally:
            slowest = max(slowest, time.thread_time() - began)
        assert transform_cell(once) == once
        if any("%cocalc" in line for line in lines):
            assert "\r" not in "".join(once)
    assert slowest < granted(0.050)


def test_a_long_cell_is_mended_quickly() -> None:
    text = "%cocalc ping id='a'\nx = ['\"', {}]  # it's\n" * 5_000
    with within(2):
        assert "".join(transform_cell(text.splitlines(keepends=True))) == text


def test_nothing_is_told_while_one_still_types(shell: Any) -> None:
    assert shell.check_complete("%cocalc create_project title=What?")[0] in ("complete", "incomplete")
