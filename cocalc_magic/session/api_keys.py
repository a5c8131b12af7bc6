"""The keys that a server has, as the key dialog of CoCalc's settings lists and changes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from cocalc_magic.client import key_dialog
from cocalc_magic.errors import CoCalcError, InvalidValue, KeyRefused, NotCoCalc

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.config.secret import Secret

NEVER = "never"
LONGEST_NAME = 128  # characters, as the column of CoCalc's database has it
LONGEST_LIFE = 36_500  # days; a moment past the year 9999 can't be written


class NoDialog(CoCalcError):
    """The server has no such message; other servers have."""


@dataclass(frozen=True)
class Entry:
    """One key in the list: all that a server tells of it. Times are as the server writes them, or empty."""

    number: int
    name: str
    trunc: str
    expires: str
    last_used: str
    in_use: bool = False


@dataclass(frozen=True)
class KeyBook:
    """The keys of the account that the client's key belongs to; with ``project_id`` those of a project."""

    client: Client
    project_id: str = ""

    def entries(self) -> list[Entry]:
        """All of them, the newest first. Raises :class:`CoCalcError`, as the others do."""
        value, _ = self._send("get")
        records = value.get("response") if isinstance(value, dict) else None
        return [self._entry(record) for record in records or [] if isinstance(record, dict)]

    def create(self, name: str, expire: str | None) -> tuple[Entry, Secret]:
        """Makes a key; ``expire`` is a moment in ISO 8601. Its text is told this one time."""
        value, key = self._send("create", name=_checked(name), expire=expire)
        records = value.get("response") if isinstance(value, dict) else None
        if key is None or not isinstance(records, list) or not isinstance(records[0], dict):
            raise NotCoCalc("the server has told of no new key.", "%cocalc keys lists those there are.")
        return self._entry(records[0]), key

    def edit(self, number: int, **changes: str | None) -> None:
        """Changes ``name`` and ``expire`` of a key; an ``expire`` of ``None`` takes the date away."""
        if changes.get("name") is not None:
            _checked(str(changes["name"]))
        self._send("edit", id=number, **changes)

    def delete(self, number: int) -> None:
        """Forgets a key for good; a server says nothing where there was none."""
        self._send("delete", id=number)

    def find(self, text: str) -> Entry:
        """The key with this number; raises :class:`InvalidValue` with those there are."""
        entries = self.entries()
        for entry in entries:
            if str(entry.number) == text:
                return entry
        known = "\n".join(f"{entry.number}  {entry.name}" for entry in entries[:20])
        raise InvalidValue(
            f"no key has the id {text!r}.", f"There are:\n{known}" if known else "There is none."
        )

    def _send(self, action: str, **fields: Any) -> tuple[Any, Secret | None]:
        options = {"action": action, **fields}
        if options.get("expire", "") is None and action == "create":
            del options["expire"]
        if self.project_id:
            options["project_id"] = self.project_id
        return asked(self.client, "/api-keys", options)

    def _entry(self, record: dict[str, Any]) -> Entry:
        number, trunc = record.get("id"), _text(record.get("trunc"))
        return Entry(
            number if isinstance(number, int) else 0,
            _text(record.get("name")),
            trunc,
            _text(record.get("expire")),
            _text(record.get("last_active")),
            bool(trunc) and trunc == shortened(self.client.key),
        )


def asked(client: Client, event: str, options: dict[str, Any]) -> tuple[Any, Secret | None]:
    """Sends a message of the dialog; its refusals say what a person can do."""
    try:
        return key_dialog.send(client.router, event, options)
    except NotCoCalc as problem:
        raise NoDialog(
            f"{client.server.name} has no keys to manage here: {problem.problem}",
            "Keys are made in the settings of your account, in a browser.",
            "Servers from 2021 on have one key an account: %cocalc keys legacy"
            if event == "/api-keys"
            else "",
        ) from None
    except CoCalcError as problem:
        if "not a valid account" in problem.problem and not isinstance(problem, KeyRefused):
            raise CoCalcError(
                f"the key of a project manages no keys: {problem.problem}",
                "%cocalc login takes the key of an account.",
            ) from None
        raise


def shortened(key: Secret) -> str:
    """What lists show of a key: its first three characters and its last six, of today's some more."""
    text = key.reveal()
    first, last = (5, 8) if "." in text else (3, 6)
    return f"{text[:first]}...{text[-last:]}"


def moment_after(days: str) -> str | None:
    """The moment so many days from now, in ISO 8601; ``None`` for ``never``.

    Raises :class:`InvalidValue` for what is no number of days.
    """
    if days == NEVER:
        return None
    try:
        number = float(days)
    except ValueError:
        number = 0.0
    if not 0 < number <= LONGEST_LIFE:
        raise InvalidValue(f"a key expires after so many days or {NEVER}, not {days!r}.", "Write --expire 30")
    moment = datetime.now(timezone.utc) + timedelta(days=number)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _checked(name: str) -> str:
    if not name.strip():
        raise InvalidValue(
            "a key has a name, so that you know it again.", 'Write %cocalc keys create "laptop"'
        )
    if len(name) > LONGEST_NAME:
        raise InvalidValue(f"the name of a key has at most {LONGEST_NAME} characters.")
    return name


def _text(value: Any) -> str:
    return "" if value is None else str(value)
