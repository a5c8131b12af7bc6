"""The pages of a project: who sees them, who may frame them, and what of a file they show."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests

from cocalc_magic.sandbox.http.project_pages import ORIGIN
from tests.sandbox.api_v2 import person
from tests.sandbox.conftest import Running, start, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
SAM = "c0a8f3d4-51b7-4e7b-8f5d-6a9be2d07c22"
IN_A_FRAME = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}


def token(sandbox: Running) -> str:
    return str(sandbox.send("user_auth", account_id=SAM, password="try-it-out")["auth_token"])


def opened(sandbox: Running, path: str = "", **more: Any) -> requests.Response:
    """A page, as an address of it leads to it: what stands in the path is not tidied up."""
    url = f"{sandbox.url}/projects/{PROJECT}/files/{path}"
    request = requests.Request("GET", url, **more).prepare()
    request.url = url + ("?" + str(request.url).partition("?")[2] if "?" in str(request.url) else "")
    with requests.Session() as session:
        return session.send(request, timeout=30, allow_redirects=False)


@pytest.fixture(scope="module")
def cookie(sandbox: Running) -> dict[str, str]:
    """The cookie of Sam's frame."""
    answer = opened(sandbox, params={"auth_token": token(sandbox)})
    return {"Cookie": f"frame_session={answer.cookies['frame_session']}"}


@pytest.fixture(scope="module")
def shop() -> Iterator[Running]:
    """A sandbox that pages of a shop may frame."""
    started = start("--frame", "https://shop.example.com,http://other.test:8080")
    yield started
    stop(started)


def ancestors(answer: requests.Response) -> str:
    """Who may show it in a frame."""
    found = re.search("frame-ancestors ([^;]*)", answer.headers["Content-Security-Policy"])
    assert found
    return found[1]


# -- signing in ------------------------------------------------------------------------------------


def test_a_token_signs_in_once_and_leads_to_the_page_without_it(sandbox: Running) -> None:
    fields = {"auth_token": token(sandbox), "fullscreen": "kiosk", "session": ""}
    first, second = (opened(sandbox, "README.md", params=fields) for _ in range(2))

    assert first.status_code == 303
    assert first.headers["Location"] == f"/projects/{PROJECT}/files/README.md?fullscreen=kiosk"
    assert second.status_code == 403
    assert "Set-Cookie" not in second.headers


def test_a_head_does_not_use_a_token_up(sandbox: Running) -> None:
    fields = {"auth_token": token(sandbox)}

    assert requests.head(f"{sandbox.url}/projects/{PROJECT}", params=fields, timeout=30).status_code == 404
    assert opened(sandbox, params=fields).status_code == 303


@pytest.mark.parametrize(
    ("site", "attributes"),
    [
        ("same-site", {"samesite=strict"}),
        ("none", {"samesite=strict"}),
        ("cross-site", {"samesite=none", "secure", "partitioned"}),
    ],
)
def test_a_cookie_is_for_these_pages_alone_and_stays_with_the_site_of_the_frame(
    sandbox: Running, site: str, attributes: set[str]
) -> None:
    headers = {**IN_A_FRAME, "Sec-Fetch-Site": site}
    answer = opened(sandbox, params={"auth_token": token(sandbox)}, headers=headers)

    parts = {part.strip() for part in answer.headers["Set-Cookie"].split(";")[1:]}
    assert parts == {"path=/projects/", "max-age=43200", "httponly", *attributes}


def test_the_session_of_a_frame_opens_nothing_else(sandbox: Running, cookie: dict[str, str]) -> None:
    value = cookie["Cookie"].partition("=")[2]
    for name in ("frame_session", "remember_me"):
        headers = {"Cookie": f"{name}={value}"}
        profile = requests.post(
            f"{sandbox.url}/api/v2/accounts/profile", json={}, headers=headers, timeout=30
        )
        assert profile.json() == {"profile": {}}
        address = f"{sandbox.url}/{PROJECT}/files/README.md"
        assert "Statistics" not in requests.get(address, headers=headers, timeout=30).text


def test_nobody_and_a_stranger_see_nothing_of_a_project(sandbox: Running) -> None:
    nobody = opened(sandbox, "README.md")
    stranger = person(sandbox)
    asked = {"account_id": stranger.account_id, "password": "pw-of-a-test-12"}
    fields = {"auth_token": sandbox.post("user_auth", asked, stranger.key).json()["auth_token"]}
    signed = opened(sandbox, params=fields)
    theirs = opened(sandbox, "README.md", cookies={"frame_session": signed.cookies["frame_session"]})

    assert [answer.status_code for answer in (nobody, signed, theirs)] == [403, 303, 403]
    assert "%cocalc open PROJECT --sign-in" in nobody.text
    assert "This project is not yours" in theirs.text
    assert "Statistics" not in nobody.text + theirs.text


