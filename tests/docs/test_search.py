"""What is found in the pages of the documentation, and how a page becomes blocks."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import Any

import pytest

from cocalc_magic.docs.blocks import page_blocks, plain
from cocalc_magic.docs.pages import DocPage, doc_pages
from cocalc_magic.docs.search import find, page_named, pages_using
from cocalc_magic.render.blocks import Pre, Prose, Terms, Title
from tests.docs.queries import KINDS

PAGE = DocPage(
    "how-to/tea",
    """# Tea

Some `water`, see [cups](cups.md).

## How much

| For | Take |
|---|---|
| `one` | a *spoon* |

```sh
# not a heading
boil
```
""",
)


def test_a_page_becomes_headings_paragraphs_tables_and_code() -> None:
    assert list(page_blocks(PAGE)) == [
        Title("Tea"),
        Prose(("Some ", "water", ", see cups.")),
        Title("How much"),
        Terms((("one", "", "a spoon"),)),
        Pre("# not a heading\nboil"),
    ]


def test_a_name_is_that_of_one_page() -> None:
    names = Counter(page.name.rpartition("/")[2] for page in doc_pages())

    assert [name for name, count in names.items() if count > 1] == []
    assert len(names) > 25


@pytest.mark.parametrize("name", ["how-to/rows", "rows", "A message for each row", "rows.md"])
def test_a_page_is_found_by_name_and_title(name: str) -> None:
    page = page_named(name)

    assert page is not None
    assert page.name == "how-to/rows"


@pytest.mark.parametrize("kind", KINDS)
def test_what_one_wants_is_among_the_first_three(kind: str, shell: Any) -> None:
    for words, wanted in KINDS[kind].items():
        assert {*wanted.split()} & {*first_three(shell, words)}, words


def first_three(shell: Any, words: str) -> list[str]:
    """What `%cocalc docs` shows first: the message or the page that is named, or rows of its first table."""
    head, first, *_ = shell.cell(f"%cocalc docs {shlex.quote(words)}").blocks
    names = [row[0] for row in first.rows[:3]] if head.text == "in the documentation" else [head.name]
    return [page.name if (page := page_named(name)) else name for name in names]


def test_most_words_have_to_be_known() -> None:
    assert find(["sandbox", "xyzzy"]) == []
    assert find(["start", "sandbox", "xyzzy"]) != []


def test_a_page_is_found_by_words_that_it_does_not_show() -> None:
    (page,) = [hit.page for hit in find(["powershell", "wsl", "cmd.exe"])][:1]

    assert page.name == "how-to/windows"
    assert "also:" not in page.text


def test_pages_that_use_a_command_most_come_first() -> None:
    assert pages_using("course")[0].name == "how-to/class"


def test_signs_of_markdown_go_and_those_of_the_language_stay() -> None:
    assert (
        plain("**is `so`** `a*b*c` [x](y) 2 * 3 * 4 `upload *.csv`") == "is so a*b*c x 2 * 3 * 4 upload *.csv"
    )
