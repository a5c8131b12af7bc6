"""The catalog describes all 72 messages of the first API, wholly, consistently and fast."""

import dataclasses
import datetime
import pathlib
import re
import subprocess
import sys
import uuid

import pytest

import cocalc_magic.catalog
from cocalc_magic.catalog import closed_names, find, messages
from cocalc_magic.catalog.__main__ import compile_catalog
from cocalc_magic.errors import UnknownEvent, UnknownOption

V1 = messages("v1")

# DESIGN, section 2: money, deletion for good, and mail to people; nothing else asks.
ASKS_FIRST = {
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


def is_text(value):
    return isinstance(value, str)


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value):
    return is_integer(value) or isinstance(value, float)


def is_uuid(value):
    try:
        return is_text(value) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


IS = {
    "text": is_text,
    "integer": is_integer,
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "uuid": is_uuid,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "any": lambda value: True,
}


def fits(value, types):
    """Whether the value is of one of these types, elements of an array included."""
    for name in types:
        if name.startswith("array of "):
            element = name.removeprefix("array of ")
            if isinstance(value, list) and all(IS[element](item) for item in value):
                return True
        elif IS[name](value):
            return True
    return False


def is_known_type(name):
    return name.removeprefix("array of ") in IS


def is_date(text):
    return datetime.date.fromisoformat(text).isoformat() == text


def is_sentence(text):
    return text == text.strip() and text[:1] == text[:1].upper() and text.endswith((".", "!", "?"))


def of_each_message(test):
    return pytest.mark.parametrize("message", V1.values(), ids=list(V1))(test)


def of_each_option(test):
    pairs = {f"{m.event}-{option.name}": option for m in V1.values() for option in m.options}
    return pytest.mark.parametrize("option", pairs.values(), ids=list(pairs))(test)


def test_it_has_all_72_messages_half_of_them_documented():
    assert len(V1) == 72
    assert sum(message.documented for message in V1.values()) == 36


@of_each_message
def test_the_summary_is_one_short_sentence(message):
    assert is_sentence(message.summary)
    assert message.summary.endswith(".")
    assert ". " not in message.summary
    assert len(message.summary) <= 75


@of_each_message
def test_the_description_is_made_of_sentences(message):
    assert is_sentence(message.description) or message.description[:1].islower()  # may begin with a name
    assert message.description.endswith(".")
    assert "\n" not in message.description


@of_each_message
def test_people_read_the_words_of_the_design(message):
    texts = [message.summary, message.description, message.confirm, message.example.about]
    texts += [option.meaning for option in message.options] + [field.meaning for field in message.fields]
    for text in texts:
        assert not re.search(r"\b(endpoints?|params?|parameters?|kwargs?|args? of)\b", text, re.IGNORECASE)


@of_each_message
def test_it_stands_in_one_of_the_four_ways_and_under_a_subject(message):
    assert message.standing in {"open", "unhandled", "closed", "gone"}
    assert re.fullmatch("[a-z]+", message.subject)


@of_each_message
def test_an_open_message_names_its_response(message):
    assert message.response or message.standing != "open"


@of_each_message
def test_fields_have_a_type_and_a_meaning(message):
    assert message.response or not message.fields
    names = [field.name for field in message.fields]
    assert len(set(names)) == len(names)
    assert not {"event", "id"} & set(names)  # every response has these
    for field in message.fields:
        assert field.type
        assert is_sentence(field.meaning)


@of_each_message
def test_failures_say_when_and_in_which_words(message):
    assert len(message.errors) <= 8
    for failure in message.errors:
        assert failure.when
        assert failure.error
        assert failure.status in {200, 400}


@of_each_message
def test_options_are_named_once(message):
    names = [option.name for option in message.options]
    assert len(set(names)) == len(names)
    assert "event" not in names


@of_each_message
def test_secrets_and_the_text_option_are_options(message):
    names = {option.name for option in message.options}
    assert names.issuperset(message.secret)
    assert message.text_option is None or message.text_option in names


@of_each_message
def test_options_that_hold_passwords_are_secret(message):
    held = {option.name for option in message.options if "password" in option.name}
    assert held.issubset(message.secret)


