"""What people paste: each line becomes cells that send what curl would have sent."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.sent import PROJECT, is_json, message_of, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.testing import FakeServer, Request


@dataclass(frozen=True)
class Pasted:
    """A text (`<url>` is the listener's address, `<id>` that of a project), what has to arrive, and words of the notes.

    `shell`: bash can run it, and the real curl is compared. `given`: what only the shell and the notebook know.
    """

    text: str
    sent: list[tuple[str, dict[str, Any]]]
    notes: str = ""
    shell: bool = True
    given: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def v1(event: str, **options: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(f"/api/v1/{event}", options)]


def v2(name: str, **options: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(f"/api/v2/{name}", options)]


PASTED = {
    # -- guide pages --
    "guide, a form": Pasted(
        "curl -u sk_abcdefQWERTY090900000000: -d title='My project' -d description='First steps' <url>/api/v1/create_project",
        v1("create_project", title="My project", description="First steps"),
        "The key in it is left out.",
    ),
    "guide, JSON over lines, jq behind": Pasted(
        r"""curl -X POST \
     -u sk_abcdefQWERTY090900000000: \
     -H 'Content-Type: application/json' \
     -d '{"project_id":"<id>","command":"echo $HOME | wc -c","timeout":30}' \
     <url>/api/v1/project_exec | jq .""",
        v1("project_exec", project_id=PROJECT, command="echo $HOME | wc -c", timeout=30),
        "Left aside: | jq.",
    ),
    "guide, a query": Pasted(
        r"""curl -s -u "$COCALC_API_KEY:" -H 'Content-Type: application/json' -d '{"query":{"projects_all":[{"project_id":null,"title":null}]}}' <url>/api/v1/query""",
        v1("query", query={"projects_all": [{"project_id": None, "title": None}]}),
    ),
    "a prompt, and what was printed": Pasted(
        r"""$ curl -u $KEY: -d id=abc <url>/api/v1/ping
{"event":"pong","id":"abc"}
$ ls""",
        v1("ping", id="abc"),
        "Left aside: ls, what was printed (1 line).",
        shell=False,
    ),
    "a prompt of zsh": Pasted("me@mac work % curl <url>/api/v1/ping -d id=z", v1("ping", id="z"), shell=False),
    "a prompt of bash, lines that go on": Pasted(
        r"""(venv) me@host:~/work$ curl <url>/api/v1/ping \
>   -d id='a
> b'""", v1("ping", id="a\nb"), shell=False
    ),
    "a quoting sign before each line": Pasted("> curl <url>/api/v1/ping -d id=q", v1("ping", id="q"), shell=False),
    "a cell with a shell": Pasted("!curl -s <url>/api/v1/ping -d id=1", v1("ping", id="1"), shell=False),
    "comments, assignments, redirections": Pasted(
        r"""# make one
export KEY=sk_abcdefQWERTY090900000000
curl -sS -u $KEY: -d title=x <url>/api/v1/create_project > out.json 2>/dev/null && echo done # fine""",
        v1("create_project", title="x"),
        "Left aside: > out.json, 2>/dev/null, echo, -s, -S.",
    ),
    "blanks of a web page": Pasted(
        "curl\u00a0-d\u00a0'id=a\u00a0b' <url>/api/v1/ping", v1("ping", id="a\u00a0b"), shell=False
    ),
    "a wrapper": Pasted("time curl <url>/api/v1/ping -d id=t", v1("ping", id="t"), "Left aside: time."),
    # -- options of curl --
    "bundled and glued": Pasted(
        "curl -sku sk_abcdefQWERTY090900000000: -XPOST -dtitle=x -d'description=a b' <url>/api/v1/create_project",
        v1("create_project", title="x", description="a b"),
        "The key in it is left out.",
    ),
    "glued JSON without a header": Pasted(
        r"""curl -s -u: -d'{"title":"a+b 50%","start":true}' <url>/api/v1/create_project""",
        v1("create_project", title="a+b 50%", start=True),
        "without the header",
    ),
    "--json": Pasted(
        r"""curl --json '{"project_id":"<id>"}' <url>/api/v2/projects/stop""", v2("projects/stop", project_id=PROJECT)
    ),
    "plus and percent": Pasted(
        "curl <url>/api/v1/create_project -d 'title=a+b%21' --data-urlencode 'description=a+b%21 &=' --data-urlencode image=default",
        v1("create_project", title="a b!", description="a+b%21 &=", image="default"),
    ),
    "raw data keeps its @": Pasted("curl <url>/api/v1/ping --data-raw id=@home", v1("ping", id="@home")),
    "a form in parts": Pasted(
        "curl -F title=x -F 'description=a b;type=text/plain' --form-string 'image=a;b' <url>/api/v1/create_project",
        v1("create_project", title="x", description="a b", image="a;b"),
        "curl sends a form in parts",
    ),
    "-G and --url": Pasted("curl -G --url <url>/api/v1/ping -d id=g", v1("ping", id="g"), "curl sends GET"),
    "a query in the address": Pasted("curl '<url>/api/v1/ping?id=a%20b'", v1("ping", id="a b"), "curl sends GET"),
    "a file for an option": Pasted(
        "curl <url>/api/v1/write_text_file_to_project -d project_id=<id> -d path=n.md --data-urlencode content@n.md",
        v1("write_text_file_to_project", project_id=PROJECT, path="n.md", content="# A & b\n+1\n"),
        files={"n.md": "# A & b\n+1\n"},
    ),
    "an array in a form": Pasted(
        r"""curl <url>/api/v1/project_exec -d project_id=<id> -d command=ls --data-urlencode 'args=["-l","-a"]'""",
        v1("project_exec", project_id=PROJECT, command="ls", args=["-l", "-a"]),
    ),
    "a number in a form": Pasted(
        "curl <url>/api/v1/project_exec -d project_id=<id> -d command=ls -d timeout=5 -m 30 -o out.txt",
        v1("project_exec", project_id=PROJECT, command="ls", timeout=5),
        "Left aside: -o.",
    ),
    "several transfers": Pasted(
        "curl <url>/api/v1/ping -d id=1 --next <url>/api/v1/ping -d id=2", [*v1("ping", id="1"), *v1("ping", id="2")]
    ),
    "several commands": Pasted(
        r"""curl <url>/api/v1/ping -d id=1; curl <url>/api/v1/ping -d id=2 &&
curl <url>/api/v1/ping -d id=3""",
        [*v1("ping", id="1"), *v1("ping", id="2"), *v1("ping", id="3")],
    ),
    # -- what the shell makes of words --
    "an address in a variable": Pasted(
        r"""url=<url>/api/v2
curl "$url/user-query" --json '{"query":{"projects":{"project_id":null}}}'""",
        v2("user-query", query={"projects": {"project_id": None}}),
    ),
    "an address that only the shell knows": Pasted(
        r"""curl -u : $url/user-query --json '{"query":{}}'""", v2("user-query", query={}), given={"url": "<url>/api/v2"}
    ),
    "an id in a variable": Pasted(
        r"""curl <url>/api/v1/project_exec -H 'Content-Type: application/json' -d '{"project_id":"'"$PID"'","command":"ls"}'""",
        v1("project_exec", project_id=PROJECT, command="ls"),
        "Only the shell knows $PID",
        given={"PID": PROJECT},
    ),
    "a variable among other text": Pasted(
        r'''curl <url>/api/v1/create_project --data-urlencode "title=${WHO}'s \"notes\" \$5"''',
        v1("create_project", title="Ann's \"notes\" $5"),
        given={"WHO": "Ann"},
    ),
    "a number in a variable": Pasted(
        r'''curl <url>/api/v1/project_exec -H 'Content-Type: application/json' -d "{\"project_id\":\"<id>\",\"command\":\"ls\",\"timeout\":$T}"''',
        v1("project_exec", project_id=PROJECT, command="ls", timeout=9),
        given={"T": "9"},
    ),
    "an id from a command": Pasted(
        "curl <url>/api/v1/ping -d id=`date +%Y`", v1("ping", id="2026"), "Only the shell knows `date +%Y`", shell=False,
        given={"output_1": "2026"},
    ),
    "an id from another curl": Pasted(
        r"""PID=$(curl -s -d title=x <url>/api/v1/create_project | jq -r .project_id)
curl -d project_id=$PID -d command=ls <url>/api/v1/project_exec""",
        [*v1("create_project", title="x"), *v1("project_exec", project_id=PROJECT, command="ls")],
        shell=False,
    ),
    "a default for a variable": Pasted(
        "curl ${COCALC_URL:-<url>}/api/v1/ping -d id=${NO_SUCH:-none}", v1("ping", id="none")
    ),
    "C quotes": Pasted(r"curl <url>/api/v1/ping --data-urlencode $'id=it\'s\t\xc3\xa9 \u00fc\n'", v1("ping", id="it's\té ü\n")),
    "a here-document": Pasted(
        r"""curl <url>/api/v1/project_exec -H 'Content-Type: application/json' -d @- <<EOF | jq
{"project_id": "$PID",
 "command": "echo \$HOME $(echo hi)"}
EOF""",
        v1("project_exec", project_id=PROJECT, command="echo $HOME hi"),
        given={"PID": PROJECT},
    ),
    "a quoted here-document": Pasted(
        r"""curl <url>/api/v1/create_project --json @- <<'EOF'
{"title": "$PID \n \"x\""}
EOF""",
        v1("create_project", title='$PID \n "x"'),
    ),
    "data that looks like prompts and other shells": Pasted(
        r"""curl <url>/api/v1/ping --data-urlencode 'id=
$ curl `
PS C:\> $env:X ^
'""",
        v1("ping", id="\n$ curl `\nPS C:\\> $env:X ^\n"),
    ),
    "a here-string": Pasted("curl <url>/api/v1/ping -d @- <<< 'id=h'", v1("ping", id="h")),
    "echo in front": Pasted(
        r"""echo '{"id": "e"}' | curl -s -H 'Content-Type: application/json' -d @- <url>/api/v1/ping""", v1("ping", id="e")
    ),
    # -- conat --
    "conat, the hub": Pasted(
        r"""curl <url>/api/conat/hub --json '{"name":"projects.createProject","args":[{"title":"x"}],"timeout":58000}'""",
        [("/api/conat/hub", {"name": "projects.createProject", "args": [{"title": "x"}], "timeout": 58000})],
    ),
    "conat, its timeout": Pasted(
        r"""curl <url>/api/conat/project --json '{"project_id":"<id>","name":"system.listing","args":[{"path":"."}],"timeout":4000}'""",
        [
            (
                "/api/conat/project",
                {"project_id": PROJECT, "name": "system.listing", "args": [{"path": "."}], "timeout": 4000},
            )
        ],
    ),
    # -- browsers --
    "Chrome, Copy as cURL (bash)": Pasted(
        r"""curl '<url>/api/v2/projects/stop' \
  -H 'accept: application/json' \
  -H 'content-type: application/json' \
  -b 'remember_me=sha512$7d5ac1b0$1000$3f2a9c1e; theme=dark' \
  -H 'origin: <url>' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \
  --data-raw $'{"project_id":"<id>"}' \
  --compressed""",
        v2("projects/stop", project_id=PROJECT),
        "Left aside: -b, --compressed, -H accept, origin, user-agent.",
    ),
    "Chrome, Copy as cURL (cmd)": Pasted(
        r"""curl ^"<url>/api/v1/create_project^" ^
  -H ^"accept: */*^" ^
  -H ^"content-type: application/json^" ^
  -H ^"cookie: remember_me=sha512^$7d5ac1b0^$1000^$3f2a9c1e^" ^
  --data-raw ^"^{^\^"title^\^":^\^"50^% ^& ^<b^> 'it' C:^\^\x^\^"^}^" --compressed""",
        v1("create_project", title="50% & <b> 'it' C:\\x"),
        shell=False,
    ),
    "Chrome, Copy as cURL (cmd), data over lines": Pasted(
        r"""curl ^"<url>/api/v1/create_project^" ^
  -H ^"content-type: application/json^" ^
  --data-raw ^"^{^

  ^\^"title^\^": ^\^"100^%^ 25^\^"^

^}^" ^
  --compressed""",
        v1("create_project", title="100% 25"),
        "Left aside: --compressed.",
        shell=False,
    ),
    "Firefox, Copy as cURL (POSIX)": Pasted(
        r"""curl '<url>/api/v2/exec' -X POST -H 'User-Agent: Mozilla/5.0' -H 'Content-Type: application/json' -H 'Cookie: remember_me=abc' --data-raw '{"project_id":"<id>","command":"ls"}'""",
        v2("exec", project_id=PROJECT, command="ls"),
        "The key in it is left out.",
    ),
    # -- Windows --
    "cmd.exe": Pasted(
        r"""C:\Users\me>curl.exe -u %KEY%: -H "Content-Type: application/json" ^
 -d "{\"title\":\"a b\",\"start\":false}" <url>/api/v1/create_project""",
        v1("create_project", title="a b", start=False),
        shell=False,
    ),
    "cmd.exe with set": Pasted(
        'set KEY=sk-abcdefghij0123456789zz\r\nset "PID=<id>"\r\ncurl.exe -s -u %KEY%: -d project_id=%PID% -d command=ls <url>/api/v1/project_exec | more\r\n',
        v1("project_exec", project_id=PROJECT, command="ls"),
        "Left aside: | more, -s.",
        shell=False,
    ),
    "PowerShell": Pasted(
        r"""PS C:\Users\me> curl.exe -u "$($env:KEY):" `
>>   -H 'Content-Type: application/json' `
>>   -d '{\"title\":\"it''s\"}' <url>/api/v1/create_project""",
        v1("create_project", title="it's"),
        shell=False,
    ),
    "PowerShell with variables": Pasted(
        r'''$base = '<url>/api/v1'
$body = @'
{"title": "a $b"}
'@
$r = curl.exe -s --json $body "$base/create_project" | ConvertFrom-Json
curl.exe -s -d "project_id=$($r.project_id)" -d command=ls "$base/project_exec"''',
        [*v1("create_project", title="a $b"), *v1("project_exec", project_id=PROJECT, command="ls")],
        shell=False,
    ),
}  # fmt: skip


