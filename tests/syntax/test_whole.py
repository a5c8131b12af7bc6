"""A whole message from Python: ${payload}, **payload, and a cell that is nothing but one variable."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read

PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
NAMES = {
    "payload": {"title": "Pay", "start": True},
    "message": {"event": "create_project", "title": "Whole"},
    "run": MappingProxyType({"project_id": PID, "command": "ls", "args": ("-l", 7), "timeout": 5}),
    "click": {"event": "click"},
    "sneaky": {"title": "$payload ${payload}"},
    "none": {"title": None},
    "numbers": {7: "x"},
    "words": ["title"],
    "text": "title",
    "unknown": {"titel": "x"},
}


def read_(line: str, body: str | None = None) -> tuple[str, dict[str, object]]:
    call = read(parse(line), body, NAMES)
    return call.message.event, call.options


WHOLE = {"title": "Whole"}


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("create_project ${message}", None),
        ("create_project **message", None),
        ("event ${message}", None),
        ("event **message", None),
        ("${message}", None),
        ("**message", None),
        ("create_project", "${message}"),
        ("event", "${message}"),
        ("event", "$message\n"),
        ("", "\n# the message\n${message}\n"),
        ("event", '${ {**message, "title": "Whole"} }'),
        ("event", "{'event': 'create_project', 'title': 'Whole'}"),
        ("event", '{"event": "create_project", "title": "${message["title"]}"}'),
        ("event", "event: ${message['event']}\ntitle: Whole"),
    ],
)
def test_a_mapping_is_a_whole_message(line: str, body: str | None) -> None:
    assert read_(line, body) == ("create_project", WHOLE)


def test_items_beside_it_add_and_do_not_repeat() -> None:
    assert read_("create_project description=x ${payload} noPool=yes")[1] == {
        "description": "x", "title": "Pay", "start": True, "noPool": True,
    }  # fmt: skip
    assert read_("create_project description=x", "${payload}")[1] == {"description": "x", "title": "Pay", "start": True}  # fmt: skip
    assert read_("event description=x", "${message}")[1] == {"title": "Whole", "description": "x"}
    for line, body in [
        ("create_project title=x ${payload}", None),
        ("create_project ${payload} **payload", None),
        ("create_project title=x", "${payload}"),
        ("create_project ${payload}", "title: x"),
        ("project_exec args[]=a **run", None),
    ]:
        with pytest.raises(InvalidSyntax, match=r"(title|args) is given twice"):
            read_(line, body)


def test_its_values_are_pythons() -> None:
    assert read_("project_exec **run") == (
        "project_exec",
        {"project_id": PID, "command": "ls", "args": ["-l", "7"], "timeout": 5},
    )
    assert read_("create_project ${sneaky}")[1] == {"title": "$payload ${payload}"}


@pytest.mark.parametrize(
    ("line", "body", "said"),
    [
        ("create_project ${none}", None, "title is None."),
        ("create_project $words", None, "$words is a list, not a mapping of options."),
        ("create_project **text", None, "**text is a str, not a mapping of options."),
        ("create_project", "$text", "$text is a str, not a mapping of options."),
        ("create_project **numbers", None, "**numbers has the key 7, and names of options are texts."),
        ("create_project **nope", None, "the notebook has no variable 'nope'."),
        ("create_project **unknown", None, "create_project takes no option 'titel'."),
        ("create_project **{'title': 'x'}", None, "\"**{'title':\" is not an item."),
        ("create_project **", None, "'**' is not an item."),
        ("create_project $payload.x", None, "$payload.x has no value"),
        ("create_project ${payload}x", None, "a blank is missing before 'x'."),
        ("ping ${message}", None, "the line says ping, the event beside the options is another."),
        ("ping", "${message}", "the line says ping, the event beside the options is another."),
        ("event ${payload}", None, "the body names no event."),
        ("event ${message}", "event: ping", "two events are named."),
    ],
)
def test_what_is_no_message_is_told(line: str, body: str | None, said: str) -> None:
    with pytest.raises(CoCalcError) as caught:
        read_(line, body)

    assert caught.value.problem.startswith(said)


def test_an_option_called_event_is_an_option_where_the_line_names_the_message() -> None:
    assert read_("system.userTracking value:={}", "event: click") == (
        "system.userTracking",
        {"value": {}, "event": "click"},
    )
    assert read_("system.userTracking value:={} **click")[1] == {"value": {}, "event": "click"}
