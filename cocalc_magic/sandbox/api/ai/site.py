"""The site and its small services: settings, news, sign-in of browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.ai.access import Rejected
from cocalc_magic.sandbox.domain import registration, site
from cocalc_magic.sandbox.domain.accounts import find_by_address
from cocalc_magic.sandbox.domain.addresses import is_address
from cocalc_magic.sandbox.domain.sign_up import obvious_issues
from cocalc_magic.sandbox.errors import Refused, Thrown
from cocalc_magic.sandbox.js_compat import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

GONE = ("jupyterApiEnabled", "computeServersEnabled")  # settings that there are not any more
VERSION = {"min_browser": 0, "recommended_browser": 0}
BAY = "bay-0"  # the server of the site that all accounts are on
NO_SUPPORT = "Support not available -- admin must configure the Zendesk token"


def bay(world: World) -> dict[str, str]:
    """Return the fields that tell which server of the site it is."""
    return {"home_bay_id": BAY, "home_bay_url": world.address}


def customize(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the site's settings, or those of the names in `fields`."""
    settings = site.customize(options.get("fields"))
    now = {name: value for name, value in settings.items() if name not in GONE}
    return {**now, "version": VERSION} if "version" in now else now


def file_access(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the files that the caller opened: none, since a sandbox has no editor."""
    return {"files": []}


def support_tickets(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: a sandbox has no support."""
    raise Thrown(NO_SUPPORT)


def get_news(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: its options stand in the address, and a sandbox has no news."""
    raise Thrown("invalid news id")


def get_service_cost(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: nothing of a sandbox costs anything."""
    raise Thrown("No cost for these services")


def activate(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: there is nothing to activate. Raises `Refused` where the token is missing."""
    if not options.get("token"):
        raise Refused("missing token")
    raise Thrown("not answered by the sandbox: 'software/activate'")


# -- signing in ------------------------------------------------------------------------------------


def requires_token(world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> bool:
    """Tell whether a new account needs a registration token."""
    return registration.is_required(world)


def sign_in_method(_world: World, _caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Tell how an address signs in: in a sandbox by its password."""
    address = as_text(options.get("email") or "").strip().lower()
    if not is_address(address):
        raise Thrown("Invalid email address.")
    return {"email": address, "password_allowed": True, "sso_required": False}


def verify_second_factor(world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: no account of a sandbox has a second factor."""
    raise Rejected({"error": "sign-in challenge not found", **bay(world)})


def bootstrap(world: World, caller: Caller | None, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Tell a page who is signed in."""
    account = {"account_id": caller.account_id} if caller else {}
    return {"signed_in": bool(caller), **account, **bay(world), "client_capabilities": {}}


def no_email_flow(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: a sandbox sends no e-mail, so that no browser signs in by one."""
    raise Rejected(
        {"error": "This email sign-in flow is not available in this browser.", "code": "not_found"}
    )


def exchange_email(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: no token of a sandbox is one of an e-mail."""
    raise Thrown("invalid token format")


def start_email(_world: World, _caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail: a sandbox sends no e-mail."""
    raise Thrown("Email sign-in is not enabled for this site.")


def check_sign_up(options: Mapping[str, Any]) -> None:
    """Raise `Rejected` for a new account that lacks what every account needs."""
    address = as_text(options.get("email") or "").lower().strip()
    password = as_text(options.get("password") or "").strip()
    if issues := obvious_issues(options, address, password):
        raise Rejected({"issues": issues})


def check_address_is_free(world: World, address: str) -> None:
    """Raise `Rejected` for an address that an account has."""
    if find_by_address(world, address):
        raise Rejected({"issues": {"email": f'Email address "{address}" already in use.'}})
