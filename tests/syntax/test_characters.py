"""Characters that are not what they look like: odd blanks, what nobody sees, typographic quotes."""

from __future__ import annotations

import sys

import pytest

from cocalc_magic.errors import CoCalcError, InvalidSyntax
from cocalc_magic.syntax.characters import INVISIBLE
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read

BLANKS = [
    chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace() and chr(code) not in " \t\n\r\f\v"
]
UNSEEN_ONES = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202e\u2066\u2069\u061c\u180e\u3164\u2800\x00\x08\x1b\x7f\x9b"


def options(line: str, body: str | None = None) -> dict[str, object]:
    return read(parse(line), body, {"n": 7}).options


def refused(line: str, body: str | None = None) -> str:
    with pytest.raises(CoCalcError) as caught:
        options(line, body)
    return str(caught.value)


def test_the_odd_blanks_are_those_of_unicode() -> None:
    assert {"\u00a0", "\u1680", "\u2007", "\u2009", "\u202f", "\u205f", "\u3000"} <= set(BLANKS)
    assert not INVISIBLE.search("".join(BLANKS))


@pytest.mark.parametrize("blank", BLANKS, ids=[f"U+{ord(blank):04X}" for blank in BLANKS])
def test_an_odd_blank_parts_items_and_stays_within_quotes(blank: str) -> None:
    line = (
        f"{blank}create_project{blank}title=x{blank * 2}start=yes{blank}--quiet{blank}id='a{blank}b'{blank}"
    )

    assert options(line) == {"title": "x", "start": True, "id": f"a{blank}b"}
    assert options(f"create_project title=$n{blank}start=yes") == {"title": "7", "start": True}
    assert options(f"create_project title='x'{blank}start=yes") == {"title": "x", "start": True}
    assert options(f"create_project title=x{blank}# a comment") == {"title": "x"}
    assert options(f'query query:={{"t":{blank}[1,{blank}"a"]}}') == {"query": {"t": [1, "a"]}}
    assert options(f"create_project{blank}description=-", "x") == {"description": "x"}


FLAT = [
    blank for blank in BLANKS if blank not in "\x85\u2028\u2029\x1c\x1d\x1e\x1f"
]  # YAML ends lines with some


@pytest.mark.parametrize("blank", FLAT, ids=[f"U+{ord(blank):04X}" for blank in FLAT])
def test_an_odd_blank_of_a_body_never_makes_a_text_of_a_word(blank: str) -> None:
    read_, null = {"t": {"a": None}}, "null"
    for body in (
        f'{{"query":{blank}{{"t":{blank}{{{blank}"a":{blank}{null}{blank}}}}}}}',
        f"{{'query':{blank}{{'t':{blank}{{{blank}'a':{blank}None{blank}}}}}}}",
        f"query: {{t: {{a: {blank}{null}{blank}}}}}",
        f"query: {{{blank}t: {{{blank}a{blank}: {null}}}}}",
        f"query:\n  t:\n    a: {null}{blank}\n",
    ):
        assert options("query", body) == {"query": read_}
    for body in (
        f"query:\n  t:\n    a:{blank}{null}\n",
        f"query:\n{blank}{blank}t: {{a: {null}}}\n",
        f"query:\n  t:\n  {blank} a: {null}\n",
        f"query: {{t: {{a:{blank}{null}}}}}",
        f"query:{blank}{{t: {{a: {null}}}}}",
        f"query:\n  t: {null}{blank}# a comment\n",
        f"query:\n  t:\n  -{blank}a\n",
    ):
        assert f"(U+{ord(blank):04X}) looks like a blank and is not one here." in refused("query", body)


