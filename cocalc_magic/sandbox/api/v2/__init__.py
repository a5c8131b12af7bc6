"""API v2: `/api/v2/<name>`, JSON in, JSON out, as a server of July 2026 was recorded to answer.

A function `(world, caller or None, options) -> JSON` raises `Failed`,
which becomes `{"error": …}`. What deals with cookies is not here but in
`cocalc_magic.sandbox.http.sign_in`.

From the bottom up: auth, accounts, exec, files, jupyter, members, project_call, projects, query, site.
"""

from __future__ import annotations

from cocalc_magic.sandbox.api.methods import Method, always, fail_with, methods
from cocalc_magic.sandbox.api.v2.auth import to_accounts
from cocalc_magic.sandbox.errors import Thrown

METHODS = {
    "api-keys": Method("domain.keys.api_keys"),
    **methods("api.v2.accounts", "auth/has-password auth/password-strength auth/requires-token"),
    **methods(
        "api.v2.accounts",
        "auth/sign-up accounts/set-email-address accounts/set-password",
        blocking="password",
    ),
    **methods(
        "api.v2.accounts",
        "accounts/profile accounts/get-names accounts/search accounts/set-name accounts/get-email-address "
        "accounts/ban accounts/remove-ban",
    ),
    **methods("api.v2.projects", "projects/create projects/get-one projects/stop projects/delete", "file"),
    **methods(
        "api.v2.projects",
        "projects/get projects/update projects/start projects/touch projects/restore "
        "projects/set-admin-quotas projects/course/set-course-info",
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
    "messages/send": Method("api.v2.site.send_message"),
    "messages/get": Method("api.v2.site.get_messages"),
    "news/list": Method("api.v2.site.list_news"),
    "news/edit": Method("api.v2.site.edit_news"),
    "bookmarks/get": Method("api.v2.site.bookmarks"),
    **methods(
        "api.v2.site",
        "customize latex token-action auth/password-reset licenses/get-license purchases/get-balance-admin",
    ),
    **dict.fromkeys(
        ("public-paths/save", "public-paths/star", "public-paths/unstar"), Method("api.v2.site.public_path")
    ),
    # What a sandbox has none of: empty answers to accounts or to everybody, and failures.
    **dict.fromkeys(
        ("purchases/get-balance", "purchases/get-min-balance", "purchases/get-spend-rate"),
        Method(to_accounts(0)),
    ),
    **dict.fromkeys(
        (
            *("projects/filename-search", "shopping/cart/get", "shopping/cart/recent-purchases"),
            *("purchases/get-subscriptions", "purchases/get-live-subscriptions", "purchases/get-statements"),
            *("purchases/get-unpaid-invoices", "vouchers/recent-vouchers"),
        ),
        Method(to_accounts([])),
    ),
    "purchases/get-purchases": Method(to_accounts({"purchases": [], "balance": 0})),
    "licenses/check-disk-name": Method(to_accounts({"available": True})),
    "auth/unlink-strategy": Method(to_accounts({"status": "ok"})),
    "accounts/send-verification-email": Method(to_accounts({"status": "success"})),
    **dict.fromkeys(("auth/sso-strategies", "licenses/get-managed", "licenses/get-projects"), always([])),
    "file-access": always({"files": []}),
    "public-paths/listing-cached": always(None),
    "purchases/get-max-project-quotas": always(
        dict.fromkeys(("network", "member_host", "always_running"), 1)
        | {"cores": 3, "memory": 16000, "disk_quota": 15000}
    ),
    "purchases/get-prices-project-quotas": always(
        {"cores": 32, "memory": 4, "disk_quota": 0.25, "member_host": 4}
    ),
    **dict.fromkeys(
        ("support/create-ticket", "support/tickets"),
        fail_with(Thrown("Support not available -- admin must configure the Zendesk token")),
    ),
    **dict.fromkeys(
        ("llm/evaluate", "openai/chatgpt"),
        fail_with(
            Thrown(
                "There is a problem calling ollama-0. Please try another model, a different prompt, or try "
                "again later. Error: Google GenAI is not enabled."
            )
        ),
    ),
    "auth/ephemeral": fail_with(Thrown("Registration token required.")),
    "compute/control": fail_with(Thrown("NOT implemented yet")),
    "compute/get-templates": fail_with(Thrown("fetch failed")),
}


def event_of(name: str) -> str:
    """Return the name of a path in the catalog, where a name of one segment has a leading slash."""
    return name if "/" in name else f"/{name}"
