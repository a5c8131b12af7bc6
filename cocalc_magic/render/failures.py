"""What is shown of a failure: what the server said, when it says so, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_magic.client.wire import failure
from cocalc_magic.errors import CommandFailed
from cocalc_magic.render.blocks import Block, Facts, Note, Verdict
from cocalc_magic.render.clean import cut
from cocalc_magic.render.status import message_of
from cocalc_magic.render.trees import tree
from cocalc_magic.render.truncate import text_block

if TYPE_CHECKING:
    from cocalc_magic.errors import ServerError
    from cocalc_magic.response import Response

Body: TypeAlias = tuple[Block, ...]

_WORD = 80
_LONG = 100_000  # characters of an error in which something is looked for


def failure_blocks(response: Response) -> Body:
    """What the server said, as it said it, what it means by it where that is known, and what to do."""
    said = _said(response)
    if command := _of_command(response):
        return (*command, *_hints(response))
    return (*_words(said), *_meant(response, said), *_hints(response))


def _said(response: Response) -> Any:
    said = next((response[name] for name in _SAID if response.get(name)), None)
    return response.value if said is None else said


def _words(said: Any) -> Body:
    if isinstance(said, str) and said:
        return (text_block(said, tone="error"),)
    if not said:
        return (Note("The server refused, and gave no reason."),)
    note = Note("The server refused, and said:")
    if not isinstance(said, Mapping) or not all(isinstance(words, str) for words in said.values()):
        return (note, tree(said))
    # Of a password or a token it says what is wrong with it: what stands under their names is no secret.
    words = islice(said.items(), _SAYINGS)
    facts = Facts(tuple((cut(str(name), _WORD), cut(text, 3 * _WORD)) for name, text in words))
    return (note, facts)


def _of_command(response: Response) -> Body:
    """A command that failed, where the server has all that there is of it in one sentence."""
    wrong = _wrong(response)
    if not isinstance(wrong, CommandFailed):
        return ()
    how = (
        f"exit code {wrong.exit_code}"
        if wrong.exit_code is not None
        else wrong.problem.removeprefix("the command ").rstrip(".")
    )
    printed = (text_block(wrong.stderr, "stderr", "warning", "ansi"),) if wrong.stderr else ()
    return (Verdict("failed", how, "error"), *printed)


def _wrong(response: Response) -> ServerError | None:
    message = message_of(response)
    return failure(message, response) if message else None


def _hints(response: Response) -> Body:
    """What to do about it."""
    wrong = _wrong(response)
    return () if wrong is None else tuple(Note(hint) for hint in wrong.hints)


def _meant(response: Response, said: Any) -> Body:
    """When the server says so, by the catalog."""
    words = list(said.values()) if isinstance(said, Mapping) else [said]
    message = message_of(response)
    known = {failure.error: failure.when for failure in message.errors} if message else {}
    found = [
        when for text, when in known.items() if text and any(_is_said(text, one) for one in words[:_SAYINGS])
    ]
    return tuple(Note(_sentence(when)) for when in found[:1])


def _sentence(when: str) -> str:
    return f"It says so {'' if when.startswith('always') else 'when '}{when}."


def _is_said(text: str, words: Any) -> bool:
    """Whether the words are the text of the catalog, its ``{…}`` filled in."""
    if not isinstance(words, str) or len(words) > _LONG:
        return False
    parts = re.split(r"\{[^{}]*\}", text)
    place = 0
    for part in parts:
        place = words.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return words.startswith(parts[0]) and words.endswith(parts[-1]) and any(len(part) > 8 for part in parts)


_SAID = ("error", "reason", "message", "issues")
_SAYINGS = 20
