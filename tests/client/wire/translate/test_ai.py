"""v1 messages by those of cocalc.ai: which there are, and what each sends."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.client.wire import translate
from cocalc_magic.client.wire.translate import ai
from cocalc_magic.client.wire.translate.ai_refusals import refusal_of
from cocalc_magic.client.wire.translate.steps import Ask, Pause, Upload
from cocalc_magic.errors import MessageFailed, MissingOption, NoEquivalent

SCOPED = catalog.generations.SCOPED
P, Q = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def run(event: str, options: dict[str, Any], *values: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the steps of a message where these values come back, and the fields of its answer."""
    steps, waiting = translate.plan(event, options, SCOPED).steps(), list(values)
    taken: list[Any] = []
    answer: Any = None
    while True:
        try:
            step = steps.throw(answer) if isinstance(answer, Exception) else steps.send(answer)
        except StopIteration as end:
            return taken, end.value
        taken.append(step)
        answer = None if isinstance(step, Pause) else waiting.pop(0)


def test_every_v1_event_has_a_route_or_a_reason_and_not_both() -> None:
    routed = set(ai.TABLE)

    assert all((event in routed) != (refusal_of(event) is not None) for event in catalog.messages())


def test_routes_lead_to_messages_that_are_there_with_options_that_there_are() -> None:
    for event, translation in ai.TABLE.items():
        known = {option.name for option in catalog.find(event).options}
        possible = translation.possible(SCOPED)
        assert possible, event
        for route in possible:
            assert all(catalog.find(name).permission for name in route.to)
            assert route.takes <= known, event


def test_every_message_that_others_have_and_it_has_not_names_what_does_the_same_or_why_not() -> None:
    gone = [message for message in catalog.all_messages() if message.permission is None]

    for message in gone:
        reason, nearest = translate.refusal_of(message.event, SCOPED)
        assert reason, message.event
        if nearest.startswith("%cocalc help "):
            assert catalog.find(nearest.rpartition(" ")[2]).permission, message.event


def test_a_long_command_is_a_job_that_is_asked_for_its_end() -> None:
    done = {"status": "completed", "stdout": "done\n", "stderr": "", "exit_code": 0}
    options = {"project_id": P, "command": "make", "timeout": 200}
    steps, answer = run("project_exec", options, {"status": "running", "job_id": "j"}, done)

    assert [type(step) for step in steps] == [Ask, Pause, Ask]
    assert {step.event for step in steps if isinstance(step, Ask)} == {"project:system.exec"}
    assert steps[0].options["async_call"] is True
    assert steps[2].options == {"project_id": P, "async_get": "j"}
    assert answer == {"stdout": "done\n", "stderr": "", "exit_code": 0}


def test_several_files_are_read_one_by_one_and_one_that_is_not_there_stands_among_them() -> None:
    options = {"project_id": P, "path": ["a", "b"]}
    steps, answer = run("read_text_file_from_project", options, "text", MessageFailed("ENOENT"))

    assert [step.options["path"] for step in steps] == ["a", "b"]
    assert answer["content"][0]["content"] == "text"
    assert answer["content"][1]["error"] == "ENOENT"


def test_what_is_too_large_for_json_is_uploaded() -> None:
    small, _ = run("write_text_file_to_project", {"project_id": P, "path": "a", "content": "x" * 10**6}, None)
    large, _ = run("write_text_file_to_project", {"project_id": P, "path": "a", "content": "x" * 10**7}, None)

    assert [step.event for step in small] == ["project:system.writeTextFileToProject"]
    assert [type(step) for step in large] == [Upload]


def test_names_are_asked_for_in_parts_that_servers_take() -> None:
    accounts = [f"{number:08x}-1111-4111-8111-111111111111" for number in range(251)]
    names = {"names": {accounts[0]: {"first_name": "Ada", "last_name": "L", "display_name": "Ada L"}}}
    steps, answer = run("get_usernames", {"account_ids": accounts}, names, {"names": {}})

    assert [len(step.options["account_ids"]) for step in steps] == [250, 1]
    assert answer == {"usernames": {accounts[0]: {"first_name": "Ada", "last_name": "L"}}}


