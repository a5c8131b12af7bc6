"""``system.*`` of the hub: the server as such, people, and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2 import site
from cocalc_magic.sandbox.domain import accounts, keys, people, reports
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Failed
from cocalc_magic.sandbox.http.js_compat import as_text, stringify
from cocalc_magic.sandbox.storage.store import new_id, now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.world import Caller, World

NOBODY = {"first_name": "Deleted", "last_name": "User"}
SERVICES = ("changefeeds", "persist", "api")


def ping(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """The time, in milliseconds since 1970."""
    del world, caller, options
    return {"now": now()}


def test(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Whose the key is."""
    del world, options
    return {"account_id": caller.account_id, "server_time": now()}


def get_customize(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """What a page may know of the site."""
    try:
        return site.customize(world, caller, options)
    except Failed as problem:
        raise Failed(f"TypeError: {problem.error}") from None


def get_names(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Names by account id; an account that there is not has the name of a deleted one."""
    del caller
    return names_of(world, options.get("account_ids"))


def names_of(world: World, ids: Any) -> dict[str, Any]:
    """First and last names and profiles by account id. Raises :class:`Failed` in the database's words."""
    if ids is None or isinstance(ids, bool | int | float):
        raise Failed("TypeError: account_ids is not iterable")
    if not isinstance(ids, list):
        raise Failed(f'error: malformed array literal: "{ids if isinstance(ids, str) else stringify(ids)}"')
    names = {}
    for one in ids:
        if not is_uuid(one):
            raise Failed(f'error: invalid input syntax for type uuid: "{as_text(one)}"')
        row = world.store.get("accounts", one.lower())
        shown = ("first_name", "last_name", "profile")
        names[one.lower()] = {name: row[name] for name in shown} if row else NOBODY
    return names


def user_search(world: World, caller: Caller, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Accounts by name or address."""
    if options.get("admin") and not caller.admin:
        raise Failed("Must be an admin to do admin search.")
    query, limit = options.get("query"), options.get("limit")
    asked = {
        "query": "" if query is None else query,
        "limit": 20 if limit is None else limit,
        "admin": bool(options.get("admin")),
    }
    found: list[dict[str, Any]] = people.user_search(world, caller, asked)["results"]
    return found


def manage_api_keys(world: World, caller: Caller, options: Mapping[str, Any]) -> Any:
    """Lists, makes, changes or deletes keys."""
    return keys.api_keys(world, caller, options).get("response")


def generate_user_auth_token(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """A token that signs a browser in as an account; it needs that account's password, of an admin none."""
    password = options.get("password")
    asked = {"account_id": options.get("user_account_id"), "password": "" if password is None else password}
    return str(accounts.user_auth(world, caller, asked)["auth_token"])


def revoke_user_auth_token(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """A token is good for nothing any more; who knows it may say so."""
    del caller
    world.sessions.revoke(as_text(options.get("token")))


def user_tracking(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Nothing is kept of what people do in a sandbox."""
    del world, caller, options


def log_client_error(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Keeps the report of an error."""
    reports.log_client_error(world, caller, {"error": options.get("error")})


def webapp_error(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Nothing: no page of the sandbox reports a crash."""
    del world, caller, options


def admin_reset_password_link(world: World, caller: Caller, options: Mapping[str, Any]) -> str:
    """The path of a page that the sandbox does not have, in the recorded form."""
    if not caller.admin:
        raise Failed("must be an admin")
    row = world.store.get("accounts", as_text(options.get("user_account_id")).lower())
    if row is None or not row["email_address"]:
        raise Failed("passwords are only defined for accounts with email")
    return f"/auth/password-reset/{new_id()}"


def send_email_verification(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Nothing: a sandbox sends no e-mail."""
    del world, caller, options


def delete_passport(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Nothing: nobody signs in to a sandbox by another service."""
    del world, caller, options


def admin_salesloft_sync(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Nothing: a sandbox tells no other service of its people."""
    del world, options
    if not caller.admin:
        raise Failed("must be an admin")


def user_salesloft_sync(world: World, caller: Caller, options: Mapping[str, Any]) -> None:
    """Nothing, as above."""
    del world, caller, options


def terminate(world: World, caller: Caller, options: Mapping[str, Any]) -> dict[str, Any]:
    """Says that a service has ended; a sandbox has none to end."""
    del world
    if not caller.admin:
        raise Failed("only admin can terminate")
    if options.get("service") not in SERVICES:
        raise Failed(f"Unknown service {as_text(options.get('service'))}")
    return {"status": "terminated", "service": options["service"]}