@of_each_message
def test_the_reason_to_ask_first_is_a_sentence(message):
    assert not message.confirm or (is_sentence(message.confirm) and message.confirm.endswith("."))


@of_each_message
def test_a_message_that_only_reads_can_be_repeated_and_does_not_ask(message):
    if message.read_only:
        assert message.idempotent
        assert not message.confirm


@of_each_message
def test_dates_are_iso_and_in_order(message):
    assert is_date(message.since)
    assert not message.until or (is_date(message.until) and message.since < message.until)


@of_each_message
def test_the_example_is_a_valid_message(message):
    given = message.example.options
    assert message.example.about
    assert set(message.required) <= set(given)
    assert not (message.takes_id and "id" in given)
    for name, value in given.items():
        option = message.option(name)
        assert fits(value, option.types), f"{name} is no {option.type}: {value!r}"
        assert not option.choices or value in option.choices


@of_each_option
def test_every_option_has_a_known_type_and_a_meaning(option):
    assert all(is_known_type(name) for name in option.types)
    assert is_sentence(option.meaning)


@of_each_option
def test_a_default_is_a_value_of_an_optional_option(option):
    if option.default is not None:
        assert not option.required
        assert fits(option.default, option.types)


@of_each_option
def test_choices_are_texts_and_the_default_is_one_of_them(option):
    assert all(is_text(choice) and choice for choice in option.choices)
    assert not option.choices or option.default is None or option.default in option.choices


@of_each_option
def test_dates_of_an_option_are_iso_and_in_order(option):
    assert not option.since or is_date(option.since)
    assert not option.until or (is_date(option.until) and option.since < option.until)


def test_exactly_the_messages_of_the_design_ask_first():
    assert {event for event, message in V1.items() if message.confirm} == ASKS_FIRST


def test_four_messages_take_no_id_and_one_makes_it_required():
    assert {event for event, message in V1.items() if not message.takes_id} == {
        "copy_path_delete",
        "copy_path_status",
        "metrics",
        "start_metrics",
        "unlink_passport",
    }
    assert V1["unlink_passport"].option("id").required


def test_only_of_query_it_is_open_whether_it_reads_or_writes():
    assert [event for event, message in V1.items() if message.read_only is None] == ["query"]
    assert [event for event, message in V1.items() if message.idempotent is None] == ["query"]


def test_the_compiled_twin_is_current():
    twin = pathlib.Path(cocalc_magic.catalog.__file__).with_name("v1.json").read_text(encoding="utf-8")
    assert twin == compile_catalog("v1"), "v1.json is old: run python -m cocalc_magic.catalog"


def test_messages_are_grouped_by_subject():
    subjects = [message.subject for message in V1.values()]
    changes = [now for now, before in zip(subjects, ["", *subjects], strict=False) if now != before]
    assert len(changes) == len(set(changes)) == 11


def test_a_message_is_found_by_its_event():
    assert find("create_project") is V1["create_project"]


def test_an_unknown_event_is_answered_with_the_nearest_names():
    with pytest.raises(UnknownEvent, match="Did you mean create_project"):
        find("creat_project")


def test_an_unknown_option_is_answered_with_the_nearest_and_with_all_there_are():
    with pytest.raises(UnknownOption) as caught:
        find("create_project").option("titel")
    assert str(caught.value).splitlines() == [
        "create_project takes no option 'titel'.",
        "  Did you mean title?",
        "  Its options: id, title, description, image, license, start, noPool.",
    ]


def test_the_data_cannot_be_changed():
    message = find("ping")
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.summary = "Anything."
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.options[0].required = True
    with pytest.raises(TypeError):
        V1["ping"] = message


def test_names_that_servers_keep_to_themselves_are_no_messages():
    closed = closed_names("v1")
    assert "sign_in" in closed
    assert "ping" not in closed
    assert not closed & set(V1)


def test_all_of_it_is_loaded_within_30_milliseconds():
    program = (
        "import time, cocalc_magic.catalog as catalog\n"
        "start = time.perf_counter()\n"
        "catalog.messages(), catalog.closed_names()\n"
        "print(time.perf_counter() - start)\n"
    )
    seconds = [float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(5)]
    assert min(seconds) < 0.030
