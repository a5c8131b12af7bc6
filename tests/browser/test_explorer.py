"""The explorer in a real notebook: search, help, form, response, history, and a query that is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.browser.conftest import both

if TYPE_CHECKING:
    from tests.browser.conftest import Lab, Page

EXPLORER = ".ccm-explorer"


FEW = "() => document.querySelectorAll('.ccm-events [role=option]').length < 20"
BUSY = """() => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    kernel.requestExecute({ code: "import time; time.sleep(3)" });
}"""
IN_SIGHT = """(option) => {
    const list = option.closest('[role=listbox]').getBoundingClientRect();
    const here = option.getBoundingClientRect();
    return here.top >= list.top && here.bottom <= list.bottom;
}"""


def opened(page: Page, lab: Lab, app: str, line: str) -> Any:
    name = f"{line.split()[-1]}-{app.partition('/')[0]}.ipynb"
    page.open(lab.notebook(name, "%load_ext cocalc_magic", "%cocalc ping --quiet", line), app)
    page.run_all()
    page.page.wait_for_selector(EXPLORER)
    return page.page.locator(EXPLORER).first


def wide(explorer: Any) -> int:
    """By how many pixels the explorer, or what is in it, is wider than the 400 it is given."""
    explorer.evaluate("(explorer) => { explorer.parentElement.style.width = '400px'; }")
    excess: int = explorer.evaluate(
        """(explorer) => Math.max(...[explorer, ...explorer.querySelectorAll('.ccm-side, .ccm-main, input, button')]
            .filter((part) => part.offsetParent)
            .map((part) => part.getBoundingClientRect().right - explorer.getBoundingClientRect().left - 400))"""
    )
    return excess


@both
def test_a_message_is_found_read_sent_and_found_again_by_keyboard(page: Page, lab: Lab, app: str) -> None:
    explorer = opened(page, lab, app, "%cocalc explore")
    keys = page.page.keyboard
    assert wide(explorer) <= 1

    search = explorer.get_by_label("Search messages")
    search.focus()
    keys.type("create project title")
    page.page.wait_for_function(FEW)
    explorer.get_by_role("status").get_by_text("5 messages.").wait_for()
    keys.press("ArrowDown")  # from the first
    keys.press("ArrowUp")
    keys.press("Enter")
    explorer.get_by_text("Create a project that you own.").first.wait_for()
    events = explorer.get_by_role("listbox", name="Messages")
    assert events.get_by_role("option", selected=True).inner_text() == "create_project"
    keys.press("Tab")
    assert events.evaluate("(list) => list === document.activeElement")
    keys.press("ArrowDown")
    explorer.get_by_text("Create a project that you own.").first.wait_for(state="hidden")
    keys.press("ArrowUp")
    explorer.get_by_text("Create a project that you own.").first.wait_for()
    keys.press("x")  # cuts a cell, where the notebook hears of it, and is searched for here
    assert search.evaluate("(search) => search === document.activeElement")
    keys.press("Backspace")

    explorer.get_by_role("tab", name="Help").focus()
    keys.press("ArrowRight")
    keys.press("Enter")
    explorer.get_by_label("title").wait_for()
    explorer.get_by_label("title").focus()
    keys.type("explored")
    explorer.locator("pre", has_text="title=explored").first.wait_for()
    explorer.get_by_role("button", name="Send", exact=True).focus()
    keys.press("Enter")
    explorer.locator(".cocalc-magic").get_by_text("project_created").first.wait_for()

    explorer.get_by_role("tab", name="Help").click()
    assert explorer.locator(".cocalc-magic").get_by_text("project_created").first.is_visible()
    explorer.get_by_role("tab", name="History").click()
    explorer.locator(".ccm-history option", has_text="create_project · 200").first.wait_for(state="attached")
    assert wide(explorer) <= 1
    assert page.errors == []


def test_enter_waits_for_the_list_of_what_was_typed(page: Page, lab: Lab) -> None:
    """The kernel is at work meanwhile: until it has answered, the list is that of other words."""
    explorer = opened(page, lab, "lab/tree", "%cocalc explore")
    page.page.evaluate(BUSY)

    explorer.get_by_label("Search messages").focus()
    page.page.keyboard.type("create project title")
    page.page.keyboard.press("Enter")

    explorer.get_by_text("Create a project that you own.").first.wait_for()
    assert explorer.get_by_role("option", selected=True).inner_text() == "create_project"
    assert page.errors == []


@both
def test_a_query_is_built_gives_a_table_and_a_cell_with_a_frame(page: Page, lab: Lab, app: str) -> None:
    explorer = opened(page, lab, app, "%cocalc explore query")
    chosen = explorer.get_by_role("listbox", name="Messages").get_by_role("option", selected=True)
    chosen.wait_for()
    assert chosen.inner_text() == "query"
    assert chosen.evaluate(IN_SIGHT)
    explorer.locator(".ccm-subject", has_text="Billing 17").wait_for()
    builder = page.page.locator(".ccm-builder")
    builder.get_by_label("Table").wait_for()
    builder.get_by_label("description").check()
    builder.get_by_role("button", name="Add a condition").click()
    row = builder.locator(".ccm-row")
    row.locator("select").first.select_option(label="last_edited")
    value = row.get_by_placeholder("a time")
    value.fill("yesterday")
    row.locator("pre", has_text="last_edited takes a time").wait_for()
    value.fill("2020-01-01")
    builder.get_by_label("with a DataFrame").check()
    builder.locator("pre", has_text="pd.DataFrame").first.wait_for()
    assert wide(explorer) <= 1

    builder.get_by_role("button", name="Send", exact=True).focus()
    page.page.keyboard.press("Enter")
    explorer.locator(".cocalc-magic").get_by_text("Statistics 101").first.wait_for()
    builder.get_by_role("button", name="Insert cell").click()
    page.page.get_by_text("Inserted below.").wait_for()
    page.run_all()
    page.page.locator("table.dataframe th", has_text="last_edited").wait_for()
    text = page.saved(
        next(lab.root.glob(f"query-{app.partition('/')[0]}.ipynb")), "%cocalc explore query shows"
    )
    assert "widget-view" not in text
    assert page.errors == []
