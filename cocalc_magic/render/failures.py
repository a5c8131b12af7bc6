"""Show a failure: what the server said, when it says so, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from cocalc_magic.client.wire import failure
from cocalc_magic.errors import CommandFailed
from cocalc_magic.render.blocks import Block, Facts, Note, Verdict
from cocalc_magic.render.humanize import MAX_WORD
from cocalc_magic.render.trees import tree
from cocalc_magic.render.truncate import text_block
from cocalc_magic.sanitize import cut

if TYPE_CHECKING:
    from cocalc_magic.catalog import Message
    from cocalc_magic.render.payload import Payload

Body: TypeAlias = tuple[Block, ...]

_FIELDS = ("error", "reason", "message", "issues")  # in which servers say what is wrong
_MAX_ERRORS = 20  # by their names
_MAX_ERROR = 100_000  # characters of an error that is compared with the catalog


def failure_blocks(payload: Payload) -> Body:
    """Return what the server said, what it means by it if that is known, and what to do."""
    response, message = payload.response, payload.message
    error = next((response[name] for name in _FIELDS if response.get(name)), response.value)
    problem = failure(message, response) if message else None
    hints = tuple(map(Note, problem.hints)) if problem else ()
    if isinstance(problem, CommandFailed):
        return (*_failed_command(problem), *hints)
    return (*_error_blocks(error), *_explanation(message, error), *hints)


def _error_blocks(error: Any) -> Body:
    if isinstance(error, str) and error:
        return (text_block(error, tone="error"),)
    if not error:
        return (Note("The server refused, and gave no reason."),)
    note = Note("The server refused, and said:")
    if not isinstance(error, Mapping) or not all(isinstance(text, str) for text in error.values()):
        return (note, tree(error))
    # Not masked: under the name of a password stands what is wrong with it, not the password.
    texts = islice(error.items(), _MAX_ERRORS)
    return (note, Facts(tuple((cut(str(name), MAX_WORD), cut(text, 3 * MAX_WORD)) for name, text in texts)))


def _failed_command(error: CommandFailed) -> Body:
    """Return how a command failed, for which servers send one sentence."""
    if error.exit_code is None:
        how = error.problem.removeprefix("the command ").rstrip(".")
    else:
        how = f"exit code {error.exit_code}"
    printed = (text_block(error.stderr, "stderr", "warning", "ansi"),) if error.stderr else ()
    return (Verdict("failed", how, "error"), *printed)


def _explanation(message: Message | None, error: Any) -> Body:
    """Return when the server says so, by the catalog."""
    texts = list(error.values()) if isinstance(error, Mapping) else [error]
    for known in message.errors if message else ():
        if known.error and any(_matches(known.error, text) for text in texts[:_MAX_ERRORS]):
            when = known.when if known.when.startswith("always") else f"when {known.when}"
            return (Note(f"It says so {when}."),)
    return ()


def _matches(text: str, words: Any) -> bool:
    """Return whether the words are a text of the catalog, with its `{…}` filled in."""
    if not isinstance(words, str) or len(words) > _MAX_ERROR:
        return False
    parts = re.split(r"\{[^{}]*\}", text)
    place = 0
    for part in parts:
        place = words.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return words.startswith(parts[0]) and words.endswith(parts[-1]) and any(len(part) > 8 for part in parts)
