"""The catalog describes all messages, completely and consistently, and loads quickly."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import subprocess
import sys
import uuid
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.catalog.__main__ import compile_catalog
from cocalc_magic.errors import UnknownEvent, UnknownOption
from tests.timing import granted

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.catalog import Message, Option

MESSAGES = catalog.messages()
TODAY = {message.event: message for message in catalog.all_messages() if message.generation != "v1"}
ALL = {**MESSAGES, **TODAY}

ASK_FIRST = {
    "chatgpt",
    "copy_path_delete",
    "create_support_ticket",
    "delete_account",
    "forgot_password",
    "invite_collaborator",
    "invite_noncloud_collaborators",
    "purchase_license",
    "stripe_cancel_subscription",
    "stripe_create_source",
    "stripe_create_subscription",
    "stripe_delete_source",
    "stripe_set_default_source",
    "stripe_update_source",
    "stripe_update_subscription",
}

SECRET = {
    ("add_collaborator", "token_id"),
    ("change_email_address", "password"),
    ("change_password", "new_password"),
    ("change_password", "old_password"),
    ("create_account", "password"),
    ("create_account", "token"),
    ("reset_forgot_password", "new_password"),
    ("reset_forgot_password", "reset_code"),
    ("revoke_auth_token", "auth_token"),
    ("stripe_create_source", "token"),
    ("user_auth", "password"),
}


def is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


IS: dict[str, Callable[[object], bool]] = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "uuid": is_uuid,
    "project": is_uuid,  # an example shows what travels
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "any": lambda value: True,
}


def fits(value: object, kind: str) -> bool:
    if kind.startswith("array of "):
        element = IS[kind.removeprefix("array of ")]
        return isinstance(value, list) and all(map(element, value))
    return IS[kind](value)


def is_sentence(text: str) -> bool:
    return text.endswith(".") and not text[0].islower() and text == " ".join(text.split())


every_message = pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
every_generation = pytest.mark.parametrize("generation", catalog.GENERATIONS)


@pytest.mark.parametrize(("generation", "count"), [("v1", 72), ("v2", 191), ("conat", 86), ("ai", 220)])
def test_it_holds_all_messages(generation: str, count: int) -> None:
    assert len(catalog.messages(generation)) == count


@every_generation
def test_messages_of_a_subject_stand_together(generation: str) -> None:
    subjects = [message.subject for message in catalog.messages(generation).values()]
    runs = [now for before, now in zip(["", *subjects], subjects, strict=False) if now != before]

    assert len(runs) == len(set(runs))


@every_message
def test_a_summary_is_one_short_sentence(message: Message) -> None:
    assert is_sentence(message.summary)
    assert message.summary.count(".") == 1
    assert len(message.summary) <= 75


@every_message
def test_what_does_something_says_what_it_has_done_with_its_options(message: Message) -> None:
    assert bool(message.done) == (message.read_only is not True)
    if message.done:
        assert is_sentence(message.done)
        for name, bar, _ in (blank.partition("|") for blank in re.findall(r"\{(.*?)\}", message.done)):
            assert bar
            assert message.option(name).name not in message.secret


@every_message
def test_a_description_is_in_sentences(message: Message) -> None:
    assert is_sentence(message.description)


@every_message
def test_texts_use_the_project_s_words(message: Message) -> None:
    texts = [message.summary, message.description, *(option.meaning for option in message.options)]
    words = {word.strip(".,;:()").lower() for text in texts for word in text.split()}

    assert not words & {
        "endpoint",
        "endpoints",
        "method",
        "methods",
        "param",
        "params",
        "parameter",
        "parameters",
    }


@every_message
def test_options_have_names_of_their_own_known_types_and_meanings(message: Message) -> None:
    names = [option.name for option in message.options]

    assert len(names) == len(set(names))
    for option in message.options:
        assert {kind.removeprefix("array of ") for kind in option.types} <= IS.keys(), option.name
        assert is_sentence(option.meaning), option.name


@every_message
def test_only_options_that_may_be_left_out_have_defaults_and_these_fit(message: Message) -> None:
    for option in message.options:
        if option.default is not None:
            assert not option.required, option.name
            assert any(fits(option.default, kind) for kind in option.types), option.name


@every_message
def test_choices_are_different_texts_for_an_option_of_type_text(message: Message) -> None:
    for option in message.options:
        if option.choices:
            assert "text" in option.types
            assert all(isinstance(choice, str) for choice in option.choices)
            assert len(set(option.choices)) == len(option.choices)


@every_message
def test_fields_have_names_of_their_own_types_and_meanings(message: Message) -> None:
    names = [field.name for field in message.fields]

    assert len(names) == len(set(names))
    assert not {"event", "id"} & set(names) or message.generation != "v1"
    for field in message.fields:
        assert field.type
        assert is_sentence(field.meaning), field.name


@every_message
def test_an_error_says_when_and_in_which_words(message: Message) -> None:
    assert len(message.errors) <= 6
    for failure in message.errors:
        assert failure.when
        assert failure.error
        assert failure.status in (200, 400)


@every_message
def test_an_example_is_a_valid_message(message: Message) -> None:
    given = message.example.options

    assert message.example.about
    assert set(message.required) <= given.keys()
    for name, value in given.items():
        option = message.option(name)
        assert name != "id" or option.required
        assert any(fits(value, kind) for kind in option.types), name
        assert not option.until, name
        assert not option.choices or value in option.choices


@every_message
def test_text_option_and_secrets_name_options(message: Message) -> None:
    names = {option.name for option in message.options}

    assert set(message.secret) <= names
    assert message.text_option is None or message.text_option in names
    assert message.text_option not in message.secret


@every_message
def test_availability_is_one_of_four_and_an_open_message_has_a_response(message: Message) -> None:
    assert message.availability in {"open", "unhandled", "closed", "gone"}
    if message.generation == "v1":
        assert message.response or message.availability != "open"
        assert message.response or not message.fields
    else:
        assert message.response is None


@every_message
def test_what_only_reads_is_known_to_change_nothing(message: Message) -> None:
    assert message.read_only in (True, False, None)
    assert message.idempotent in (True, False, None)
    assert not (message.read_only and message.confirm)


@every_message
def test_dates_are_iso_dates_in_order(message: Message) -> None:
    items: tuple[Message | Option, ...] = (message, *message.options)
    for item in items:
        dates = [dt.date.fromisoformat(text) for text in (item.since, item.until) if text]
        assert dates == sorted(dates)
        assert [date.isoformat() for date in dates] == [text for text in (item.since, item.until) if text]


def test_a_person_is_asked_before_what_costs_mails_or_deletes_and_before_nothing_else() -> None:
    asked = {message.event: message.confirm for message in MESSAGES.values() if message.confirm}

    assert asked.keys() == ASK_FIRST
    assert all(map(is_sentence, asked.values()))


def test_secret_are_the_options_with_passwords_codes_and_tokens() -> None:
    assert {(message.event, name) for message in MESSAGES.values() for name in message.secret} == SECRET


def test_every_option_that_sounds_secret_is() -> None:
    sounding = {
        (message.event, option.name)
        for message in MESSAGES.values()
        for option in message.options
        if {"password", "token", "code"} & set(option.name.split("_"))
    }

    assert sounding <= SECRET


def test_five_messages_take_no_free_id() -> None:
    assert {message.event for message in MESSAGES.values() if not message.takes_id} == {
        "copy_path_delete",
        "copy_path_status",
        "metrics",
        "start_metrics",
        "unlink_passport",
    }


def test_only_a_query_may_read_or_write() -> None:
    assert [message.event for message in MESSAGES.values() if message.read_only is None] == ["query"]


@pytest.mark.parametrize(
    "check",
    [
        test_a_summary_is_one_short_sentence,
        test_what_does_something_says_what_it_has_done_with_its_options,
        test_a_description_is_in_sentences,
        test_texts_use_the_project_s_words,
        test_options_have_names_of_their_own_known_types_and_meanings,
        test_only_options_that_may_be_left_out_have_defaults_and_these_fit,
        test_choices_are_different_texts_for_an_option_of_type_text,
        test_fields_have_names_of_their_own_types_and_meanings,
        test_an_error_says_when_and_in_which_words,
        test_an_example_is_a_valid_message,
        test_text_option_and_secrets_name_options,
        test_availability_is_one_of_four_and_an_open_message_has_a_response,
        test_what_only_reads_is_known_to_change_nothing,
        test_dates_are_iso_dates_in_order,
    ],
)
def test_it_holds_for_the_messages_of_today_as_well(check: Callable[[Message], None]) -> None:
    for message in (*TODAY.values(), *catalog.messages("ai").values()):
        check(message)


def test_a_message_of_today_says_which_keys_it_takes() -> None:
    assert {message.key for message in TODAY.values()} == {
        "none",
        "any, or none",
        "account",
        "project",
        "account or project",
        "administrator",
    }


def test_today_too_a_person_is_asked_before_what_costs_mails_or_deletes() -> None:
    asked = {message.event: message.confirm for message in TODAY.values() if message.confirm}

    assert all(map(is_sentence, asked.values()))
    assert len(asked) == 59
    assert asked.keys() >= {
        "accounts/delete",
        "auth/password-reset",
        "compute/delete-server",
        "llm/evaluate",
        "messages.send",
        "messages/send",
        "org.message",
        "project:system.deleteFiles",
        "projects.inviteCollaborator",
        "purchases/shopping-cart-checkout",
        "support/create-ticket",
        "vouchers/redeem",
    }
    assert not asked.keys() & {"/exec", "projects/call", "project:system.exec", "projects.createProject"}


def test_today_too_what_sounds_secret_is() -> None:
    open_ones = {("auth/password-reset", "email")}
    sounding = {
        (message.event, option.name)
        for message in TODAY.values()
        for option in message.options
        if "password" in option.name.lower() or "token" in option.name.lower() or option.name == "api_key"
    }
    secret = {(message.event, name) for message in TODAY.values() for name in message.secret}

    assert sounding - open_ones <= secret


@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("ping", "v1"),
        ("projects/stop", "v2"),
        ("/exec", "v2"),
        ("purchases/stripe/get-customer", "v2"),
        ("projects.createProject", "conat"),
        ("project:system.exec", "conat"),
        ("project:ping", "conat"),
    ],
)
def test_the_shape_of_a_name_says_its_generation(name: str, generation: str) -> None:
    assert catalog.find(name).generation == generation
    assert catalog.find(name).event == name


def test_no_name_stands_twice() -> None:
    assert len(set(catalog.names())) == len(catalog.names()) == len(ALL)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("exec", "/exec"),
        ("projects/stp", "projects/stop"),
        ("/userquery", "/user-query"),
        ("projects.crateProject", "projects.createProject"),
        ("system.exec", "project:system.exec"),
        ("creat_project", "create_project"),
    ],
)
def test_a_mistake_is_answered_with_names_of_all_generations(typed: str, meant: str) -> None:
    with pytest.raises(UnknownEvent, match=f"Did you mean .*{meant}"):
        catalog.find(typed)


def test_only_the_file_of_the_generation_that_is_asked_for_is_loaded() -> None:
    program = (
        "from cocalc_magic import catalog\n"
        "catalog.find('ping')\n"
        "print(catalog._document.cache_info().currsize)\n"
        "catalog.find('projects/stop')\n"
        "print(catalog._document.cache_info().currsize)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["1", "2"]


@pytest.mark.parametrize("name", catalog.FILES)
def test_the_compiled_twin_is_current(name: str) -> None:
    kept = resources.files(catalog).joinpath(f"{name}.json").read_text(encoding="utf-8")

    assert kept == compile_catalog(name), f"{name}.json is old; run python -m cocalc_magic.catalog"


def test_a_message_is_found_by_its_event() -> None:
    assert catalog.find("ping") is MESSAGES["ping"]


def test_a_mistyped_event_names_the_right_one() -> None:
    with pytest.raises(UnknownEvent, match="create_project"):
        catalog.find("creat_project")


def test_a_mistyped_option_names_the_right_one_and_all_there_are() -> None:
    with pytest.raises(UnknownOption) as caught:
        MESSAGES["create_project"].option("titel")

    assert "create_project takes no option 'titel'." in str(caught.value)
    assert "title" in str(caught.value)
    assert "Its options: id, title, description, image, license, start, noPool." in str(caught.value)


def test_the_data_can_not_be_changed() -> None:
    message = MESSAGES["create_project"]

    with pytest.raises(dataclasses.FrozenInstanceError):
        message.summary = "Something else."  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.options[0].name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        MESSAGES["ping"] = message  # type: ignore[index]


def test_names_that_servers_keep_to_themselves_are_no_messages() -> None:
    closed = catalog.closed_names()

    assert "sign_in" in closed
    assert "ping" not in closed
    assert not closed & MESSAGES.keys()


def test_a_fresh_process_loads_everything_within_30_ms() -> None:
    program = (
        "import time\n"
        "from cocalc_magic import catalog\n"
        "start = time.process_time()\n"
        "catalog.messages(), catalog.closed_names()\n"
        "print(time.process_time() - start)\n"
    )

    def seconds() -> float:
        done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        return float(done.stdout)

    assert min(seconds() for _ in range(5)) < granted(0.030)


# -- scoped keys -----------------------------------------------------------------------------------


def test_a_message_says_in_which_generations_it_lives() -> None:
    lives = {event: catalog.find(event).generations for event in ("ping", "projects/stop", "db.userQuery")}

    assert lives == {"ping": ("v1",), "projects/stop": ("v2", "ai"), "db.userQuery": ("conat",)}
    assert catalog.find("auth/cli/login/start").generations == ("ai",)


def test_a_message_of_scoped_keys_travels_as_its_name_says() -> None:
    assert {message.generation for message in catalog.messages("ai").values()} == {"v2", "conat"}
    assert catalog.find("auth/cli/login/start").generation == "v2"
    assert catalog.find("project:jupyter.kernels").generation == "conat"


def test_what_differs_for_scoped_keys_is_described_as_it_is_there() -> None:
    before, now = catalog.get("projects/create"), catalog.get("projects/create", "ai")

    assert before is not None
    assert now is not None
    assert [option.name for option in now.options] == ["title", "description"]
    assert {option.name for option in before.options} >= {"image", "license"}


def test_who_may_send_a_message_stands_with_it() -> None:
    permission = catalog.find("projects/copy-path").permission
    refused = catalog.find("/user-query").permission

    assert catalog.find("db.userQuery").permission is None
    assert permission is not None
    assert permission.capabilities == ("file:read", "file:write")
    assert permission.projects == ("src_project_id", "target_project_id")
    assert (permission.key, permission.session, permission.nobody) == (True, True, False)
    assert refused is not None
    assert (refused.key, refused.session) == (False, True)
    assert refused.refusal == "API keys are not allowed to use user-query"


def test_every_capability_is_described_and_all_that_a_message_needs_are_among_them() -> None:
    permissions = [message.permission for message in catalog.messages("ai").values()]
    needed = {name for permission in permissions if permission for name in permission.capabilities}

    assert len(catalog.CAPABILITIES) == 9
    assert all(map(is_sentence, (capability.meaning for capability in catalog.CAPABILITIES.values())))
    assert set(catalog.CAPABILITIES) - needed == {"codex:run"}  # which nothing over HTTP needs


def test_a_capability_of_projects_is_needed_for_a_project() -> None:
    for message in catalog.messages("ai").values():
        assert message.permission is not None
        of_projects = [catalog.CAPABILITIES[name].of_projects for name in message.permission.capabilities]
        assert of_projects == [True] * len(message.permission.projects) or not any(of_projects)


@pytest.mark.parametrize(
    ("event", "options", "reads"),
    [
        ("ping", {}, True),
        ("create_project", {}, False),
        ("query", {"query": {"projects": [{"title": None}]}}, True),
        ("query", {"query": {"projects": {"project_id": "p", "title": None}}}, True),
        ("query", {"query": {"projects": {"project_id": "p", "title": "x"}}}, False),
        ("query", {"query": [{"a": {"b": None}}, {"a": {"b": 1}}]}, False),
        ("query", {"query": [{"a": [{"b": None}]}, {"c": {"d": None}}]}, True),
        ("query", {"query": {"a": {"b": None}}, "options": [{"set": True}]}, False),
        ("query", {"query": {}}, False),
        ("/user-query", {"query": {"a": {"b": None}}}, True),
        ("db.userQuery", {"query": {"a": {"b": 1}}}, False),
        ("/api-keys", {"action": "get"}, True),
        ("/api-keys", {"action": "create"}, False),
        ("projects/call", {"project_id": "p", "mesg": {}}, False),
    ],
)
def test_what_only_reads_is_told_by_its_options_too(event: str, options: dict[str, Any], reads: bool) -> None:
    assert catalog.find(event).reads(options) is reads
