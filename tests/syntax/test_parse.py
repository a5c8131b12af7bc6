"""The language of the magic: line, body and the notebook's variables give a message or an exact error."""

from __future__ import annotations

import datetime as dt
import enum
import pathlib
import uuid

import pytest

from cocalc_magic import catalog
from cocalc_magic.errors import CoCalcError
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import check, read

PID = "3b9e2f60-8d14-4a6f-b1c7-90d5f7a3e833"


class Color(enum.Enum):
    RED = "red"


class Row:
    """What a row of a table is: keys and their values, and no Mapping."""

    def __init__(self, **values: object) -> None:
        self.values = values

    def keys(self) -> list[str]:
        return list(self.values)

    def __getitem__(self, key: str) -> object:
        return self.values[key]


NAMES = {
    "pid": PID,
    "uid": uuid.UUID(PID),
    "n": 7,
    "one": 1.0,
    "half": 0.5,
    "yes": True,
    "none": None,
    "title": "A $n title",
    "words": ["a", "b c"],
    "d": {"k": "v x", "n": 7},
    "path": pathlib.PurePosixPath("notes/a.txt"),
    "day": dt.date(2026, 1, 2),
    "color": Color.RED,
    "nan": float("nan"),
    "größe": "XL",
    "payload": {"title": "Pay", "start": True},
    "message": {"event": "create_project", "title": "Whole"},
    "d2": {"options": {"title": 7}},
    "row": Row(title="a row"),
    "empty": "",
}


def read_(line: str, body: str | None = None) -> tuple[str, dict[str, object]]:
    call = read(parse(line), body, NAMES)
    return call.message.event, call.options


CREATE, EXEC, WRITE = "create_project", f"project_exec project_id={PID}", "write_text_file_to_project"

