"""What is generated for the site, without building it; `python -m docs` builds it, and fails on a warning."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cocalc_magic import catalog
from docs import assemble, links, messages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The generated pages by path."""
    return dict(messages.pages())


def test_every_message_of_every_generation_has_its_page_and_is_in_a_list(pages: dict[str, str]) -> None:
    for generation in catalog.GENERATIONS:
        index = pages[f"reference/messages/{generation}.md"]
        for event in catalog.messages(generation):
            place = messages.places()[event]
            assert f"]({place}.md)" in index
            assert pages[f"reference/messages/{place}.md"].startswith("---\norphan: true\n---\n\n# ")
    assert len(set(messages.places().values())) == len(messages.places()) > 400


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("README.md", "all {} to look through"),
        ("docs/carry-on/decisions.md", "{} messages of four generations"),
    ],
)
def test_the_number_of_messages_is_that_of_the_catalog(file: str, words: str) -> None:
    assert words.format(len(messages.places())) in (ROOT / file).read_text("utf-8")


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        (
            "create_project",
            ["`noPool`", "/api/v1/create_project", "client.create_project(", "`project_id` | uuid"],
        ),
        ("projects/stop", ["/api/v2/projects/stop", "a key needs project:exec", "must be signed in"]),
        ("projects.createProject", ["/api/conat/hub", "project:create"]),
    ],
)
def test_a_page_has_options_code_response_and_capability(
    pages: dict[str, str], event: str, parts: list[str]
) -> None:
    page = pages[f"reference/messages/{messages.places()[event]}.md"]

    assert [part for part in parts if part not in page] == []


def test_messages_that_a_page_names_are_links_and_lines_to_type_are_code(pages: dict[str, str]) -> None:
    page = pages["reference/messages/v1/project_exec.md"]

    assert "[/exec](../v2/exec.md)" in page
    assert "`%%cocalc project_exec command=-`" in page
    assert "`--cases`" in pages["reference/commands.md"]


def test_links_of_generated_pages_lead_to_pages(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        for link in re.findall(r"\]\(([^)]+\.md)\)", text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
            assert target in pages, (path, link)


def test_no_page_leads_to_a_site_that_may_not_exist() -> None:
    """Real ones by name, and those that are reserved for examples."""
    hosts = {
        urlsplit(address).hostname or ""
        for path in (ROOT / "docs").glob("**/*.md")
        for address in re.findall(r"https?://[^\s`>)\"'…;]+", path.read_text("utf-8"))
    }

    real = {"cocalc.ai", "cocalc.com", "127.0.0.1", "authenticated"}
    assert [host for host in hosts - real if not host.endswith((".example.edu", ".example.org"))] == []


def test_links_are_those_of_the_site() -> None:
    page = ROOT / "docs/how-to/rows.md"
    text = "[keys](../../SECURITY.md#x) [code](../../check) [one](class.md) [out](https://cocalc.ai)"

    assert assemble.relinked(text, page, "how-to/rows.md") == (
        "[keys](../understand/security.md#x) code [one](class.md) [out](https://cocalc.ai)"
    )


def test_a_link_to_no_page_and_one_to_no_place_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">1</a><a href="b.html#there">2</a><a href="c.html">3</a>'
    )
    (tmp_path / "b.html").write_text('<p id="here"><a href="https://cocalc.ai">4</a><img src="a.html"></p>')

    assert links.dead_links(tmp_path) == ["a.html: b.html#there", "a.html: c.html"]


def test_pages_that_take_more_clicks_or_that_nothing_leads_to_are_found(tmp_path: Path) -> None:
    for name, link in {
        "index": "one",
        "one": "two",
        "two": "three",
        "lost": "index",
        "three": "lost",
    }.items():
        (tmp_path / f"{name}.html").write_text(f'<a href="{link}.html#top">on</a>')

    assert links.unreached(tmp_path, clicks=2) == ["lost.html", "three.html"]


def test_a_lesson_leads_to_itself_in_the_page_below_its_title() -> None:
    lesson = ROOT / "notebooks/01-first-steps.ipynb"

    first = json.loads(assemble.with_link(lesson, "../page/"))["cells"][0]["source"]

    link = '<a href="../page/lab/index.html?path=01-first-steps.ipynb">Open in the page</a>'
    assert first.splitlines()[:3] == ["# First steps", "", link]
    assert lesson.read_text("utf-8").count("Open in the page") == 0
