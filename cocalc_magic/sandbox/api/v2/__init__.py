"""API v2: `/api/v2/<name>`, JSON in, JSON out, as a server of July 2026 was recorded to answer.

A function `(world, caller or None, options) -> JSON` raises `Failed`,
which becomes `{"error": …}`. What deals with cookies is not here but in
`cocalc_magic.sandbox.http.sign_in`.

From the bottom up: auth, accounts, billing, exec, files, jupyter, marks, members, project_call, projects,
query, site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cocalc_magic.catalog.types import NO_ADMINISTRATOR, NOBODY
from cocalc_magic.sandbox.api.methods import Method, always, fail_with, methods
from cocalc_magic.sandbox.api.v2.auth import event_of, refused, to_accounts, words
from cocalc_magic.sandbox.errors import Thrown

if TYPE_CHECKING:
    from cocalc_magic.sandbox.domain.access import Caller

__all__ = ["METHODS", "event_of", "not_played"]

_NO_SUPPORT = "Support not available -- admin must configure the Zendesk token"


def _for_accounts(value: Any, names: str) -> dict[str, Method]:
    """Return the entries of names that answer with one value, to signed-in callers alone."""
    return {name: Method(to_accounts(name, value)) for name in names.split()}


METHODS = {
    "api-keys": Method("domain.keys.api_keys"),
    "auth/password-strength": Method("domain.sign_up.password_strength"),
    **methods(
        "api.v2.accounts",
        "auth/has-password auth/requires-token auth/ephemeral "
        "accounts/profile accounts/get-names accounts/search accounts/set-name accounts/get-email-address "
        "accounts/ban accounts/remove-ban",
    ),
    **methods(
        "api.v2.accounts",
        "auth/sign-up accounts/set-email-address accounts/set-password",
        blocking="password",
    ),
    **methods("api.v2.projects", "projects/create projects/get-one projects/stop projects/delete", "file"),
    **methods(
        "api.v2.projects",
        "projects/get projects/update projects/start projects/touch projects/restore "
        "projects/set-admin-quotas projects/course/set-course-info projects/public-path-license",
    ),
    "projects/collaborators/list": Method("api.v2.members.list_members"),
    **methods(
        "api.v2.members",
        "projects/collaborators/add projects/collaborators/remove projects/collaborators/change-user-type",
    ),
    **methods("api.v2.files", "projects/write-text-file projects/copy-path", blocking="file"),
    **methods("api.v2.files", "projects/copy-path-status projects/copy-url"),
    **methods("api.v2.exec", "exec", blocking="command"),
    **methods("api.v2.project_call", "projects/call", blocking="command"),
    **methods("api.v2.jupyter", "jupyter/execute", blocking="command"),
    **methods("api.v2.jupyter", "jupyter/kernels", blocking="file"),
    **methods("api.v2.query", "user-query"),
    **methods("api.v2.site", "customize file-access latex token-action auth/password-reset support/tickets"),
    "messages/send": Method("api.v2.site.send_message"),
    "messages/get": Method("api.v2.site.get_messages"),
    "news/list": Method("api.v2.site.list_news"),
    "news/edit": Method("api.v2.site.edit_news"),
    **dict.fromkeys(("llm/evaluate", "openai/chatgpt"), Method("api.v2.site.evaluate")),
    **dict.fromkeys(("bookmarks/add", "bookmarks/remove", "bookmarks/set"), Method("domain.bookmarks.add")),
    **methods("domain.bookmarks", "bookmarks/get"),
    **methods("api.v2.marks", "public-paths/save public-paths/star public-paths/unstar"),
    **methods(
        "api.v2.billing",
        "purchases/get-balance-admin purchases/get-statements purchases/get-subscriptions "
        "purchases/get-purchases shopping/cart/recent-purchases vouchers/recent-vouchers vouchers/redeem "
        "compute/get-servers licenses/get-license licenses/get-projects-with-license licenses/get-projects",
    ),
    "shopping/cart/get": Method("api.v2.billing.get_cart"),
    # What a sandbox has none of: the same answer to all accounts, or to everybody, and failures.
    **_for_accounts(0, "purchases/get-balance purchases/get-min-balance purchases/get-spend-rate"),
    **_for_accounts(0, "shopping/cart/checked shopping/cart/delete shopping/cart/edit shopping/cart/remove"),
    **_for_accounts(
        [],
        "projects/filename-search purchases/get-live-subscriptions purchases/get-unpaid-invoices "
        "purchases/get-cost-per-day shopping/cart/processing compute/get-servers-by-id",
    ),
    **_for_accounts({}, "purchases/get-charges-by-service"),
    **_for_accounts({"services": {}, "minBalance": 0}, "purchases/get-quotas"),
    **_for_accounts({"session": None}, "purchases/get-current-checkout-session"),
    **_for_accounts({"available": True}, "licenses/check-disk-name"),
    **_for_accounts({"status": "ok"}, "auth/unlink-strategy"),
    **_for_accounts({"status": "success"}, "accounts/send-verification-email"),
    **dict.fromkeys(("auth/sso-strategies", "licenses/get-managed"), always([])),
    "public-paths/listing-cached": always(None),
    "purchases/get-max-project-quotas": always(
        dict.fromkeys(("network", "member_host", "always_running"), 1)
        | {"cores": 3, "memory": 16000, "disk_quota": 15000}
    ),
    "purchases/get-prices-project-quotas": always(
        {"cores": 32, "memory": 4, "disk_quota": 0.25, "member_host": 4}
    ),
    "support/create-ticket": fail_with(Thrown(_NO_SUPPORT)),
    "compute/control": Method("api.v2.billing.control"),
    "compute/get-templates": fail_with(Thrown("fetch failed")),
}


def not_played(caller: Caller | None, name: str) -> Thrown:
    """Return the failure of a name that is not played: in its own words to those whom a server refuses."""
    for when, is_meant in ((NOBODY, caller is None), (NO_ADMINISTRATOR, not (caller and caller.admin))):
        if is_meant and words(name, when):
            return refused(name, when)
    return Thrown(f"not answered by the sandbox: '{name}'")
