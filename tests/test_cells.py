"""What IPython does to a cell before the magic sees it is put right, or told with the right spelling."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_magic.errors import InvalidSyntax


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
    ],
)
def test_a_cell_does_what_one_expects(shell: Any, cell: str, id_: str) -> None:
    assert shell.cell(cell).id == id_


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("%cocalc create_project title=What?", "a ? at the end is IPython's"),
        ("res = %cocalc create_project title=What?", "a ? at the end is IPython's"),
        ("%%cocalc create_project title=What?\nstart: yes", "a ? at the end is IPython's"),
        ("%cocalc query query:={\n'accounts': {'first_name': null}}", "JSON over several lines is no line"),
        ("%cocalc create_project title='a\nb\nc'", "a text over several lines is no line"),
        ("%cocalc create_project\ntitle: x", "title stands below the line and would not be sent"),
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


def test_nothing_is_told_while_one_still_types(shell: Any) -> None:
    assert shell.check_complete("%cocalc create_project title=What?")[0] in ("complete", "incomplete")
