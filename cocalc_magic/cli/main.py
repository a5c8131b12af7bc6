"""The program: read the arguments, send, print, and return an exit status.

0 is done, 1 a message that failed, 2 one that was not sent, 130 an interrupt. Of `course` 2 is a drift alone,
and 1 all that went wrong. Standard output has the response alone (with `--json` as
one JSON value), standard error all else.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from cocalc_magic import catalog, commands
from cocalc_magic.cli import arguments
from cocalc_magic.cli.terminal import TerminalFrontend
from cocalc_magic.config import typed_secrets
from cocalc_magic.errors import (
    BulkFailed,
    CoCalcError,
    ConnectionLost,
    Interrupted,
    InvalidSyntax,
    ServerError,
    ServerUnreachable,
    TimeLimitReached,
)
from cocalc_magic.render.help import message_page
from cocalc_magic.render.page import Page
from cocalc_magic.render.screen import Screen, standard_output
from cocalc_magic.response import Response
from cocalc_magic.session.session import Session
from cocalc_magic.syntax.line import parse
from cocalc_magic.syntax.parse import read

if TYPE_CHECKING:
    from cocalc_magic.syntax.line import Line
    from cocalc_magic.syntax.parse import Call

DONE, FAILED, NOT_SENT, INTERRUPTED = 0, 1, 2, 130
_SENT = (ServerError, ConnectionLost, TimeLimitReached)
_OF_A_KERNEL = {
    "use": "Name the project in the message: project_id=…",
    "history": "A shell has its own.",
    "last-error": "The error says all that is known.",
    "record": "In Python: with client.recording(path).",
    "form": "It is a page of a notebook.",
    "explore": "It is a page of a notebook; cocalc-magic events lists the messages.",
}
_MAGIC = re.compile(r"%%?cocalc\b")
_OF_CELLS = ("docs", "from-curl")
"""What these show is for a notebook: pages of the documentation, and cells."""


def main(argv: list[str]) -> int:
    """Run the program with these arguments and return its exit status."""
    as_json = "--json" in argv
    words = [word for word in argv if word != "--json"]
    try:
        value = _run(words, as_json=as_json)
    except (CoCalcError, Interrupted) as problem:
        status = _report(problem, as_json=as_json)
        return FAILED if status == NOT_SENT and words[:1] == ["course"] else status
    except KeyboardInterrupt:
        return INTERRUPTED
    _print(value, as_json=as_json, cells=bool(words) and words[0] in _OF_CELLS)
    if isinstance(value, Response):
        return DONE if value.ok else FAILED
    return int(getattr(value, "exit_status", DONE))


def _run(words: list[str], *, as_json: bool) -> Any:
    """Run a command or send a message, and return what it gives."""
    words = commands.help_instead(words) or ["help"]
    name, rest = words[0], words[1:]
    if name in ("--completion", "--complete"):
        from cocalc_magic.cli import completion  # late: a shell alone asks for it

        return completion.script(rest) if name == "--completion" else completion.offered(rest)
    if name == "sandbox" and rest[:1] == ["start"]:
        return _serve(rest[1:])
    if name == "help" and rest and (message := catalog.get(rest[0])):
        return message_page(message, arguments.shell_line)
    session = Session(frontend=TerminalFrontend.here())
    if name in commands.RUN:
        return _command(session, name, rest, as_json=as_json)
    return _send(session, words)


def _command(session: Session, name: str, words: list[str], *, as_json: bool) -> Any:
    if name in _OF_A_KERNEL:
        raise InvalidSyntax(f"{name} is for notebooks.", _OF_A_KERNEL[name])
    if name == "course":
        _check_background("--background" in words)
    if "-o" in words and name not in commands.RAW:
        raise InvalidSyntax("-o names a variable of a notebook.", "In a shell: cocalc-magic … > FILE")
    if name == "login" and "--page" in words and "keyring" not in " ".join(words):
        raise InvalidSyntax(
            "a session ends with this program, unless it is saved.",
            "Write cocalc-magic login SERVER --page --save keyring",
        )
    if name == "replay" and "--diff" not in words:
        raise InvalidSyntax(
            "replay is for notebooks, but for --diff.", "In Python: Client.of_recording(path)"
        )
    if as_json:
        raise InvalidSyntax(f"--json is for messages, and {name} is a command.", "Without it, it is text.")
    if name in commands.RAW:
        return commands.RUN[name](session, [shlex.join(words) if words else sys.stdin.read()])
    typed_secrets.refuse(" ".join(words), where=typed_secrets.ARGUMENTS)
    if name == "course" and words[:2] == ["run", "-"]:
        return commands.run_course(session, ["run", *words[2:]], sys.stdin.read())
    return commands.RUN[name](session, words)


def _send(session: Session, words: list[str]) -> Any:
    message = arguments.read(words)
    typed_secrets.refuse(message.line, where=typed_secrets.ARGUMENTS)
    body = sys.stdin.read() if message.takes_input else None
    line = parse(message.line)
    if "out" in line.flags:
        raise InvalidSyntax("--out names a variable of a notebook.", "In a shell: cocalc-magic … > FILE")
    if "each" in line.flags:
        return _send_each(session, line, body)
    call: Call = read(line, body, {}, session.default, commands.RUN)
    if form := call.flags.get("show"):
        return commands.show(session, call, str(form))
    response = session.run(call)
    return None if call.flags.get("quiet") else response


def _check_background(wanted: bool) -> None:
    if wanted:
        raise InvalidSyntax("--background is for notebooks.", "In a shell: cocalc-magic … &")


def _send_each(session: Session, line: Line, body: str | None) -> Any:
    from cocalc_magic.session import bulk  # late: few calls send many

    _check_background("background" in line.flags)
    work = bulk.read(session, line, body, {}, commands.RUN)
    value = bulk.do(session, work)
    return None if work.quiet else value


def _serve(words: list[str]) -> NoReturn:
    """Become the program that serves a sandbox, until it is stopped."""
    sys.stdout.flush()
    os.execv(  # noqa: S606 - no shell is what is wanted
        sys.executable, [sys.executable, "-m", "cocalc_magic.sandbox", *words]
    )


def _print(value: Any, *, as_json: bool, cells: bool = False) -> None:
    if value is None:
        return
    if isinstance(value, Response):
        value = json.dumps(value.value, ensure_ascii=False) if as_json else _text(value)
    elif isinstance(value, Sequence) and not isinstance(value, str | Page):
        value = _rows(value, as_json=as_json)
    else:
        text = value.text_on(_screen()) if isinstance(value, Page) else str(value)
        value = text if cells else _as_typed_here(text)
    sys.stdout.write(f"{value}\n")


def _as_typed_here(text: str) -> str:
    """Return a text of ours with the name of this program in place of the magic's."""
    return _MAGIC.sub("cocalc-magic", text)


