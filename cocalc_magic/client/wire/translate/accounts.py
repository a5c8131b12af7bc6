"""Accounts, people, and the server itself."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from cocalc_magic.client.wire.translate.steps import Ask, Options, Steps, close, exact, many, partly, via
from cocalc_magic.errors import MessageFailed

_TICKET = ("id", "subject", "description", "created_at", "updated_at", "status")


def _clock(value: Any, _options: Options) -> dict[str, Any]:
    moment = datetime.fromtimestamp(value["now"] / 1000, timezone.utc)
    return {"now": f"{moment:%Y-%m-%dT%H:%M:%S}.{value['now'] % 1000:03}Z"}


def names_of(value: Any, _options: Options) -> dict[str, Any]:
    """Return first and last names by account."""
    names = value.get("names", value) if isinstance(value, dict) else {}
    kept = ("first_name", "last_name")
    return {
        "usernames": {account: {part: name.get(part) for part in kept} for account, name in names.items()}
    }


def _people(value: Any, options: Options) -> dict[str, Any]:
    return {"results": value[: options.get("limit", 20)]}


def no_error(_value: Any, _options: Options) -> dict[str, Any]:
    """Return that there was no error, as v1 has it."""
    return {"error": False}


def _own(options: Options, ask: Ask) -> Steps:
    """Send a message without an account, after checking that the one given is the key's own."""
    profile = yield Ask("accounts/profile", {})
    if profile.get("profile", {}).get("account_id") != options["account_id"]:
        raise MessageFailed("today's servers do this for the account of the key alone.")
    yield ask
    return {}


def _delete(options: Options) -> Steps:
    return _own(options, Ask("accounts/delete"))


def _password(options: Options) -> Steps:
    new = {"currentPassword": options.get("old_password", ""), "newPassword": options["new_password"]}
    return _own(options, Ask("accounts/set-password", new))


def _address(options: Options) -> Steps:
    new = {"email_address": options["new_email_address"], "password": options.get("password", "")}
    yield from _own(options, Ask("accounts/set-email-address", new))
    return {"error": False}


def _address_failed(text: str) -> dict[str, Any]:
    taken = "already in use" in text
    return {"event": "changed_email_address", "error": "email_already_taken" if taken else text}


def _not_created(text: str) -> dict[str, Any]:
    reasons = dict(part.partition(": ")[::2] for part in text.split("; "))
    if "email" in reasons:
        reasons["email_address"] = reasons.pop("email")
    return {"event": "account_creation_failed", "reason": reasons}


def _ticket(options: Options) -> Steps:
    names = {"email_address": "email", "subject": "subject", "body": "body", "location": "url"}
    sent = {new: options[old] for old, new in names.items() if old in options}
    if options.get("info"):
        sent["info"] = {"context": options["info"]}
    value = yield Ask("support/create-ticket", sent)
    return {"url": value.get("url")}


def _tickets(value: Any, _options: Options) -> dict[str, Any]:
    shown = [
        {**{name: ticket.get(name) for name in _TICKET}, "url": ticket.get("userURL") or ticket.get("url")}
        for ticket in value.get("tickets") or ()
    ]
    return {"tickets": shown}


def _unlink(options: Options) -> Steps:
    yield Ask("auth/unlink-strategy", {"name": f"{options['strategy']}-{options['id']}"})
    return {}


def result(value: Any, options: Options) -> dict[str, Any]:
    """Return the answer to a query as v1 has it."""
    echoed = {"options": options["options"]} if "options" in options else {}
    return {"query": value, "multi_response": False, **echoed}


TABLE = {
    "ping": exact(
        via("system.ping", back=_clock),
        via(
            "/customize",
            also={"fields": ["siteName"]},
            lost="the server's clock, and whether the key is good",
        ),
        answer="pong",
    ),
    "query": exact(
        via("db.userQuery", "query options multi_response", result),
        via(
            "/user-query",
            "query multi_response",
            lambda value, options: result(value.get("query"), options),
            fits=lambda options: not options.get("options"),
        ),
        answer="query",
    ),
    "user_search": close(
        via("system.userSearch", "query limit admin only_email", lambda value, _: {"results": value}),
        via("accounts/search", "query limit", _people),
        answer="user_search_results",
    ),
    "get_usernames": exact(
        via("accounts/get-names", "account_ids", names_of),
        via("system.getNames", "account_ids", names_of),
        answer="usernames",
    ),
    "create_account": close(
        via(
            "auth/sign-up",
            "first_name:firstName last_name:lastName email_address:email password agreed_to_terms:terms "
            "token:registrationToken usage_intent:signupReason",
            lambda value, _: {"account_id": value.get("account_id")},
            lost="a key of the new account",
        ),
        answer="account_created",
        failed=_not_created,
    ),
    "delete_account": partly(
        many("accounts/delete accounts/profile", "account_id", _delete), answer="account_deleted"
    ),
    "change_password": exact(
        many("accounts/set-password accounts/profile", "account_id old_password new_password", _password),
        answer="changed_password",
        failed=lambda text: {"event": "changed_password", "error": text},
    ),
    "change_email_address": exact(
        many(
            "accounts/set-email-address accounts/profile",
            "account_id old_email_address new_email_address password",
            _address,
        ),
        answer="changed_email_address",
        failed=_address_failed,
    ),
    "forgot_password": exact(
        via("auth/password-reset", "email_address:email", no_error),
        answer="forgot_password_response",
        failed=lambda text: {"event": "forgot_password_response", "error": text},
    ),
    "reset_forgot_password": exact(
        via("auth/redeem-password-reset", "reset_code:passwordResetId new_password:password", no_error),
        answer="reset_forgot_password_response",
        failed=lambda text: {"event": "reset_forgot_password_response", "error": text},
    ),
    "unlink_passport": exact(
        via("system.deletePassport", "strategy id"), many("auth/unlink-strategy", "strategy id", _unlink)
    ),
    "user_auth": exact(
        via(
            "system.generateUserAuthToken",
            "account_id:user_account_id password",
            lambda value, _: {"auth_token": value},
        ),
        answer="user_auth_token",
    ),
    "revoke_auth_token": exact(via("system.revokeUserAuthToken", "auth_token:token")),
    "create_support_ticket": partly(
        many("support/create-ticket", "email_address subject body location info account_id", _ticket),
        answer="support_ticket_url",
    ),
    "get_support_tickets": close(via("support/tickets", back=_tickets), answer="support_tickets"),
    "log_client_error": exact(via("system.logClientError", "error", also={"event": "error"})),
    "user_tracking": close(via("system.userTracking", "evt:event value")),
}
