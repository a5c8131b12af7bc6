"""The explorer and the query builder without a page, over a real session with the sandbox."""

from __future__ import annotations

import pytest
from ipywidgets import Widget

from cocalc_magic import catalog
from cocalc_magic.commands.counter import Counter
from cocalc_magic.commands.session import Session
from cocalc_magic.errors import InvalidValue
from cocalc_magic.values.asking import Condition, query_options
from cocalc_magic.values.line import parse
from cocalc_magic.values.reading import read
from cocalc_magic.widgets.builder import QueryBuilder
from cocalc_magic.widgets.explorer import Explorer


@pytest.fixture
def session(client):
    yield Session()
    Widget.close_all()


@pytest.fixture
def explorer(session):
    return Explorer(Counter(session), session.explored)


def test_all_messages_are_listed_and_found_by_words(explorer):
    total = sum(len(catalog.messages(generation)) for generation in catalog.GENERATIONS)
    assert len(explorer.events.options) == total
    explorer.search.value = "collaborator"

    found = [event for _, event in explorer.events.options]
    assert "add_collaborator" in found
    assert len(found) < total / 2


def test_a_message_is_opened_by_a_click(explorer):
    explorer.events.value = "project_exec"

    assert explorer.form.message.event == "project_exec"
    assert "project_exec" in explorer.tabs.children[0].value
    assert explorer.tabs.titles == ("Help", "Form", "History")


def test_the_query_has_a_builder(explorer):
    explorer.events.value = "query"

    assert explorer.tabs.titles == ("Help", "Form", "Builder", "History")


def test_the_next_explorer_begins_where_the_last_was(session, explorer):
    explorer.search.value = "exec"
    explorer.events.value = "project_exec"
    again = Explorer(Counter(session), session.explored)

    assert (again.search.value, again.form.message.event) == ("exec", "project_exec")
    assert again.events.value == "project_exec"


def test_what_was_sent_is_in_the_history_and_fills_the_form(explorer):
    explorer.events.value = "create_project"
    explorer.form.fields["title"].input.value = "from history"
    explorer.form.button.click()
    explorer.events.value = "ping"
    assert "create_project · 200" in explorer.history.options[0][0]
    explorer.history.value = 0
    explorer.refill.click()

    assert explorer.form.draft.options == {"title": "from history"}
    assert explorer.events.value == "create_project"


def test_a_query_is_built_shown_and_sent(session, client):
    client.create_project(title="built 7")
    builder = QueryBuilder(Counter(session))
    builder.table.value = "projects"
    builder.fields.value = ["project_id", "title"]
    column, _sign, text = builder.conditions[0]
    column.value, text.value = "title", "built 7"
    builder.limit.value = 5
    assert "built 7" in builder.preview.value
    builder.button.click()

    sent = session.history[-1].options
    line, _, body = builder.actions.code.lstrip("%").removeprefix("cocalc ").partition("\n")
    assert read(parse(line), body or None, {}).options == dict(sent)
    assert sent["query"] == {"projects": [{"project_id": None, "title": "built 7"}]}
    assert "built 7" in str([child.value for child in _all(builder.answer) if hasattr(child, "value")])


def test_a_value_that_does_not_fit_is_told_and_not_sent(session):
    builder = QueryBuilder(Counter(session))
    column, _sign, text = builder.conditions[0]
    column.value, text.value = "project_id", "seven"
    builder.button.click()

    assert "project_id takes a uuid" in builder.preview.value
    assert builder.actions.code == ""
    assert not session.history


def test_an_unknown_table_is_told(session):
    builder = QueryBuilder(Counter(session))
    builder.table.value = "no_table"

    assert "there is no table" in builder.preview.value


@pytest.mark.parametrize("name", [name for name, table in catalog.tables().items() if table.read])
def test_every_table_can_be_chosen(session, name):
    builder = QueryBuilder(Counter(session))
    builder.table.value = name

    assert builder.fields.options
    assert builder.fields.value == () or builder.options()["query"][name]


def test_conditions():
    table = catalog.tables()["projects"]
    made = query_options(table, ["title"], [Condition("last_edited", ">", "2026-01-01")], 10, "-last_edited")

    assert made == {
        "query": {"projects": [{"title": None, "last_edited": {">": "2026-01-01"}}]},
        "options": [{"limit": 10}, {"order_by": "-last_edited"}],
    }


@pytest.mark.parametrize(
    ("fields", "conditions", "said"),
    [
        ([], [], "names no field"),
        (["nope"], [], "has no field 'nope'"),
        ([], [Condition("title", "=", "a"), Condition("title", "!=", "b")], "compared twice"),
    ],
)
def test_what_is_no_query_is_refused(fields, conditions, said):
    with pytest.raises(InvalidValue, match=said):
        query_options(catalog.tables()["projects"], fields, conditions, 1)


def _all(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)
