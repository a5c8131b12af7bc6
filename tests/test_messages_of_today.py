"""The language, help, Tab and snippets for the messages of API v2 and conat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog, from_curl, snippets
from cocalc_magic.commands import run
from cocalc_magic.errors import InvalidSyntax, MissingOption, NoEquivalent, UnknownEvent, UnknownOption
from cocalc_magic.ipython.completion import offers
from cocalc_magic.ipython.offers import Known
from cocalc_magic.session.session import Session
from cocalc_magic.syntax.format import format_magic
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import Call, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic import Client
    from cocalc_magic.catalog import Message
    from tests.client.wire.played import Played

PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
TODAY = [*catalog.messages("v2").values(), *catalog.messages("conat").values()]


def call(text: str, body: str | None = None, **names: Any) -> Call:
    return read(parse(text), body, names)


def shown(line: str) -> str:
    return str(run(Session(), line, None))


def tab(text: str) -> list[str]:
    found = offers(text, Known({}, {}))
    return [offer.text for offer in found[1]] if found else []


@pytest.mark.parametrize("event", ["projects/stop", "/exec", "projects.stop", "project:system.exec"])
def test_a_line_may_name_a_message_of_today(event: str) -> None:
    read_call = call(f"{event} project_id=$pid", pid=PID)

    assert read_call.message.event == event
    assert read_call.options == {"project_id": PID}


def test_mistakes_are_told_as_for_v1() -> None:
    with pytest.raises(MissingOption, match="projects/stop needs project_id"):
        call("projects/stop")
    with pytest.raises(UnknownOption, match="Did you mean project_id"):
        call(f"projects/stop project_di={PID}")
    with pytest.raises(UnknownEvent, match="Did you mean /exec"):
        call("exec command=ls")
    with pytest.raises(InvalidSyntax, match=r"project:system\.exec command=-"):
        call("project:system.exec", "ls -l | wc\nfoo [bar")


def test_every_example_is_a_line_that_reads_back_to_itself() -> None:
    for message in TODAY:
        line, _, body = format_magic(message.event, message.example.options).partition("\n")
        read_call = call(line.partition("cocalc ")[2], body or None)
        assert read_call.message.event == message.event
        assert read_call.options == dict(message.example.options), message.event


def test_every_example_survives_curl_and_the_way_back() -> None:
    url = "https://cocalc.example.edu/base"
    for message in TODAY:
        options = dict(message.example.options)
        (found,) = from_curl.read(snippets.curl(url, message.event, options)).messages
        assert (found.words, found.server) == (message.event, url)
        assert {**found.options, **secrets(message, options)} == options


def secrets(message: Message, options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in message.secret if name in options}


def test_snippets_are_for_the_message_s_own_api() -> None:
    assert snippets.curl("https://s", "/exec", {"command": "ls"}).endswith("https://s/api/v2/exec")
    assert '\'args:=[{"command": "ls"}]\'' in snippets.httpie(
        "https://s", "project:system.exec", {"project_id": PID, "command": "ls"}
    )
    assert "client.send(\n    'projects/stop',\n" in snippets.python(
        "https://s", "projects/stop", {"project_id": PID}
    )


def test_what_is_shown_as_curl_is_what_a_known_server_takes(
    play: Callable[..., tuple[Client, Played]],
) -> None:
    client, server = play("v2", "conat")
    options = {"project_id": PID}

    assert client.router.first_message("touch_project", options) == (
        "touch_project",
        options,
    )  # nothing is known
    client.router.generations()
    assert client.router.first_message("touch_project", options) == ("projects/touch", options)
    assert client.router.first_message("projects/stop", options) == ("projects/stop", options)
    with pytest.raises(NoEquivalent):
        client.router.first_message("stripe_get_coupon", {"coupon_id": "x"})
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    ["https://s/", "https://s/api", "https://s/api/v2/", "https://s/customize", "https://s/apis/v1/ping"],
)
def test_a_curl_command_to_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(InvalidSyntax, match="for no message of CoCalc"):
        from_curl.read(f"curl {address}")


def test_help_tells_which_servers_have_a_message_and_which_keys_it_takes() -> None:
    page = shown("help projects.createProject")

    assert "Only for servers with the conat bridge" in page
    assert "Key: that of an account." in page


def test_help_of_a_v1_message_tells_how_servers_of_today_do_it() -> None:
    assert "Servers of today do it by projects/call or project:system.exec or /exec" in shown(
        "help project_exec"
    )
    assert "Servers of today cannot do it: coupons were replaced" in shown("help stripe_get_coupon")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("projects/start", "On cocalc.ai a key needs project:exec for the project."),
        (
            "projects/copy-path",
            "a key needs file:read for src_project_id and file:write for target_project_id.",
        ),
        ("system.ping", "On cocalc.ai it takes any key."),
        ("/user-query", "On cocalc.ai it is not for keys: %cocalc login signs a person in for it."),
        ("accounts/ban", "On cocalc.ai it is not for keys: people do it in a browser."),
        ("projects.start", "Not on cocalc.ai: projects/start does it there. %cocalc help projects/start"),
        (
            "project_exec",
            "cocalc.ai does it by project:system.exec, where a key needs project:exec for the project",
        ),
        ("stripe_get_customer", "cocalc.ai cannot do it: nothing about money is open to programs."),
    ],
)
def test_help_tells_what_a_key_needs_where_keys_are_scoped(event: str, words: str) -> None:
    assert words in " ".join(shown(f"help {event}").split())


def test_events_are_listed_by_generation_and_searched_in_all() -> None:
    assert "191 events" in shown("events v2")
    assert "86 events" in shown("events conat")
    assert "projects/stop" not in shown("events")
    assert "projects/stop" in shown("events stop")
    assert "projects.stop" in shown("events stop")


def test_every_message_of_today_has_a_page_of_help() -> None:
    for message in TODAY:
        assert shown(f"help {message.event}").startswith(f"{message.event}: {message.summary}")


def test_tab_offers_names_of_today_once_something_is_typed() -> None:
    assert "projects/stop" in tab("%cocalc projects/st")
    assert "project:system.exec" in tab("%cocalc project:")
    assert "/exec" in tab("%cocalc /e")
    assert "/exec" not in tab("%cocalc ")
    assert tab("%cocalc projects/stop ") == ["project_id="]
    assert "conat" in tab("%cocalc events c")
    assert "get" in "".join(tab("%cocalc /api-keys action="))


def test_asking_for_help_with_a_question_mark_works_for_them() -> None:
    from cocalc_magic.ipython.input_transform import transform_cell

    assert transform_cell(["%cocalc projects/stop?\n"]) == ["%cocalc help projects/stop\n"]
    assert transform_cell(["%cocalc project:system.exec?\n"]) == ["%cocalc help project:system.exec\n"]
