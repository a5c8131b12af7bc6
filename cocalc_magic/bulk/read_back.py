"""What became of messages whose answers were lost: looked up on the server, as the catalog says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cocalc_magic.bulk.attempt import passes, patiently
from cocalc_magic.errors import CoCalcError, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from cocalc_magic.catalog import Message, ReadBack
    from cocalc_magic.response import Response

    Ask = Callable[[str, Mapping[str, Any]], Response]

Finding = dict[str, Any] | Literal["absent", "unknown"]
"""The fields of the lost answer; or that the message was not carried out; or that this can't be told."""


class Doubt(NamedTuple):
    """A message whose answer was lost.

    Args:
        options: Its options.
        before: The ids of the records that were there before it was sent; `None` where that is not known.
    """

    options: Mapping[str, Any]
    before: set[str] | None


class Lookup:
    """Looks up what became of messages of one event.

    Args:
        message: Their catalog entry, which says how.
        ask: Sends a message that reads, and raises `CoCalcError`.
        listed: The ids of the records that are there, where that has just been asked.
    """

    def __init__(
        self, message: Message, how: ReadBack, ask: Ask, listed: Iterable[str] | None = None
    ) -> None:
        self._message, self.how, self._send = message, how, ask
        self._listed = None if listed is None else list(listed)

    @property
    def id_field(self) -> str:
        """The field of an answer that has the id of what was made; empty where nothing is made."""
        return next((name for name, field in self.how.gives.items() if field == self.how.new), "")

    def _ask(self, options: Mapping[str, Any]) -> Response:
        return patiently(lambda: self._send(self.how.ask, options))

    def listed(self) -> list[str]:
        """Return the ids of the records that are there before anything is sent. Raises `CoCalcError`."""
        if self._listed is not None:
            return self._listed
        records = _records(self._ask(self.how.options))
        return [record[self.how.new] for record in records if isinstance(record.get(self.how.new), str)]

    def find(self, doubts: Sequence[Doubt], claimed: Iterable[Any]) -> list[Finding]:
        """Return what became of each message, in their order.

        Args:
            claimed: The ids of the records that other messages are known to have made.
        """
        taken = {each for each in claimed if isinstance(each, str)}
        answers: dict[str, list[Mapping[str, Any]] | None] = {}
        findings: list[Finding] = []
        for doubt in doubts:
            options = _filled(self.how.options, doubt.options)
            question = json.dumps(options, sort_keys=True, default=str)
            if question not in answers:
                answers[question] = self._answer(options)
            findings.append(self._match(doubt, answers[question], taken))
        return findings

    def _answer(self, options: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
        """Return the records of an answer; `None` where there is no answer to rely on."""
        try:
            return _records(self._ask(options))
        except ServerError as problem:
            is_missing = not self.how.new and not passes(problem)  # such as a file that is not there
            return [] if is_missing else None
        except CoCalcError:
            return None

    def _match(self, doubt: Doubt, records: list[Mapping[str, Any]] | None, taken: set[str]) -> Finding:
        new = self.how.new
        if records is None or (new and doubt.before is None):
            return "unknown"
        for record in records:
            if new and (record.get(new) in taken or record.get(new) in (doubt.before or ())):
                continue
            if self._is_same(doubt.options, record):
                taken.add(str(record.get(new)))
                return {name: record.get(field) for name, field in self.how.gives.items()}
        return "absent"

    def _is_same(self, options: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
        return all(self._has(options, name, record.get(field)) for name, field in self.how.same.items())

    def _has(self, options: Mapping[str, Any], name: str, value: Any) -> bool:
        if options.get(name) in (None, ""):
            return value in (None, "", self.how.unset, self._message.option(name).default)
        if not isinstance(value, dict):
            return bool(options[name] == value)
        entry = value.get(options[name])
        return options[name] in value and not (isinstance(entry, dict) and "error" in entry)


def _records(response: Response) -> list[Mapping[str, Any]]:
    """Return the records of an answer, or the answer itself as the only one."""
    if "query" not in response.request.options:
        return [response]
    query = response.get("query")
    rows = next(iter(query.values()), None) if isinstance(query, dict) else None
    return [row for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict)]


def _filled(template: Any, options: Mapping[str, Any]) -> Any:
    """Return the options of the question, with those of the message in place of their names in braces."""
    if isinstance(template, dict):
        return {name: _filled(value, options) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, options) for value in template]
    is_name = isinstance(template, str) and template[:1] == "{" and template[-1:] == "}"
    return options.get(template[1:-1]) if is_name else template
