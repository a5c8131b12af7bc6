"""Cases made from the catalog, and those of recordings, without any server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cocalc_magic import catalog
from cocalc_magic.conformance.answer import Answer
from cocalc_magic.conformance.cases import NOBODY, PERSON, STRANGER, Case, catalog_cases
from cocalc_magic.conformance.compare import SAME, verdict
from cocalc_magic.conformance.recordings import Ids, load, shortened
from cocalc_magic.errors import CoCalcError

RECORDED = Path(__file__).parents[2] / "conformance"
WORLD = "accounts:\n- {handle: ada, keys: [sk_AdaLegacy00000000, sk-Ada00000000000000000001]}\n"


def of(event: str) -> dict[str, Case]:
    cases = {case.name: case for case in catalog_cases() if case.event == event}
    return {name.removeprefix(f"{event}: "): case for name, case in cases.items()}


def body(case: Case) -> Any:
    return json.loads(case.request.body)


def test_a_message_is_sent_without_a_key_with_a_bad_one_incomplete_wrong_and_whole() -> None:
    cases = of("project_exec")

    assert list(cases) == [
        "no key",
        "bad key",
        "without project_id",
        "wrong type of project_id",
        "example",
    ]
    assert [case.sender for case in cases.values()] == [NOBODY, STRANGER, PERSON, PERSON, PERSON]
    assert "project_id" not in body(cases["without project_id"])
    assert body(cases["wrong type of project_id"])["project_id"] == 7
    assert body(cases["example"]).items() >= catalog.find("project_exec").example.options.items()


def test_every_message_has_cases_and_no_two_have_one_name() -> None:
    cases = catalog_cases()
    names = [(case.generation, case.name) for case in cases]

    assert {case.event for case in cases} == set(catalog.names())
    assert len(names) == len(set(names))
    assert len(cases) > 1_500


def test_cases_are_the_same_every_time() -> None:
    assert catalog_cases() == catalog_cases()


@pytest.mark.parametrize(("event", "writes"), [("ping", False), ("create_project", True), ("query", True)])
def test_what_may_change_something_is_known(event: str, writes: bool) -> None:
    assert {case.writes for case in of(event).values()} == {writes}


# -- recordings ------------------------------------------------------------------------------------


def recorded(tmp_path: Path, request: dict[str, Any], response: Any = None, **more: Any) -> Case:
    whole = {"method": "POST", "path": "/api/v1/ping", "headers": {}, "body": None, **request}
    response = {"status": 200, "body": response}
    entry = {"case": "it", "event": "ping", "request": whole, "response": response, **more}
    (tmp_path / "cases.jsonl").write_text(json.dumps(entry) + "\n")
    (tmp_path / "world.yaml").write_text(WORLD)
    return load(tmp_path / "cases.jsonl", tmp_path / "world.yaml")[0]


def test_keys_of_the_world_stand_where_the_recording_has_their_names(tmp_path: Path) -> None:
    case = recorded(tmp_path, {"headers": {"authorization": "Bearer <KEY:ada>"}})
    current = recorded(tmp_path, {"headers": {"authorization": 'Basic base64("<NEWKEY:ada>:")'}})

    assert case.sender == "Bearer sk_AdaLegacy00000000"
    assert current.sender == "Basic c2stQWRhMDAwMDAwMDAwMDAwMDAwMDAwMDE6"
    assert "sk_Ada" not in repr(case)


CANNOT_BE_SENT = {
    "a key that nobody has": {"headers": {"authorization": "Bearer <KEY:eve>"}},
    "a cookie": {"headers": {"cookie": "a=b"}},
    "a text that was cut": {"body": {"__long_string__": True, "head": "ab", "tail": "yz", "length": 9}},
    "an object that was cut": {"body": {"__dict_truncated__": 9}},
    "a list that was cut": {"body": {"a": [{"__list_truncated__": 9}]}},
    "a body of another length": {"body": {"a": 1}, "body_bytes": 9},
    "a path that leads to another server": {"path": "@example.com/"},
}


@pytest.mark.parametrize("request_", CANNOT_BE_SENT.values(), ids=CANNOT_BE_SENT)
def test_what_was_not_recorded_whole_is_not_sent(tmp_path: Path, request_: dict[str, Any]) -> None:
    assert recorded(tmp_path, request_).skipped
    assert not recorded(tmp_path, {"body": {"a": 1}}).skipped


def test_a_long_text_of_one_letter_is_written_out(tmp_path: Path) -> None:
    long = {"__long_string__": True, "head": "xx", "tail": "xx", "length": 1_000}

    assert body(recorded(tmp_path, {"body": {"a": long}})) == {"a": "x" * 1_000}
    assert recorded(tmp_path, {"body": "<5 y>"}).request.body == b"yyyyy"


def test_a_text_is_compared_as_short_as_it_was_recorded() -> None:
    due = {"a": shortened({"__long_string__": True}, "x" * 300), "b": [1, {"__list_truncated__": 3}]}
    came = shortened(due, {"a": "x" * 300, "b": [1, 2, 3]})

    assert verdict(Answer(200, due), Answer(200, came)) == SAME
    assert verdict(Answer(200, due), Answer(200, shortened(due, {"a": "x" * 301, "b": [1, 2, 3]}))) != SAME


def test_ids_that_a_server_makes_up_are_used_from_then_on(tmp_path: Path) -> None:
    before, now = ("aaaaaaaa-1111-4222-8333-444444444444", "bbbbbbbb-1111-4222-8333-444444444444")
    ids = Ids()
    ids.learn({"project_id": before, "id": "x"}, {"project_id": now, "id": "x"}, sent="")
    case = recorded(tmp_path, {"body": {"project_id": before}})

    assert json.loads(ids.rename(case.request).body) == {"project_id": now}
    assert ids.apply(before.upper()) == now.upper()
    assert ids.translate(Answer(200, [before])).value == [now]


def test_an_id_that_was_sent_is_not_made_up() -> None:
    before, now = ("aaaaaaaa-1111-4222-8333-444444444444", "bbbbbbbb-1111-4222-8333-444444444444")
    ids = Ids()
    ids.learn({"id": before}, {"id": now}, sent=f'{{"id": "{before}"}}')

    assert ids.apply(before) == before


NOT_RECORDINGS = {
    "no JSON": ("it is\n", WORLD),
    "other JSON": ("[1]\n", WORLD),
    "JSON without a request": ('{"case": "x", "event": "y"}\n', WORLD),
    "no accounts": ("{}\n", "a: 1"),
    "no YAML": ("{}\n", "a: [1"),
    "bytes": ("\udcff", WORLD),
}


@pytest.mark.parametrize(("cases", "world"), NOT_RECORDINGS.values(), ids=NOT_RECORDINGS)
def test_files_that_are_something_else_are_told_in_a_line(tmp_path: Path, cases: str, world: str) -> None:
    (tmp_path / "cases.jsonl").write_bytes(cases.encode("utf-8", "surrogateescape"))
    (tmp_path / "world.yaml").write_text(world)

    with pytest.raises(CoCalcError, match=r"are not recorded exchanges and their accounts"):
        load(tmp_path / "cases.jsonl", tmp_path / "world.yaml")


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(CoCalcError, match=r"world\.yaml cannot be read: No such file or directory\."):
        load(tmp_path / "cases.jsonl", tmp_path / "world.yaml")


def test_the_recordings_of_the_repository_are_read() -> None:
    cases = load(RECORDED / "v1.jsonl", RECORDED / "world.yaml")

    assert len(cases) > 900
    assert len([case for case in cases if case.skipped and case.stable]) == 0
