"""A form without a page: its fields, its code, what is wrong where, and that it sends what its magic sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Checkbox, Combobox, Dropdown, Text, Textarea, Widget

from cocalc_magic import catalog
from cocalc_magic.errors import MessageFailed
from cocalc_magic.response import Request, Response
from cocalc_magic.sanitize.secret_forms import typed_secrets
from cocalc_magic.session.frontend import HeadlessFrontend
from cocalc_magic.session.session import Session
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read
from cocalc_magic.widgets.fields import SecretField
from cocalc_magic.widgets.form import Form
from cocalc_magic.widgets.table import RecordsTable
from tests.leaks.examples import EXAMPLES
from tests.render.hostile import VALUES
from tests.widgets.settling import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cocalc_magic.catalog import Message


PROJECT = "63539481-6e7b-4138-b8c2-5cf0b6d7ddf2"


class Recorder(Session):
    """A session that writes down what a form hands to it."""

    def __init__(self) -> None:
        super().__init__(used_server="http://127.0.0.1:1")
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.reason = ""
        self.problem: Exception | None = None
        self.answer: dict[str, Any] = {"event": "success", "id": "1"}
        self.projects = {PROJECT: "Course ${1/0}"}
        self.current = ""

    def submit(self, message: Message, options: Mapping[str, Any], on_job: Any = None) -> Response:
        if self.problem:
            raise self.problem
        self.sent.append((message.event, dict(options)))
        return Response(self.answer, Request(message.event, options, message.secret))

    def confirmation(self, message: Message) -> str:
        return self.reason

    def project_titles(self) -> dict[str, str]:
        return self.projects

    @property
    def project_id(self) -> str:
        return self.current


@pytest.fixture
def session() -> Iterator[Recorder]:
    yield Recorder()
    Widget.close_all()


def within(widget: Widget) -> Iterator[Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from within(child)


def form(session: Recorder, event: str, **given: Any) -> Form:
    return Form(catalog.find(event), session, given)


def shown(form: Form) -> str:
    children = form.answer.children
    return str([child.value if hasattr(child, "value") else child.markup for child in children])


def test_fields_by_type(session: Recorder) -> None:
    made = {name: type(field.input) for name, field in form(session, "project_exec").fields.items()}

    assert made["project_id"] is Combobox
    assert made["command"] is made["args"] is Textarea
    assert made["bash"] is Checkbox
    assert made["path"] is made["timeout"] is Text
    assert list(made)[:2] == ["project_id", "command"]


def test_required_ones_are_marked_and_the_meaning_is_a_tooltip(session: Recorder) -> None:
    made = form(session, "project_exec").fields

    assert made["command"].input.description.startswith("command <")
    assert "required" in made["command"].input.description
    assert made["path"].input.description == "path"
    assert made["path"].input.tooltip.startswith(catalog.find("project_exec").option("path").meaning)


@pytest.mark.parametrize(
    "event", [name for name, message in catalog.messages().items() if not message.secret]
)
def test_the_form_and_its_magic_give_the_same_message(session: Recorder, event: str) -> None:
    message = catalog.find(event)
    made = form(session, event, **message.example.options)

    line, _, body = (
        made.actions.code.removeprefix("%").removeprefix("%").removeprefix("cocalc ").partition("\n")
    )
    call = read(parse(line), body or None, {})
    assert (call.message, call.options) == (message, made.draft.options)
    given = message.example.options
    kept = {name: value for name, value in given.items() if value != message.option(name).default}
    assert {name: value for name, value in made.draft.options.items() if name in kept} == kept


def test_a_problem_is_said_at_its_field_as_it_is_typed(session: Recorder) -> None:
    made = form(session, "project_exec", command="ls")
    made.fields["timeout"].input.value = "soon"

    field = made.fields["timeout"]
    assert "timeout takes a number, not &quot;soon&quot;" in field.status.value
    assert field.status.layout.display == ""
    field.input.value = "7"
    assert field.status.layout.display == "none"
    assert made.draft.options == {"command": "ls", "timeout": 7}


@pytest.mark.parametrize("event", ["project_exec", "query", "user_search"])
def test_a_problem_has_the_words_of_the_magic(session: Recorder, event: str) -> None:
    message = catalog.find(event)
    made = form(session, event)
    for option in message.options:
        if option.types not in (("any",), ("text",), ("boolean",)) and not option.choices:
            made.fields[option.name].input.value = "{no"
    assert made.draft.problems
    for name, problem in made.draft.problems.items():
        with pytest.raises(type(problem)) as raised:
            read(parse(f"{event} {name}='{{no'"), None, {}, lambda message, option: lambda: "x")
        assert problem.problem in str(raised.value)


@pytest.mark.parametrize("name", [name for name, one in EXAMPLES.items() if typed_secrets(one.text)])
def test_a_key_in_a_field_that_keeps_it_is_told_and_not_sent(session: Recorder, name: str) -> None:
    text, secret = EXAMPLES[name]
    made = form(session, "create_project", title=f"see {text}")
    click(made.button)

    assert session.sent == []
    assert "stands here. It is not sent" in made.fields["title"].status.value
    assert secret not in shown(made) + made.actions.code + "".join(made.preview.markup)


def test_nothing_is_sent_while_something_is_missing(session: Recorder) -> None:
    made = form(session, "project_exec")
    click(made.button)

    assert session.sent == []
    assert "project_id, command need to be corrected" in shown(made)
    assert "project_exec needs command" in made.fields["command"].status.value


def test_what_is_mended_is_not_complained_of_any_more(session: Recorder) -> None:
    """Field by field; the sentence below goes with the last."""
    made = form(session, "project_exec")
    click(made.button)
    made.fields["command"].input.value = "ls"

    assert made.fields["command"].status.layout.display == "none"
    assert "project_exec needs project_id" in made.fields["project_id"].status.value
    assert "to be corrected" in shown(made)
    made.fields["project_id"].input.value = PROJECT
    assert made.fields["project_id"].status.layout.display == "none"
    assert made.answer.children == ()


def test_every_field_stands_over_its_meaning(session: Recorder) -> None:
    made = form(session, "project_exec")

    for option in made.message.options:
        assert option.meaning in made.fields[option.name].about.value


def test_projects_of_one_title_are_told_apart_by_their_ids(session: Recorder) -> None:
    twin = "0b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"
    session.projects |= {twin: session.projects[PROJECT]}
    made = form(session, "project_exec")
    labels = made.fields["project_id"].input.options
    made.fields["project_id"].input.value = next(label for label in labels if twin[:8] in label)

    assert made.draft.options["project_id"] == twin


def test_it_sends_and_shows_the_response(session: Recorder) -> None:
    made = form(session, "project_exec", command="ls")
    made.fields["project_id"].input.value = "Course ${1/0}"
    click(made.button)

    assert session.sent == [("project_exec", {"project_id": PROJECT, "command": "ls"})]
    assert made.answer.children[0].titles[0] == "View"


@pytest.mark.parametrize("typed", ["Course ${1/0}", "cour", PROJECT[:6], PROJECT])
def test_a_project_is_typed_as_on_a_line_and_its_code_has_the_id(session: Recorder, typed: str) -> None:
    made = form(session, "project_exec", command="ls")
    made.fields["project_id"].input.value = typed

    assert made.draft.options["project_id"] == PROJECT


def test_what_is_not_known_to_the_form_is_left_to_who_sends(session: Recorder) -> None:
    session.projects["0b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"] = "Course B"
    made = form(session, "project_exec", command="ls")
    for typed in ("Course", "Elsewhere"):
        made.fields["project_id"].input.value = typed

        assert made.draft.options["project_id"] == typed


def test_a_current_project_is_filled_in_where_it_stands_for_what_is_left_out(session: Recorder) -> None:
    session.current = PROJECT

    assert form(session, "jupyter_execute").draft.options["project_id"] == PROJECT
    assert form(session, "copy_path_between_projects").draft.options == {}


def test_the_current_project_is_filled_in(session: Recorder) -> None:
    session.current = PROJECT

    assert form(session, "project_exec").draft.options == {"project_id": PROJECT}


def test_a_checkbox_sends_what_is_not_the_default(session: Recorder) -> None:
    made = form(session, "project_exec")
    assert "bash" not in made.draft.options
    box = made.fields["bash"].input
    box.value = not box.value

    assert made.draft.options["bash"] is box.value


def test_choices_are_a_dropdown(session: Recorder) -> None:
    event, option = next(
        (message.event, option)
        for generation in ("v1", "v2", "conat")
        for message in catalog.messages(generation).values()
        for option in message.options
        if option.choices
    )
    made = form(session, event).fields[option.name].input

    assert isinstance(made, Dropdown)
    assert [value for _, value in made.options] == ["", *option.choices]


def test_what_asks_first_takes_a_second_click(session: Recorder) -> None:
    session.reason = "It spends money."
    made = form(session, "ping")
    click(made.button)
    assert (session.sent, made.button.description) == ([], "Send it?")
    assert "It spends money." in made.sending.line.value
    click(made.button)

    assert session.sent == [("ping", {})]
    assert made.button.description == "Send"
    assert made.sending.line.value == ""


def test_a_change_takes_the_question_back(session: Recorder) -> None:
    session.reason = "It spends money."
    made = form(session, "ping")
    click(made.button)
    made.fields["id"].input.value = "7"

    assert made.button.description == "Send"


def test_a_failure_and_a_bug_are_said_in_the_form(
    session: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    made = form(session, "ping")
    session.problem = MessageFailed("<b>no</b>")
    click(made.button)
    assert "&lt;b&gt;no&lt;/b&gt;" in shown(made)
    session.problem = ZeroDivisionError("a bug")
    click(made.button)

    assert "log has the reason" in shown(made)
    assert "ZeroDivisionError" in caplog.text
    assert not made.button.disabled


def test_a_password_is_in_no_state_and_no_code(session: Recorder) -> None:
    made = form(session, "change_password", account_id=PROJECT)
    field = made.fields["new_password"].input
    assert isinstance(field, SecretField)
    field._handle_msg(
        {"content": {"data": {"method": "custom", "content": {"typed": "hunter2!"}}}, "buffers": []}
    )
    click(made.button)

    assert session.sent[0][1]["new_password"] == "hunter2!"
    assert field.filled
    assert "hunter2" not in str([widget.get_state() for widget in _all(made)])


def test_dollars_of_inserted_text_are_doubled(session: Recorder) -> None:
    made = form(session, "create_project", title="it's ${1/0} $HOME", description="${2/0}\nx")

    assert "$${1/0}" in made.actions.code
    line, _, body = made.actions.code.partition("\n")
    assert read(parse(line.removeprefix("%%cocalc ")), body, {}).options == made.draft.options


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_hostile_values_do_not_get_through(session: Recorder, value: Any) -> None:
    session.projects = {PROJECT: str(value)[:200]}
    text = value if isinstance(value, str) else str(value)[:1000]
    made = form(session, "project_exec", command=text[:5000], timeout=text[:5000])

    markup = str(made.preview.markup) + made.fields["timeout"].status.value
    assert "<script" not in markup
    assert "<img" not in markup
    assert "\x1b" not in markup
    assert "sk-0123456789abcdefghij" not in markup


def _all(widget: Widget) -> Iterator[Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)


def test_a_table_of_an_answer_has_the_button_for_a_frame(session: Recorder) -> None:
    """As a table that a cell shows has it, where the notebook can take the name."""
    session.frontend = HeadlessFrontend(keep=lambda frame, earlier: "df")
    session.answer = {"event": "query", "query": {"projects": [{"title": "a"}, {"title": "b"}]}}
    sent = form(session, "query", query={"projects": [{"title": None}]})

    click(sent.button)
    tables = [part for part in within(sent.answer) if isinstance(part, RecordsTable)]
    assert [table.frames for table in tables] == [True]
