"""The query builder without a page, over a real session with the sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from ipywidgets import HTML, Widget

from cocalc_magic import catalog
from cocalc_magic.session.session import Session
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read
from cocalc_magic.widgets.builder import WRITE, QueryBuilder
from tests.widgets.settling import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic import Client
    from cocalc_magic.catalog import Message


@pytest.fixture
def session(client: Client) -> Iterator[Session]:
    yield Session()
    Widget.close_all()


@pytest.fixture
def builder(session: Session) -> QueryBuilder:
    return QueryBuilder(session)


def said(builder: QueryBuilder) -> str:
    parts = list(_all(builder))
    return str([child.value if isinstance(child, HTML) else getattr(child, "markup", "") for child in parts])


def _all(widget: Widget) -> Iterator[Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _all(child)


def test_a_query_is_built_shown_and_sent(builder: QueryBuilder, session: Session, client: Client) -> None:
    client.create_project(title="built 7")
    builder.fields.value = ["project_id", "title"]
    builder.conditions.append("title", "built 7")
    builder.limit.value = 5
    assert all("built 7" in markup for markup in builder.preview.markup)
    click(builder.button)

    sent = session.history[-1].options
    line, _, body = builder.actions.code.lstrip("%").removeprefix("cocalc ").partition("\n")
    assert read(parse(line), body or None, {}).options == dict(sent)
    assert sent["query"] == {"projects": [{"project_id": None, "title": "built 7"}]}
    assert "built 7" in said(builder)


def test_a_value_that_does_not_fit_is_told_at_its_row_and_not_sent(
    builder: QueryBuilder, session: Session
) -> None:
    row = builder.conditions.append("project_id", "seven")
    click(builder.button)

    assert "project_id takes a uuid" in row.status.value
    assert row.status.layout.display == ""
    assert builder.actions.code == ""
    assert not session.history
    row.value.value = ""
    assert row.status.layout.display == "none"


def test_rows_are_added_and_removed(builder: QueryBuilder) -> None:
    builder.fields.value = ["project_id"]
    first = builder.conditions.append("title", "a")
    builder.conditions.append("description", "b").sign.value = "contains"
    assert builder.options()["query"]["projects"][0] == {
        "project_id": None,
        "title": "a",
        "description": {"ILIKE": "%b%"},
    }
    first.remove.click()

    assert "title" not in builder.options()["query"]["projects"][0]


def test_the_comparisons_and_the_hint_fit_the_field(builder: QueryBuilder) -> None:
    row = builder.conditions.append()
    row.column.value = "last_edited"
    assert "contains" not in row.sign.options
    assert "time" in row.value.placeholder
    row.column.value = "deleted"

    assert row.sign.options == ("=", "!=")
    assert tuple(row.value.options) == ("true", "false")


def test_a_project_is_chosen_by_its_title(builder: QueryBuilder) -> None:
    row = builder.conditions.append("project_id")
    shown = row.value.options[0]
    row.value.value = shown

    assert builder.options()["query"]["projects"][0]["project_id"] == shown.rpartition(" · ")[2]


def test_fields_are_found_and_ticked_together(builder: QueryBuilder) -> None:
    builder.fields.none.click()
    assert "Choose at least one" in builder.preview.markup[0]
    builder.fields.search.value = "last_"
    builder.fields.all.click()

    assert builder.fields.value == ("last_edited", "last_active")


def test_one_record_and_its_order(builder: QueryBuilder) -> None:
    builder.many.value = False
    builder.order.value, builder.descending.value = "title", True

    made = builder.options()
    assert isinstance(made["query"]["projects"], dict)
    assert made["options"] == [{"order_by": "-title"}]


def test_what_must_be_given_stands_there_with_the_current_project(session: Session) -> None:
    project = next(iter(session.project_titles()))
    session.project = (project, "chosen")
    builder = QueryBuilder(session)
    builder.table.value = "public_paths"

    assert builder.options()["query"]["public_paths"][0]["project_id"] == project
    assert "must give the project_id" in builder.about.value


def test_a_record_is_written(builder: QueryBuilder, session: Session, project_id: str) -> None:
    builder.mode.value = WRITE
    assert "needs project_id" in builder.preview.markup[0]
    builder.values.lines.children[0].value.value = project_id
    builder.values.append("title", "written by hand")
    click(builder.button)

    assert session.history[-1].options == {
        "query": {"projects": {"project_id": project_id, "title": "written by hand"}},
        "options": [{"set": True}],
    }
    assert session.project_titles()[project_id] == "written by hand"


def test_a_write_to_a_real_server_takes_a_second_click(session: Session) -> None:
    class Asking(Session):
        """A session whose server asks."""

        def confirmation(self, message: Message) -> str:
            return message.confirm

    session = Asking()
    builder = QueryBuilder(session)
    builder.mode.value, builder.table.value = WRITE, "accounts"
    builder.values.append("first_name", "Iris")
    click(builder.button)
    assert not session.history
    assert "It writes first_name of one record of accounts." in builder.sending.line.value
    click(builder.button)

    assert session.history[-1].options["query"] == {"accounts": {"first_name": "Iris"}}


def test_the_cell_makes_a_frame_with_the_fields_as_columns(builder: QueryBuilder) -> None:
    builder.fields.value = ["title"]
    builder.frame.value = True
    first, second, third = builder.actions.code.split("\n")

    assert first == "import pandas as pd"
    call = read(parse(second.removeprefix("rows = %cocalc ")), None, {})
    assert call.options == builder.options()
    assert third == 'pd.DataFrame(rows["query"]["projects"], columns=["title"])'
    builder.many.value = False
    assert "pandas" not in builder.actions.code


def test_an_unknown_table_is_told(builder: QueryBuilder) -> None:
    builder.table.value = "project"

    assert "there is no table" in builder.preview.markup[0]
    assert "projects" in builder.preview.markup[0]


def test_every_table_can_be_chosen(builder: QueryBuilder) -> None:
    for name in builder.table.options:
        builder.table.value = name
        assert builder.fields._boxes, name
        assert not builder.actions.code or json.dumps(name) in builder.actions.code
    builder.mode.value = WRITE
    for name in builder.table.options:
        builder.table.value = name
        assert builder.values.names, name


def test_only_what_can_be_read_or_written_is_offered(builder: QueryBuilder) -> None:
    tables = catalog.tables()
    assert set(builder.table.options) == {name for name, table in tables.items() if table.read}
    builder.mode.value = WRITE

    assert set(builder.table.options) == {name for name, table in tables.items() if table.write is not None}
