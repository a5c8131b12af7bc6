"""What is found in the pages of the documentation, and how a page becomes blocks."""

from __future__ import annotations

from collections import Counter

import pytest

from cocalc_magic.docs.blocks import page_blocks, plain
from cocalc_magic.docs.pages import DocPage, doc_pages
from cocalc_magic.docs.search import find, page_named, pages_using
from cocalc_magic.render.blocks import Pre, Prose, Terms, Title

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


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("scoped key", "how-to/scoped-keys"),
        ("papermill", "how-to/ci"),
        ("certificate", "how-to/campus-server"),
        ("pytest fixture", "how-to/test-your-client"),
        ("is not isolated", "understand/sandbox"),
    ],
)
def test_the_best_section_is_first(words: str, name: str) -> None:
    assert name in [hit.page.name for hit in find(words.split())[:3]]


def test_every_word_has_to_be_there() -> None:
    assert find(["sandbox", "xyzzy"]) == []


def test_pages_that_use_a_command_most_come_first() -> None:
    assert pages_using("course")[0].name == "how-to/class"


def test_signs_of_markdown_go_and_those_of_the_language_stay() -> None:
    assert (
        plain("**is `so`** `a*b*c` [x](y) 2 * 3 * 4 `upload *.csv`") == "is so a*b*c x 2 * 3 * 4 upload *.csv"
    )
