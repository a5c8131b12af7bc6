"""The explorer in a real notebook: search, help, form, response, history, and a query that is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

EXPLORER = ".ccm-explorer"


def test_a_message_is_found_read_sent_and_found_again(page: Page, lab: Lab) -> None:
    page.open(
        lab.notebook("explore.ipynb", "%load_ext cocalc_magic", "%cocalc ping --quiet", "%cocalc explore")
    )
    page.run_all()
    page.page.wait_for_selector(EXPLORER, timeout=60_000)
    explorer = page.page.locator(EXPLORER)

    explorer.get_by_placeholder("search").fill("create_project")
    explorer.locator("option", has_text="projects · create_project").wait_for()
    explorer.locator("select").first.select_option(label="projects · create_project")
    explorer.get_by_text("Create a project that you own.").first.wait_for()
    explorer.get_by_role("tab", name="Form").click()
    explorer.get_by_label("title").fill("explored")
    explorer.locator("pre", has_text="title=explored").first.wait_for()
    explorer.get_by_role("button", name="Send", exact=True).click()
    explorer.locator(".cocalc-magic").get_by_text("project_created").first.wait_for()
    explorer.get_by_role("tab", name="History").click()
    explorer.locator("option", has_text="create_project · 200").first.wait_for(state="attached")
    assert page.errors == []


def test_a_query_is_built_and_gives_a_table(page: Page, lab: Lab) -> None:
    page.open(
        lab.notebook("build.ipynb", "%load_ext cocalc_magic", "%cocalc ping --quiet", "%cocalc explore query")
    )
    page.run_all()
    page.page.wait_for_selector(EXPLORER, timeout=60_000)
    explorer = page.page.locator(EXPLORER)

    explorer.get_by_role("tab", name="Builder").click()
    builder = page.page.locator(".ccm-builder")
    builder.get_by_label("Table").wait_for()
    builder.get_by_role("button", name="Send", exact=True).click()
    builder.locator(".cocalc-magic").wait_for()
    text = page.saved(lab.root / "build.ipynb", "%cocalc explore query shows")
    assert "widget-view" not in text
