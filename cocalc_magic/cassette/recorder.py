"""Record messages with what came of them, from any number of threads, and save them without secrets."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from cocalc_magic.cassette import entry, file, search, tape
from cocalc_magic.errors import CoCalcError, SecretsFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike

    from cocalc_magic.cassette.entry import Entry
    from cocalc_magic.cassette.player import Player
    from cocalc_magic.cassette.tape import Generations, Outcome, Outgoing, Send, Sink
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.response import Response

MAX_PLACES = 8  # of secrets, in an error
_ENCODER = json.JSONEncoder(default=str)  # ready, since it is used for each message
_NOWHERE = {"name": "nowhere", "url": ""}  # the server of a recording without a message


@dataclass(frozen=True)
class Recording:
    """What was saved.

    Args:
        path: The file.
        messages: How many messages are in it.
        replaced: How many different texts were replaced, by kind.
        left_out: Where secrets are in the messages that were left out.
        unfinished: How many messages had no end, as they were interrupted.
        is_cut: Whether there were more than a recording may have.
    """

    path: str
    messages: int
    replaced: Mapping[str, int]
    left_out: Sequence[str] = ()
    unfinished: int = 0
    is_cut: bool = False

    def __str__(self) -> str:
        replaced = ", ".join(_counted(kind, count) for kind, count in sorted(self.replaced.items()))
        parts = [f"{self.path}: {self.messages:,} message{'' if self.messages == 1 else 's'}"]
        parts += [f"replaced by stand-ins: {replaced}"] if replaced else []
        parts += [f"left out: {place}" for place in self.left_out]
        parts += [f"without an end, and not in it: {self.unfinished:,}"] if self.unfinished else []
        parts += ["later ones are not in it, as it is full"] if self.is_cut else []
        return "; ".join(parts) + "."


class _Taken(NamedTuple):
    """One message that was recorded: when it began and ended, and its line as JSON, with its secrets."""

    began: float
    ended: float
    text: str
    secret: tuple[str, ...]


class Recorder:
    """A tape that records. It writes nothing until it is saved.

    Args:
        path: The file to write.
        player: What answers from the same file already; what is recorded is added to it.

    Raises:
        AlreadyThere: Another file is there, which is not a recording.
        CoCalcError: There is no such folder.
    """

    offline = False

    def __init__(self, path: str | PathLike[str], player: Player | None = None) -> None:
        self.path, self._player = file.check_place(path), player
        self._lock = threading.Lock()
        self._taken: list[_Taken] = []
        earlier = player.cassette.servers if player else ()
        self._servers = {str(server["name"]): dict(server) for server in earlier}
        self._keys: dict[Secret, None] = {}
        self._people: dict[str, None] = {}
        self._bytes, self._unfinished, self._is_full = 0, 0, False

    def __len__(self) -> int:
        return len(self._taken)

    def exchange(self, outgoing: Outgoing, send: Send) -> Outcome:
        """Return the outcome of a message, and record it. Raises what `send` raises."""
        copy = None if outgoing.sink is None else _Copy(outgoing.sink)
        began = tape.began()
        try:
            response, problem = send(outgoing if copy is None else replace(outgoing, sink=copy))
        except CoCalcError as failure:
            self._take(began, outgoing, None, failure, None)
            raise
        except BaseException:
            with self._lock:
                self._unfinished += 1
            raise
        content = bytes(copy.content) if copy is not None and problem is None else None
        self._take(began, outgoing, response, problem, content)
        return response, problem

    def generations(self, server: Server, find: Generations) -> frozenset[str]:
        """Return which APIs a server speaks, and record it."""
        generations = find()
        if generations:
            with self._lock:
                self._server(server)["generations"] = sorted(generations)
        return generations

    def know_people(self, names: Iterable[str]) -> None:
        """Take note of people's full names, which get stand-ins wherever they occur."""
        with self._lock:
            self._people |= dict.fromkeys(names)

    def save(self, *, leave_out: bool = False) -> Recording:
        """Write the recording, with stand-ins for secrets, addresses and names.

        Args:
            leave_out: Leave messages out in which a secret is found that can't be replaced.

        Raises:
            SecretsFound: There are such, and nothing was written.
            CoCalcError: The file can't be written.
        """
        from cocalc_magic.cassette.scrub import scrubbed  # late: whoever only records needs it at the end

        with self._lock:
            taken, servers = list(self._taken), [dict(server) for server in self._servers.values()]
            people = list(self._people)
            keys = [key.reveal() for key in self._keys if len(key.reveal()) >= search.LONG]
        servers, earlier, moment = servers or [_NOWHERE], self._earlier(), datetime.now(timezone.utc)
        known = self._player.meanings.stand_ins if self._player else {}
        entries = [_entry(item) for item in in_order(taken)]
        result = scrubbed(entries, keys, str(servers[0]["name"]), earlier, known, people)
        if result.places and not leave_out:
            raise _found(self.path.name, result.places)
        lines = [*earlier, *result.lines]
        file.write(self.path, servers, lines, self._player.cassette.recorded if self._player else moment)
        return Recording(
            str(self.path), len(lines), result.replaced, result.places, self._unfinished, self._is_full
        )

    def _earlier(self) -> list[dict[str, Any]]:
        cassette = self._player.cassette if self._player else None
        return [cassette.value(line) for line in cassette.lines] if cassette else []

    def _take(
        self,
        began: float,
        outgoing: Outgoing,
        response: Response | None,
        problem: CoCalcError | None,
        content: bytes | None,
    ) -> None:
        """Keep what came of a message, as a text: its values may be changed by whoever has them."""
        ended = time.perf_counter()
        recorded = entry.recorded(outgoing, response, problem, content)
        text = _as_text(recorded)
        with self._lock:
            server = self._server(outgoing.server)
            if response is not None and response.sandbox:
                server["sandbox"] = True
            self._keys |= dict.fromkeys(outgoing.secrets)
            self._bytes += len(text)
            self._is_full |= self._bytes > file.MAX_BYTES or len(self._taken) >= file.MAX_LINES - 2
            if not self._is_full:
                self._taken.append(_Taken(began, ended, text, recorded.secret))

    def _server(self, server: Server) -> dict[str, Any]:
        return self._servers.setdefault(server.name, {"name": server.name, "url": server.url})


