"""What costs money elsewhere: purchases, vouchers, licenses and further machines, of which there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.api.v2.auth import require_admin, require_caller, require_collaborator
from cocalc_magic.sandbox.domain import casts, licenses
from cocalc_magic.sandbox.domain.access import is_uuid
from cocalc_magic.sandbox.errors import Thrown
from cocalc_magic.sandbox.js_compat import as_number, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cocalc_magic.sandbox.domain.access import Caller
    from cocalc_magic.sandbox.world import World

MIN_CODE = 8  # characters of a voucher
MAX_BILLED = 500  # rows of purchases and bills


def get_balance_admin(_world: World, caller: Caller | None, _options: Mapping[str, Any]) -> int:
    """Return an account's balance: nothing is billed."""
    require_admin(caller, "purchases/get-balance-admin")
    return 0


def get_statements(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[Any]:
    """Return bills: none."""
    require_caller(caller, "purchases/get-statements")
    if options.get("interval") not in ("day", "month"):
        raise Thrown("interval must be 'day' or 'month'")
    _check_limit(options)
    return []


def get_subscriptions(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[Any]:
    """Return what the caller pays for regularly: nothing."""
    require_caller(caller, "purchases/get-subscriptions")
    _check_limit(options)
    return []


def get_purchases(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the caller has bought: nothing."""
    require_caller(caller, "purchases/get-purchases")
    _check_limit(options)
    return {"purchases": [], "balance": 0}


def _check_limit(options: Mapping[str, Any]) -> None:
    limit = options.get("limit", 100)
    if not limit or as_number(limit) > MAX_BILLED:
        raise Thrown(f"limit must be specified and at most {MAX_BILLED}")


def get_cart(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[Any]:
    """Return what is in the caller's cart: nothing."""
    require_caller(caller, "shopping/cart/get")
    if options.get("id") is not None:
        casts.integer(options["id"])
        raise Thrown(f"no item with id {as_text(options['id'])}")
    return []


def recent_purchases(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[Any]:
    """Return what was bought lately: nothing."""
    return _recent(caller, options, "shopping/cart/recent-purchases")


def recent_vouchers(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[Any]:
    """Return vouchers that were made lately: none."""
    return _recent(caller, options, "vouchers/recent-vouchers")


def _recent(caller: Caller | None, options: Mapping[str, Any], name: str) -> list[Any]:
    require_caller(caller, name)
    if options.get("recent") is not None:
        casts.interval(options["recent"])
    return []


def redeem(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail, as today's servers do for every voucher; a code that is too short is refused to anybody."""
    code = options.get("code")
    if not code or (isinstance(code, str | list) and len(code) < MIN_CODE):
        raise Thrown(f"code must be at least {MIN_CODE} characters long")
    require_caller(caller, "vouchers/redeem")
    raise Thrown("Voucher code redemption is temporarily disabled. Please contact support.")


def control(_world: World, caller: Caller | None, _options: Mapping[str, Any]) -> Any:
    """Fail, as today's servers do."""
    require_caller(caller, "compute/control")
    raise Thrown("NOT implemented yet")


def get_servers(world: World, caller: Caller | None, options: Mapping[str, Any]) -> list[Any]:
    """Return further machines: none."""
    caller = require_caller(caller, "compute/get-servers")
    if options.get("project_id"):
        require_collaborator(world, caller, options["project_id"], "compute/get-servers")
    if options.get("id") is not None:
        casts.integer(options["id"])
    return []


# -- licenses --------------------------------------------------------------------------------------


def get_license(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: there are no licenses."""
    if license_id := options.get("license_id"):
        casts.uuid(license_id)
        raise Thrown(f"no license with id {as_text(license_id)}")
    if subscription_id := options.get("subscription_id"):
        require_caller(caller, "licenses/get-license")
        what = f"any license with subscription id={as_text(subscription_id)}"
        raise Thrown(f"You are not the manager of {what}")
    raise Thrown("license_id or subscription_id must be specified")


def get_projects_with_license(_world: World, caller: Caller | None, options: Mapping[str, Any]) -> Any:
    """Fail: nobody manages a license."""
    require_caller(caller, "licenses/get-projects-with-license")
    if not is_uuid(options.get("license_id")):
        raise Thrown("license_id must be a valid uuid")
    raise Thrown("signed in user must be a manager of the license")


def get_projects(world: World, caller: Caller | None, _options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the caller's projects that have a license."""
    return licenses.projects_of(world, caller.account_id) if caller else []
