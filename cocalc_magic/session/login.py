"""Test, use, save and forget a server's key: what `login` and `logout` do, in a form and on the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from cocalc_magic import config
from cocalc_magic.client.client import Client
from cocalc_magic.config import keys, pasted, servers_file
from cocalc_magic.errors import CoCalcError, InvalidValue
from cocalc_magic.session import key_destination
from cocalc_magic.session.whoami import owner

if TYPE_CHECKING:
    from cocalc_magic.config import Server
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.session.session import Session


@dataclass
class Login:
    """The keys of a session's servers; every action returns a sentence on what was done, without the key."""

    session: Session

    def servers(self) -> dict[str, str]:
        """Return the URL of each server that takes a key, by the text that selects it."""
        urls = {name: server.url for name, server in servers_file.load().all().items()}
        chosen = self.session.choice().server
        if chosen not in (config.SANDBOX, *urls):
            server = config.at(chosen)
            urls.setdefault(server.reference, server.url)
        return urls

    def places(self) -> list[str]:
        """Return where a key can be saved here, the safest first."""
        return key_destination.places()

    def server(self, name: str) -> Server:
        """Return the server of a name or an address.

        Raises:
            CoCalcError: It is the sandbox, which takes no key, or the text names no server.
        """
        if name == config.SANDBOX:
            raise CoCalcError("the sandbox makes its own key and needs none from you.", "%cocalc ping")
        return config.at(name)

    def sign_in_url(self, name: str) -> str:
        """Return the address of the page on which CoCalc hands a key over, if the server still has one."""
        app_name = quote(self.session.frontend.app_name, safe="")
        return f"{self.server(name).url}/app?get_api_key={app_name}"

    def test(self, name: str, text: Secret) -> str:
        """Have the server confirm a pasted key, or the address that holds it; use both in this kernel.

        Raises:
            CoCalcError: The text is not a key, or the key does not work; then nothing has changed.
        """
        server, key = self.server(name), pasted.parse(text.reveal())
        with Client(server, key) as client:
            whose = owner(client)
        self.use(server, key, whose)
        belongs = f"It belongs to {whose}." if whose else "The server does not say whose it is."
        return f"The key {key.hint} works at {server.name}. {belongs} Messages of this kernel go there."

    def use(self, server: Server, key: Secret, whose: str) -> None:
        """Use a key that its server has confirmed, and the server, in this kernel."""
        keys.give(server.url, key)
        self.session.owners[server.url, key] = whose
        self.session.use_server(server.reference)

    def save(self, name: str, place: str) -> str:
        """Save the key that this kernel has for a server, in the `keyring` or a `file`."""
        if place not in keys.PLACES:
            raise InvalidValue(f"a key is saved in the {' or a '.join(keys.PLACES)}, not in {place!r}.")
        server = self.server(name)
        current = keys.required(server)
        saved = keys.save(server.url, current.key, place)
        return f"The key {current.key.hint} of {server.name} is in {saved}, for later kernels too."

    def forget(self, name: str, *, everywhere: bool) -> str:
        """Forget the key of a server in this kernel, and with `everywhere` the saved one."""
        server = self.server(name)
        places = keys.forget(server.url, everywhere=everywhere)
        removed = f"The key of {server.name} was removed from {' and '.join(places)}."
        return f"{removed if places else 'There was no key.'} {_remaining_key(server)}".strip()


def _remaining_key(server: Server) -> str:
    """Return a sentence on the key that the server still has."""
    try:
        remaining = keys.find(server.url)
    except CoCalcError as problem:
        return problem.problem
    return f"There is still {remaining.key.hint}, from {remaining.source}." if remaining else ""
