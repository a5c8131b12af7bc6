"""The API keys of an account or a project, as the key dialog of CoCalc's settings lists and changes them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar

from cocalc_magic.catalog import generations
from cocalc_magic.client import key_dialog
from cocalc_magic.client.wire.permission import keys_page
from cocalc_magic.client.wire.probe import known_generations
from cocalc_magic.errors import CoCalcError, InvalidValue, KeyRefused, NotCoCalc
from cocalc_magic.session import key_destination

if TYPE_CHECKING:
    from cocalc_magic.client.client import Client
    from cocalc_magic.config.secret import Secret

NEVER = "never"
MAX_NAME = 128  # characters, as in CoCalc's database
MAX_DAYS = 36_500  # a moment past the year 9999 cannot be written


class NoDialog(CoCalcError):
    """The server does not have this message; other servers do."""


@dataclass(frozen=True)
class Entry:
    """One key in the list, without its text. Times are as the server writes them, or empty."""

    number: int
    name: str
    trunc: str
    expires: str
    last_used: str
    in_use: bool = False


@dataclass(frozen=True)
class ApiKeys:
    """The keys of the account that the client's key belongs to, or of the project with this id.

    All methods raise `CoCalcError` for what the server refuses.
    """

    client: Client
    project_id: str = ""

    def entries(self) -> list[Entry]:
        """Return all keys, the newest first."""
        value, _ = self._send("get")
        records = value.get("response") if isinstance(value, dict) else None
        return [self._entry(record) for record in records or [] if isinstance(record, dict)]

    def create(self, name: str, expire: str | None) -> tuple[Entry, Secret]:
        """Make a key that expires at a moment in ISO 8601; its text is returned this one time."""
        value, key = self._send("create", name=_checked(name), expire=expire)
        records = value.get("response") if isinstance(value, dict) else None
        if key is None or not isinstance(records, list) or not isinstance(records[0], dict):
            raise NotCoCalc("the server did not return a new key.", "%cocalc keys lists those there are.")
        return self._entry(records[0]), key

    def edit(self, number: int, **changes: str | None) -> None:
        """Change `name` and `expire` of a key; an `expire` of `None` means that it never expires."""
        if changes.get("name") is not None:
            _checked(str(changes["name"]))
        self._send("edit", id=number, **changes)

    def delete(self, number: int) -> None:
        """Delete a key for good; the server does not say if there was none."""
        self._send("delete", id=number)

    def find(self, number: str) -> Entry:
        """Return the key with this number.

        Raises:
            InvalidValue: No key has it; the text lists those there are.
        """
        entries = self.entries()
        for entry in entries:
            if str(entry.number) == number:
                return entry
        known = "\n".join(f"{entry.number}  {entry.name}" for entry in entries[:20])
        raise InvalidValue(
            f"no key has the id {number!r}.", f"There are:\n{known}" if known else "There are none."
        )

    def _send(self, action: str, **fields: Any) -> tuple[Any, Secret | None]:
        options = {"action": action, **fields}
        if options.get("expire", "") is None and action == "create":
            del options["expire"]
        if self.project_id:
            options["project_id"] = self.project_id
        return send(self.client, "/api-keys", options)

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


@dataclass
class NewKeyHolder:
    """Holds the key that was made last until its text has been taken or saved; for any form of the dialog."""

    keys: ApiKeys
    title: str
    new: tuple[Entry, Secret] | None = None
    again: ClassVar[str] = "Delete this key and make another."

    def places(self) -> list[str]:
        """Return where a new key can be saved, the safest first; nowhere for the sandbox's."""
        return [] if self.keys.client.server.sandbox else key_destination.places()

    def new_entry(self) -> dict[str, Any]:
        """Return the new key without its text, which can still be taken; empty if there is none."""
        return asdict(self.new[0]) if self.new else {}

    def take(self) -> Secret:
        """Return the text of the new key, this one time."""
        if self.new is None:
            raise CoCalcError("the text of a key is shown once.", self.again)
        (_, key), self.new = self.new, None
        return key

    def save(self, place: str) -> str:
        """Save the new key in the `keyring` or a `file`; if that fails, its text can still be taken."""
        if self.new is None:
            raise CoCalcError("there is no new key to save.")
        project = bool(self.keys.project_id)
        result = key_destination.save(self.keys.client.server, self.new[1], place, project=project)
        self.new = None
        return result