LINES = [
    # quoting and blanks
    ("title=Notes", {"title": "Notes"}),
    ('title="My project"', {"title": "My project"}),
    ("title='My project'", {"title": "My project"}),
    ('title="say \\"hi\\" \\\\ there"', {"title": 'say "hi" \\ there'}),
    ("title='a \"b\" \\ c'", {"title": 'a "b" \\ c'}),
    ("title=a\" b \"'c d'e", {"title": "a b c de"}),
    ("title=", {"title": ""}),
    ('title=""', {"title": ""}),
    ("title=C:\\new", {"title": "C:\\new"}),
    ("title={x} description={{y}}", {"title": "{x}", "description": "{{y}}"}),
    ("title=a=b:=c", {"title": "a=b:=c"}),
    ("title=Žluťoučký\U0001f434", {"title": "Žluťoučký\U0001f434"}),
    ('title="two  blanks"   description=x', {"title": "two  blanks", "description": "x"}),
    # ends of lines
    ("title=x  # a comment = with signs", {"title": "x"}),
    ("title=x #", {"title": "x"}),
    ("title=x#1", {"title": "x#1"}),
    ("title='x # y'", {"title": "x # y"}),
    ("title=x;", {"title": "x"}),
    ("title='x;'", {"title": "x;"}),
    # types
    ("start=true", {"start": True}),
    ("start=Yes noPool=OFF", {"start": True, "noPool": False}),
    ("title=7", {"title": "7"}),
    ("title=null", {"title": "null"}),
    # JSON
    ("start:=true", {"start": True}),
    ('title:="7"', {"title": "7"}),
    ("title:='\"a b\"'", {"title": "a b"}),
    # variables
    ("title=$n", {"title": "7"}),
    ("title=$half", {"title": "0.5"}),
    ("title=$uid", {"title": PID}),
    ("title=$path", {"title": "notes/a.txt"}),
    ("title=$day", {"title": "2026-01-02"}),
    ("title=$color", {"title": "red"}),
    ("title=$title", {"title": "A $n title"}),
    ("title=a$n", {"title": "a7"}),
    ('title="a $n b"', {"title": "a 7 b"}),
    ("title='a $n b'", {"title": "a $n b"}),
    ('title=$d["k"]', {"title": "v x"}),
    ("title=$d['k']", {"title": "v x"}),
    ("title=$words[1]", {"title": "b c"}),
    ("title=$path.name", {"title": "a.txt"}),
    ("title=${n}.txt", {"title": "7.txt"}),
    ('title=${d["k"] + " }"}', {"title": "v x }"}),
    ("title=${ {1: 'a b'}[1] }", {"title": "a b"}),
    ('title="${", ".join(words)}"', {"title": "a, b c"}),
    ("start=$yes", {"start": True}),
    ("start=${n == 7}", {"start": True}),
    ("title=$$n", {"title": "$n"}),
    ("title=$$$n", {"title": "$7"}),
    ("title=$(ls)", {"title": "$(ls)"}),
    ("title=$1", {"title": "$1"}),
    ("title=x$", {"title": "x$"}),
    ("title:=${'x'}", {"title": "x"}),
    ('title:="x $n"', {"title": "x 7"}),
    ("title=a,b;c", {"title": "a,b;c"}),
    ("title=*.py description=?", {"title": "*.py", "description": "?"}),
    ("title=#tag", {"title": "#tag"}),
    ("title='' description=x", {"title": "", "description": "x"}),
    ('title="$d["k"]"', {"title": "v x"}),
    ("title=$d['k'].x".replace(".x", "-x"), {"title": "v x-x"}),
    ("title=$words[-1]", {"title": "b c"}),
    ("title=${'}'}", {"title": "}"}),
    ("title=${ {'a': {'b': 1}}['a']['b'] }", {"title": "1"}),
    ("id:=null title=x", {"id": None, "title": "x"}),
    ('title=$d[ "k" ]', {"title": "v x"}),
    ('title="$d[\\"k\\"]"', {"title": "v x"}),
    ("title=$größe", {"title": "XL"}),
    # a line's end
    ("title=x;  # a comment", {"title": "x"}),
    ("title=x ; # it's a comment", {"title": "x"}),
    ("title='x; # y'", {"title": "x; # y"}),
    ("title=a;b", {"title": "a;b"}),
    ("title=x,", {"title": "x,"}),
    ("title='x,' start=yes", {"title": "x,", "start": True}),
    # odd blanks part items, and nothing else does
    ("title=x\u00a0start=yes", {"title": "x", "start": True}),
    ("title=x\u202fstart=yes", {"title": "x", "start": True}),
    ("title=x\u3000start=yes", {"title": "x", "start": True}),
    ("\u2003title=x \u2009 start=yes\u00a0", {"title": "x", "start": True}),
    ("title='a\u00a0b'", {"title": "a\u00a0b"}),
    ('title="a\u200bb"', {"title": "a\u200bb"}),
    ("title=it’s", {"title": "it’s"}),
    # words of other languages are text where the option is text
    ("title=None description=undefined", {"title": "None", "description": "undefined"}),
    # a whole message from Python
    ("${payload}", {"title": "Pay", "start": True}),
    ("$payload description=x", {"title": "Pay", "start": True, "description": "x"}),
    ("**payload", {"title": "Pay", "start": True}),
    ("description=x **d2['options']", {"description": "x", "title": "7"}),
    ("${ {'title': n} } start=yes", {"title": "7", "start": True}),
    ("${row}", {"title": "a row"}),
]


@pytest.mark.parametrize(("items", "options"), LINES, ids=[line for line, _ in LINES])
def test_a_line_gives_these_options(items: str, options: dict[str, object]) -> None:
    assert read_(f"{CREATE} {items}") == (CREATE, options)


ARRAYS = [
    ("args[]=-l args[]=-a", ["-l", "-a"]),
    ("args[]=$n args[]='$n'", ["7", "$n"]),
    ('args:=["-l", "-a"]', ["-l", "-a"]),
    ('args:=\'["-l", "-a"]\'', ["-l", "-a"]),
    ('args:=["$n b", "c"]', ["7 b", "c"]),
    ("args=$words", ["a", "b c"]),
    ("args=${[1, 2.5, True, 'x']}", ["1", "2.5", "True", "x"]),
    ("args:=${['x']}", ["x"]),
    ("args=${('x', 'y')}", ["x", "y"]),
    ("args=${range(2)}", ["0", "1"]),
    ("args='[\"a\"]'", ["a"]),
    ('args[]:="a b"', ["a b"]),
]


@pytest.mark.parametrize(("items", "args"), ARRAYS, ids=[line for line, _ in ARRAYS])
def test_an_array_is_written_in_many_ways(items: str, args: list[object]) -> None:
    assert read_(f"{EXEC} command=ls {items}")[1]["args"] == args


