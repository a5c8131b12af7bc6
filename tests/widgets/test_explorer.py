"""The explorer without a page, over a real session with the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Widget

from cocalc_magic import catalog
from cocalc_magic.render.event_index import by_subject
from cocalc_magic.session.session import Session
from cocalc_magic.widgets.explorer import Explorer
from tests.widgets.settling import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic import Client


@pytest.fixture
def session(client: Client) -> Iterator[Session]:
    yield Session()
    Widget.close_all()


@pytest.fixture
def explorer(session: Session) -> Explorer:
    return Explorer(session)


def shown(explorer: Explorer) -> str:
    return str(explorer.tabs.titles[explorer.tabs.selected_index])


def test_all_messages_are_listed_and_found_by_words(explorer: Explorer) -> None:
    total = len(list(catalog.all_messages()))
    assert len(explorer.events.events) == total
    explorer.events.words = "collaborator"

    assert "add_collaborator" in explorer.events.events
    assert len(explorer.events.events) < total / 2


def test_the_words_of_the_help_are_found() -> None:
    found = [entry.event for group in by_subject("exit code").values() for entry in group]

    assert "project_exec" in found
    assert not by_subject("no such word anywhere")


def test_messages_stand_below_their_subject_and_generation(explorer: Explorer) -> None:
    labels = [group["label"] for group in explorer.events.groups]

    assert "Projects" in labels
    assert "Projects (API v2)" in labels
    assert len(labels) == len(set(labels))


def test_what_the_server_lacks_is_marked() -> None:
    def marks(spoken: Any) -> dict[str, str]:
        return {entry.event: entry.mark for group in by_subject("", spoken).values() for entry in group}

    assert not marks(())["create_project"]
    assert marks({"v1"})["projects.createProject"] == "not on this server"
    assert marks({"conat", "v2"})["create_project"] == "translated"
    assert not marks({"conat", "v2"})["projects.createProject"]


def test_a_message_is_opened_by_a_click(explorer: Explorer) -> None:
    explorer.events.value = "project_exec"

    assert explorer.form.message.event == "project_exec"
    assert "project_exec" in explorer.tabs.children[0].value
    assert explorer.tabs.titles == ("Help", "Form", "History")


def test_the_query_has_a_builder(explorer: Explorer) -> None:
    explorer.events.value = "query"

    assert explorer.tabs.titles == ("Help", "Form", "Builder", "History")
    assert explorer.builder is explorer.tabs.children[2]


def test_it_opens_on_what_is_asked_for_whatever_was_searched_before(
    session: Session, explorer: Explorer
) -> None:
    explorer.events.words = "exec"
    asked = Explorer(session, "query")

    assert (asked.events.words, asked.events.value, shown(asked)) == ("", "query", "Builder")


def test_what_servers_do_not_do_is_explained_where_it_stands(explorer: Explorer) -> None:
    entries = {entry["event"]: entry for group in explorer.events.groups for entry in group["entries"]}

    assert (entries["save_project"]["mark"], entries["save_project"]["note"]) == (
        "gone",
        "Servers of 2024 no longer know the event.",
    )
    assert entries["ping"]["note"] == ""
    explorer.events.value = "save_project"
    assert "Servers of 2024 no longer know the event." in explorer.tabs.children[0].value


def test_the_next_explorer_begins_where_the_last_was(session: Session, explorer: Explorer) -> None:
    explorer.events.words = "exec"
    explorer.events.value = "project_exec"
    explorer.tabs.selected_index = 1
    explorer.form.fields["command"].input.value = "ls"
    explorer.form.fields["timeout"].input.value = "soon"
    again = Explorer(session)

    assert (again.events.words, again.form.message.event, shown(again)) == ("exec", "project_exec", "Form")
    assert again.events.value == "project_exec"
    assert again.form.fields["command"].text == "ls"
    assert "timeout takes a number" in again.form.fields["timeout"].status.value


def test_what_is_secret_is_not_remembered(session: Session, explorer: Explorer) -> None:
    explorer.events.value = "change_password"
    explorer.form.fields["new_password"].input._receive(None, {"typed": "hunter2!"}, None)
    assert explorer.form.fields["new_password"].text == "hunter2!"

    assert "hunter2" not in str(session.explored)


def test_a_form_and_its_response_stay_while_others_are_looked_at(explorer: Explorer) -> None:
    explorer.events.value = "ping"
    click(explorer.form.button)
    response = explorer.form.answer.children
    assert response
    explorer.tabs.selected_index = 0
    assert explorer.form.answer.children == response
    explorer.events.value = "create_project"
    assert not explorer.form.answer.children
    explorer.events.value = "ping"

    assert explorer.form.answer.children == response


def test_what_was_sent_is_in_the_history_and_fills_the_form(explorer: Explorer) -> None:
    explorer.events.value = "create_project"
    explorer.form.fields["title"].input.value = "from history"
    click(explorer.form.button)
    explorer.form.fields["title"].input.value = "another"
    explorer.events.value = "ping"
    assert "create_project · 200" in explorer.history.options[0][0]
    explorer.history.value = 0
    explorer.refill.click()

    assert explorer.form.draft.options == {"title": "from history"}
    assert (explorer.events.value, shown(explorer)) == ("create_project", "Form")
