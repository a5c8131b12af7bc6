"""The explorer without a page, over a real session with the sandbox."""

from __future__ import annotations

import pytest
from ipywidgets import Widget

from cocalc_magic import catalog
from cocalc_magic.commands.counter import Counter
from cocalc_magic.commands.session import Session
from cocalc_magic.widgets.explorer import Explorer
from tests.widgets.settling import click


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
    click(explorer.form.button)
    explorer.events.value = "ping"
    assert "create_project · 200" in explorer.history.options[0][0]
    explorer.history.value = 0
    explorer.refill.click()

    assert explorer.form.draft.options == {"title": "from history"}
    assert explorer.events.value == "create_project"