def normal(value: Any) -> Any:
    """A value as a form has it: texts alone."""
    if isinstance(value, dict):
        return {name: normal(inner) for name, inner in value.items()}
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def messages(arrived: list[Request]) -> list[tuple[str, Any]]:
    return [(path_of(request), message_of(request)) for request in arrived]


def without_made_up_ids(sent: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The client gives messages of v1 an id where they have none."""
    made_up = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    return [
        (
            path,
            {name: value for name, value in message.items() if name != "id" or not made_up.fullmatch(value)},
        )
        for path, message in sent
    ]


def filled(pasted: Pasted, url: str) -> str:
    return pasted.text.replace("<url>", url).replace("<id>", PROJECT)


@pytest.mark.parametrize("name", PASTED)
def test_what_is_pasted_becomes_cells_that_send_it(shell: Any, listener: FakeServer, name: str) -> None:
    pasted = PASTED[name]
    for file, text in pasted.files.items():
        Path(file).write_text(text)
    page = shell.cell(f"%%cocalc from-curl\n{filled(pasted, listener.url)}")
    shell.user_ns.update({key: text.replace("<url>", listener.url) for key, text in pasted.given.items()})

    for cell in page.cells:
        shell.cell(cell)

    assert without_made_up_ids(messages(listener.take())) == pasted.sent
    assert pasted.notes in str(page)
    assert "sk" not in str(page).replace("ask", "")
    assert "remember_me" not in str(page)


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs bash and curl")
@pytest.mark.parametrize("name", [name for name, pasted in PASTED.items() if pasted.shell])
def test_the_real_curl_sends_the_same(listener: FakeServer, name: str) -> None:
    """The table of this file is right: bash and curl send just that."""
    pasted = PASTED[name]
    for file, text in pasted.files.items():
        Path(file).write_text(text)
    given = {key: text.replace("<url>", listener.url) for key, text in pasted.given.items()}

    subprocess.run(
        [str(shutil.which("bash")), "-c", filled(pasted, listener.url)],
        env=os.environ | given,
        capture_output=True,
        timeout=30,
        check=False,
    )

    arrived = listener.take()
    sent = [
        (path, message if is_json(request) else normal(message))
        for (path, message), request in zip(pasted.sent, arrived, strict=True)
    ]
    assert messages(arrived) == sent
