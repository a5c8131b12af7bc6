"""`system.*` of the hub: the server as such, people, and API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import account_search, accounts, casts, keys, site
from cocalc_magic.sandbox.errors import Failed, Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text, is_true
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

MAX_EVENT = 80  # characters
SERVICES = ("changefeeds", "persist", "api")


def ping(_world: World, _caller: Caller, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the time, in milliseconds since 1970."""
    return {"now": now()}


def test(_world: World, caller: Caller, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return whose key it is."""
    return {"account_id": caller.account_id, "server_time": now()}


def get_customize(_world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the site's settings, or those of the names in `fields`."""
    return site.customize(options.get("fields"))


def get_names(world: World, _caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return names by account id."""
    return account_search.names(world, options.get("account_ids"))


def user_search(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Search accounts by name or address."""
    if is_true(options.get("admin")) and not caller.admin:
        raise Thrown("Must be an admin to do admin search.")
    as_admin, limit = is_true(options.get("admin")), options.get("limit")
    most = account_search.MAX_HITS_OF_ADMIN if as_admin else account_search.MAX_HITS
    count = account_search.FEW_HITS if limit is None else min(as_number(limit), most)
    only_email = is_true(options.get("only_email"))
    return account_search.search(world, options.get("query"), count, as_admin=as_admin, only_email=only_email)


def manage_api_keys(world: World, caller: Caller, options: Mapping[str, Any]) -> Any:
    """List, create, change or delete API keys."""
    return keys.api_keys(world, caller, options).get("response")


def generate_user_auth_token(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """Return a token that signs a browser in as an account."""
    password = options.get("password")
    account_id = options.get("user_account_id")
    return accounts.new_auth_token_today(world, caller, account_id, "" if password is None else password)


def revoke_user_auth_token(world: World, _caller: Caller, options: Mapping[str, Any]) -> None:
    """Revoke a token; whoever knows it may do so."""
    world.sessions.revoke(as_text(options.get("token")))


def user_tracking(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Store what a person did."""
    event, value = options.get("event"), options.get("value")
    if event is None or (isinstance(event, str | list) and not event):
        raise Thrown("evt must be specified")
    if isinstance(event, str | list) and len(event) > MAX_EVENT:
        raise Thrown(f"event must have length at most {MAX_EVENT}")
    if value is None:
        raise Thrown("value must be specified")
    row = {"account_id": caller.account_id, "time": now(), "event": as_text(event)}
    world.store.insert("user_tracking", {**row, "value": value if isinstance(value, dict) else {}})


def log_client_error(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Store the report of an error."""
    site.log_client_error(world, caller.account_id, options.get("error"))


def admin_reset_password_link(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """Return the path of a page that the sandbox does not have, in the recorded form."""
    if not caller.admin:
        raise Thrown("must be an admin")
    account_id = options.get("user_account_id")
    row = None if account_id is None else world.store.get("accounts", casts.uuid(account_id))
    if row is None or not row["email_address"]:
        raise Thrown("passwords are only defined for accounts with email")
    return f"/auth/password-reset/{new_id()}"


def admin_salesloft_sync(_world: World, caller: Caller, _options: Mapping[str, Any]) -> None:
    """Do nothing but the check: a sandbox reports people to no other service."""
    if not caller.admin:
        raise Thrown("must be an admin")


def terminate(_world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Report that a service has ended; a sandbox has none to end."""
    if not caller.admin:
        raise Failed("only admin can terminate")
    if options.get("service") not in SERVICES:
        raise Failed(f"Unknown service {as_text(options.get('service'))}")
    return {"status": "terminated", "service": options["service"]}
