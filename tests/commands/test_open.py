"""%cocalc open: the link first, the HTML of a frame where the server allows one, and no token anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic.commands import run
from cocalc_magic.config import keys
from cocalc_magic.config.secret import Secret
from cocalc_magic.errors import InvalidSyntax, InvalidValue, KeyRequired
from cocalc_magic.sandbox.testing import FakeServer, Request, Response
from cocalc_magic.session.session import Session
from tests.leaks.keyed import CREDENTIALS

if TYPE_CHECKING:
    from pathlib import Path

ID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"


def said(shell: Any, line: str) -> str:
    return str(shell.cell(f"%cocalc {line}"))


def test_the_link_comes_first_then_the_frame_to_paste(shell: Any) -> None:
    text = said(shell, "open 'Statistics 101' week1.ipynb --kiosk")
    name, link, *rest = text.splitlines()

    assert name == "week1.ipynb in Statistics 101"
    assert link.startswith("link  http://127.0.0.1:")
    assert link.endswith(f"/projects/{ID}/files/week1.ipynb?fullscreen=kiosk")
    assert f'<iframe src="{link.split()[1]}"' in "\n".join(rest)
    assert rest[-1] == "It may be shown in a frame by pages of this machine."


def test_the_current_project_is_meant_where_none_is_named(shell: Any) -> None:
    with pytest.raises(InvalidSyntax, match="open takes a project"):
        said(shell, "open")
    said(shell, "use 'Statistics 101'")

    assert f"/projects/{ID}/files/" in said(shell, "open")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("open 'Statistics 101' ../x", "does not name a file of the project"),
        ("open 'Statistics 101' a b", "open takes a project, and a path in it"),
        ("open 'Statistics 101' --account sam@example.edu", "--account says whom --sign-in signs in"),
        ("open Nothing", "no project of yours is called 'Nothing'"),
    ],
)
def test_what_is_no_page_is_refused(shell: Any, line: str, words: str) -> None:
    with pytest.raises((InvalidSyntax, InvalidValue), match=words):
        said(shell, line)


def test_no_sign_in_link_is_made_where_it_would_be_saved(shell: Any) -> None:
    with pytest.raises(KeyRequired, match="would be saved with the notebook"):
        said(shell, "open 'Statistics 101' --sign-in")


@pytest.mark.parametrize(
    ("headers", "words", "framed"),
    [
        ((("X-Frame-Options", "DENY"),), "The server forbids to show it in a frame", False),
        (
            (("Content-Security-Policy", "frame-ancestors https://a.test"),),
            "by pages of https://a.test.",
            True,
        ),
        ((), "any page may show it in a frame", True),
    ],
)
def test_the_servers_headers_say_whether_there_is_a_frame(
    headers: tuple[tuple[str, str], ...], words: str, framed: bool
) -> None:
    """They are asked for without the key."""

    def page(request: Request) -> Response:
        return Response(200, "text/html", b"<p>page", headers)

    with FakeServer(page) as server:
        keys.give(server.url, Secret("sk-Marked0Marked0Mark00001n"))
        text = str(run(Session(), f"open {ID} --server {server.url}", None))

    assert words in text
    assert ("<iframe" in text) is framed
    assert [CREDENTIALS & set(request.headers) for request in server.requests] == [set()]


def test_while_a_recording_answers_no_server_is_asked(shell: Any, tmp_path: Path) -> None:
    said(shell, f"record '{tmp_path / 'a.jsonl'}'")
    shell.cell("%cocalc project_exec project_id='Statistics 101' command=ls")
    said(shell, "record --stop")
    said(shell, f"replay '{tmp_path / 'a.jsonl'}'")

    assert "Whether it may be shown in a frame is not known" in said(shell, f"open {ID}")