NUMBERS = [
    ("timeout=5", 5),
    ("timeout=1.5", 1.5),
    ("timeout=1e2", 100.0),
    ("timeout=$half", 0.5),
    ("timeout=$n", 7),
    ("timeout:=3", 3),
    ("max_output=$one", 1),
]


@pytest.mark.parametrize(("item", "value"), NUMBERS, ids=[line for line, _ in NUMBERS])
def test_a_number_is_a_number(item: str, value: float) -> None:
    name = item.partition("=")[0].rstrip(":")

    assert read_(f"{EXEC} command=ls {item}")[1][name] == value


BODIES = [
    ("title: My project", {"title": "My project"}),
    ("title: 007\ndescription: no", {"title": "007", "description": "no"}),
    ("title: 2026-01-01\ndescription: 1:30", {"title": "2026-01-01", "description": "1:30"}),
    ("title: null\ndescription: ~", {"title": "null", "description": "~"}),
    ("title:\ndescription: ''", {"title": "", "description": ""}),
    ("start: yes", {"start": True}),
    ("start: 'yes'", {"start": True}),
    ("title: |\n  two\n  lines\n", {"title": "two\nlines\n"}),
    ("title: >-\n  two\n  lines\n", {"title": "two lines"}),
    ("{title: x, start: true}", {"title": "x", "start": True}),
    ('{"title": "x", "start": true}', {"title": "x", "start": True}),
    ('{"title":\t"\\ud83d\\ude00"}', {"title": "\U0001f600"}),
    ('{"title": "$n b", "start": ${n == 7}}', {"title": "7 b", "start": True}),
    ('{"title": "${d["k"]}"}', {"title": "v x"}),
    ("title: $n", {"title": "7"}),
    ("title: $title", {"title": "A $n title"}),
    ("title: '$n'", {"title": "$n"}),
    ('title: "a\\t$n"', {"title": "a\t7"}),
    ('title: ${d["k"]} and $$5', {"title": "v x and $5"}),
    ("title: |\n  $n\n", {"title": "7\n"}),
    ("# only a comment\ntitle: x  # and one", {"title": "x"}),
    ("  \n\n", {}),
    ("# nothing\n", {}),
    ("title: it's $n o'clock", {"title": "it's 7 o'clock"}),
    ("title: \ue0cc0\ue0cc", {"title": "\ue0cc0\ue0cc"}),
    ('{"title": "\\ue0cc0\\ue0cc $n"}', {"title": "\ue0cc0\ue0cc 7"}),
    ('title: "\\uE0CC0\\uE0CC $n"', {"title": "\ue0cc0\ue0cc 7"}),
    ("title: None\ndescription: undefined", {"title": "None", "description": "undefined"}),
    ("title: $empty$empty", {"title": ""}),
    # JSON: the quotes of a key are escaped in it
    ('{"title": "$d[\\"k\\"]"}', {"title": "v x"}),
    # Python literals
    ("{'title': 'x', 'start': True}", {"title": "x", "start": True}),
    ("{'title': 7, 'start': 'yes',}", {"title": "7", "start": True}),
    ("{'title': 'a $n', \"description\": \"a $n\"}", {"title": "a $n", "description": "a 7"}),
    ("{'title': $n, 'start': ${n == 7}}", {"title": "7", "start": True}),
    ("{'title': 'a' \" $n\"}", {"title": "a 7"}),
    ("{'title': '$$', \"description\": \"$$\"}", {"title": "$$", "description": "$"}),
    ("# pasted\n{'title': 'x',  # why\n 'start': False}", {"title": "x", "start": False}),
    ("{'title': r'\\d', 'description': '\\\\ \\u00e9'}", {"title": "\\d", "description": "\\ é"}),
    # what stands in single quotes is not looked at, whatever it holds
    ("{'title': '${', 'description': '}'}", {"title": "${", "description": "}"}),
    ("title: '${'\ndescription: '}'", {"title": "${", "description": "}"}),
    ("title: '$d['\ndescription: $n", {"title": "$d[", "description": "7"}),
    ("description: it's $n\ntitle: 'it''s ${'", {"description": "it's 7", "title": "it's ${"}),
    ('title: \'é🐴 ${\'\ndescription: "${d["k"]}"', {"title": "é🐴 ${", "description": "v x"}),
    # a whole message from Python
    ("${payload}", {"title": "Pay", "start": True}),
    ("  $payload\n", {"title": "Pay", "start": True}),
    ("# all of it\n${ {**payload, 'title': 'new'} }", {"title": "new", "start": True}),
    # line ends and blanks
    ("title: x\r\nstart: yes\r\n", {"title": "x", "start": True}),
    ("title: x\rstart: yes", {"title": "x", "start": True}),
    ("title: |\r\n  two\r\n  lines\r\n", {"title": "two\nlines\n"}),
    ('{"title":\u00a0"x",\u2003"start":\u00a0true}', {"title": "x", "start": True}),
    ("{'title':\u00a0'x',\u3000'start': True}", {"title": "x", "start": True}),
    ("title: \u00a0x\u00a0\ndescription: a\u00a0b", {"title": "x", "description": "a\u00a0b"}),
    ("title\u00a0: x", {"title": "x"}),
    ('title: "\u00a0a\u200bb"', {"title": "\u00a0a\u200bb"}),
]


