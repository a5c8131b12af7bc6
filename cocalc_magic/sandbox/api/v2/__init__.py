"""What each name of API v2 does: ``(world, caller or None, options) -> JSON``, by subject.

Where it is what a message of v1 does, the answer of v1 does it, and only the words of failures and the
form of the result are made here. An answer raises :class:`~cocalc_magic.sandbox.errors.Failed`; its
module is loaded when it is first asked for.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cocalc_magic.sandbox.domain import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cocalc_magic.sandbox.world import Caller, World

    Answer = Callable[[World, Caller | None, Mapping[str, Any]], Any]

ANSWERS = {
    "customize": "v2.site.customize",
    "exec": "v2.running.execute",
    "user-query": "v2.query.user_query",
    "api-keys": "keys.api_keys",
    "accounts/profile": "v2.people.profile",
    "accounts/get-names": "v2.people.get_names",
    "accounts/search": "v2.people.search",
    "accounts/set-name": "v2.people.set_name",
    "accounts/get-email-address": "v2.people.get_email_address",
    "accounts/ban": "v2.people.ban",
    "accounts/remove-ban": "v2.people.remove_ban",
    "accounts/set-email-address": "v2.signing.set_email_address",
    "accounts/set-password": "v2.signing.set_password",
    "accounts/send-verification-email": "v2.site.sent_nothing",
    "auth/has-password": "v2.signing.has_password",
    "auth/password-strength": "v2.signing.password_strength",
    "auth/requires-token": "v2.signing.requires_token",
    "auth/sign-up": "v2.signing.sign_up",
    "auth/password-reset": "v2.site.password_reset",
    "auth/sso-strategies": "v2.site.nothing_listed",
    "auth/unlink-strategy": "v2.site.unlinked",
    "auth/ephemeral": "v2.site.no_ephemeral",
    "projects/create": "v2.projects.create",
    "projects/get": "v2.projects.get",
    "projects/get-one": "v2.projects.get_one",
    "projects/update": "v2.projects.update",
    "projects/start": "v2.projects.start",
    "projects/stop": "v2.projects.stop",
    "projects/touch": "v2.projects.touch",
    "projects/delete": "v2.projects.delete",
    "projects/restore": "v2.projects.restore",
    "projects/set-admin-quotas": "v2.projects.set_admin_quotas",
    "projects/course/set-course-info": "v2.projects.set_course_info",
    "projects/call": "v2.calling.call",
    "projects/write-text-file": "v2.files.write_text_file",
    "projects/copy-path": "v2.files.copy_path",
    "projects/copy-path-status": "v2.files.copy_path_status",
    "projects/copy-url": "v2.files.copy_url",
    "projects/filename-search": "v2.site.no_items",
    "projects/collaborators/add": "v2.collaborators.add",
    "projects/collaborators/remove": "v2.collaborators.remove",
    "projects/collaborators/list": "v2.collaborators.list_all",
    "projects/collaborators/change-user-type": "v2.collaborators.change_user_type",
    "jupyter/kernels": "v2.jupyter.kernels",
    "jupyter/execute": "v2.jupyter.execute",
    "messages/send": "v2.messages.send",
    "messages/get": "v2.messages.get",
    "file-access": "v2.site.no_files",
    "public-paths/listing-cached": "v2.site.no_listing",
    "public-paths/save": "v2.site.public_path",
    "public-paths/star": "v2.site.public_path",
    "public-paths/unstar": "v2.site.public_path",
    "bookmarks/get": "v2.site.bookmarks",
    "news/list": "v2.site.list_news",
    "news/edit": "v2.site.edit_news",
    "token-action": "v2.site.token_action",
    "licenses/get-license": "v2.site.get_license",
    "licenses/get-managed": "v2.site.nothing_listed",
    "licenses/get-projects": "v2.site.nothing_listed",
    "licenses/check-disk-name": "v2.site.available",
    "purchases/get-balance": "v2.site.zero",
    "purchases/get-min-balance": "v2.site.zero",
    "purchases/get-spend-rate": "v2.site.zero",
    "purchases/get-balance-admin": "v2.site.get_balance_admin",
    "purchases/get-purchases": "v2.site.purchases",
    "purchases/get-subscriptions": "v2.site.no_items",
    "purchases/get-live-subscriptions": "v2.site.no_items",
    "purchases/get-statements": "v2.site.no_items",
    "purchases/get-unpaid-invoices": "v2.site.no_items",
    "purchases/get-max-project-quotas": "v2.site.max_project_quotas",
    "purchases/get-prices-project-quotas": "v2.site.prices_project_quotas",
    "shopping/cart/get": "v2.site.no_items",
    "shopping/cart/recent-purchases": "v2.site.no_items",
    "vouchers/recent-vouchers": "v2.site.no_items",
    "support/create-ticket": "v2.site.no_support",
    "support/tickets": "v2.site.no_support",
    "llm/evaluate": "v2.site.no_model",
    "openai/chatgpt": "v2.site.no_model",
    "latex": "v2.site.latex",
    "compute/control": "v2.site.no_control",
    "compute/get-templates": "v2.site.no_templates",
}
"""Name -> module and function, below ``answers``."""

WAITS = {
    "exec": "command",
    "projects/call": "command",
    "jupyter/execute": "command",
    "jupyter/kernels": "file",
    "projects/create": "file",
    "projects/get-one": "file",
    "projects/stop": "file",
    "projects/delete": "file",
    "projects/write-text-file": "file",
    "projects/copy-path": "file",
    "auth/sign-up": "password",
    "accounts/set-email-address": "password",
    "accounts/set-password": "password",
}
"""Answers that may wait, and for what: they are given threads."""


@cache
def find(name: str) -> Answer:
    """What answers a name of :data:`ANSWERS`."""
    module, _, function = ANSWERS[name].rpartition(".")
    answer: Answer = getattr(import_module(f"cocalc_magic.sandbox.domain.{module}"), function)
    return answer if name in WAITS else whole(answer)