class KeyManager(NewKeyHolder):
    """Lists, makes, changes and deletes keys; the actions return a sentence on what was done."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the keys, without their texts."""
        return [asdict(entry) for entry in self.keys.entries()]

    def create(self, name: str, days: str) -> str:
        """Make a key that expires after so many days; never if the text is empty."""
        self.new = self.keys.create(name, moment_after(days or NEVER))
        return f"The key {name!r} was made. Its text is shown once."

    def edit(self, number: int, name: str, days: str | None) -> str:
        """Change a key's name, and its expiry unless `days` is `None`."""
        changes: dict[str, str | None] = {} if days is None else {"expire": moment_after(days or NEVER)}
        self.keys.edit(number, name=name, **changes)
        return f"The key {name!r} was changed."

    def delete(self, number: int) -> str:
        """Delete a key for good."""
        entry = self.keys.find(str(number))
        self.keys.delete(entry.number)
        if self.new and self.new[0].number == number:
            self.new = None
        return f"The key {entry.name!r} was deleted."


def send(client: Client, event: str, options: dict[str, Any]) -> tuple[Any, Secret | None]:
    """Send a message of the dialog; its refusals say what a person can do."""
    server = client.server
    if client.router.has_scoped_key or generations.scoped(known_generations(server.url)):
        raise CoCalcError(
            f"the keys of {server.name} are made, changed and deleted by people alone.",
            f"In a browser: {keys_page(server.url)}",
            "%cocalc scope says what a key for a notebook needs; %cocalc login takes the key.",
        )
    try:
        return key_dialog.send(client.router, event, options)
    except NotCoCalc as problem:
        raise NoDialog(
            f"{server.name} has no keys to manage here: {problem.problem}",
            "Keys are made in the settings of your account, in a browser.",
            "Servers from 2021 on have one key per account: %cocalc keys legacy"
            if event == "/api-keys"
            else "",
        ) from None
    except CoCalcError as problem:
        if "not a valid account" in problem.problem and not isinstance(problem, KeyRefused):
            raise CoCalcError(
                f"the key of a project cannot manage keys: {problem.problem}",
                "%cocalc login takes the key of an account.",
            ) from None
        raise


def shortened(key: Secret) -> str:
    """Return what lists show of a key: its first 3 and last 6 characters, 5 and 8 of newer ones."""
    text = key.reveal()
    first, last = (5, 8) if "." in text else (3, 6)
    return f"{text[:first]}...{text[-last:]}"


def moment_after(days: str) -> str | None:
    """Return the moment so many days from now, in ISO 8601; `None` for `never`.

    Raises:
        InvalidValue: The text is not a number of days.
    """
    if days == NEVER:
        return None
    try:
        number = float(days)
    except ValueError:
        number = 0.0
    if not 0 < number <= MAX_DAYS:
        raise InvalidValue(
            f"a key expires after a number of days or {NEVER}, not {days!r}.", "Write --expire 30"
        )
    moment = datetime.now(timezone.utc) + timedelta(days=number)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _checked(name: str) -> str:
    if not name.strip():
        raise InvalidValue(
            "a key has a name, so that you know it again.", 'Write %cocalc keys create "laptop"'
        )
    if len(name) > MAX_NAME:
        raise InvalidValue(f"the name of a key has at most {MAX_NAME} characters.")
    return name


def _text(value: Any) -> str:
    return "" if value is None else str(value)
