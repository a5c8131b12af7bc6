"""How it went, in one word and a sentence: done, failed, running; and what was requested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.types import is_uuid
from cocalc_magic.render.blocks import Block, Facts, Note, Verdict
from cocalc_magic.render.fields import field_blocks
from cocalc_magic.render.humanize import (
    MAX_WORD,
    brief,
    byte_size,
    duration,
    fact_text,
    field_text,
    file_url,
    is_many,
    label,
    linked,
)
from cocalc_magic.render.payload import MAX_OPTIONS, done, names_in_sentence
from cocalc_magic.sanitize import cut
from cocalc_magic.sanitize.secret_forms import HIDDEN

if TYPE_CHECKING:
    from cocalc_magic.render.payload import Payload

_ENVELOPE = frozenset({"id", "event", "project_id", "timeout"})
_TONES = {
    "running": "good", "completed": "good", "finished": "good", "opened": "",
    "starting": "warning", "stopping": "warning", "pending": "warning", "scheduled": "warning",
    "error": "error", "killed": "error", "failed": "error",
}  # fmt: skip


def empty_answer(payload: Payload) -> tuple[Block, ...]:
    """Return that an answer without a payload is empty, if its message reads; else what was done."""
    message = payload.message
    if message is None:
        return (Note("Done; the answer has no other fields."),)
    # A message that can do either reads if its action does.
    reads = payload.response.request.options.get("action") in (None, "get")
    if message.read_only or (message.read_only is None and reads):
        return (Note("The answer is empty."),)
    options = _options(payload)
    return (*done(payload), *((Facts(options),) if options else ()))


def single_answer(payload: Payload, value: Any) -> tuple[Block, ...]:
    """Return a number, a word or a boolean that is the whole answer, with what it answers."""
    message, words = payload.message, fact_text("value", value, 2 * MAX_WORD)
    if message is None:
        return (Facts((("value", words),)),)
    if message.read_only:
        return (Facts(((message.summary.rstrip("."), words),)),)
    name = "id" if isinstance(value, str) and is_uuid(value) else "answer"
    return (*done(payload), Facts(((name, words), *_options(payload))))


def _options(payload: Payload) -> tuple[tuple[str, str], ...]:
    """Return the options in a few words; of a text with a file's name its size, and a link to the file."""
    response = payload.response
    options = response.request.shown()
    facts: list[tuple[str, str]] = []
    named = names_in_sentence(payload)
    for name, value in options.items():
        if name in _ENVELOPE or name in named or value in (None, "", [], {}, HIDDEN):
            continue
        if name == "content" and isinstance(value, str):
            facts.append(("size", byte_size(len(value.encode("utf-8", "replace")))))
        elif not is_many(value) or len(value) <= MAX_OPTIONS:
            facts.append((label(name), fact_text(str(name), value, MAX_WORD)))
    url = file_url(payload.site, options.get("project_id"), options.get("path"))
    opens = [("opens at", linked(url, url))] if url else []
    return (*facts[:MAX_OPTIONS], *opens)


def command_verdict(response: Mapping[str, Any]) -> Verdict | None:
    """Return how a command ended, or that it still runs; `None` if it was waited for and succeeded."""
    status, code = response.get("status"), response.get("exit_code")
    facts = [] if status == "running" else [f"exit code {brief(code, MAX_WORD)}"]
    facts += _run_time(response)
    if "job_id" in response:
        facts.append(f"job {brief(response['job_id'], MAX_WORD)}")
    words = ", ".join(facts)
    if isinstance(status, str) and status:
        tone = "error" if code != 0 else "warning" if status == "running" else _TONES.get(status, "")
        return Verdict(cut(status, MAX_WORD), words, tone)
    if code == 0 and "job_id" not in response:
        return None
    return Verdict("failed", words, "error") if code != 0 else Verdict("job", words)


def _run_time(response: Mapping[str, Any]) -> list[str]:
    seconds = response.get("elapsed_s")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < 10**9:
        return [f"took {duration(seconds)}"]
    return [f"since {field_text('start', response['start'], MAX_WORD)}"] if response.get("start") else []


def state_blocks(value: Any, site: str) -> tuple[Block, ...] | None:
    """Return what a project or a copy is doing, and since when; `None` if the value is about neither."""
    if not isinstance(value, Mapping):
        return None
    if isinstance(state := value.get("state"), str) and state and len(value) <= MAX_OPTIONS:
        since = field_text("time", value.get("time"), MAX_WORD)
        rest = {name: field for name, field in value.items() if name not in ("state", "time")}
        return _with_state(state, f"since {since}" if since else "", rest, site)
    if "start_ts" in value and "project_id" not in value:
        rest = {name: field for name, field in value.items() if name != "start_ts"}
        since = field_text("start_ts", value["start_ts"], MAX_WORD)
        return _with_state("running", f"since {since}", rest, site)
    return _copy_state(value, site)


_COPY_STATES = {"finished": "finished", "started": "running", "scheduled": "scheduled"}  # the last one first


def _copy_state(value: Mapping[str, Any], site: str) -> tuple[Block, ...] | None:
    if "copy_error" not in value and not ("source_path" in value and "target_path" in value):
        return None
    error = value.get("copy_error") or value.get("error")
    reached = next((state for name, state in _COPY_STATES.items() if value.get(name)), "pending")
    paths = [brief(value[name], MAX_WORD) for name in ("source_path", "target_path") if value.get(name)]
    words = " → ".join(paths) + (f": {brief(error, MAX_WORD)}" if error else "")
    return _with_state("failed" if error else reached, words, value, site)


def _with_state(word: str, words: str, rest: Mapping[str, Any], site: str) -> tuple[Block, ...]:
    known = {name: field for name, field in rest.items() if field is not None and field not in ("", [], {})}
    return (
        Verdict(cut(word, MAX_WORD), words, _TONES.get(word, "")),
        *(field_blocks(known, site) if known else ()),
    )
