"""Keys given, tested, saved and forgotten: the same for the form and for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cocalc_magic import config as servers
from cocalc_magic.client.client import Client
from cocalc_magic.config import keyring, keys, pasted, servers_file
from cocalc_magic.errors import CoCalcError, InvalidValue
from cocalc_magic.session.whoami import owner

if TYPE_CHECKING:
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.session.session import Session


@dataclass
class Desk:
    """Where keys are handed in; every action gives a sentence that says what was done, without the key."""

    session: Session

    def servers(self) -> dict[str, str]:
        """What one types for each server that takes a key, and its address."""
        found = {name: server.url for name, server in servers_file.load().all().items()}
        chosen = self.session.choice().server
        if chosen not in (servers.SANDBOX, *found):
            server = servers.at(chosen)
            found.setdefault(server.reference, server.url)
        return found

    def places(self) -> list[str]:
        """Where a key can be saved here, the safer first."""
        return ["file"] if keyring.trouble() else ["keyring", "file"]

    def keyed(self, server: str) -> Server:
        """The server of a name or an address; raises :class:`CoCalcError` where it takes no key."""
        if server == servers.SANDBOX:
            raise CoCalcError("the sandbox makes its own key and needs none from you.", "%cocalc ping")
        return servers.at(server)

    def link(self, server: str) -> str:
        """The address of the page on which CoCalc hands a key over, where a server still has one."""
        from urllib.parse import quote

        name = quote(self.session.surroundings.app_name, safe="")
        return f"{self.keyed(server).url}/app?get_api_key={name}"

    def test(self, server: str, given: Secret) -> str:
        """Takes what was pasted, has its server confirm it, and uses both in this kernel.

        Raises :class:`CoCalcError` for what is no key and for a key that does not work; then nothing has
        changed.
        """
        where, key = self.keyed(server), pasted.parse(given.reveal())
        with Client(where, key) as client:
            whose = owner(client)
        self.take(where, key, whose)
        belongs = f"It belongs to {whose}." if whose else "The server does not tell whose it is."
        return f"The key {key.hint} works at {where.name}. {belongs} Messages of this kernel go there."

    def take(self, where: Server, key: Secret, whose: str) -> None:
        """Uses a key that its server has confirmed, and the server, in this kernel."""
        keys.give(where.url, key)
        self.session.owners[where.url, key] = whose
        self.session.use_server(where.reference)

    def save(self, server: str, place: str) -> str:
        """Keeps the key that this kernel has for a server; in the ``keyring`` or a ``file``."""
        if place not in keys.PLACES:
            raise InvalidValue(f"a key is saved in the {' or a '.join(keys.PLACES)}, not in {place!r}.")
        where = self.keyed(server)
        found = keys.required(where)
        kept = keys.save(where.url, found.key, place)
        return f"The key {found.key.hint} of {where.name} is in {kept}, for later kernels too."

    def forget(self, server: str, *, everywhere: bool) -> str:
        """Drops the key of this kernel, and with ``everywhere`` the saved one."""
        where = self.keyed(server)
        gone = keys.forget(where.url, everywhere=everywhere)
        told = f"The key of {where.name} is gone from {' and '.join(gone)}." if gone else "There was no key."
        left = _left(where)
        return f"{told} {left}".strip()


def _left(where: servers.Server) -> str:
    """What key the server still has, in a sentence."""
    try:
        found = keys.find(where.url)
    except CoCalcError as problem:
        return problem.problem
    return f"There still is {found.key.hint}, from {found.source}." if found else ""
