"""Keys and passwords in what is pasted: noticed wherever they stand, and written out nowhere."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from cocalc_magic import from_curl
from cocalc_magic.errors import CoCalcError
from tests.leaks import examples
from tests.sent import message_of

if TYPE_CHECKING:
    from cocalc_magic.sandbox.testing import FakeServer

PING = "https://s.example/api/v1/ping"
ALARM = "The key in it is left out."
KEY = "sk-LeakCanary7Wq5Zk0000zX"
COOKIE = "sha512$7d5ac1b0$1000$3f2a9c1e"

WITH_KEY = [
    "curl -u KEY: URL",
    "curl -uKEY: URL",
    "curl -sku KEY: URL",
    "curl --user KEY URL",
    "curl --oauth2-bearer KEY URL",
    "curl -H 'Authorization: Bearer KEY' URL",
    "curl -H'authorization:Bearer KEY' URL",
    "curl -H 'Authorization: Basic BASE64' URL",
    "curl -H 'X-Api-Key: KEY' URL",
    "curl -b 'api_key=KEY' URL",
    "curl -b 'remember_me=COOKIE; a=1' URL",
    "curl -H 'Cookie: remember_me=COOKIE' URL",
    "curl --cookie remember_me=COOKIE URL",
    "K=KEY; curl -u $K: URL",
    "export COCALC_API_KEY=KEY\ncurl -u $COCALC_API_KEY: URL",
    "K=KEY curl -u $K: URL",
    "curl https://KEY:@s.example/api/v1/ping",
    "curl https://KEY@s.example/api/v1/ping",
    "curl 'URL?api_key=KEY'",
    "curl URL -d id=KEY",
    'curl URL --json \'{"id": {"KEY": "KEY"}}\'',
    'curl URL -u "$(echo KEY):"',
    "curl URL -u name:hunter2",
    "curl URL -u :hunter2",
    "set K=KEY\ncurl.exe -u %K%: URL",
    "PS C:\\> $env:K = 'KEY'\nPS C:\\> curl.exe -u \"$($env:K):\" URL",
    'curl ^"URL^" ^\n  -H ^"authorization: Bearer KEY^"',
    '$ curl URL\n{"key": "KEY"}',
]


def filled(text: str, key: str = KEY) -> str:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    return text.replace("KEY", key).replace("URL", PING).replace("COOKIE", COOKIE).replace("BASE64", basic)


def shown(text: str) -> str:
    """All that is shown or run of it, or the error that it is."""
    try:
        pasted = from_curl.read(text)
        cells = pasted.cells()
    except CoCalcError as problem:
        return str(problem)
    return "\n".join([*cells, *pasted.all_notes(cells)])


@pytest.mark.parametrize("text", WITH_KEY)
def test_a_key_is_noticed_and_written_out_nowhere(text: str) -> None:
    assert from_curl.read(filled(text)).had_key
    assert examples.core(KEY) not in shown(filled(text))
    assert "7d5ac1b0" not in shown(filled(text))
    assert "hunter2" not in shown(filled(text))


@pytest.mark.parametrize("key", examples.KEYS.values(), ids=str)
@pytest.mark.parametrize(
    "text", [WITH_KEY[0], WITH_KEY[5], WITH_KEY[7], WITH_KEY[13], WITH_KEY[19], WITH_KEY[-1]]
)
def test_every_form_of_key_is(text: str, key: str) -> None:
    assert from_curl.read(filled(text, key)).had_key
    assert examples.core(key) not in shown(filled(text, key))


@pytest.mark.parametrize(
    "text",
    [
        "curl URL",
        "curl -u : URL",
        "curl -u: URL",
        'curl -u "$KEY_OF_MINE:" URL',
        "curl -u ${COCALC_API_KEY}: URL",
        'curl -H "Authorization: Bearer $TOKEN" URL',
        'curl -H "Authorization: Basic $(echo -n "$K:" | base64)" URL',
        "curl -H 'Authorization: Bearer' URL",
        "curl -u YOUR_API_KEY: URL",
        "curl -u '<key>:' URL",
        "curl -u sk-...: URL",
        "curl -b cookies.txt URL",
        'curl -b "remember_me=$COOKIE_OF_MINE" URL',
        "curl -n URL",
        "curl.exe -u %COCALC_API_KEY%: URL",
        "curl.exe -u \"$($env:COCALC_API_KEY):\" 'URL'",
    ],
)
def test_where_there_is_none_there_is_no_alarm(text: str) -> None:
    assert not from_curl.read(text.replace("URL", PING)).had_key


@pytest.mark.parametrize(
    "text",
    [
        "curl -u KEY: 'URL",
        "curl -u KEY: https://example.com/KEY",
        "curl -u KEY: --KEY URL",
        "curl -d KEY=1 URL",
        "curl -X KEY -d KEY=1 https://s.example/api/v2/new/KEY",
        "[[ KEY ]]; x[KEY]=1; let KEY; curl URL",
        "curl -d start=KEY https://s.example/api/v1/create_project",
        'curl --json \'{"start": "KEY"}\' https://s.example/api/v1/create_project',
        "curl --json '{KEY' URL",
        "for k in KEY; do curl -u $k: URL; done",
        "wget --header 'Authorization: Bearer KEY' URL",
        "curl http://[KEY/api/v1/ping",
        "curl -K KEY URL",
    ],
)
def test_errors_do_not_repeat_it(text: str) -> None:
    assert examples.core(KEY) not in shown(filled(text))


PASSWORDS = {
    "curl https://s.example/api/v1/create_account -d email_address=a@b.test -d password=hunter2hunter": (
        "%cocalc create_account email_address='a@b.test' password=$password"
    ),
    "curl https://s.example/api/v2/auth/sign-in --json '{\"email\":\"a@b.test\",\"password\":\"hunter2hunter\"}'": (
        "%cocalc auth/sign-in email='a@b.test' password=$password"
    ),
    "curl https://s.example/api/v2/new/thing --json '{\"a\":{\"newPassword\":\"hunter2hunter\"}}'": (
        '%cocalc raw POST /api/v2/new/thing body:={"a": {"newPassword": "${newPassword}"}}'
    ),
    "curl https://s.example/api/v1/create_account -d \"password=$PW\"": "%cocalc create_account password=$PW",
    "curl https://s.example/api/v1/ping -d id=https://x.test/?auth_token=AbCdEfGhIjKlMnOp1": (
        '%cocalc ping id="https://x.test/?auth_token=${secret}"'
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", PASSWORDS)
def test_passwords_of_the_data_are_not_written_out_again(text: str) -> None:
    pasted = from_curl.read(text)
    (cell,) = pasted.cells("https://s.example")

    assert cell == PASSWORDS[text]
    assert "hunter2hunter" not in shown(text)
    if "$PW" not in text:
        assert "What is secret is not written out again: set it first," in str(pasted.all_notes([cell]))


def test_two_passwords_have_two_names() -> None:
    text = "curl https://s.example/api/v2/auth/sign-in -d email=a -d password=PW"
    pasted = from_curl.read("; ".join(text.replace("PW", password) for password in ("one", "two", "one")))

    assert [cell.rpartition("=")[2] for cell in pasted.cells("https://s.example")] == [
        "$password",
        "$password_2",
        "$password",
    ]


def test_the_notebook_says_to_take_the_key_out(shell: Any, listener: FakeServer) -> None:
    page = shell.cell(f"%%cocalc from-curl\ncurl -u {KEY}: {listener.url}/api/v1/ping")

    assert ALARM in str(page)
    assert page.cells == ["%cocalc ping"]
    assert ALARM not in str(shell.cell(f"%%cocalc from-curl\ncurl -u : {listener.url}/api/v1/ping"))


def test_a_password_is_given_by_the_notebook(shell: Any, listener: FakeServer) -> None:
    page = shell.cell(
        f"%%cocalc from-curl\ncurl {listener.url}/api/v1/create_account -d first_name=A -d password=hunter2hunter"
    )
    shell.user_ns["password"] = "correct horse"

    shell.cell(page.cells[0])

    assert message_of(listener.take()[0])["password"] == "correct horse"
