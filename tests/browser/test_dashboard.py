"""The sandbox's live page: what happens shows by itself, is filtered, held still, and made large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import chromium_only, running_context
from tests.sandbox.admin.test_dashboard import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.conftest import Running


@pytest.fixture
def page(browser: Any, server: Running) -> Iterator[Any]:
    """The page, opened with a ticket."""
    with running_context(browser, viewport={"width": 800, "height": 900}) as context:
        opened = context.new_page()
        problems: list[str] = []
        opened.on("pageerror", lambda problem: problems.append(str(problem)))
        opened.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        opened.goto(server.url + asked(server, "ticket").json()["path"])
        yield opened
        assert problems == []


def test_what_happens_shows_by_itself_and_is_filtered(page: Any, server: Running) -> None:
    server.send("create_project", title="seen at once")
    rows = page.locator("#requests tbody tr")
    rows.filter(has_text="title=seen at once").first.wait_for()

    page.get_by_label("Filter requests").fill("iris USER_SEARCH")
    server.send("user_search", query="sam")
    rows.filter(has_text="query=sam").first.wait_for()
    assert not rows.filter(has_text="seen at once").first.is_visible()
    page.get_by_label("Filter requests").fill("")
    rows.filter(has_text="seen at once").first.wait_for()


def test_it_stands_still_while_it_is_paused_by_keyboard(page: Any, server: Running) -> None:
    pause = page.get_by_role("button", name="Pause")
    pause.focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("paused").wait_for()
    server.send("user_search", query="not yet")
    before = page.locator("main").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "24px"
    assert page.url.endswith("/sandbox#large")
    assert page.locator("main").inner_text() == before

    pause.click()
    page.locator("#requests tbody tr", has_text="query=not yet").first.wait_for()
    page.reload()
    assert page.evaluate("() => document.documentElement.className") == "large"


def test_without_scripts_it_reloads(browser: Any, server: Running) -> None:
    chromium_only("pages without scripts")
    with running_context(browser, java_script_enabled=False) as context:
        opened = context.new_page()
        opened.goto(server.url + asked(server, "ticket").json()["path"])
        server.send("create_project", title="after a while")

        opened.locator("#requests", has_text="after a while").wait_for()
        assert not opened.locator(".controls").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_at_every_width(page: Any, server: Running, scheme: str) -> None:
    """axe has nothing against it, nothing is wider than the page, and no line ends inside a word."""
    from axe_playwright_python.sync_playwright import Axe

    from tests.browser.gallery import WIDTHS, broken_words

    project = server.project("Web lesson")
    server.run(project, "ls -a --color=never")
    page.emulate_media(color_scheme=scheme)
    page.locator("#requests tbody tr", has_text="--color=never").first.wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert broken_words(page, "main") == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], node["html"]) for one in found for node in one["nodes"]] == []
