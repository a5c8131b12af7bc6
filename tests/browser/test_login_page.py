"""Signing in on a server's page from the form: another tab approves, and the kernel has a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_login import FORM, files_of, frames_of, holding, run_first, said
from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import Lab, Page


@pytest.fixture
def scoped() -> Iterator[Running]:
    """A sandbox that plays cocalc.ai."""
    running = start("--generation", "ai")
    yield running
    stop(running)


def test_a_person_approves_in_another_tab(page: Page, lab: Lab, scoped: Running) -> None:
    notebook = lab.notebook(
        "page.ipynb", "%load_ext cocalc_magic", f"%cocalc login {scoped.url}", "%cocalc status"
    )
    sent, got = frames_of(page)
    page.open(notebook)
    run_first(page, 2)
    form = page.page.locator(FORM)
    approve = form.get_by_role("link", name="Open the page, and approve there")
    form.get_by_role("button", name="Sign in on its page").wait_for()
    assert not approve.is_visible()

    form.get_by_role("button", name="Sign in on its page").click()
    said(page, "Waiting for you to approve it there.")
    form.get_by_role("button", name="Stop").click()
    said(page, "was given up")
    assert not approve.is_visible()
    form.get_by_role("button", name="Sign in on its page").click()
    approve.wait_for()
    assert str(approve.get_attribute("href")).startswith(f"{scoped.url}/auth/cli-login/")
    with page.page.context.expect_page() as opened:
        approve.click()
    tab = opened.value
    tab.locator("input[name=email]").fill("iris@example.edu")
    tab.locator("input[name=password]").fill("try-it-out")
    tab.get_by_role("button", name="Approve the sign-in").click()
    tab.get_by_text("You can close this page").wait_for()
    tab.close()

    said(page, "as Iris Instructor <iris@example.edu>, until")
    assert not approve.is_visible()
    page.page.locator(".jp-CodeCell .cm-content").nth(2).click()
    page.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
    page.page.get_by_text("of Iris Instructor <iris@example.edu>, until").first.wait_for()
    text = page.saved(notebook, "Iris Instructor")
    for word in ("poll_token", "redeem_token", "remember_me"):
        assert not holding(word, [text, *sent, *got])
        assert not holding(word, files_of(lab))
    assert page.errors == []
