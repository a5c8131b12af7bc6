"""What came back is a read-only mapping that knows its message."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import time
from email.utils import formatdate
from typing import Any

import pytest

from cocalc_magic.response import Headers, Request, Response
from tests.leaks.examples import EXAMPLES

PONG = {"event": "pong", "id": "i", "now": "2026-01-01T00:00:00.000Z"}


def test_its_fields_are_items() -> None:
    response = Response(PONG, Request("ping"))

    assert response["now"] == PONG["now"]
    assert dict(response) == response.to_dict() == PONG
    assert "now" in response
    assert len(response) == 3
    assert (response.event, response.id) == ("pong", "i")


def test_a_missing_field_is_told_with_what_there_is() -> None:
    with pytest.raises(KeyError, match="'then'; the fields are event, id, now"):
        Response(PONG, Request("ping"))["then"]


def test_it_can_not_be_written_to() -> None:
    with pytest.raises(TypeError):
        Response(PONG, Request("ping"))["now"] = 1  # type: ignore[index]


def test_a_bare_value_stands_under_value() -> None:
    response = Response([1, 2], Request("projects.list"))

    assert response.to_dict() == {"value": [1, 2]}
    assert (response.event, response.id) == ("projects.list", None)


def test_its_repr_is_one_line() -> None:
    response = Response(PONG, Request("ping"), elapsed=0.0123, sandbox=True)

    assert repr(response) == "<Response pong · 200 · 12 ms · sandbox>"


def test_tab_in_the_brackets_offers_the_fields() -> None:
    assert Response(PONG, Request("ping"))._ipython_key_completions_() == ["event", "id", "now"]


@pytest.mark.parametrize(
    ("value", "records"),
    [
        ({"results": [{"a": 1}]}, [{"a": 1}]),
        ({"query": {"projects": [{"a": 1}, {"a": 2}]}}, [{"a": 1}, {"a": 2}]),
        ([{"a": 1}], [{"a": 1}]),
        ({"results": []}, None),
        ({"one": [{"a": 1}], "two": [{"b": 1}]}, None),
        (PONG, None),
    ],
)
def test_its_one_list_of_objects_is_its_records(value: object, records: object) -> None:
    assert Response(value, Request("query")).records() == records


def test_records_become_a_frame() -> None:
    pytest.importorskip("pandas")

    frame = Response({"results": [{"a": 1, "b": "x"}, {"a": 2}]}, Request("user_search")).to_frame()

    assert list(frame.columns) == ["a", "b"]
    assert len(frame) == 2
    assert len(Response(PONG, Request("ping")).to_frame()) == 1


ONE, MANY = (
    {"accounts": {"first_name": None, "last_name": None}},
    {"projects": [{"title": None, "state": None}]},
)


@pytest.mark.parametrize(
    ("event", "asked", "answer", "rows"),
    [
        ("query", ONE, {"accounts": {"first_name": "Ada", "last_name": "L"}}, [["Ada", "L"]]),
        ("query", ONE, {"accounts": {"first_name": None, "last_name": None}}, [[None, None]]),
        ("/user-query", ONE, {"accounts": {"last_name": "L", "first_name": "Ada"}}, [["Ada", "L"]]),
        ("query", {"accounts": {"first_name": None, "last_name": "L"}}, {"accounts": None}, []),
        ("query", ONE, {}, []),
        ("query", MANY, {"projects": [{"title": "a"}, {"title": "b"}]}, [["a", None], ["b", None]]),
        ("query", MANY, {"projects": []}, []),
        ("query", {"projects": [{"title": None, "state": None}, {}]}, {"projects": []}, []),
    ],
)
def test_a_query_is_a_frame_of_its_records_with_the_fields_it_asked_for(
    event: str, asked: dict[str, Any], answer: dict[str, Any], rows: list[Any]
) -> None:
    pytest.importorskip("pandas")
    fields = next(iter(asked.values()))

    for value in ({"event": "query", "id": "i", "query": answer}, {"query": answer}, answer):
        frame = Response(value, Request(event, {"query": asked})).to_frame()

        assert list(frame.columns) == list(fields[0] if isinstance(fields, list) else fields)
        assert frame.astype(object).where(frame.notna(), None).to_numpy().tolist() == rows


def test_a_nested_value_of_one_record_stays_in_its_cell() -> None:
    pytest.importorskip("pandas")
    asked = {"accounts": {"editor_settings": None}}
    value = {"event": "query", "query": {"accounts": {"editor_settings": {"theme": "dark"}}}}

    frame = Response(value, Request("query", {"query": asked})).to_frame()

    assert frame.to_dict("records") == [{"editor_settings": {"theme": "dark"}}]


@pytest.mark.parametrize(
    ("value", "row"),
    [
        ({"profile": {"account_id": "a", "first_name": "Ada"}}, {"account_id": "a", "first_name": "Ada"}),
        ({"event": "state", "id": "i", "state": {"state": "running"}}, {"state": "running"}),
        ({"event": "query", "query": {}}, {}),
        (PONG, PONG),
        (7, {"value": 7}),
    ],
)
def test_an_answer_about_one_thing_is_one_row(value: Any, row: dict[str, Any]) -> None:
    pytest.importorskip("pandas")

    assert Response(value, Request("ping")).to_frame().to_dict("records") == [row]


def test_without_pandas_one_line_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['pandas'] = None\n"
        "from cocalc_magic.response import Request, Response\n"
        "try: Response({'a': 1}, Request('ping')).to_frame()\n"
        "except ImportError as problem: print('\\n'.join(problem._render_traceback_()))\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    wanted = "Not installed: a DataFrame needs pandas, which is not installed: pip install pandas\n"
    assert (told.stdout, told.stderr) == (wanted, "")


def test_a_secret_option_is_not_shown() -> None:
    request = Request("user_auth", {"password": "hunter2", "account_id": "a"}, secret=("password",))

    assert request.to_dict() == {"event": "user_auth", "password": "•••", "account_id": "a"}
    assert "hunter2" not in repr(request)
    assert request.options["password"] == "hunter2"


def test_what_the_server_only_repeats_is_no_record() -> None:
    options = [{"limit": 5}, {"order_by": "title"}]
    rows = [{"title": "a"}, {"title": "b"}]
    request = Request("query", {"query": {"projects": [{"title": None}]}, "options": options})
    response = Response({"event": "query", "query": {"projects": rows}, "options": options}, request)

    assert response.records() == rows


# -- its truth -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [PONG, {}, [], None, 0, ""])
@pytest.mark.parametrize("ok", [True, False])
def test_it_is_true_if_all_went_well_however_empty_it_is(value: object, ok: bool) -> None:
    assert bool(Response(value, Request("ping"), ok=ok)) is ok


# -- headers ---------------------------------------------------------------------------------------


def test_headers_are_found_in_any_case_and_can_not_be_written_to() -> None:
    headers = Response(PONG, Request("ping"), headers=Headers([("Content-Type", "text/plain")])).headers

    assert headers["content-type"] == headers["CONTENT-TYPE"] == "text/plain"
    assert dict(headers) == {"Content-Type": "text/plain"}
    assert "content-TYPE" in headers
    assert headers._ipython_key_completions_() == ["Content-Type"]
    with pytest.raises(TypeError):
        headers["a"] = "b"  # type: ignore[index]


def test_there_are_none_where_none_came() -> None:
    assert dict(Response(PONG, Request("ping")).headers) == {}


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Set-Cookie", "remember_me=abc; Path=/; Secure", "remember_me=•••; Path=/; Secure"),
        ("set-cookie", "a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT, %2Flabremember_me=x$y; HttpOnly",
         "a=•••; Expires=Wed, 09 Jun 2027 10:18:14 GMT, %2Flabremember_me=•••; HttpOnly"),
        ("X-Key", "sk-Aaaaaaaaaaaaaaaaaaaa01", "sk-…01"),
        ("X-Steers", "a\x1b[2Jb", "ab"),
        ("Location", "/app?auth_token=Aaaaaaaaaaaaaaaaaaaa", "/app?auth_token=•••"),
    ],
)  # fmt: skip
def test_headers_show_no_secret(name: str, value: str, shown: str) -> None:
    headers = Headers([(name, value)])

    assert headers[name] == shown
    assert shown in repr(headers)
    assert "remember_me=abc" not in str(vars(headers))


def test_headers_can_be_copied_and_pickled() -> None:
    headers = Headers([("A", "b")])

    assert dict(copy.deepcopy(headers)) == dict(pickle.loads(pickle.dumps(headers))) == {"A": "b"}  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("0", 0.0), ("soon", None), ("-1", None), ("nan", None), ("inf", None),
     ("1e3", None), ("99999999999", None), ("999999999", None), ("", None), ("Wed, 99 Jun 2027 10:18:14 GMT", None),
     ("Fri, 31 Dec 1999 23:59:59 GMT", 0.0), ("Fri, 31 Dec 9999 23:59:59 GMT", None)],
)  # fmt: skip
def test_when_to_try_again_is_a_number_of_seconds(text: str, seconds: float | None) -> None:
    assert Headers([("Retry-After", text)]).retry_after == seconds


def test_when_to_try_again_may_be_a_date() -> None:
    headers = Headers([("retry-after", formatdate(time.time() + 100, usegmt=True))])

    assert headers.retry_after is not None
    assert 90 < headers.retry_after < 110


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_short_form_of_it_shows_a_secret_or_steers_a_terminal(name: str) -> None:
    text, secret = EXAMPLES[name]
    hostile = f"\x1b]0;t\x07\x9b2J{text}"
    response = Response(
        {"event": hostile, hostile: 1}, Request(hostile, {"title": hostile, hostile: [hostile]})
    )
    with pytest.raises(KeyError) as caught:
        response["then"]

    shown = f"{response!r} {response.request!r} {caught.value} {caught.value!r}"
    assert secret not in shown
    assert not set("\x1b\x07\x9b") & set(shown)


def test_an_option_that_is_called_secret_is_hidden_without_a_catalog() -> None:
    request = Request("some/new-thing", {"newPassword": "marked", "token": None, "title": "x"})

    assert request.shown() == {"newPassword": "•••", "token": None, "title": "x"}
    assert request.secrets() == {"marked"}
    assert "marked" not in repr(request)
