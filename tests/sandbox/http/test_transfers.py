"""Files into a project and out of it, of any kind and size, beside the API."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.api_v2 import ask, person

if TYPE_CHECKING:
    from tests.sandbox.conftest import Running

BYTES = bytes(range(256)) * 8_000  # two megabytes that are no text


@pytest.fixture(scope="module")
def project(sandbox: Running) -> str:
    return sandbox.project()


def upload(
    sandbox: Running,
    project: str,
    folder: str,
    name: str,
    data: bytes = b"x",
    key: str | None = None,
    **more: str,
) -> requests.Response:
    key = sandbox.key if key is None else key
    headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **more}
    query = {"project_id": project, "compute_server_id": "0", "path": folder}
    files = {"file": (name, data)}
    return sandbox.session.post(
        f"{sandbox.url}/upload", params=query, files=files, headers=headers, timeout=30
    )


def download(sandbox: Running, project: str, path: str, key: str | None = None) -> requests.Response:
    cookies = {"Cookie": f"api_key={sandbox.key if key is None else key}"}
    return sandbox.session.get(f"{sandbox.url}/{project}/files/{path}", headers=cookies, timeout=30)


def test_bytes_come_back_as_they_went(sandbox: Running, project: str) -> None:
    sent = upload(sandbox, project, "a/b", "c d.bin", BYTES)
    got = download(sandbox, project, "a/b/c%20d.bin?download")

    assert sent.json() == {"status": "ok"}
    assert got.content == BYTES
    assert got.headers["content-disposition"] == "attachment"


def test_what_is_uploaded_is_seen_by_commands(sandbox: Running, project: str) -> None:
    upload(sandbox, project, "", "seen.txt", b"hello\n")

    assert ask(sandbox, "exec", project_id=project, command="cat seen.txt")["stdout"] == "hello\n"


def test_a_stranger_and_nobody_send_and_get_nothing(sandbox: Running, project: str) -> None:
    stranger = person(sandbox).key
    upload(sandbox, project, "", "own.txt", b"mine")

    refused = upload(sandbox, project, "", "own.txt", b"theirs", key="")
    assert (refused.status_code, refused.text) == (401, "user must be signed in to upload files")
    refused = upload(sandbox, project, "", "own.txt", b"theirs", key=stranger)
    assert (refused.status_code, refused.text) == (500, "upload failed")
    for key in (stranger, "sk-wrong", ""):
        got = download(sandbox, project, "own.txt", key)
        assert got.status_code == 500
        assert "mine" not in got.text
    assert download(sandbox, project, "own.txt").text == "mine"


def test_a_page_of_another_origin_uploads_nothing(sandbox: Running, project: str) -> None:
    assert upload(sandbox, project, "", "a", Origin="http://evil.example").status_code == 401


@pytest.mark.parametrize(
    ("folder", "name"), [("..", "x"), ("/../..", "x"), ("", ".."), ("a\0b", "x"), ("link", "x")]
)
def test_nothing_is_written_outside_of_the_project(
    sandbox: Running, project: str, folder: str, name: str
) -> None:
    ask(sandbox, "exec", project_id=project, command="ln", args=["-sfn", "/tmp", "link"])

    assert upload(sandbox, project, folder, name).status_code == 500


def test_a_name_with_folders_in_it_is_its_last_part(sandbox: Running, project: str) -> None:
    upload(sandbox, project, "safe", "../../evil.txt", b"kept in")

    assert download(sandbox, project, "safe/evil.txt").text == "kept in"


@pytest.mark.parametrize(
    "path", ["../../sandbox.db", "%2e%2e/%2e%2e/sandbox.db", "link/hosts", "pipe", "", "no/such"]
)
def test_nothing_but_files_of_the_project_comes_out(sandbox: Running, project: str, path: str) -> None:
    ask(sandbox, "exec", project_id=project, command="ln -sfn /etc link; mkfifo pipe", bash=True)
    url = f"{sandbox.url}/{project}/files/{path}"
    request: Any = sandbox.session.prepare_request(requests.Request("GET", url))
    request.url = url  # as it stands, with its dots
    request.headers["Cookie"] = f"api_key={sandbox.key}"
    reply = sandbox.session.send(request, timeout=10)

    assert reply.status_code in (404, 500)
    assert "localhost" not in reply.text


def test_a_page_out_of_a_project_runs_no_script(sandbox: Running, project: str) -> None:
    upload(sandbox, project, "", "page.html", b"<script>alert(1)</script>")
    headers = download(sandbox, project, "page.html").headers

    assert headers["content-security-policy"].startswith("sandbox;")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_form_without_a_file_fails(sandbox: Running, project: str) -> None:
    headers = {"Authorization": f"Bearer {sandbox.key}", "Content-Type": "multipart/form-data; boundary=x"}
    url = f"{sandbox.url}/upload?project_id={project}"

    for body in (b"", b"--x--\r\n", os.urandom(500)):
        assert sandbox.session.post(url, headers=headers, data=body, timeout=10).status_code == 500
