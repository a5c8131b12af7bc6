"""What became of messages without an answer, by what the server shows; and what the catalog says of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.bulk.journal import Journal
from cocalc_magic.bulk.read_back import Doubt, Lookup
from cocalc_magic.bulk.rows import Row, RowMessage
from cocalc_magic.client.many import job_of
from cocalc_magic.errors import BulkFailed, MessageFailed
from cocalc_magic.response import Request, Response
from tests.bulk.test_map import CLASS, EACH, Course

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.bulk.outcome import Progress

WITH_READ_BACK = [
    message
    for generation in catalog.GENERATIONS
    for message in catalog.messages(generation).values()
    if message.read_back
]


def lookup(*projects: Mapping[str, Any]) -> Lookup:
    """One of create_project, on a server with these projects."""
    message = catalog.find("create_project")
    assert message.read_back

    def ask(event: str, options: Mapping[str, Any]) -> Response:
        return Response({"event": event, "query": {"projects_all": list(projects)}}, Request(event, options))

    return Lookup(message, message.read_back, ask)


ADA = {"project_id": "a", "title": "Ada", "description": ""}


@pytest.mark.parametrize(
    ("options", "before", "claimed", "finding"),
    [
        ({"title": "Ada"}, set(), (), {"project_id": "a"}),
        ({"title": "Ada", "description": ""}, set(), (), {"project_id": "a"}),
        ({"title": "Ada", "description": "x"}, set(), (), "absent"),
        ({"title": "ada"}, set(), (), "absent"),
        ({}, set(), (), "absent"),
        ({"title": "Ada"}, {"a"}, (), "absent"),
        ({"title": "Ada"}, set(), ("a",), "absent"),
        ({"title": "Ada"}, None, (), "unknown"),
    ],
)
def test_a_project_is_the_one_that_has_appeared_since_and_is_nobody_elses(
    options: dict[str, Any], before: set[str] | None, claimed: tuple[str, ...], finding: object
) -> None:
    assert lookup(ADA).find([Doubt(options, before)], claimed) == [finding]


def test_a_project_is_found_for_one_message_only() -> None:
    doubt = Doubt({"title": "Ada"}, set())

    assert lookup(ADA, {**ADA, "project_id": "b"}).find([doubt] * 3, ()) == [
        {"project_id": "a"},
        {"project_id": "b"},
        "absent",
    ]


@pytest.mark.parametrize("title", [None, "", "No Title"])
def test_a_project_without_a_title_is_known_whatever_stands_there(title: str | None) -> None:
    assert lookup({**ADA, "title": title}).find([Doubt({}, set())], ()) == [{"project_id": "a"}]


def test_where_the_server_does_not_say_it_is_unknown() -> None:
    message = catalog.find("create_project")
    assert message.read_back

    def ask(event: str, options: Mapping[str, Any]) -> Response:
        raise MessageFailed("the server says no", response=Response({}, Request(event, options)))

    assert Lookup(message, message.read_back, ask).find([Doubt({"title": "Ada"}, set())], ()) == ["unknown"]


@pytest.mark.parametrize("message", WITH_READ_BACK, ids=lambda message: message.event)
def test_what_the_catalog_says_of_it_fits_together(message: catalog.Message) -> None:
    how = message.read_back
    assert how
    question = catalog.find(how.ask)
    assert question.reads(how.options)
    assert all(question.option(name) for name in how.options)
    assert all(message.option(name) for name in how.same)
    assert {value[1:-1] for value in texts(how.options) if value.startswith("{")} <= {
        option.name for option in message.options
    }
    assert set(how.gives) <= {field.name for field in message.fields}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def begun(course: Course, event: str, options: dict[str, Any]) -> None:
    """Leave a journal behind as a kernel does that ends while the message is under way."""
    about = job_of(course.client.router, catalog.find(event), Path.cwd())
    message = RowMessage(Row(1, {}, "Ada"), event, options)
    with closing(Journal(about)) as journal:
        journal.keep_listed([])
        journal.record([(message.identity(journal.salt), "Ada")])


def test_a_file_that_has_its_content_is_not_written_again(course: Course) -> None:
    project_id = course.make(CLASS[:1])[0]["project_id"]
    write = {"project_id": project_id, "path": "a.txt", "content": "hello"}
    event = "write_text_file_to_project"
    begun(course, event, write)
    course.client.send(event, **write)
    course.box.fault(event=event, status=400)  # whoever writes is told

    assert course.client.map(event, CLASS[:1], **write).summary == "1 sent"


def test_a_file_that_is_not_there_is_written(course: Course) -> None:
    project_id = course.make(CLASS[:1])[0]["project_id"]
    write = {"project_id": project_id, "path": "a.txt", "content": "hello"}
    begun(course, "write_text_file_to_project", write)

    assert course.client.map("write_text_file_to_project", CLASS[:1], **write).summary == "1 sent"
    content = course.client.send("read_text_file_from_project", project_id=project_id, path="a.txt")[
        "content"
    ]
    assert content == "hello"


def test_somebody_who_is_on_the_project_is_not_added_again(course: Course) -> None:
    project_id = course.make(CLASS[:1])[0]["project_id"]
    account_id = course.client.send(
        "create_account", first_name="Ben", last_name="B", email_address="ben@example.com",
        password="of-ben-2026", agreed_to_terms=True,
    )["account_id"]  # fmt: skip
    add = {"project_id": project_id, "account_id": account_id}
    course.client.send("add_collaborator", **add)
    begun(course, "add_collaborator", add)
    course.box.fault(event="add_collaborator", status=400)

    assert course.client.map("add_collaborator", CLASS[:1], **add).summary == "1 sent"


def test_somebody_who_was_invited_is_not_invited_again_and_who_was_not_is(course: Course) -> None:
    event, project_id = "invite_noncloud_collaborators", course.make(CLASS[:1])[0]["project_id"]
    words = {"email": "Welcome", "title": "Ada", "link2proj": "", "project_id": project_id}
    eva, tom = ({**words, "to": f"{name}@example.com"} for name in ("eva", "tom"))
    course.client.send(event, **eva)
    begun(course, event, eva)
    assert course.client.map(event, CLASS[:1], **eva).summary == "1 sent"
    begun(course, event, tom)
    assert course.client.map(event, CLASS[:1], **tom).summary == "1 sent"

    letters = [mail["to"] for mail in course.box.world.store.select("outbox")]
    assert letters == ["eva@example.com", "tom@example.com"]


def test_an_invitation_that_failed_is_one_that_was_not_sent() -> None:
    message = catalog.find("invite_noncloud_collaborators")
    assert message.read_back
    entries = {"ada@example.com": {"time": "2026-09-14"}, "ben@example.com": {"error": {}}}

    def ask(event: str, options: Mapping[str, Any]) -> Response:
        query = {"projects_all": {"project_id": "p", "invite": entries}}
        return Response({"event": event, "query": query}, Request(event, options))

    doubts = [Doubt({"project_id": "p", "to": to}, None) for to in entries]
    assert Lookup(message, message.read_back, ask).find(doubts, ()) == [{}, "absent"]


@pytest.mark.parametrize("was_made", [True, False])
def test_a_project_that_a_kernel_was_about_to_make(course: Course, was_made: bool) -> None:
    begun(course, "create_project", {"title": "Ada's project"})
    if was_made:
        course.client.create_project(title="Ada's project")

    assert course.make(CLASS[:1]).summary == "1 sent"
    assert course.titles == EACH[:1]


def test_ctrl_c_finishes_what_is_under_way_and_says_how_to_go_on(course: Course) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.phase == "sending" and 1 <= progress.done < 8 and not interrupted:
            interrupted.append(progress.done)
            os.kill(os.getpid(), signal.SIGINT)

    interrupted: list[int] = []
    course.fault(latency=0.11, times=100)
    with pytest.raises(BulkFailed) as told:
        course.make(jobs=2, on_progress=interrupt)

    done = told.value.result.counts["ok"]
    assert 1 <= done < 8
    assert f"create_project: stopped by Ctrl-C ({done} sent, {8 - done} not sent)." in str(told.value)
    assert "The same line again sends what is missing, and nothing twice." in str(told.value)
    assert len(course.titles) == done
    assert course.make().summary == f"{done} done before, {8 - done} sent"


def test_a_second_ctrl_c_does_not_wait_and_nothing_is_sent_twice(course: Course) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.phase == "sending":
            os.kill(os.getpid(), signal.SIGINT)

    course.fault(latency=0.5, times=2)
    with pytest.raises(KeyboardInterrupt):
        course.make(jobs=2, on_progress=interrupt)

    course.make()
    assert course.titles == EACH
