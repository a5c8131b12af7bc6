"""Names of objects take the notebook's values as values do, in bodies and behind := signs."""

from __future__ import annotations

import uuid
from pathlib import PurePosixPath

import pytest

from cocalc_magic.errors import CoCalcError
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read

ACCOUNT = "7d1c6a52-0b3e-4c58-9a0f-2f6f1c8f5e11"
NAMES = {
    "acc": ACCOUNT,
    "uid": uuid.UUID(ACCOUNT),
    "path": PurePosixPath("a/b"),
    "same": ACCOUNT,
    "d": {"k": ACCOUNT},
    "n": 7,
    "none": None,
    "yes": True,
    "words": ["a"],
    "sneaky": "$acc",
    "option": "title",
    "null": "null",
}


def query(body: str) -> object:
    return read(parse("query"), body, NAMES).options["query"]


@pytest.mark.parametrize(
    ("name", "expanded"),
    [
        ("$acc", ACCOUNT),
        ("${acc}", ACCOUNT),
        ("${acc[:8]}", ACCOUNT[:8]),
        ('$d["k"]', ACCOUNT),
        ("$uid", ACCOUNT),
        ("$path", "a/b"),
        ("a$n", "a7"),
        ("$n-$n", "7-7"),
        ("$$acc", "$acc"),
        ("$sneaky", "$acc"),
        ("$null", "null"),
        ("$1", "$1"),
    ],
)
def test_a_name_is_expanded(name: str, expanded: str) -> None:
    escaped = name.replace('"', '\\"')
    expected = {"users": {expanded: {"group": "owner"}}}

    assert query(f"query: {{users: {{{name}: {{group: owner}}}}}}") == expected
    assert query(f"query:\n  users:\n    {name}:\n      group: owner\n") == expected
    assert query(f'query: {{users: {{"{escaped}": {{group: owner}}}}}}') == expected
    assert query(f'{{"query": {{"users": {{"{escaped}": {{"group": "owner"}}}}}}}}') == expected
    assert query(f"{{'query': {{'users': {{\"{escaped}\": {{'group': 'owner'}}}}}}}}") == expected
    line = f'query query:={{"users":{{"{name}":{{"group":"owner"}}}}}}'
    assert read(parse(line), None, NAMES).options["query"] == expected


@pytest.mark.parametrize("name", ["$acc", "${acc}", '$d["k"]', "$uid"])
def test_a_name_without_quotes_is_expanded_in_json_too(name: str) -> None:
    expected = {"users": {ACCOUNT: None}}

    assert query(f'{{"query": {{"users": {{{name}: null}}}}}}') == expected
    assert query(f"{{'query': {{'users': {{{name}: None}}}}}}") == expected
    assert read(parse(f'query query:={{"users":{{{name}:null}}}}'), None, NAMES).options["query"] == expected


@pytest.mark.parametrize("body", ["query: {'$acc': 1}", "{'query': {'$acc': 1}}", "query:\n  '$acc': 1\n"])
def test_a_name_in_single_quotes_is_itself(body: str) -> None:
    assert query(body) == {"$acc": 1}


def test_the_name_of_an_option_is_a_name_as_any_other() -> None:
    assert read(parse("create_project"), "$option: x", NAMES).options == {"title": "x"}
    with pytest.raises(CoCalcError, match="takes no option 'null'"):
        read(parse("create_project"), "$null: x", NAMES)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("$nope", "the notebook has no variable 'nope'."),
        ("${nope}", "${nope} has no value: NameError"),
        ("$acc.nope", "$acc.nope has no value"),
        ("$n", "$n is a int, and names are texts."),
        ("$none", "$none is a NoneType, and names are texts."),
        ("$yes", "$yes is a bool, and names are texts."),
        ("$words", "$words is a list, and names are texts."),
        ("${1 / 0}", "${1 / 0} has no value"),
    ],
)
def test_a_name_without_a_text_is_an_error(name: str, said: str) -> None:
    for line, body in [
        ("query", f"query: {{t: {{{name}: 1}}}}"),
        ("query", f'{{"query": {{"t": {{"{name}": 1}}}}}}'),
        ("query", f"{{'query': {{'t': {{{name}: 1}}}}}}"),
        (f'query query:={{"t":{{"{name}":1}}}}', None),
    ]:
        with pytest.raises(CoCalcError) as caught:
            read(parse(line), body, NAMES)
        assert caught.value.problem.startswith(said)


@pytest.mark.parametrize(
    "body",
    [
        "query: {$acc: 1, $same: 2}",
        f"query: {{$acc: 1, {ACCOUNT}: 2}}",
        '{"query": {"$acc": 1, "${same}": 2}}',
        "{'query': {$acc: 1, \"$same\": 2}}",
    ],
)
def test_names_that_become_the_same_stand_twice(body: str) -> None:
    with pytest.raises(CoCalcError, match=f"{ACCOUNT} stands twice"):
        query(body)
