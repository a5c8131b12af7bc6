"""How it went, in one word and a sentence: done, failed, running; and what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cocalc_magic import catalog
from cocalc_magic.render.blocks import Block, Facts, Note, Verdict
from cocalc_magic.render.clean import cut, label
from cocalc_magic.render.fields import field_blocks
from cocalc_magic.render.humanize import fact, milliseconds, size, told
from cocalc_magic.render.links import file_address, is_uuid, linked, place
from cocalc_magic.render.trees import brief, is_many
from cocalc_magic.sanitize.secret_forms import HIDDEN

if TYPE_CHECKING:
    from cocalc_magic.catalog import Message
    from cocalc_magic.response import Response

_WORD = 80
_ASKED = 6  # options that tell what was done
_ENVELOPE = frozenset({"id", "event", "project_id", "timeout"})
_TONES = {
    "running": "good", "completed": "good", "finished": "good", "opened": "",
    "starting": "warning", "stopping": "warning", "pending": "warning", "scheduled": "warning",
    "error": "error", "killed": "error", "failed": "error",
}  # fmt: skip


def message_of(response: Response) -> Message | None:
    """What the catalog knows of the message that was sent."""
    return catalog.get(response.request.event)


def done(response: Response) -> tuple[Block, ...]:
    """An answer that carries nothing: a message that reads found nothing, another did what it does."""
    message = message_of(response)
    if message is None:
        return (Note("Done; the answer carries no other fields."),)
    if message.read_only or (message.read_only is None and _asks(response)):
        return (Note("The answer is empty."),)
    asked = _asked(response)
    return (Verdict("done", message.summary, "good"), *((Facts(asked),) if asked else ()))


def made(response: Response) -> tuple[Block, ...]:
    """That something was done, where the message is of those that do; ahead of what came of it."""
    message = message_of(response)
    if message is None or message.read_only is not False:
        return ()
    return (Verdict("done", message.summary, "good"),)


def _asks(response: Response) -> bool:
    """Whether a message that can do either was meant to read."""
    return response.request.options.get("action") in (None, "get")


def answer(response: Response, value: Any) -> tuple[Block, ...]:
    """A number, a word or a truth that is the whole answer, with what it is the answer to."""
    message = message_of(response)
    words = fact("value", value, 2 * _WORD)
    if message is None:
        return (Facts((("value", words),)),)
    label = "id" if is_uuid(value) else "answer"
    if message.read_only:
        return (Facts(((message.summary.rstrip("."), words),)),)
    return (Verdict("done", message.summary, "good"), Facts(((label, words), *_asked(response))))


def _asked(response: Response) -> tuple[tuple[str, str], ...]:
    """The options in a few words; of a text with a file's name its size, and where the file is opened."""
    options = response.request.shown()
    made: list[tuple[str, str]] = []
    for name, value in options.items():
        if name in _ENVELOPE or value in (None, "", [], {}, HIDDEN):
            continue
        if name == "content" and isinstance(value, str):
            made.append(("size", size(len(value.encode("utf-8", "replace")))))
        elif not is_many(value) or len(value) <= _ASKED:
            made.append((label(name, _WORD), fact(str(name), value, _WORD)))
    page = file_address(place(response), options.get("project_id"), options.get("path"))
    opens = [("opens at", linked(page, page))] if page else []
    return (*made[:_ASKED], *opens)


def command_verdict(response: Mapping[str, Any]) -> Verdict | None:
    """How a command ended, or that it still runs; ``None`` for one that was waited for and went well."""
    status, code = response.get("status"), response.get("exit_code")
    told_of = [] if status == "running" else [f"exit code {brief(code, _WORD)}"]
    told_of += _took(response)
    if "job_id" in response:
        told_of.append(f"job {brief(response['job_id'], _WORD)}")
    words = ", ".join(told_of)
    if isinstance(status, str) and status:
        tone = "error" if code != 0 else "warning" if status == "running" else _TONES.get(status, "")
        return Verdict(cut(status, _WORD), words, tone)
    if code == 0 and "job_id" not in response:
        return None
    return Verdict("failed", words, "error") if code != 0 else Verdict("job", words)


def _took(response: Mapping[str, Any]) -> list[str]:
    taken = response.get("elapsed_s")
    if isinstance(taken, int | float) and not isinstance(taken, bool) and 0 <= taken < 10**9:
        return [f"took {milliseconds(taken)}"]
    return [f"since {told('start', response['start'], _WORD)}"] if response.get("start") else []


def standing(value: Any, address: str) -> tuple[Block, ...] | None:
    """What a project or a copy is doing, and since when; ``None`` where the value is about neither."""
    if not isinstance(value, Mapping):
        return None
    if isinstance(state := value.get("state"), str) and state and len(value) <= _ASKED:
        since = told("time", value.get("time"), _WORD)
        rest = {name: one for name, one in value.items() if name not in ("state", "time")}
        return _stands(state, f"since {since}" if since else "", rest, address)
    if "start_ts" in value and "project_id" not in value:
        rest = {name: one for name, one in value.items() if name != "start_ts"}
        return _stands("running", f"since {told('start_ts', value['start_ts'], _WORD)}", rest, address)
    return _copying(value, address)


_COPYING = {"finished": "finished", "started": "running", "scheduled": "scheduled"}  # the last one first


def _copying(value: Mapping[str, Any], address: str) -> tuple[Block, ...] | None:
    if "copy_error" not in value and not ("source_path" in value and "target_path" in value):
        return None
    failed = value.get("copy_error") or value.get("error")
    word = "failed" if failed else next((one for name, one in _COPYING.items() if value.get(name)), "pending")
    paths = [brief(value[name], _WORD) for name in ("source_path", "target_path") if value.get(name)]
    words = " → ".join(paths) + (f": {brief(failed, _WORD)}" if failed else "")
    return _stands(word, words, value, address)


def _stands(word: str, words: str, rest: Mapping[str, Any], address: str) -> tuple[Block, ...]:
    known = {name: one for name, one in rest.items() if one is not None and one not in ("", [], {})}
    return (
        Verdict(cut(word, _WORD), words, _TONES.get(word, "")),
        *(field_blocks(known, address) if known else ()),
    )