def test_a_page_of_another_origin_frames_it_and_fetches_nothing(
    sandbox: Running, cookie: dict[str, str]
) -> None:
    site = {**cookie, "Sec-Fetch-Site": "same-site"}
    framed = opened(sandbox, "README.md", headers={**site, **IN_A_FRAME})
    fetched = [
        opened(sandbox, "README.md", headers={**site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": kind})
        for mode, kind in (("cors", "empty"), ("no-cors", "image"), ("navigate", "object"))
    ]

    assert "The data is in" in framed.text
    assert framed.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert [answer.status_code for answer in fetched] == [403] * 3


# -- frames ----------------------------------------------------------------------------------------


def test_pages_of_this_machine_may_frame_it_and_those_that_were_asked_for(
    sandbox: Running, shop: Running
) -> None:
    here = {
        "'self'",
        *(f"{kind}://{host}:*" for kind in ("http", "https") for host in ("127.0.0.1", "localhost")),
    }

    assert set(ancestors(opened(sandbox)).split()) == here
    assert set(ancestors(opened(shop)).split()) == here | {
        "https://shop.example.com",
        "http://other.test:8080",
    }


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.com", "https://a.test/x", "a.test", "https://a.test; img-src *", ""]
)
def test_an_origin_that_is_none_is_refused(origin: str) -> None:
    assert not ORIGIN.fullmatch(origin)


def test_a_sandbox_does_not_start_for_an_origin_that_is_none() -> None:
    command = [sys.executable, "-m", "cocalc_magic.sandbox", "--frame", "https://a.test,*"]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 2
    assert "'*' is not an origin, such as https://shop.example.com" in ended.stderr


@pytest.mark.parametrize(
    "path",
    [
        "/", "/app", "/app?get_api_key=shop", "/app?auth_token=x", "/auth/impersonate?auth_token=x", "/nothing",
        "/alive", "/sandbox", f"/{PROJECT}/files/README.md", "/projects/x",
    ],
)  # fmt: skip
def test_nothing_else_may_be_framed(sandbox: Running, path: str) -> None:
    headers = {"Cookie": f"api_key={sandbox.key}"}

    assert ancestors(requests.get(sandbox.url + path, headers=headers, timeout=30)) == "'none'"


# -- files -----------------------------------------------------------------------------------------


def test_a_folder_leads_to_its_files_and_a_kiosk_page_nowhere(
    sandbox: Running, cookie: dict[str, str]
) -> None:
    page, kiosk = (
        opened(sandbox, "data/", headers=cookie, params=fields).text
        for fields in ({}, {"fullscreen": "kiosk"})
    )

    assert f'<a href="/projects/{PROJECT}/files/data/scores.csv">scores.csv</a>' in page
    assert ">Statistics 101</a>" in page
    assert "scores.csv" in kiosk
    assert "<a " not in kiosk


def test_nothing_in_a_file_is_markup(sandbox: Running, cookie: dict[str, str]) -> None:
    """HTML is text, a picture has no script that runs, and no policy lets one run."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    cells = '{"cells": [{"cell_type": "code", "source": "</pre>%s", "outputs": [{"text": ["%s"]}]}]}'
    files = {
        "a.html": evil,
        "a.svg": svg,
        "a.ipynb": cells % (evil, evil),
        "b.ipynb": f'{{"cells": "{evil}"}}',
    }
    files[f"{evil.replace('/', '')}.txt"] = "x"
    for path, content in files.items():
        sandbox.send("write_text_file_to_project", project_id=PROJECT, path=path, content=content)

    for path in (*list(files)[:4], ""):
        answer = opened(sandbox, path, headers=cookie)
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "<img src=x" not in answer.text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "&lt;script&gt;alert(1)" in opened(sandbox, "a.html", headers=cookie).text
    assert (
        '<img class="file" src="data:image/svg+xml;base64,' in opened(sandbox, "a.svg", headers=cookie).text
    )


@pytest.mark.parametrize(
    "path", ["../../sandbox.db", "%2e%2e/%2e%2e/sandbox.db", "way-out/hosts", "way-out/", "pipe", "no/such"]
)
def test_no_path_leads_out_of_the_project(sandbox: Running, cookie: dict[str, str], path: str) -> None:
    sandbox.run(PROJECT, "ln -sfn /etc way-out; test -p pipe || mkfifo pipe")

    answer = opened(sandbox, path, headers=cookie)

    assert answer.status_code == 404
    assert "localhost" not in answer.text


def test_what_is_long_or_no_text_is_said_so(sandbox: Running, cookie: dict[str, str]) -> None:
    sandbox.run(PROJECT, "yes long | head -c 900000 > long.txt; head -c 5000 /dev/zero > zeros.bin")

    long, zeros = (opened(sandbox, path, headers=cookie).text for path in ("long.txt", "zeros.bin"))

    assert "The beginning of 900 kB." in long
    assert len(long) < 250_000
    assert "This file is not a text: 5,000 bytes." in zeros


# -- the look of a product -------------------------------------------------------------------------


def test_a_look_is_on_the_sign_in_page_and_on_pages_of_projects(shop: Running) -> None:
    logo = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    given = {"title": "<The Bookshop>", "accent": "#7a1f5c", "logo": logo}

    def look(fields: Any, key: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return requests.post(f"{shop.url}/sandbox/look", json=fields, headers=headers, timeout=30)

    stranger = person(shop).key
    assert look(given, stranger).status_code == 403
    assert look(given, shop.key).json() == {"title": "<The Bookshop>", "accent": "#7a1f5c", "logo": True}

    for page in (requests.get(f"{shop.url}/app?get_api_key=myapp", timeout=30), opened(shop)):
        assert f'<img class="logo" src="{logo}" alt="">&lt;The Bookshop&gt; · CoCalc sandbox' in page.text
        assert "--ccm-accent: #7a1f5c;" in page.text
    assert (
        "<h1>CoCalc API Key Access for Myapp</h1>"
        in requests.get(f"{shop.url}/app?get_api_key=myapp", timeout=30).text
    )
    refused = look({"accent": "red; } body { background: url(http://evil.test)"}, shop.key)
    assert (refused.status_code, "is written as #rrggbb" in refused.json()["error"]) == (422, True)
    assert look({}, shop.key).json() == {"title": "", "accent": "", "logo": False}
    assert "Bookshop" not in requests.get(f"{shop.url}/app?get_api_key=myapp", timeout=30).text
