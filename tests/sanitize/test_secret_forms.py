"""The forms of secrets: each is found and masked, what only looks like one stays."""

from __future__ import annotations

from typing import Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.sanitize.secret_forms import (
    FORMS,
    HIDDEN,
    find_secrets,
    is_key,
    is_secret_name,
    mask_secrets,
    mask_value,
)
from tests.leaks.examples import EXAMPLES, HARMLESS, KEYS, core
from tests.timing import within


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        r"a\n{}",
        r"\u0007{}",
        "It says “{}”, again.",
        "x\n{}\ny",
        '{{"error": "{}"}}',
        "({})",
        "<b>{}</b>",
    ],
)
def test_every_form_is_masked_wherever_it_stands(name: str, around: str) -> None:
    text, secret = EXAMPLES[name]

    masked = mask_secrets(around.format(text))

    assert secret in text
    assert secret not in masked
    assert mask_secrets(masked) == masked


def test_every_form_has_an_example() -> None:
    """A form that is added wants one, so that the leak tests run over it."""
    texts = [example.text for example in EXAMPLES.values()]
    lacking = [form.pattern for form in FORMS if not any(form.regex.search(text) for text in texts)]

    assert lacking == []


@pytest.mark.parametrize("form", FORMS, ids=[form.pattern[:30] for form in FORMS])
def test_the_marks_of_a_form_pass_over_no_match(form: Any) -> None:
    matched = [one.text for one in EXAMPLES.values() if form.regex.search(one.text)]

    assert all(any(mark in text.lower() for mark in form.marks) for text in matched)
    assert all(mark == mark.lower() for mark in form.marks)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert mask_secrets(text) == text
    assert find_secrets(f"title={text}") == []


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_is_told_from_others_by_its_beginning_and_its_end(key: str) -> None:
    assert is_key(key)
    assert mask_secrets(f"the key {key}.") == f"the key {key[:3]}…{key[-2:]}."
    assert mask_secrets(f"?api_key={key}") == f"?api_key={key[:3]}…{key[-2:]}"
    assert [text_of(f"a {key} b {key}", span) for span in find_secrets(f"a {key} b {key}")] == [key, key]


def text_of(text: str, span: Any) -> str:
    return text[span.start : span.end]


@pytest.mark.parametrize(
    "text",
    ["", "sk-", "sk_", "sk-short", "Marked-password", f"{KEYS['sk-']} x", f"x{KEYS['sk-']}", f"{KEYS['sk-']}é",
     "sk-cc-v2", "sk-cc-v2.only", "sk-cc-v2..x", "sk-cc-v2.a.b.c", "sk-cc-v2.a b.c", f"{KEYS['sk-cc-v2']}\n",
     "sk-cc-v2." + "a" * 100_000 + ".b", "sk-" + "a" * 100_000],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_what_is_no_key_is_none(text: str) -> None:
    assert not is_key(text)


def test_the_shortest_and_the_longest_key_are_keys() -> None:
    """Servers differ; what a person calls a key is tried."""
    assert is_key("sk-cc-v2.a.b")
    assert is_key("sk_abcdefQWERTY")
    assert is_key(f"sk-cc-v2.{'a' * 64}.{'b' * 128}")


@pytest.mark.parametrize(
    "name",
    ["api_key", "API_KEY", "apiKey", "apikey", "secret", "token", "auth_token", "authToken", "password",
     "newPassword", "new_password", "old_password", "currentPassword", "password2", "password_confirm", "passwd",
     "passphrase", "pwd", "registrationToken", "reCaptchaToken", "passwordResetId", "reset_code", "token_id",
     "poll_token", "redeem_token", "retry_token", "approval_token", "secret_token", "access-token", "remember_me",
     "client_secret", "private_key", "secretAccessKey", "password_hash", "set-cookie", "cookie", "totp",
     "X-Api-Key", "Set-Cookie", "Authorization", "proxy-authorization"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "title", "key", "keys", "public_key", "publishable_key", "max_tokens", "tokenizer", "has_password_field",
     "secretary", "get_api_key", "keyboard", "passport", "email_address", "challenge_id", "id", "hash", "path",
     "account_id", "project_id", "authors", "trunc", "cookies_accepted", "compass", "expire"],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    assert not is_secret_name(name)


def test_the_catalog_calls_secret_what_is_called_so() -> None:
    options = [
        (message.event, option.name, option.name in message.secret)
        for generation in catalog.GENERATIONS
        for message in catalog.messages(generation).values()
        for option in message.options
    ]

    assert [option for option in options if is_secret_name(option[1]) and not option[2]] == []


def test_values_are_masked_by_the_names_above_them() -> None:
    value = {
        "user": {"password": "a", "name": "b"},
        "list": [{"token": ["c", "d"]}, {"secret": {"x": "e"}}],
        "token": 7,
    }

    assert mask_value(value) == {
        "user": {"password": HIDDEN, "name": "b"},
        "list": [{"token": HIDDEN}, {"secret": HIDDEN}],
        "token": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["auth_token=" * 10_000, "sk-cc-v2." * 10_000, "sk-" * 40_000, "c2st" * 30_000, "?token" * 20_000,
     "://a:b" * 20_000, "authorization: basic " * 5_000, "remember_me:" * 10_000, "sk-cc-v2." + "a." * 50_000,
     "://" + "a" * 100_000, "Basic " + "A" * 100_000, "%3F" * 30_000 + "token=", "sha512$" * 15_000],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_hostile_texts_take_no_time(text: str) -> None:
    with within(1):
        mask_secrets(text)


def test_no_key_of_the_examples_looks_like_another() -> None:
    assert len({core(key) for key in KEYS.values()}) == len(KEYS)
    assert all(len(core(key)) >= 14 for key in KEYS.values())