@pytest.mark.parametrize("sign", UNSEEN_ONES, ids=[f"U+{ord(sign):04X}" for sign in UNSEEN_ONES])
def test_what_nobody_sees_is_refused_by_its_number_outside_of_quotes(sign: str) -> None:
    said = f"(U+{ord(sign):04X})"
    for line in (
        f"create_project title=a{sign}",
        f"create_project title={sign}a start=yes",
        f"create_project title=a {sign} start=yes",
        f"create_project ti{sign}tle=a",
        f"create{sign}_project title=a",
        f"{sign}create_project title=a",
        f"create_project title='a'{sign}",
        f"create_project title=a --qui{sign}et",
        f"create_project args[]=a{sign}",
        f'query query:={{"a":{sign}null}}',
    ):
        text = refused(line)
        assert text.startswith("there is an invisible character: "), line
        assert said in text.splitlines()[0]
    assert options(f"create_project title='a{sign}b' description=\"a{sign}$n\"") == {
        "title": f"a{sign}b",
        "description": f"a{sign}7",
    }


@pytest.mark.parametrize("sign", "\u200b\u200d\u2060\ufeff\u00ad\u202e")
def test_what_nobody_sees_makes_no_text_of_a_word_in_a_body(sign: str) -> None:
    said = f"(U+{ord(sign):04X})"
    for body in (
        f"query: {{t: {{a: null{sign}}}}}",
        f"query: {{t: {{a{sign}: null}}}}",
        f'{{"query": {{"t": {{"a": {sign}null}}}}}}',
        f"{{'query': {{'t': {{'a': None{sign}}}}}}}",
        f'{{{sign}"query": {{"t": {{"a": null}}}}}}',
    ):
        assert said in refused("query", body)
    assert options("query", f"query: {{t: '{sign}null'}}") == {"query": {"t": f"{sign}null"}}
    assert options("create_project", f"title: |\n  a{sign}b\n") == {"title": f"a{sign}b\n"}
    assert options("project_exec project_id=3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833 command=-", f"a{sign}")["command"] == f"a{sign}"  # fmt: skip


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("title=“My project” start=yes", "Write \"My project\"; to send the quotes too: '“My project”'"),
        ("title=“Notes”", 'Write "Notes"'),
        ("title=„Notizen“", 'Write "Notizen"'),
        ("title=‘Notes’", "Write 'Notes'"),
        ("title=＂Notes＂", 'Write "Notes"'),
        ("title=“My project", 'Write "My"'),
        ("title=@“notes.md”", 'Write "notes.md"'),
        ("title:=“Notes”", 'Write "Notes"'),
        ("start=yes args[]=‘a b’", "Write 'a b'"),
    ],
)
def test_typographic_quotes_round_a_value_get_a_hint(line: str, hint: str) -> None:
    said = refused(f"create_project {line}")

    assert "is a typographic quote, which quotes nothing." in said
    assert hint in said


@pytest.mark.parametrize(
    "body", ["title: “Notes”", "“title”: Notes", "{“title”: “Notes”}", "{‘title’: ‘Notes’}", "title: [“a”]"]
)
def test_typographic_quotes_in_a_body_get_a_hint(body: str) -> None:
    assert "is a typographic quote, which quotes nothing." in refused("create_project", body)


@pytest.mark.parametrize("text", ["it’s", "5′", "the “best” notes", "a”b"])
def test_typographic_quotes_within_a_text_are_text(text: str) -> None:
    assert options("create_project", f"title: {text}") == {"title": text}
    assert options(f"create_project title='{text}'") == {"title": text}


@pytest.mark.parametrize("character", "\u115f\u200b\u2060\ufeff")
@pytest.mark.parametrize(
    "body", ["{{'title': 'a{}b'}}", "{{'title': \"a{}b\"}}", '{{"title": "a{}b"}}', "title: 'a{}b'"]
)
def test_an_invisible_character_inside_the_quotes_of_any_form_is_part_of_the_text(
    body: str, character: str
) -> None:
    options = read(parse("create_project"), body.format(character), {}).options

    assert options == {"title": f"a{character}b"}


@pytest.mark.parametrize("body", ['{{{}"title": "x"}}', '{{"title": {}"x"}}', "{{'title': {}'x'}}"])
def test_outside_of_quotes_it_is_refused_by_its_name(body: str) -> None:
    with pytest.raises(InvalidSyntax, match="invisible character: ZERO WIDTH SPACE"):
        read(parse("create_project"), body.format("\u200b"), {})