def test_a_copy_goes_within_its_project_where_no_other_is_named() -> None:
    steps, answer = run(
        "copy_path_between_projects", {"src_project_id": P, "src_path": "a"}, {"status": "ok"}
    )

    assert steps == [
        Ask("projects/copy-path", {"src_project_id": P, "path": "a", "target_project_id": P}),
    ]
    assert answer == {"copy_path_id": "", "note": "All is copied."}


@pytest.mark.parametrize(
    "option", [{"scheduled": "2030-01-01"}, {"exclude": ["x"]}, {"exclude_history": True}]
)
def test_a_copy_that_would_be_another_one_is_not_made(option: dict[str, Any]) -> None:
    options = {"src_project_id": P, "src_path": "a", **option}
    with pytest.raises(
        NoEquivalent, match="nothing that takes copy_path_between_projects with these options"
    ):
        translate.plan("copy_path_between_projects", options, SCOPED)


def test_what_has_no_effect_there_is_told() -> None:
    options = {"title": "T", "image": "ubuntu", "license": "x"}
    assert translate.plan("create_project", options, SCOPED).lost == (
        "without effect: image, license",
        "the key may not use the new project until it is one of the key's projects",
    )


def test_code_needs_a_project_to_run_in() -> None:
    for event, without in (("jupyter_execute", {"kernel": "python3", "input": "1"}), ("jupyter_kernels", {})):
        with pytest.raises(MissingOption, match=f"{event} needs a project there"):
            run(event, without)

    steps, answer = run(
        "jupyter_execute", {"kernel": "python3", "input": "1", "project_id": P}, [{"data": {}}]
    )
    assert steps[0].options == {"project_id": P, "kernel": "python3", "input": "1"}
    assert answer["output"] == [{"data": {}}]


# -- query -----------------------------------------------------------------------------------------

LISTED = [
    {"project_id": P, "title": "B", "description": ""},
    {"project_id": Q, "title": "A", "description": "d"},
]


def query(query: Any, *values: Any, **options: Any) -> tuple[str, Any]:
    steps, answer = run("query", {"query": query, **options}, *values)
    return steps[0].event, answer["query"]


def test_the_list_of_projects_is_filtered_ordered_and_cut_here() -> None:
    row = {"project_id": None, "title": None}
    everything = [{"project_id": P, "title": "B"}, {"project_id": Q, "title": "A"}]

    assert query({"projects_all": [row]}, LISTED) == ("projects/get", {"projects_all": everything})
    assert query({"projects": [{**row, "project_id": Q}]}, LISTED)[1] == {"projects": everything[1:]}
    ordered = query({"projects": [row]}, LISTED, options=[{"limit": 1}, {"order_by": "title"}])
    assert ordered[1] == {"projects": everything[1:]}
    assert query({"projects": [row]}, LISTED, options=[{"order_by": "-title"}])[1] == {"projects": everything}


def test_the_own_account_is_its_profile() -> None:
    profile = {"profile": {"account_id": P, "first_name": "Ada", "email_address": "ada@example.edu"}}
    row = {"account_id": None, "first_name": None}

    assert query({"accounts": row}, profile) == (
        "accounts/profile",
        {"accounts": {"account_id": P, "first_name": "Ada"}},
    )
    assert query({"accounts": [row]}, profile)[1] == {"accounts": [{"account_id": P, "first_name": "Ada"}]}


def test_a_title_is_written_by_an_update() -> None:
    steps, _ = run("query", {"query": {"projects": {"project_id": P, "title": "New"}}}, {"status": "ok"})

    assert steps == [Ask("projects/update", {"project_id": P, "title": "New"})]


@pytest.mark.parametrize(
    "options",
    [
        {"query": {"accounts": {"account_id": None, "editor_settings": None}}},
        {"query": {"projects": [{"project_id": None, "users": None}]}},
        {"query": {"projects": {"project_id": P, "title": ""}}},
        {"query": {"projects": {"project_id": P, "title": "T", "users": {}}}},
        {"query": {"projects": [{"project_id": None}], "accounts": {"account_id": None}}},
        {"query": {"file_use": [{"id": None}]}},
        {"query": [{"projects": [{"project_id": None}]}]},
    ],
)
def test_all_else_is_for_a_person_who_has_signed_in(options: dict[str, Any]) -> None:
    steps, _ = run("query", options, {"query": {}})

    assert [step.event for step in steps] == ["/user-query"]
