"""Invitations to projects: people with an account are added at once, others when they create one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain.addresses import is_address
from cocalc_magic.sandbox.domain.columns import milliseconds
from cocalc_magic.sandbox.domain.members import account_id_of, add
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_text
from cocalc_magic.sandbox.storage.store import iso, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import World

MAX_RECIPIENTS = 1_024  # characters of all addresses that one message may invite
MAX_ADDRESS = 127
DAY = 86_400_000  # milliseconds
SEND_AGAIN = 7 * DAY  # until an address may get a second invitation to the same project
VALID = 14 * DAY  # of an invitation for a person without an account
_LINK = re.compile(r"https?:|www\.", re.IGNORECASE)


@dataclass(frozen=True)
class Invitation:
    """What an invitation by e-mail says: any JSON, and `body` is `None` where none is to be sent."""

    body: Any
    subject: Any
    title: Any
    sender: Any

    @property
    def subject_line(self) -> str:
        """The subject, by default made of the sender's name and the project's title."""
        if self.subject is not None:
            return as_text(self.subject)
        title = as_text(self.title or "")
        if self.sender is not None:
            return f"{as_text(self.sender)} invites you to the project {title!r}"
        return f"Invitation to the project {title!r}"


def invitation(options: Mapping[str, Any]) -> Invitation:
    """Return the invitation that a message asks for; all APIs call its options the same."""
    return Invitation(*(options.get(name) for name in ("email", "subject", "title", "replyto_name")))


def invite(world: World, project_id: str, account_id: Any, invitation: Invitation) -> None:
    """Add an account to a project at once; put the invitation into the outbox where it has a body."""
    account_id = account_id_of(account_id)
    account = world.store.get("accounts", account_id)
    if account is None:  # the recorded server reports success, and adds nobody
        return
    add(world, project_id, account_id)
    if invitation.body is not None and account["email_address"]:
        _send(world, project_id, account["email_address"], invitation)


def invite_addresses(
    world: World,
    project_id: str,
    addresses: str,
    invitation: Invitation,
    failure: Callable[[str], Failed] = Thrown,
) -> None:
    """Invite people by address: those with an account are added at once, others when they create one.

    Raises what `failure` makes of the reason where addresses are refused.
    """
    if len(addresses) > MAX_RECIPIENTS:
        raise failure("Specify less recipients when adding collaborators to project.")
    for address in filter(None, re.split(r"[\s,;]", addresses)):
        _check_address(address, failure)
        _invite_address(world, project_id, address.lower(), invitation)


def accept_invitations(world: World, account_id: str, address: str) -> None:
    """Add a new account to the projects that its address was invited to."""
    where = [("email_address", "=", address), ("time", ">=", now() - VALID)]
    for invitation in world.store.select("invitations", where):
        add(world, invitation["project_id"], account_id)
        world.store.delete("invitations", address, invitation["project_id"])


def _check_address(address: str, failure: Callable[[str], Failed]) -> None:
    if not is_address(address):
        raise failure(f"invalid email address '{address}'")
    if len(address) > MAX_ADDRESS:
        raise failure(f"email address must be at most 128 characters: '{address.lower()}'")


def _invite_address(world: World, project_id: str, address: str, invitation: Invitation) -> None:
    accounts = world.store.select("accounts", [("email_address", "=", address)], limit=1)
    if accounts:
        add(world, project_id, accounts[0]["account_id"])
        return
    world.store.delete("invitations", address, project_id)
    world.store.insert("invitations", {"email_address": address, "project_id": project_id, "time": now()})
    _send(world, project_id, address, invitation)


def _send(world: World, project_id: str, address: str, invitation: Invitation) -> None:
    """Put an invitation into the outbox, and store in the project that it was sent or failed."""
    invited = (world.store.get("projects", project_id) or {}).get("invite") or {}
    last = invited.get(address) or {}
    if "time" in last and "error" not in last and milliseconds(last["time"]) >= now() - SEND_AGAIN:
        return
    body = as_text(invitation.body)
    entry: dict[str, Any] = {"time": iso(now())}
    has_link = bool(_LINK.search(body))
    if has_link:
        entry["error"] = {}  # the server's error object, which is empty once it has been in the database
    world.store.update("projects", project_id, {"invite": {**invited, address: entry}})
    if has_link:
        raise Thrown("Sorry, links to specific websites are not allowed!")
    mail = {"time": now(), "to": address, "subject": invitation.subject_line, "body": body}
    world.store.insert("outbox", mail)  # a sandbox sends no e-mail; the dashboard shows the outbox
