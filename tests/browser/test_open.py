"""A project's page in a frame: in a notebook, in a page of the same machine, and in one from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from cocalc_magic import Client
from cocalc_magic.client.page_links import frame_html
from cocalc_magic.sandbox.testing import FakeServer, Request, Response
from tests.browser.conftest import CHROMIUM, FLAGS, PATIENCE, chromium_only
from tests.browser.gallery import OURS, broken_words, use_theme, use_width

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.conftest import Lab, Page
    from tests.sandbox.conftest import Running

SAM = "c0a8f3d4-51b7-4e7b-8f5d-6a9be2d07c22"
PROJECT = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
LOOK = "%config CoCalc.app_title = 'The Bookshop'\n%config CoCalc.accent = '#7a1f5c'"
GROUNDS = """() => ['.ccm-login .ccm-first', '.ccm-form .mod-primary'].map(
    (button) => getComputedStyle(document.querySelector(button)).backgroundColor)"""
FRAME = ".ccm-page-frame iframe"
CELL = "The mean of the scores."
TOKEN = re.compile("auth_token=[A-Za-z0-9]")
WIDE = "(width) => [...document.querySelectorAll('.ccm-page-frame *')].filter((one) => one.offsetWidth > width).length"


def against(page: Any, ours: str | None = None) -> list[str]:
    """What axe has against it."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, ours, {"iframes": False}).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def test_in_a_notebook_it_is_signed_in_once_and_saved_without_the_token(page: Page, lab: Lab) -> None:
    """Live in light and dark and at 400 pixels; saved and exported it is its link and the HTML to paste."""
    lab.set("@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
    line = "%cocalc open 'Statistics 101' week1.ipynb --kiosk --sign-in"
    notebook = lab.notebook(
        "open.ipynb", "%load_ext cocalc_magic", LOOK, "%cocalc form ping\n%cocalc login", line
    )
    page.open(notebook)
    page.run_all()
    page.page.locator(".jp-Stdin-input").fill("try-it-out")
    page.page.locator(".jp-Stdin-input").press("Enter")
    page.page.get_by_role("button", name="Sign this frame in").click()
    framed = page.page.frame_locator(FRAME)
    framed.get_by_text(CELL).wait_for()

    assert [frame.url for frame in page.page.frames if TOKEN.search(frame.url)] == []
    assert not page.page.get_by_role("button", name="Show the link").is_visible()
    page.page.locator(".ccm-login").wait_for()
    for theme, accent in (
        ("JupyterLab Dark", "rgb(182, 132, 165)"),
        ("JupyterLab Light", "rgb(122, 31, 92)"),
    ):
        use_theme(page, theme)
        assert against(page.page, OURS) == []
        assert page.page.evaluate(GROUNDS) == [accent] * 2
    assert page.page.locator(".ccm-brand", has_text="The Bookshop").count() == 3
    use_width(page, 400)
    assert page.page.evaluate(WIDE, 400) == 0
    assert broken_words(page.page, ".ccm-page-frame") == []
    use_width(page, 0)
    tab = page.page.context.new_page()
    tab.goto(page.page.locator(".ccm-page-frame a").get_attribute("href"))
    own_page_is_readable(tab)
    tab.close()

    text = page.saved(notebook, "HTML for a page of yours")
    assert not TOKEN.search(text)
    assert "try-it-out" not in text
    lab.end_kernels()
    page.open(notebook)
    page.page.get_by_text("HTML for a page of yours").first.wait_for()
    assert page.page.locator(f"{OURS} iframe").count() == 0
    exported(notebook)


def own_page_is_readable(tab: Any) -> None:
    """By itself, in the same browser: at every width, in light and dark."""
    tab.get_by_text(CELL).wait_for()
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        assert against(tab) == []
    tab.set_viewport_size({"width": 400, "height": 600})
    assert tab.evaluate("() => document.documentElement.scrollWidth") <= 400


def exported(notebook: Path) -> None:
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter().from_filename(str(notebook))
    assert "week1.ipynb?fullscreen=kiosk" in html
    assert "<iframe" not in re.sub("<script.*?</script>", "", html, flags=re.DOTALL)  # the state of widgets
    assert not TOKEN.search(html)


# -- pages around it -------------------------------------------------------------------------------


@pytest.fixture
def shops(browser: Any) -> Iterator[Any]:
    """A browser that finds every name on this machine, so that pages come from elsewhere."""
    chromium_only("names of its own")
    flags = [*FLAGS, "--host-resolver-rules=MAP shop.test 127.0.0.1"]
    started = browser.browser_type.launch(executable_path=CHROMIUM, args=flags)
    context = started.new_context()
    context.set_default_timeout(1_000 * PATIENCE)
    yield context.new_page()
    started.close()


def link(server: Running) -> str:
    """A link that signs Sam in."""
    with Client(server.url, server.key) as client:
        token = client.user_auth(account_id=SAM, password="try-it-out")["auth_token"]
    return f"{server.url}/projects/{PROJECT}/files/week1.ipynb?fullscreen=kiosk&auth_token={token}"


def test_pages_of_this_machine_frame_it_signed_in_and_one_from_elsewhere_is_refused(
    shops: Any, server: Running
) -> None:
    """Another port is another origin, and another name of this machine another site."""
    shown: list[str] = []

    def page(_: Request) -> Response:
        content = f"<!DOCTYPE html><title>shop</title>{frame_html(shown[-1], 'x')}"
        return Response(200, "text/html", content.encode())

    with FakeServer(page) as shop:
        for host in ("127.0.0.1", "localhost"):
            shown.append(link(server))
            shops.goto(shop.url.replace("127.0.0.1", host))
            shops.frame_locator("iframe").get_by_text(CELL).wait_for()
        refused = [("127.0.0.1", f"{server.url}{path}") for path in ("/", "/app?get_api_key=shop")]
        for host, framed in [("shop.test", link(server)), *refused]:
            shown.append(framed)
            with shops.expect_event("console", lambda one: "frame-ancestors" in one.text):
                shops.goto(shop.url.replace("127.0.0.1", host))
            shops.wait_for_function("() => document.readyState === 'complete'")
            assert [
                frame.url
                for frame in shops.frames
                if urlsplit(frame.url).netloc == urlsplit(server.url).netloc
            ] == []
