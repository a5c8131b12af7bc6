"""The built site in a Chromium: what its search finds, and how it looks; everything else refused.

CI has built it before (`./check --docs`); where it is older than what it is made of, it is built here.
"""

from __future__ import annotations

import fcntl
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("sphinx", reason="Sphinx is missing: pip install -e '.[docs]'")

from docs.messages import FOLDER, places
from tests.browser.campus import served
from tests.browser.conftest import SIZE, running_context
from tests.docs.queries import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SITE = ROOT / "dist/docs"
SOURCES = ("docs", "cocalc_magic", "notebooks", "conformance", "pictures")
KINDS_OF_FILES = {".md", ".py", ".js", ".css", ".json", ".yaml", ".ipynb", ".png"}
PHONE = {"width": 390, "height": 844}
PAGES = (
    "index",
    "how-to/class",
    "learn/05-projects-files-commands",
    "reference/language",
    "reference/commands",
    "reference/messages/v1",
    "reference/messages/conat/project-system.exec",
    "reference/python-api",
    "understand/conformance",
)
"""One of each kind; those with tables, long names and code."""

# What is wider than the page, if that does not scroll in its own place; code that is cut.
WIDE = """() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (one) => one && (['auto', 'scroll'].includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
    const wide = [...document.querySelectorAll('article *')].filter((one) =>
        one.getBoundingClientRect().right > width + 1 && !scrolls(one));
    const cut = [...document.querySelectorAll('pre')].filter((one) =>
        one.scrollWidth > one.clientWidth + 1 && !scrolls(one));
    const page = document.documentElement.scrollWidth > width ? ['the page'] : [];
    return [...page, ...[...wide, ...cut].map((one) => one.outerHTML.slice(0, 120))];
}"""


@pytest.fixture(scope="module")
def site() -> Path:
    """The site as it is built of what is here."""
    SITE.parent.mkdir(exist_ok=True)
    with (SITE.parent / "docs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current():
            subprocess.run([sys.executable, "-m", "docs", str(SITE)], cwd=ROOT, check=True)
    return SITE


def is_current() -> bool:
    index = SITE / "searchindex.js"
    files = [*ROOT.glob("*.md"), *(path for name in SOURCES for path in (ROOT / name).rglob("*"))]
    newest = max(path.stat().st_mtime for path in files if path.suffix in KINDS_OF_FILES)
    return index.exists() and index.stat().st_mtime > newest


class Reader:
    """One page of the site; what it asks for elsewhere is refused, and kept in `foreign`."""

    def __init__(self, context: Any, base: str) -> None:
        self.base = base
        self.foreign: list[str] = []
        context.route(re.compile(rf"^(?!{re.escape(base)})"), self._refuse)
        self.page = context.new_page()

    def _refuse(self, route: Any) -> None:
        self.foreign.append(route.request.url)
        route.abort()

    def open(self, page: str, **query: str) -> None:
        self.page.goto(f"{self.base}/{page}.html?{urlencode(query)}")

    def found(self) -> list[str]:
        """The first three pages of a search, once they are there or it has come to its end."""
        self.page.locator("#search-results").locator(
            "li:nth-child(3), h2:text('Search Results')"
        ).first.wait_for()
        links = self.page.locator("#search-results li > a").evaluate_all(
            "all => all.slice(0, 3).map(one => one.href)"
        )
        return [link.removeprefix(f"{self.base}/").partition(".html")[0] for link in links]


@pytest.fixture(scope="module")
def reader(browser: Any, site: Path) -> Iterator[Reader]:
    with served(site) as base, running_context(browser) as context:
        opened = Reader(context, base)
        yield opened
        assert opened.foreign == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_search_has_what_one_wants_among_the_first_three(kind: str, reader: Reader) -> None:
    for words, wanted in KINDS[kind].items():
        reader.open("search", q=words)
        found = reader.found()
        assert {*map(page_of, wanted.split())} & {*found}, f"{words}: {found}"


def test_words_are_typed_on_any_page(reader: Reader) -> None:
    reader.open("how-to/class")
    reader.page.locator("input[name=q]").first.fill("Colab")
    reader.page.locator("input[name=q]").first.press("Enter")

    assert reader.found()[0] == "how-to/front-ends"


@pytest.mark.parametrize("word", ["constructor", "__proto__"])
def test_a_word_that_every_object_of_javascript_has_is_a_word(word: str, reader: Reader) -> None:
    reader.open("search", q=word)

    assert all(page.partition("/")[2] for page in reader.found())


def page_of(name: str) -> str:
    return f"{FOLDER}/{places()[name]}" if name in places() else name


def test_no_page_is_wider_than_a_phone_and_no_code_is_cut(reader: Reader) -> None:
    reader.page.set_viewport_size(PHONE)
    wide = {}
    for page in PAGES:
        reader.open(page)
        wide[page] = reader.page.evaluate(WIDE)

    assert {page: found for page, found in wide.items() if found} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(scheme: str, reader: Reader) -> None:
    from axe_playwright_python.sync_playwright import Axe

    reader.page.emulate_media(color_scheme=scheme)
    reader.page.set_viewport_size(SIZE)
    reader.open("learn/12-embedding")  # a saved lesson, with code of several languages in its responses

    assert (
        Axe()
        .run(reader.page, context="article", options={"runOnly": ["color-contrast"]})
        .response["violations"]
        == []
    )
