"""v1 messages that can't be translated: why, and what comes nearest."""

from __future__ import annotations

from typing import NamedTuple


class Refusal(NamedTuple):
    """Why a message can't be translated, and what to do instead."""

    reason: str
    nearest: str = ""


_SEARCH = Refusal("servers have no search by meaning any more.")
_THEIRS = Refusal("it is a message that servers sent, and never one that they took.")
_PLANS = Refusal("plans were replaced by licenses.", "%cocalc help purchases/get-subscriptions")

REFUSED = {
    "available_upgrades": _THEIRS,
    "copy_path_delete": Refusal(
        "a copy that was planned can not be called off.", "%cocalc help projects/copy-path-status"
    ),
    "disconnect_from_project": Refusal("over HTTP nobody stays connected to a project."),
    "email_address_availability": Refusal("no server tells it.", "%cocalc accounts/search query=ADDRESS"),
    "get_available_upgrades": Refusal(
        "upgrades were replaced by licenses and quotas.", "%cocalc licenses/get-managed"
    ),
    "get_syncdoc_history": Refusal(
        "histories are found by project and path, no longer by string_id.",
        "%cocalc sync.history project_id=… path=…",
    ),
    "jupyter_port": _THEIRS,
    "jupyter_start_pool": Refusal(
        "kernels are kept ready by themselves.", "The first %cocalc jupyter_execute makes them so."
    ),
    "metrics": Refusal("servers take measurements from browsers in another way."),
    "openai_embeddings_get": _SEARCH,
    "openai_embeddings_remove": _SEARCH,
    "openai_embeddings_save": _SEARCH,
    "openai_embeddings_search": _SEARCH,
    "project_users": _THEIRS,
    "public_directory_listing": _THEIRS,
    "public_get_directory_listing": Refusal(
        "published folders are shown by pages for people alone.", "Open SERVER/share in a browser."
    ),
    "public_get_project_info": Refusal("nothing tells it any more.", "%cocalc help projects/get"),
    "public_get_text_file": Refusal(
        "published files are handed out by pages for people, not by a message.",
        "Open SERVER/share in a browser, or copy it: %cocalc help copy_public_path_between_projects",
    ),
    "public_project_info": _THEIRS,
    "public_text_file_contents": _THEIRS,
    "purchase_license": Refusal(
        "a license is put into the cart, and the cart is paid, in two messages.",
        "%cocalc help shopping/cart/add, then %cocalc help purchases/shopping-cart-checkout",
    ),
    "save_project": Refusal("projects are saved by themselves."),
    "start_metrics": _THEIRS,
    "stripe_create_subscription": Refusal(
        "a subscription comes with a license from the cart.", "%cocalc help shopping/cart/add"
    ),
    "stripe_customer": _THEIRS,
    "stripe_get_coupon": Refusal("coupons were replaced by vouchers.", "%cocalc help vouchers/redeem"),
    "stripe_get_plans": _PLANS,
    "stripe_plans": _THEIRS,
    "stripe_update_source": Refusal(
        "a saved card can't be changed.", "Delete it and save it anew, on the page of your account."
    ),
    "stripe_update_subscription": Refusal(
        "subscriptions are changed through their licenses.", "%cocalc help purchases/edit-license"
    ),
}
