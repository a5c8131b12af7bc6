"""A real server that passes requests on to another, and falsifies some of the answers: each in one way."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any, NamedTuple

import requests

from cocalc_magic.conformance.compare import MEASURED
from cocalc_magic.sandbox.testing import FakeServer, Request, Response

Signature = tuple[
    str, str, bytes
]  # path, the header with the key, and body: what makes a request another one


class Message(NamedTuple):
    """What of an answer is falsified."""

    status: int
    headers: dict[str, str]
    value: Any


Mutation = Callable[[Message, random.Random], Message]


@dataclass(frozen=True)
class Page:
    """The text of an answer that is not JSON."""

    page: str


class Places:
    """Where in a value something can be changed: containers with the name or place in them."""

    def __init__(self, value: Any) -> None:
        self.root = {"value": copy.deepcopy(value)}
        self.slots = list(self._slots(self.root))

    def _slots(self, value: Any) -> Any:
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in list(entries):
            yield value, name
            if isinstance(item, dict | list):
                yield from self._slots(item)

    def holding(self, *types: type) -> list[Any]:
        return [(where, name) for where, name in self.slots if type(where[name]) in types]

    @property
    def value(self) -> Any:
        return self.root["value"]


class NotHere(Exception):
    """The answer has nothing that this can be done to."""


def pick(places: list[Any], chance: random.Random) -> Any:
    if not places:
        raise NotHere
    return chance.choice(places)


def change_text(message: Message, chance: random.Random) -> Message:
    places = Places(message.value)
    where, name = pick(places.holding(str), chance)
    text = where[name]
    place = chance.randrange(len(text) + 1)
    where[name] = f"{text[:place]}~{text[place:]}"
    return message._replace(value=places.value)


def change_type(message: Message, chance: random.Random) -> Message:
    places = Places(message.value)
    where, name = pick(places.holding(str, int, float, bool, list, dict), chance)
    old = where[name]
    where[name] = 7 if isinstance(old, str) else json.dumps(old) if not isinstance(old, list) else {"0": old}
    return message._replace(value=places.value)


def change_number(message: Message, chance: random.Random) -> Message:
    places = Places(message.value)
    numbers = places.holding(int, float)
    small = [(where, name) for where, name in numbers if where[name] < 1e9 and name not in MEASURED]
    where, name = pick(small, chance)
    where[name] += 1
    return message._replace(value=places.value)


def flip(message: Message, chance: random.Random) -> Message:
    places = Places(message.value)
    where, name = pick(places.holding(bool), chance)
    where[name] = not where[name]
    return message._replace(value=places.value)


def leave_out(message: Message, chance: random.Random) -> Message:
    places = Places(message.value)
    where, name = pick([(where, name) for where, name in places.slots if where is not places.root], chance)
    del where[name]
    return message._replace(value=places.value)


def add_field(message: Message, chance: random.Random) -> Message:
    places = Places(message.value)
    where, name = pick(places.holding(dict), chance)
    where[name]["surplus"] = None
    return message._replace(value=places.value)


def reverse(message: Message, chance: random.Random) -> Message:
    places = Places(message.value)
    lists = [(where, name) for where, name in places.holding(list) if where[name] != where[name][::-1]]
    where, name = pick(lists, chance)
    where[name].reverse()
    return message._replace(value=places.value)


def change_status(message: Message, chance: random.Random) -> Message:
    other = [status for status in (200, 201, 400, 403, 404, 500, 503) if status != message.status]
    return message._replace(status=chance.choice(other))


def change_content_type(message: Message, chance: random.Random) -> Message:
    other = {"text/plain", "application/json"} - {message.headers.get("Content-Type")}
    return message._replace(headers={"Content-Type": chance.choice(sorted(other))})


def add_header(message: Message, chance: random.Random) -> Message:
    return message._replace(headers={**message.headers, "X-Surplus": "1"})


def send_page(message: Message, chance: random.Random) -> Message:
    return message._replace(value=Page("<html>"), headers={"Content-Type": "text/html"})


MUTATIONS: list[Mutation] = [
    reverse, change_number, flip, change_text, change_type, leave_out, add_field, change_status,
    change_content_type, add_header, send_page,
]  # fmt: skip
"""First those that few answers have something for."""


def possible(mutation: Mutation, message: Message, seed: int) -> bool:
    try:
        mutation(message, random.Random(seed))  # noqa: S311
    except NotHere:
        return False
    return True


class Falsifier(FakeServer):
    """Passes on what it gets to a server, and falsifies the answers to what is in `planted`."""

    def __init__(self, url: str) -> None:
        super().__init__(self._respond)
        self.behind = url
        self.planted: dict[Signature, tuple[Mutation, int]] = {}
        self.answers: dict[Signature, Message] = {}
        self.asked: Counter[Signature] = Counter()
        self.changed: dict[str, Any] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    def change(self, event: str, value: Any) -> None:
        """Answer a v1 message otherwise, where it is not refused by its status."""
        self.changed[f"/api/v1/{event}"] = value

    def plant(self, number: int, seed: int, among: Container[Signature]) -> dict[Signature, str]:
        """Choose answers among those that were given, and a way for each; returns what was chosen."""
        chance = random.Random(seed)  # noqa: S311
        signatures = chance.sample(sorted(filter(among.__contains__, self.answers)), number)
        chosen: dict[Signature, str] = {}
        self.planted.clear()
        for place, signature in enumerate(signatures):
            wanted = [*MUTATIONS[place % len(MUTATIONS) :], *MUTATIONS]
            mutation = next(each for each in wanted if possible(each, self.answers[signature], seed + place))
            self.planted[signature] = mutation, seed + place
            chosen[signature] = mutation.__name__
        return chosen

    def _respond(self, request: Request) -> Response:
        signature = signature_of(request)
        answer = self._session.request(
            request.method,
            self.behind + request.target,
            data=request.body,
            headers={name: value for name, value in request.headers.items() if name != "host"},
            allow_redirects=False,
            timeout=30,
        )
        message = Message(answer.status_code, dict(answer.headers), value_of(answer.text))
        self.answers.setdefault(signature, message)
        self.asked[signature] += 1
        if request.path in self.changed and message.status == 200:
            message = message._replace(value=self.changed[request.path])
        if signature in self.planted:
            mutation, seed = self.planted[signature]
            message = mutation(message, random.Random(seed))  # noqa: S311
        headers = tuple((name, text) for name, text in message.headers.items() if name.lower() not in OWN)
        content_type = message.headers.get("Content-Type", "")
        text = message.value.page if isinstance(message.value, Page) else json.dumps(message.value)
        return Response(message.status, content_type, text.encode(), headers)


def value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return Page(text)


OWN = ("content-type", "content-length", "connection", "transfer-encoding")


def signature_of(request: Request) -> Signature:
    return request.target, request.headers.get("authorization", ""), request.body
