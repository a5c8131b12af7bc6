"""Test, use, save and forget a server's key, and sign in by its page: what `login` and `logout` do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from cocalc_magic import config, host
from cocalc_magic.catalog import generations, is_uuid
from cocalc_magic.client import device_login
from cocalc_magic.client.client import Client
from cocalc_magic.client.wire.permission import keys_page
from cocalc_magic.client.wire.probe import known_generations
from cocalc_magic.config import keys, login_sessions, pasted, saved_scope, servers_file
from cocalc_magic.config.scope import UNKNOWN
from cocalc_magic.errors import CoCalcError, InvalidValue
from cocalc_magic.session import key_destination
from cocalc_magic.session.credentials import scope_text, until
from cocalc_magic.session.needs import Needs
from cocalc_magic.session.whoami import owner

if TYPE_CHECKING:
    from collections.abc import Callable

    from cocalc_magic.client.device_login import Approval
    from cocalc_magic.config import Server
    from cocalc_magic.config.login_sessions import LoginSession
    from cocalc_magic.config.scope import Scope
    from cocalc_magic.config.secret import Secret
    from cocalc_magic.session.session import Session


@dataclass
class Login:
    """The keys of a session's servers; every action returns a sentence on what was done, without the key.

    `capabilities` and `projects` are what a person says of the next key.
    """

    session: Session
    capabilities: str = ""
    projects: tuple[str, ...] = ()

    def servers(self) -> dict[str, str]:
        """Return the URL of each server that takes a key, by the text that selects it."""
        known = servers_file.load().all()
        urls = {name: server.url for name, server in known.items() if not server.retired}
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
            ServerRetired: It is no longer there.
        """
        if name == config.SANDBOX:
            raise _sandbox_has_a_key()
        return config.in_service(config.at(name))

    def has_page(self, server: Server) -> bool:
        """Return whether people sign in to programs on a page of the server, which makes no key for them."""
        known = known_generations(server.url)
        return generations.scoped(known) if known else device_login.offered(server)

    def check_makes_keys(self, server: Server) -> None:
        """Return where programs may get a key. Raises `CoCalcError` where people alone make keys."""
        if self.has_page(server):
            raise CoCalcError(
                f"{server.name} makes no keys for programs.",
                f"Make one at {keys_page(server.url)} and give it to %cocalc login {server.reference}",
                f"Or sign in for some hours, without a key: %cocalc login {server.reference} --page",
            )

    def key_page(self, url: str) -> str:
        """Return the page on which a server is known to make keys; empty for one that is asked for them."""
        has_page = url == config.COCALC_AI or generations.scoped(known_generations(url))
        return keys_page(url) if has_page else ""

    def boxes(self) -> str:
        """Return a sentence on the boxes to tick where a key is made, for what this kernel has sent."""
        needs = Needs.of((sent.message, sent.options) for sent in self.session.history)
        if not needs.capabilities:
            return "%cocalc scope FILE.ipynb says which boxes to tick."
        names = ", ".join(needs.capabilities)
        return f"Boxes to tick: {names}, for what was sent here; %cocalc scope says more."

    def sign_in(self, name: str, show: Callable[[Approval], None]) -> str:
        """Show a person the page to approve on, wait, and use the session and the server in this kernel.

        Raises:
            SignInRefused: The server refuses, or nobody has approved in time.
            Interrupted: The person has given up.
            CoCalcError: Another one of the tree for every failure on the way.
        """
        if host.IN_PAGE:
            raise CoCalcError(
                "in a page nothing goes on while Python waits for your approval.",
                "Make a key in the settings of your account, and give it to %cocalc login",
            )
        server = config.in_service(config.at(name))
        login = device_login.DeviceLogin(server)
        try:
            approval = login.start()
            show(approval)
            new = login.wait(approval)
        finally:
            login.close()
        self._end_session(server)
        login_sessions.give(server.url, new)
        self.session.use_server(server.reference)
        return (
            f"You are signed in to {server.name} as {new.account}, {until(new)}, in this kernel alone; "
            f"%cocalc logout {server.reference} ends it. Messages of this kernel go there."
            f"{_kept_at(new)}"
        )

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
        with Client(server, key, scope=self._capabilities()) as client:
            whose = owner(client)
            scope = self._scope(client)
        self.use(server, key, whose)
        belongs = f"It belongs to {whose}." if whose else "The server does not say whose it is."
        may = f" It may: {scope_text(scope, self.session.titles, server)}." if scope != UNKNOWN else ""
        if may:
            self.session.state_scope(server.url, key, scope)
        return f"The key {key.hint} works at {server.name}. {belongs}{may} Messages of this kernel go there."

    def state(self, name: str) -> str:
        """Keep what the person says that the key of a server may do, which is there already."""
        server = self.server(name)
        current = keys.required(server)
        self.session.use_server(server.reference)
        scope = self._scope(self.session.client(server.reference))
        self.session.state_scope(server.url, current.key, scope)
        if keys.is_saved(server.url, current.key):
            self._save_scope(server, current.key)
            stays = ""
        else:
            stays = " That holds as long as this kernel or program runs; of a saved key it is kept."
        may = scope_text(scope, self.session.titles, server)
        return f"The key {current.key.hint} of {server.name}, from {current.source}, may: {may}.{stays}"

    def use(self, server: Server, key: Secret, whose: str) -> None:
        """Use a key that its server has confirmed, and the server, in this kernel."""
        keys.give(server.url, key)
        self.session.owners[server.url, key] = whose
        self.session.use_server(server.reference)

    def _capabilities(self) -> Scope:
        return UNKNOWN.stating(self.capabilities) if self.capabilities else UNKNOWN

    def _scope(self, client: Client) -> Scope:
        """Return what the person says of a key; titles of projects are looked up with it."""
        if not self.capabilities:
            return UNKNOWN
        find = client.router.projects.find
        ids = [text if is_uuid(text) else find(text).project_id for text in self.projects]
        return UNKNOWN.stating(self.capabilities, ids)

    def save_session(self, name: str) -> str:
        """Save the session that this kernel has at a server, in the keyring."""
        server = config.at(name)
        return f"Later kernels have it too, from {login_sessions.save(server.url)}."

    def _end_session(self, server: Server) -> list[str]:
        """Forget the session at a server, sign out of it there, and return what was done."""
        session = login_sessions.forget(server.url)
        if session is None:
            return []
        if session.ended or device_login.sign_out(server, session):
            return [f"You are signed out of {server.name}."]
        unconfirmed = (
            f"{server.name} did not confirm that you are signed out: the session lasts {until(session)}."
        )
        return [unconfirmed]

    def save(self, name: str, place: str) -> str:
        """Save the key that this kernel has for a server, in the `keyring` or a `file`."""
        if place not in keys.PLACES:
            raise InvalidValue(f"a key is saved in the {' or a '.join(keys.PLACES)}, not in {place!r}.")
        server = self.server(name)
        current = keys.required(server)
        saved = keys.save(server.url, current.key, place)
        self._save_scope(server, current.key)
        return f"The key {current.key.hint} of {server.name} is in {saved}, for later kernels too."

    def _save_scope(self, server: Server, key: Secret) -> None:
        """Keep what the person has said of a key with the key."""
        scope = self.session.scopes.get((server.url, key), UNKNOWN)
        if scope.stated:
            saved_scope.write(server.url, key, scope.stated)

    def forget(self, name: str, *, everywhere: bool) -> str:
        """Forget the key of a server in this kernel, and with `everywhere` the saved one; sign out of it."""
        if name == config.SANDBOX and not config.sandbox().running:
            raise _sandbox_has_a_key()
        server = config.at(name)
        done = self._end_session(server)
        if places := keys.forget(server.url, everywhere=everywhere):
            done.append(f"The key of {server.name} was removed from {' and '.join(places)}.")
        if not done and name == config.SANDBOX:
            raise _sandbox_has_a_key()
        return " ".join([*(done or ["There was no key."]), *_remaining_key(server)])


def _sandbox_has_a_key() -> CoCalcError:
    return CoCalcError("the sandbox makes its own key and needs none from you.", "%cocalc ping")


def _kept_at(session: LoginSession) -> str:
    """Return a sentence on the other address where the account is kept, if the server has named one."""
    kept = f" The account is kept at {session.home}; nothing of yours goes there."
    return kept if session.home else ""


def _remaining_key(server: Server) -> list[str]:
    """Return a sentence on the key that the server still has, if there is one."""
    try:
        remaining = keys.find(server.url)
    except CoCalcError as problem:
        return [problem.problem]
    return [f"There is still {remaining.key.hint}, from {remaining.source}."] if remaining else []
