"""Addresses of pages, the HTML of a frame, and what headers say of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cocalc_magic.client.page_links import ProjectPage, frame_html, may_frame, sign_in_start
from cocalc_magic.errors import InvalidValue
from cocalc_magic.response import Headers
from tests.leaks.search import in_objects

if TYPE_CHECKING:
    from cocalc_magic import Client

ID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
URL = "https://cocalc.example.edu/base"
TOKEN = "k3Zs8WbQ0dT1uLr6xVn9pMca"


@pytest.mark.parametrize(
    ("page", "address"),
    [
        (ProjectPage(ID), f"{URL}/projects/{ID}/files/"),
        (ProjectPage(ID, "/data/"), f"{URL}/projects/{ID}/files/data/"),
        (ProjectPage(ID, "a b/ü?#%.md"), f"{URL}/projects/{ID}/files/a%20b/%C3%BC%3F%23%25.md"),
        (ProjectPage(ID, "x.ipynb", kiosk=True), f"{URL}/projects/{ID}/files/x.ipynb?fullscreen=kiosk"),
    ],
)
def test_the_address_of_a_page_has_its_path_whole(page: ProjectPage, address: str) -> None:
    assert page.address(URL) == address


@pytest.mark.parametrize("path", ["..", "../x", "a/../../x", "./x", "/.."])
def test_a_path_that_a_browser_would_follow_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(InvalidValue, match="does not name a file of the project"):
        ProjectPage(ID, path).address(URL)


@pytest.mark.parametrize(
    ("generations", "start"),
    [
        ((), f"{URL}/projects/{ID}/files/x.md?fullscreen=kiosk&auth_token="),
        (("v1",), f"{URL}/projects/{ID}/files/x.md?fullscreen=kiosk&auth_token="),
        (("v2", "conat"), f"{URL}/auth/impersonate?auth_token="),
    ],
)
def test_where_a_token_signs_in_depends_on_the_server(generations: tuple[str, ...], start: str) -> None:
    assert sign_in_start(URL, ProjectPage(ID, "x.md", kiosk=True), generations) == start


def test_the_html_of_a_frame_is_safe_to_paste() -> None:
    html = frame_html(f'{URL}/x"><script>', 'a "b" <c>\n')

    assert f'src="{URL}/x&quot;&gt;&lt;script&gt;"' in html
    assert 'title="a &quot;b&quot; &lt;c&gt;⏎"' in html
    assert "allow-top-navigation" not in html


@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ({}, "*"),
        ({"x-frame-options": "SAMEORIGIN"}, ""),
        ({"Content-Security-Policy": "default-src *; frame-ancestors 'none'"}, ""),
        ({"Content-Security-Policy": "Frame-Ancestors 'self' https://a.test"}, "https://a.test"),
        ({"Content-Security-Policy": "frame-ancestors *", "X-Frame-Options": "DENY"}, "*"),
        ({"Content-Security-Policy": "default-src 'self'", "X-Frame-Options": "DENY"}, ""),
    ],
)
def test_headers_say_who_may_show_a_page_in_a_frame(headers: dict[str, str], who: str) -> None:
    assert may_frame(Headers(headers.items())) == who


def test_a_client_knows_both_and_its_sign_in_link_does_not_show_itself(client: Client) -> None:
    page = client.page_url("Statistics 101", "README.md", kiosk=True)
    link = client.sign_in_url(TOKEN, "Statistics 101", "README.md", kiosk=True)

    assert page == f"{client.server.url}/projects/{ID}/files/README.md?fullscreen=kiosk"
    assert link.reveal() == f"{page}&auth_token={TOKEN}"
    assert TOKEN not in f"{link} {link!r}"
    assert in_objects({"link": link, "client": client}, f"sk_{TOKEN}00") == []