@pytest.mark.parametrize(("body", "options"), BODIES, ids=[body for body, _ in BODIES])
def test_a_body_gives_these_options(body: str, options: dict[str, object]) -> None:
    assert read_(CREATE, body) == (CREATE, options)


def test_elements_of_an_array_of_texts_are_texts_as_written() -> None:
    assert read_(EXEC, "command: x\nargs: [1, 2.5, yes, 007, null]")[1]["args"] == [
        "1",
        "2.5",
        "yes",
        "007",
        "null",
    ]


def test_a_whole_value_keeps_its_type_inside_a_list_too() -> None:
    assert read_("query", "query: {t: [$n, $words, '$n', 7, x]}")[1]["query"] == {
        "t": [7, ["a", "b c"], "$n", 7, "x"]
    }


def test_in_an_object_of_unknown_fields_plain_words_are_json_or_text() -> None:
    body = "query: {t: {a: null, b: , c: 1, d: 1.5, e: true, f: yes, g: 1:30, h: 007, i: '1', j: 2026-01-01}}"

    assert read_("query", body)[1]["query"] == {
        "t": {
            "a": None, "b": None, "c": 1, "d": 1.5, "e": True,
            "f": "yes", "g": "1:30", "h": "007", "i": "1", "j": "2026-01-01",
        }
    }  # fmt: skip


def test_text_round_a_variable_is_text_whatever_comes_of_it() -> None:
    body = "query: {a: $empty$empty, b: 1$n, c: $n, d: x$none, e: ${'null'}, f: ${'None'}}"

    assert read_("query", body)[1]["query"] == {
        "a": "", "b": "17", "c": 7, "d": "xNone", "e": "null", "f": "None",
    }  # fmt: skip


def test_the_whole_body_has_the_line_ends_of_unix() -> None:
    assert read_(f"{EXEC} command=-", "ls\r\npwd\r\n")[1]["command"] == "ls\npwd\n"


def test_the_whole_body_is_one_option_and_nothing_in_it_is_expanded() -> None:
    assert read_(f"{EXEC} command=-", "echo $HOME ${x}\n")[1]["command"] == "echo $HOME ${x}\n"


@pytest.mark.parametrize("line", ["event", ""])
def test_a_body_may_name_its_event(line: str) -> None:
    assert read_(line, "event: ping\nid: a") == ("ping", {"id": "a"})


def test_the_event_of_the_body_may_repeat_the_line() -> None:
    assert read_("ping", '{"event": "ping"}') == ("ping", {})


def test_a_file_is_the_value(tmp_path: pathlib.Path) -> None:
    """The file's text is not expanded, whatever dollar signs it holds."""
    (tmp_path / "a b.txt").write_text("žluť $n", encoding="utf-8")

    assert read_(f'{CREATE} title=@"{tmp_path}/a b.txt"')[1] == {"title": "žluť $n"}


def test_a_json_file_is_the_value(tmp_path: pathlib.Path) -> None:
    (tmp_path / "q.json").write_text('{"t": ["$n", 1]}', encoding="utf-8")

    assert read_(f"query query:=@{tmp_path}/q.json")[1] == {"query": {"t": ["$n", 1]}}


