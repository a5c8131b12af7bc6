"""`history` and `last-error`: what was sent, and what failed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cocalc_magic import snippets
from cocalc_magic.commands.paths import write_text
from cocalc_magic.errors import CoCalcError, ConfirmationRequired, InvalidSyntax, ServerError
from cocalc_magic.render.blocks import Column, Facts, Note, Pre, Table
from cocalc_magic.render.humanize import duration
from cocalc_magic.render.page import Page
from cocalc_magic.render.request import request_blocks
from cocalc_magic.render.sections import json_blocks
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.file_names import typed_path
from cocalc_magic.sanitize.secret_forms import mask_texts
from cocalc_magic.syntax.format import format_magic
from cocalc_magic.syntax.parse import Call

if TYPE_CHECKING:
    from cocalc_magic.session.session import Sent, Session

MAX_ROWS = 50
_COLUMNS = ("#", "time", "server", "message", "outcome", "took")


def history(session: Session, argv: list[str]) -> Any:
    """List the messages of this kernel, or `--plot` them; `N --again` repeats one, `--export` saves them."""
    if not argv:
        return _table(list(session.history))
    if argv == ["--plot"]:
        from cocalc_magic.render.plots import of_history  # late, as it loads what few use

        return of_history([(item.moment, item.message.event, item.elapsed) for item in session.history])
    words = [word for word in argv if word != "--force"]
    if words[:1] == ["--export"] and len(words) == 3:
        return _export(session, words[1], words[2], force="--force" in argv)
    if argv[0].isdecimal() and "--again" in argv[1:] and {*argv[1:]} <= {"--again", "--yes"}:
        return _again(session, int(argv[0]), yes="--yes" in argv)
    raise InvalidSyntax(
        "history does not take these arguments.",
        "Write history, history N --again, history --plot, or history --export curl FILE",
    )


def _table(sent: list[Sent]) -> Page:
    if not sent:
        return Page((Note("Nothing has been sent yet."),))
    numbered = list(enumerate(sent, 1))[-MAX_ROWS:]
    rows = tuple(
        (
            str(number),
            f"{datetime.fromtimestamp(item.moment):%H:%M:%S}",
            item.server,
            format_magic(item.message.event, item.options).replace("\n", " "),
            item.outcome,
            duration(item.elapsed),
        )
        for number, item in numbered
    )
    return Page((Table(tuple(Column(name) for name in _COLUMNS), rows, len(sent), len(_COLUMNS)),))


def _again(session: Session, number: int, *, yes: bool) -> Any:
    if not 1 <= number <= len(session.history):
        raise InvalidSyntax(f"there is no message {number}; the history has {len(session.history)}.")
    message = session.history[number - 1]
    if not message.complete:
        raise CoCalcError(
            "this message had a secret option, which is not kept.",
            f"Type it again: %cocalc {message.message.event} …",
        )
    if not message.message.idempotent and not yes:
        raise ConfirmationRequired(
            f"{message.message.event} does something each time it is sent.",
            f"Write %cocalc history {number} --again --yes",
        )
    return session.send(
        Call(message.message, dict(message.options), {"yes": True, **session.to(message.server)})
    )


# -- export ----------------------------------------------------------------------------------


def _export(session: Session, form: str, name: str, *, force: bool) -> Page:
    writers = {"curl": _as_curl, "python": _as_python, "notebook": _as_notebook}
    if form not in writers:
        raise InvalidSyntax(f"history --export has no form {form!r}.", f"The forms: {', '.join(writers)}.")
    kept = list(session.history)
    sent = [replace(item, options=mask_texts(item.options)) for item in kept]
    text = writers[form](session.keyless().server.url, sent)
    path = typed_path(name)
    write_text(path, text, "--force writes over it.", force=force)
    hidden = sum(not item.complete or item != other for item, other in zip(sent, kept, strict=True))
    note = f" {hidden} of them had secret options, which are left out." if hidden else ""
    return Page((Note(f"{len(sent)} messages are in {path}.{note}"),))


def _as_curl(url: str, sent: list[Sent]) -> str:
    lines = [snippets.curl(url, item.message.event, item.options) for item in sent]
    return "\n".join(["#!/bin/sh", "# Set COCALC_API_KEY first.", *lines, ""])


def _as_python(url: str, sent: list[Sent]) -> str:
    calls = "".join(
        f"print(client.send({item.message.event!r}, **{dict(item.options)!r}).text)\n" for item in sent
    )
    return snippets.PROGRAM_HEAD.format(url=url) + calls


def _as_notebook(_url: str, sent: list[Sent]) -> str:
    sources = ["%load_ext cocalc_magic", *(format_magic(item.message.event, item.options) for item in sent)]
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"message-{number}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return (
        json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"
    )


# -- failures --------------------------------------------------------------------------------------


def last_error(session: Session, _argv: list[str]) -> Page:
    """Show the last failure with what was sent and all that came back, without the key."""
    problem = session.last_error
    if problem is None:
        return Page((Note("Nothing has failed yet."),))
    blocks: list[Any] = [Pre(str(problem), label=type(problem).__name__, tone="error")]
    if isinstance(problem, ServerError) and problem.response is not None:
        blocks += [Note("What was sent:"), *request_blocks(problem.response)]
        blocks += [Note("What came back:"), *json_blocks(problem.response)]
        if problem.response.headers:
            headers = tuple(
                (cut(name, 80), cut(value, 240)) for name, value in problem.response.headers.items()
            )
            blocks += [Note(f"HTTP {problem.status} {problem.reason}, with:"), Facts(headers[:100])]
    return Page(tuple(blocks))
