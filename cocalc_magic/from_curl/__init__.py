"""Convert pasted text with curl commands to cells of a notebook.

    references   values that only the shell knows, or that are secret, as tokens
    commands     simple commands, whichever shell they are for
    bash         bash, zsh and sh, by tree-sitter's grammar; bash_words, what its quotes mean
    windows      cmd_exe and powershell: small readers of their own
    transcript   prompts and output in what was copied from a terminal; which shell it was
    options      the words of curl as requests, by option_names
    addresses    the address of a request: server, API, message
    request_body what a request carries
    messages     a request as a message with its options, or as a raw request
    notebook     messages as cells, with notes

Nothing is run and nothing is read from files or the network.

From the bottom up: addresses, commands, option_names, options, references, bash_words, bash, windows,
cmd_exe, powershell, transcript, request_body, messages, notebook.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cocalc_magic.errors import InvalidMessage, InvalidSyntax
from cocalc_magic.from_curl import bash, cmd_exe, powershell, transcript
from cocalc_magic.from_curl.messages import Interpretation, interpret
from cocalc_magic.from_curl.notebook import format_cell, notes_on
from cocalc_magic.from_curl.options import requests_of
from cocalc_magic.from_curl.references import References
from cocalc_magic.sanitize.secret_forms import KEY, find_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.from_curl.commands import Script

__all__ = ["Pasted", "read"]

LONGEST = 2_000_000  # characters
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_CURLS = 1_000  # commands
_UNNAMED = {
    "",
    "https://cocalc.com",
}  # no server, and the one of all guide pages: the configured one is meant

_SHELLS: dict[str, Callable[[str, References], Script]] = {
    "bash": bash.read,
    "cmd": cmd_exe.read,
    "powershell": powershell.read,
}


@dataclass
class Pasted:
    """The result of a pasted text: its messages, what was left out, and whether it had a key."""

    messages: list[Interpretation]
    references: References
    notes: list[str] = field(default_factory=list)
    had_key: bool = False

    def cells(self, here: str = "") -> list[str]:
        """Return the source of a cell for each message; those for another server than `here` name it."""
        return [
            format_cell(
                message, self.references, server="" if message.server in _UNNAMED | {here} else message.server
            )
            for message in self.messages
        ]

    def all_notes(self, cells: list[str]) -> list[str]:
        """Return the notes on the cells, each once."""
        several = len(self.messages) > 1
        own = [
            f"{message.words}: {note}" if several else note
            for message in self.messages
            for note in message.notes
        ]
        return list(dict.fromkeys([*self.notes, *own, *notes_on(self.references, cells)]))


def read(text: str) -> Pasted:
    """Convert a pasted text to messages.

    Raises:
        InvalidSyntax: Where no command of curl is in it, or one that can't become a magic.
        InvalidMessage: For options that a message does not take.
    """
    if len(text) > LONGEST:
        raise InvalidSyntax(
            f"the text is longer than {LONGEST:,} characters.", "Paste the curl command alone."
        )
    text = _LONE_SURROGATE.sub("\ufffd", text)  # nothing can send one
    references = References(text)
    without_keys = _without_keys(text, references)
    shell, commands, output = transcript.commands_of(without_keys)
    script = _script(shell, commands, references)
    if not script.curls:
        raise _no_curl(script, text)
    pasted = Pasted([], references, had_key=without_keys != text)
    aside = list(script.aside)
    if output:
        aside.append(f"what was printed ({output} line{'s' * (output > 1)})")
    _add_messages(pasted, script, aside)
    if aside:
        pasted.notes.append(references.restored(f"Left aside: {', '.join(dict.fromkeys(aside))}."))
    return pasted


def _without_keys(text: str, references: References) -> str:
    """Replace keys by tokens, so that nothing after this ever has one."""
    parts, at = [], 0
    for span in find_secrets(text):
        if span.kind == KEY:
            parts += [text[at : span.start], references.secret(text[span.start : span.end], "key")]
            at = span.end
    return "".join([*parts, text[at:]])


def _script(shell: str, text: str, references: References) -> Script:
    """Parse the commands of a text, within limits, since it may come from anywhere."""
    try:
        script = _SHELLS[shell](text, references)
    except RecursionError:
        raise InvalidSyntax("the text is nested too deep.", "Paste the curl command alone.") from None
    if len(script.curls) > MAX_CURLS:
        raise InvalidSyntax(
            f"the text has {len(script.curls):,} curl commands.", f"Paste up to {MAX_CURLS:,}."
        )
    return script


def _add_messages(pasted: Pasted, script: Script, aside: list[str]) -> None:
    """Add the message of each transfer; one that can't be converted is a note if there are others."""
    problems: list[InvalidMessage] = []
    for curl in script.curls:
        try:
            for request in requests_of(curl):
                aside += request.aside
                aside += [f"-H {', '.join(request.other_headers)}"] if request.other_headers else []
                for url in _urls(request.urls, pasted.references, aside):
                    result = interpret(request, url, pasted.references)
                    result.into = curl.into
                    pasted.had_key |= result.had_key
                    pasted.messages.append(result)
        except InvalidMessage as problem:
            problems.append(_restored(problem, pasted.references))
    if not pasted.messages:
        raise (problems[0] if problems else _no_address()) from None
    pasted.notes += [f"Not taken: {problem.problem}" for problem in problems]


def _restored(problem: InvalidMessage, references: References) -> InvalidMessage:
    """Return an error with tokens replaced by what was pasted, and secrets masked."""
    return type(problem)(references.restored(problem.problem), *map(references.restored, problem.hints))


def _urls(urls: list[str], references: References, aside: list[str]) -> list[str]:
    """Return the addresses among the words of curl; a variable beside them may hold anything."""
    unknown = [url for url in urls if references.alone(url)]
    sure = [url for url in urls if url not in unknown]
    if not sure:
        raise _no_address()
    aside += [references.restored(url) for url in unknown]
    return sure


def _no_address() -> InvalidSyntax:
    return InvalidSyntax(
        "this curl command is for no message of CoCalc: no address is in it.",
        "Its address ends with /api/v1/EVENT, /api/v2/… or /api/conat/hub",
    )


def _no_curl(script: Script, text: str) -> InvalidSyntax:
    if text.lstrip().startswith("fetch("):
        script.other.append("JavaScript's fetch")
    if script.other:
        return InvalidSyntax(
            f"this is {script.other[0]}, and only curl is read.", "Browsers have it as Copy as cURL."
        )
    return InvalidSyntax("this is not a curl command.", "Paste one that begins with curl")