def _screen() -> Screen:
    """Return what standard output shows; nothing is left out, as a shell has pipes and a pager."""
    return replace(standard_output(), height=0)


def _text(response: Response) -> str:
    from cocalc_magic.render import Rendered  # with the first that is shown

    return Rendered(response).text_on(_screen())


def _rows(result: Any, *, as_json: bool) -> str:
    """Return a result of bulk work as a text, or as JSON lines."""
    from cocalc_magic.render.bulk import RenderedResult  # as above

    if as_json:
        return "\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in result)
    return RenderedResult(result).text_on(_screen())


def _report(problem: CoCalcError | Interrupted, *, as_json: bool) -> int:
    sys.stderr.write(_as_typed_here("\n".join(problem._render_traceback_())) + "\n")
    if isinstance(problem, Interrupted):
        return INTERRUPTED
    if isinstance(problem, BulkFailed):
        _print(problem.result, as_json=as_json)
        return INTERRUPTED if problem.result.interrupted else FAILED
    response = getattr(problem, "response", None)
    if as_json and isinstance(response, Response):
        _print(response.as_shown(), as_json=True)
    unsent = isinstance(problem, ServerUnreachable) and not isinstance(problem, ConnectionLost)
    return FAILED if isinstance(problem, _SENT) and not unsent else NOT_SENT
