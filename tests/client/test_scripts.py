"""The client in scripts: what is logged, threads, and how values show themselves without the extension."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from cocalc_magic.errors import MessageFailed, UnknownEvent

if TYPE_CHECKING:
    from cocalc_magic import Client


def test_a_message_is_one_line_of_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "cocalc_magic"):
        client.ping()

    (record,) = (record for record in caplog.records if record.name == "cocalc_magic")
    assert record.levelname == "DEBUG"
    assert record.getMessage().startswith("ping to sandbox: HTTP 200 in ")


def test_a_failure_is_logged_by_its_kind_and_no_option_with_it(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(MessageFailed):
        client.change_password(account_id=str(uuid4()), old_password="canary-old", new_password="canary-new")

    assert "MessageFailed" in caplog.text
    assert "canary" not in caplog.text
    assert client.key.reveal() not in caplog.text


def test_threads_share_a_client(client: Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: client.ping(id=f"number {number}"), range(200)))

    assert [answer.id for answer in answers] == [f"number {number}" for number in range(200)]


def test_a_response_shows_itself_without_the_extension(client: Client) -> None:
    response = client.create_project(title="<b>bold</b>")

    html, text = response._repr_html_(), printed(response)

    assert html is not None
    assert "<b>bold" not in html
    assert "create_project" in text
    assert json.loads(json.dumps(response.to_dict()))["event"] == "project_created"


def test_an_error_shows_itself_without_the_extension(client: Client) -> None:
    with pytest.raises(UnknownEvent) as caught:
        client.send("pin<b>")

    assert "pin&lt;b&gt;" in caught.value._repr_html_()
    assert printed(caught.value) == f"{caught.value.title}: {caught.value}"


def test_what_renders_is_not_loaded_before_something_is_shown() -> None:
    program = (
        "import sys; from cocalc_magic import Client, Response; print('cocalc_magic.render' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def printed(value: object) -> str:
    """What IPython prints for a value, here without our extension."""
    from IPython.lib.pretty import pretty

    return str(pretty(value))