class _Copy:
    """A sink that keeps what it passes on."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self.content = sink, bytearray()

    def write(self, data: bytes, /) -> object:
        """Write the next bytes."""
        if len(self.content) <= file.MAX_BYTES:
            self.content += data
        return self._sink.write(data)


def in_order(taken: Iterable[_Taken]) -> list[_Taken]:
    """Return messages in the order in which they began; those that overlapped, by their content.

    So the order of a recording does not depend on which thread came first.
    """
    ordered: list[_Taken] = []
    group: list[_Taken] = []
    end = 0.0
    for item in sorted(taken, key=lambda item: item.began):
        if group and item.began >= end:
            ordered += _by_content(group)
            group, end = [], 0.0
        group.append(item)
        end = max(end, item.ended)
    return [*ordered, *_by_content(group)]


def _by_content(group: list[_Taken]) -> list[_Taken]:
    return group if len(group) == 1 else sorted(group, key=lambda item: (_asked_of(item), item.began))


def _asked_of(item: _Taken) -> str:
    value = json.loads(item.text)
    return json.dumps([value["event"], value.get("server"), value["options"]], sort_keys=True)


def _as_text(recorded: Entry) -> str:
    try:
        return _ENCODER.encode(recorded.line())
    except RecursionError:  # what is kept in its place is refused when it is saved
        deep: Any = None
        for _ in range(file.MAX_DEPTH + 1):
            deep = [deep]
        return json.dumps({"event": recorded.event, "options": {}, "status": 0, "response": deep})


def _entry(item: _Taken) -> Entry:
    value = json.loads(item.text)
    event, options, server = value.pop("event"), value.pop("options"), value.pop("server", "")
    return entry.Entry(event, options, server, value, item.secret)


def _found(name: str, places: Sequence[str]) -> SecretsFound:
    more = [f"and {len(places) - MAX_PLACES} more"] if len(places) > MAX_PLACES else []
    problem = SecretsFound(
        f"{name} would contain a secret that can't be replaced, and was not written.",
        "\n".join([*places[:MAX_PLACES], *more]),
        "%cocalc record --stop --leave-out saves all other messages, %cocalc record --discard none.",
    )
    problem.places = tuple(places)
    return problem


def _counted(kind: str, count: int) -> str:
    word = {"email": "address", "person": "name", "credentials": "credential"}.get(kind, kind)
    plural = f"{word}es" if word.endswith("s") else f"{word}s"
    return f"{count:,} {word if count == 1 else plural}"