def test_quoted_signs_are_text() -> None:
    assert read_(f'{CREATE} title="@home" description="-"')[1] == {"title": "@home", "description": "-"}


ERRORS = [
    ("creat_project", None, "there is no event 'creat_project'.", "Did you mean create_project?"),
    ("xyzzy", None, "there is no event 'xyzzy'.", "%cocalc events lists them"),
    ("title=x", None, "the line names no event.", "Write %cocalc EVENT"),
    (f"{CREATE} titel=x", None, "create_project takes no option 'titel'.", "Did you mean title?"),
    (f"{CREATE} title", None, "'title' is not an item.", "An item is name=value"),
    (f"{CREATE} title = x", None, "'title' is not an item.", "An item is name=value"),
    (f"{CREATE} #1", None, "'#1' is not an item.", "A comment needs a blank after its #"),
    (f'{CREATE} title="x', None, 'the quote " does not close.', "                      ^"),
    (f"{CREATE} title='x", None, "the quote ' does not close.", "Close it"),
    (f"{CREATE} title=${{n", None, "${n does not close.", "A dollar sign is $$."),
    (f"{CREATE} title:=[1", None, "the JSON does not close.", "Each [ needs a ]"),
    (f"{CREATE} title:=x", None, "'x' is not JSON.", "For text write title=…"),
    (f"{CREATE} title:=7", None, "title takes text, not 7.", "^"),
    (f"{CREATE} title:=$n", None, "title takes text, not 7.", "^"),
    (f"{CREATE} start=maybe", None, 'start takes true or false, not "maybe".', "^"),
    (f"{CREATE} title=a title=b", None, "title is given twice.", "Elements of an array"),
    (f"{CREATE} title=a", "title: b", "title is given twice.", ""),
    (f"{CREATE} title[]=a", None, "title is not an array.", "Write title=…"),
    (f"{CREATE} title=$nn", None, "the notebook has no variable 'nn'.", "$$nn"),
    (f"{CREATE} title=$n.txt", None, "$n.txt has no value: a int has no .txt.", "${n}.txt"),
    (f'{CREATE} title=$d["x"]', None, '$d["x"] has no value', ""),
    (f"{CREATE} title=${{1/0}}", None, "${1/0} has no value: ZeroDivisionError: division by zero", ""),
    (f"{CREATE} title=$none", None, "title is None.", "leave it out"),
    (f"{CREATE} title=$words", None, 'title takes text, not ["a", "b c"].', ""),
    (f"{CREATE} title=$nan", None, "nan is not a number that JSON knows.", ""),
    (f"{CREATE} title=@/no/such/file", None, "/no/such/file can't be read: No such file or directory.", ""),
    (f"{CREATE} title=-", None, "title=- takes the body of a cell, and there is none.", "%%cocalc"),
    (f"{CREATE} --loud", None, "there is no flag --loud.", "%cocalc help lists the flags."),
    (f"{CREATE} -o", None, "--out needs a value.", "Write --out NAME"),
    ("project_exec command=ls", None, "project_exec needs project_id:", "Write project_id=…  (project)"),
    (f"{EXEC} command=ls timeout=soon", None, 'timeout takes a number, not "soon".', ""),
    (f"{EXEC} command=ls args=a", None, 'args takes an array of text, not "a".', "Write it as JSON: args:=…"),
    (f'{EXEC} command=ls args=["a"]', None, 'args takes an array of text, not "[a]".', "args:=…"),
    (f"{CREATE} title:='7'", None, "title takes text, not 7.", ""),
    (f"{EXEC} command=ls args:=[1]", None, "args takes an array of text, not [1].", ""),
    (
        "project_exec project_id='' command=ls",
        None,
        'project_id takes a project (its title or id), not "".',
        "",
    ),
    (
        "project_exec project_id:=7 command=ls",
        None,
        "project_id takes a project (its title or id), not 7.",
        "",
    ),
    (
        "project_exec project_id=$words command=ls",
        None,
        'project_id takes a project (its title or id), not ["a", "b c"].',
        "",
    ),
    ("add_collaborator account_id=abc", None, 'account_id takes a uuid or an array of uuid, not "abc".', ""),
    (CREATE, "hello", "the cell is not a mapping of options.", "%%cocalc create_project description=-"),
    (CREATE, "- a\n- b", "the cell is not a mapping of options.", ""),
    (CREATE, "title: a\ntitle: b", "title stands twice.", "title: b\n  ^^^^^"),
    (CREATE, '{"title": "a", "title": "b"}', "title stands twice.", ""),
    (CREATE, "title: *x", "& and * have a meaning in YAML", "Put the value in quotes."),
    (CREATE, "title: !!python/object:os.system x", "a value that begins with ! is a YAML tag", ""),
    (
        CREATE,
        "title: a: b",
        "the body is not YAML: mapping values are not allowed in this context.",
        "title: a: b",
    ),
    (CREATE, "\ttitle: a", "the body is not YAML", "a tab can't indent"),
    (CREATE, "title: [a]", 'title takes text, not ["a"].', ""),
    (CREATE, "start:", "start is empty.", "true or false"),
    (CREATE, '{"title": 7}', "title takes text, not 7.", ""),
    (CREATE, "title: $nope", "the notebook has no variable 'nope'.", "title: $nope\n         ^^^^^"),
    (CREATE, "? [a]\n: b", "a name is neither a list nor a mapping.", ""),
    ("event", "id: x", "the body names no event.", "Begin it with event: ping"),
    ("ping", "event: query", "the line says ping, the event beside the options is another.", ""),
]


