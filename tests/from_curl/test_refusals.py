"""What can't become a magic is refused, with the name of what is in the way; what means nothing is named."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cocalc_magic import from_curl
from cocalc_magic.errors import CoCalcError, InvalidMessage, InvalidSyntax

PING = "https://s.example/api/v1/ping"

REFUSED = {
    "for p in a b; do curl -d id=$p URL; done": "curl inside of a for loop",
    "while read p; do curl -d id=$p URL; done < ids": "curl inside of a while loop",
    "if curl -sf URL; then echo up; fi": "curl inside of an if",
    "case $1 in a) curl URL;; esac": "curl inside of a case",
    "ping() { curl URL; }; ping": "curl inside of a function",
    "cat ids | xargs -n1 curl -d": "curl inside of xargs",
    "ssh host curl URL": "curl inside of ssh",
    "bash -c 'curl URL'": "curl inside of bash",
    "curl -d @<(jq -n .) URL": r"curl inside of <\(…\)",
    "curl -d id={1,2} URL": r"curl inside of {…,…}",
    "jq -n '{}' | curl -d @- URL": "the output of jq, which is known only when it runs",
    "curl -d @- URL": "the output of what is typed",
    "curl -K conf URL": "-K of curl reads options from a file",
    "curl --config conf URL": "--config of curl reads options from a file",
    "curl -T file URL": "-T of curl sends a file as it is",
    "curl -F file=@x.png URL": "-F file=@… uploads a file",
    "curl --expand-data '{{x}}' URL": "--expand-data of curl sets variables",
    "curl -d a=1 -d @more URL": "the content of files is not known here",
    "curl --frobnicate URL": "curl has no option --frobnicate",
    "curl -j -~ URL": "curl has no option -~",
    "curl -d": "a value is missing after -d",
    "curl -X POST": "no address is in it",
    "curl $OPTIONS": "no address is in it",
    "curl 'https://s": "line 1 is not a command of a shell, or does not close",
    "curl URL -d $(": "line 1 is not a command of a shell, or does not close",
    "curl http://[::1/api/v1/ping": "the address of the curl command can't be read",
    "curl http://h:port/api/v1/ping": "the address of the curl command can't be read",
    "curl http://[zz::1]:5000/api/v1/ping": "the address of the curl command can't be read",
    "curl 'https://s.example/api/v1/{ping,query}'": "mean several addresses to curl",
    "curl 'https://s.example/api/v1/ping[1-3]'": "mean several addresses to curl",
    "curl https://example.com/": "for no message of CoCalc",
    "curl ftp://s.example/x": "for no message of CoCalc",
    "curl https://s.example/api/v1/$EVENT": "the address or the method holds a value that only the shell knows",
    "curl --json '[1' URL": "is not JSON",
    "curl --json '[1]' URL": "is not a JSON object",
    "curl --json '{\"id\": NaN}' URL": "NaN is not a value of JSON",
    "curl --json '{\"id\": $N}' URL": "is not JSON",
    "curl -H 'content-type: application/json' --data-urlencode id=1 URL": "is not JSON",
    "curl -d idd=1 URL": "takes no option 'idd'",
    'curl --data-urlencode "$X" URL': r"takes no option '\$X'",
    "curl -d start=perhaps https://s.example/api/v1/create_project": "start takes true or false",
    "wget --post-data=id=1 URL": "this is wget, and only curl is read",
    "http POST URL id=1": "this is HTTPie, and only curl is read",
    "Invoke-WebRequest -Uri URL -Method POST": "this is PowerShell's Invoke-WebRequest",
    "$r = Invoke-RestMethod URL": "this is PowerShell's Invoke-RestMethod",
    "curl -Uri URL `\n  -Method POST": "PowerShell's Invoke-WebRequest under the name of curl",
    'fetch("URL", {"method": "POST"})': "this is JavaScript's fetch",
    "foreach ($p in 1..3) { curl.exe -d id=$p URL }": "curl inside of foreach",
    "for %i in (1 2) do curl.exe -d id=%i ^\n URL": "curl inside of for",
    "ls -l": "this is not a curl command",
    "# curl URL": "this is not a curl command",
    "echo curl URL": "this is not a curl command",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_in_the_way_is_named(text: str) -> None:
    with pytest.raises(InvalidMessage, match=REFUSED[text]):
        from_curl.read(text.replace("URL", PING))


def told(text: str) -> list[str]:
    pasted = from_curl.read(text.replace("URL", PING))
    return pasted.all_notes(pasted.cells())


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("curl -sS -L --retry 3 -o out -k URL", "Left aside: -s, -S, -L, --retry, -o, -k."),
        ("curl -x http://user:hunter2@proxy:3128 -U a:hunter2 URL", "Left aside: -x, -U."),
        ("curl -H 'Accept: */*' -H 'X-Trace;' -A me -H @more URL", "Left aside: -A, -H @file, -H Accept, X-Trace."),
        ("curl $OPTIONS URL", "Left aside: $OPTIONS."),
        ("curl URL?id=1&x=2", "Left aside: &."),
        ("cd /tmp && sudo -u me curl URL | tee out | jq . >> log", "Left aside: cd, >> log, sudo, | tee, | jq."),
        ("curl URL -b cookies.txt -c cookies.txt", "Left aside: -b, -c."),
        ("curl -m $LIMIT URL -d id=1", "Left aside: -m $LIMIT."),
        ("curl 'URL?x=1' -d id=2", "Left aside: x in the address."),
        ("curl --no-keepalive --inse --max-redi 3 URL", "Left aside: --no-keepalive, --insecure, --max-redirs."),
    ],
)  # fmt: skip
def test_what_means_nothing_to_a_magic_is_named(text: str, note: str) -> None:
    notes = told(text)

    assert note in notes
    assert "hunter2" not in str(notes)


def test_of_several_commands_those_that_can_be_taken_are() -> None:
    pasted = from_curl.read(f"curl {PING} -d id=1; curl {PING} -d idd=1; curl {PING} -d id=3")

    assert pasted.cells("https://s.example") == ["%cocalc ping id=1", "%cocalc ping id=3"]
    assert "Not taken: ping takes no option 'idd'." in pasted.all_notes([])


PIECES = st.sampled_from(
    ["curl ", "curl.exe ", " -d ", "-d'", "'", '"', "\\", "\n", "`", "^", "$", "${", "$(", ")", "{", "}", "|", "&", ";", "<<EOF\n",
     "EOF\n", "%", "@", "=", "[", "]", "--json ", "-u ", "-F ", "PS C:\\> ", "$ ", "> ", "@'\n", "'@", PING, "http://[", "https://",
     "/api/v2/exec", "id=1", '{"id":', "1}", "é", "\u202e", "\x00", "\ud800", "-", "--", "~", "#", "for ", "if ", "$x = "]
)  # fmt: skip


def check_never_breaks(text: str) -> None:
    """Whatever is pasted, it gives cells or an error that people can act on."""
    with contextlib.suppress(CoCalcError):
        pasted = from_curl.read(text)
        assert all(cell.startswith(("%cocalc", "%%cocalc", "import json")) for cell in pasted.cells())


@example("curl \ud800`curl ")
@example("curl http://s.example/api/v2/x$'\\ud800\\udc80' -d {}")
@example("curl http://s.example/%80%ff -d {}")
@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=60).map("curl {}".format))
def test_no_text_breaks_it(text: str) -> None:
    check_never_breaks(text)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(st.lists(PIECES, max_size=20).map("".join) | st.text(max_size=200).map("curl {}".format))
def test_tens_of_thousands_of_texts_break_nothing(text: str) -> None:
    check_never_breaks(text)


def test_an_empty_cell_is_told(shell: Any) -> None:
    with pytest.raises(InvalidSyntax, match="there is no curl command"):
        shell.cell("%cocalc from-curl")
