"""The page that hands a key over, in a real browser, as a program that waits for the key sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import running_context
from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    running = start()
    yield running
    stop(running)


def test_a_key_is_handed_over_by_keyboard_and_without_scripts(browser: Any, server: Running) -> None:
    """After a wrong password too; nothing of the sandbox's address goes along with the key."""
    with running_context(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{server.url}/app?get_api_key=lesson")
        page.get_by_label("E-mail address").fill("iris@example.edu")
        page.get_by_label("Password").fill("wrong")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        page.get_by_label("Password").fill("try-it-out")

        with page.expect_request("https://authenticated/**") as handed_over:
            page.keyboard.press("Enter")
        key = handed_over.value.url.removeprefix("https://authenticated/?api_key=")
        referrer = handed_over.value.headers.get("referer")

    assert server.post("ping", key=key).status_code == 200
    assert referrer is None


def test_a_form_on_a_foreign_page_gets_no_key(browser: Any, server: Running) -> None:
    """The page has an account here and its password, but is of another origin."""
    with running_context(browser) as context:
        page = context.new_page()
        page.set_content(
            f'''<form method="post" action="{server.url}/app?get_api_key=evil">
            <input name="email" value="iris@example.edu"><input name="password" value="try-it-out">
            <button>go</button></form>'''
        )

        page.get_by_role("button").click()

        page.get_by_role("alert").wait_for()
        assert page.url.startswith(server.url)
