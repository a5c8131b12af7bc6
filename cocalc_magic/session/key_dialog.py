"""What the key dialog does: the same as the commands, for a page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from cocalc_magic.errors import CoCalcError
from cocalc_magic.session import key_destination
from cocalc_magic.session.api_keys import NEVER, Entry, KeyBook, moment_after

if TYPE_CHECKING:
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.session.session import Session


@dataclass
class NewKeyDesk:
    """What every form of the dialog does; every action may raise :class:`CoCalcError`.

    ``new`` is the key that was made last, until its text has been given out.
    """

    session: Session
    book: KeyBook
    title: str
    new: tuple[Entry, Secret] | None = None
    again: ClassVar[str] = "Delete this key and make another."

    def places(self) -> list[str]:
        """Where a new key can be kept, the safer first; none for the sandbox, which ends with its kernel."""
        return [] if self.book.client.server.sandbox else key_destination.places()

    def made(self) -> dict[str, Any]:
        """The new key whose text can still be had, without it; empty where there is none."""
        return asdict(self.new[0]) if self.new else {}

    def take(self) -> Secret:
        """The text of the new key, this one time."""
        if self.new is None:
            raise CoCalcError("the text of a key can be had once.", self.again)
        (_, key), self.new = self.new, None
        return key

    def save(self, place: str) -> str:
        """Keeps the new key in the ``keyring`` or a ``file``; its text can still be had where that fails."""
        if self.new is None:
            raise CoCalcError("there is no new key to keep.")
        kept = key_destination.keep(
            self.book.client.server, self.new[1], place, project=bool(self.book.project_id)
        )
        self.new = None
        return kept


class KeyDesk(NewKeyDesk):
    """Lists, makes, changes and deletes keys."""

    def rows(self) -> list[dict[str, Any]]:
        """The keys, without their texts."""
        return [asdict(entry) for entry in self.book.entries()]

    def create(self, name: str, days: str) -> str:
        """Makes a key that expires after so many days; never where none are given."""
        self.new = self.book.create(name, moment_after(days or NEVER))
        return f"The key {name!r} is made. Its text can be had once."

    def edit(self, number: int, name: str, days: str | None) -> str:
        """Gives a key another name; another expiry too, where ``days`` is not ``None``."""
        changes: dict[str, str | None] = {} if days is None else {"expire": moment_after(days or NEVER)}
        self.book.edit(number, name=name, **changes)
        return f"The key {name!r} is changed."

    def delete(self, number: int) -> str:
        """Forgets a key for good."""
        entry = self.book.find(str(number))
        self.book.delete(entry.number)
        if self.new and self.new[0].number == number:
            self.new = None
        return f"The key {entry.name!r} is deleted."
