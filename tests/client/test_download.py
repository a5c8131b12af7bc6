"""Files that are no text, out of a project: against a sandbox, and what other servers make of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from cocalc_magic.client.wire import download
from cocalc_magic.client.wire.messages import WireResponse
from cocalc_magic.errors import CoCalcError, InvalidValue, KeyRefused, MessageFailed

if TYPE_CHECKING:
    from cocalc_magic import Client

P = "13204cf9-dde4-4854-a477-deeb4b1c886e"
EVERY_BYTE = "bytes(range(256)) * 9000"


def test_bytes_come_as_they_are(client: Client, project_id: str) -> None:
    program = f"import os; os.mkdir('a b'); open('a b/Σ?#%.bin', 'wb').write({EVERY_BYTE})"
    client.project_exec(project_id=project_id, command="python3", args=["-c", program])

    assert client.download(project_id, "a b/Σ?#%.bin") == bytes(range(256)) * 9000
    assert client.download(project_id, "./a b/../a b/Σ?#%.bin")[:2] == b"\0\1"


def test_an_empty_file_is_no_failure(client: Client, project_id: str) -> None:
    client.write_text_file_to_project(project_id=project_id, path="empty", content="")

    assert client.download(project_id, "empty") == b""


def test_a_file_that_is_none_is_told_by_its_name(client: Client, project_id: str) -> None:
    with pytest.raises(MessageFailed) as caught:
        client.download(project_id, "no/such")

    assert str(caught.value).splitlines() == [
        "no/such was not read: Error reading file.",
        "  sandbox answered HTTP 500 Internal Server Error.",
    ]


def test_a_project_of_others_is_not_read(client: Client) -> None:
    with pytest.raises(MessageFailed, match="user does not have read access to project"):
        client.download(P, "a")


@pytest.mark.parametrize("path", ["", ".", "..", "../x", "a/../../x", "/etc/passwd", "//x"])
def test_what_leads_out_of_the_project_is_not_asked_for(client: Client, project_id: str, path: str) -> None:
    with pytest.raises(InvalidValue, match="is not a file in a project"):
        client.download(project_id, path)


def test_what_is_not_a_project_is_not_asked_for(client: Client, project_id: str) -> None:
    with pytest.raises(InvalidValue, match=r"no project of yours is called '\.\./api/v2'"):
        client.download("../api/v2", "a")
    with pytest.raises(InvalidValue, match="is not a project_id"):
        download.path("../api/v2", "a")


def test_a_project_is_named_by_what_one_has(client: Client) -> None:
    project = client.create_project(title="Download by title")
    client.write_text_file_to_project(project_id=project, path="a", content="x")

    for meant in ("Download by title", project, uuid.UUID(project["project_id"])):
        assert client.download(meant, "a") == b"x"


def test_a_name_that_begins_with_dots_is_a_name() -> None:
    assert download.path(P, "..a/.b") == f"/{P}/files/..a/.b"


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            WireResponse(500, "text/html", "WARNING: x -- Error: Please login to <a>"),
            KeyRefused,
            "not take the key",
        ),
        (WireResponse(404, "text/html", "<p>nothing"), MessageFailed, "has no downloads of this form"),
        (WireResponse(302, "", "", "https://other"), MessageFailed, "has no downloads of this form"),
        (WireResponse(502, "", ""), MessageFailed, "a was not read: HTTP 502"),
    ],
)
def test_other_answers_are_failures_with_a_reason(
    reply: WireResponse, kind: type[CoCalcError], words: str
) -> None:
    problem = download.failure(reply, "a", "lab")

    assert isinstance(problem, kind)
    assert words in str(problem)