@pytest.mark.parametrize(
    ("line", "body", "problem", "hint"), ERRORS, ids=[f"{line}|{body}" for line, body, *_ in ERRORS]
)
def test_a_mistake_is_told_with_what_to_type(line: str, body: str | None, problem: str, hint: str) -> None:
    with pytest.raises(CoCalcError) as caught:
        read_(line, body)

    assert caught.value.problem.startswith(problem)
    assert hint in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(CoCalcError) as caught:
        read_("creat_project titel=x")

    lines = str(caught.value).splitlines()
    assert lines[:4] == [
        "there is no event 'creat_project'.",
        "  creat_project titel=x",
        "  ^^^^^^^^^^^^^",
        "  Did you mean create_project?",
    ]
    assert lines[4].startswith("  %cocalc events lists them")
    assert lines[5:] == [
        "  And: create_project takes no option 'titel'.",
        "  creat_project titel=x",
        "                ^^^^^^^",
        "  Did you mean title?",
        "  Its options: id, title, description, image, license, start, noPool.",
    ]


def test_flags_stand_anywhere() -> None:
    call = read(parse("create_project -o res title=x --timeout 5 --quiet --no-raise --yes"), None, {})

    assert call.flags == {"out": "res", "timeout": "5", "quiet": True, "no-raise": True, "yes": True}


def test_a_message_of_a_script_is_checked_alike() -> None:
    message = catalog.find("create_project")

    assert check(message, {"title": 7, "start": True}) == {"title": "7", "start": True}
    with pytest.raises(CoCalcError, match="takes no option 'titel'"):
        check(message, {"titel": "x"})


def test_numpy_and_pandas_values_become_plain() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": [1, 2], "name": ["a", "b"]})
    names = {"frame": frame, "number": frame.id[0]}

    assert read(parse("query query:=${ {'t': [number, frame.name, frame]} }"), None, names).options[
        "query"
    ] == {"t": [1, ["a", "b"], [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]]}


PROJECT = {"event": "project_created", "project_id": PID}


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ('query query:={"projects": {"project_id": $project, "title": null}}', None),
        ("query", "query:\n  projects:\n    project_id: $project\n    title: null\n"),
        ("query", "{'query': {'projects': {'project_id': $project, 'title': None}}}"),
        ("query", '{"query": {"projects": {"project_id": $project, "title": null}}}'),
    ],
)
def test_the_response_of_a_project_means_its_id_inside_an_object_too(line: str, body: str | None) -> None:
    call = read(parse(line), body, {"project": PROJECT})

    assert call.options["query"] == {"projects": {"project_id": PID, "title": None}}


def test_other_mappings_inside_an_object_stay_what_they_are() -> None:
    body = "query:\n  projects:\n    project_id: $id\n    course: $project\n"

    call = read(parse("query"), body, {"project": PROJECT, "id": {"any": "thing"}})

    assert call.options["query"] == {"projects": {"project_id": {"any": "thing"}, "course": PROJECT}}
