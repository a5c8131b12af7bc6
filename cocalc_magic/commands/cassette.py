"""`record` and `replay`: messages into a file, and answers from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.commands.args import parse_args
from cocalc_magic.commands.records import records_page
from cocalc_magic.errors import InvalidSyntax
from cocalc_magic.render.blocks import Note
from cocalc_magic.render.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cocalc_magic.cassette.file import Cassette
    from cocalc_magic.conformance.drift import Drift
    from cocalc_magic.session.session import Session

_RECORD = {"--stop": False, "--leave-out": False, "--discard": False}
_REPLAY = {
    **dict.fromkeys(("--stop", "--strict", "--diff"), False),
    **dict.fromkeys(("--server", "--expires", "--expired"), True),
}


def record(session: Session, argv: list[str]) -> Page:
    """Record the messages of this kernel from now on, or save what was recorded."""
    words, flags = parse_args("record", argv, _RECORD)
    if len(words) + bool(flags) > 1 + ("leave-out" in flags) or (words and flags) or len(words) > 1:
        raise InvalidSyntax(
            "record does not take these arguments.",
            "Write %cocalc record FILE, and then %cocalc record --stop",
        )
    if words:
        return _start(session, words[0])
    if not flags:
        return _recording(session)
    if not session.recorders:
        raise InvalidSyntax("nothing is recorded.", "Write %cocalc record FILE")
    recorder = session.recorders[-1]
    if "discard" in flags:
        session.stop_recording()
        return _note(f"Nothing of {len(recorder):,} messages was saved.")
    saved = recorder.save(leave_out="leave-out" in flags)
    session.stop_recording()  # only now: what could not be saved is not lost
    return _note(str(saved))


def _start(session: Session, path: str) -> Page:
    from cocalc_magic.cassette.recorder import Recorder  # late: few sessions record

    recorder = Recorder(path)
    session.record(recorder)
    return _note(f"Messages are recorded for {recorder.path}. %cocalc record --stop saves them.")


def _recording(session: Session) -> Page:
    parts = [f"{recorder.path}: {len(recorder):,} messages so far" for recorder in session.recorders]
    return _note(f"{'; '.join(parts)}." if parts else "Nothing is recorded.")


def replay(session: Session, argv: list[str]) -> Page:
    """Answer the messages of this kernel from a recording, or compare a server with it."""
    words, flags = parse_args("replay", argv, _REPLAY)
    if flags == {"stop": "yes"} and not words:
        return _stop(session)
    if not words and not flags:
        name = session.player.cassette.path if session.player else ""
        return _note(f"{name} answers." if name else "No recording answers; servers do.")
    if len(words) != 1 or "stop" in flags or ("diff" in flags and "strict" in flags):
        raise InvalidSyntax(
            "replay does not take these arguments.",
            "Write %cocalc replay FILE, and then %cocalc replay --stop",
        )
    from cocalc_magic.cassette import file, player  # late, as above

    cassette = file.read(words[0])
    warning = player.check_age(cassette, flags.get("expires", ""), flags.get("expired", player.WARN))
    if "diff" in flags:
        return _compare(session, cassette, flags.get("server"), warning)
    if "server" in flags:
        raise InvalidSyntax("--server goes with --diff.", "A recording answers in place of every server.")
    session.replay(player.Player(cassette, strict="strict" in flags))
    counted = f"{len(cassette.lines):,} messages, recorded on {cassette.recorded:%Y-%m-%d}"
    return _note(
        f"{cassette.path} answers ({counted}): nothing is sent. %cocalc replay --stop ends that.", warning
    )


def _stop(session: Session) -> Page:
    if session.player is None:
        raise InvalidSyntax("no recording answers.", "Write %cocalc replay FILE")
    answered, name = session.player.answered, session.player.cassette.path.name
    session.replay(None)
    return _note(f"Servers answer again; {name} has answered {answered:,} messages.")


def _compare(session: Session, cassette: Cassette, server: str | None, warning: str) -> Page:
    from cocalc_magic.conformance import drift  # late: other commands need none of it

    if session.player is not None:
        raise InvalidSyntax("a recording answers, and no server.", "%cocalc replay --stop ends that.")
    client, done = session.client(server), [0, 0]

    def count(place: int, total: int) -> None:
        done[:] = place, total

    with session.frontend.progress(
        "replay", client.server.name, lambda: "{:,} of {:,} messages".format(*done)
    ):
        result = drift.drift(cassette, client, count)
    notes = [Note(text) for text in (*_sentences(result, client.server.name), warning) if text]
    return records_page(drift.COLUMNS, drift.records(result.changes), notes, session.frontend.keep)


def _sentences(result: Drift, server: str) -> Iterator[str]:
    counted = f"{result.sent:,} message{'' if result.sent == 1 else 's'}"
    changed = f"{result.changed:,} with another outcome" if result.changed else "all with the same outcome"
    yield f"{server} was asked {counted} of the recording again: {changed}."
    for reason, number in result.left_out.items():
        yield f"Not asked: {number:,} ({reason})."


def _note(*texts: str) -> Page:
    return Page(tuple(Note(text) for text in texts if text))
