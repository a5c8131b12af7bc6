"""Kernels, language models and money."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from cocalc_magic.client.wire.translate.steps import Ask, Options, Steps, close, exact, has, many, partly, via

_CODE = "hash kernel input history project_id path tag"
PROJECT_CODE = "kernel input history project_id path pool limits"
_PAGES = "limit ending_before starting_after"


def run_code(event: str, names: str, options: Options) -> Steps:
    """Run code in a kernel by this event, with these of the options."""
    began = perf_counter()
    value = yield Ask(event, {name: options[name] for name in names.split() if name in options})
    taken = {"total_time_s": round(perf_counter() - began, 3)}
    if isinstance(value, list):  # the project's own way gives the outputs alone
        return {"output": value, **taken}
    answer: dict[str, Any] = value or {}
    return {"output": answer.get("output"), "time": answer.get("created"), **taken}


def _customer(_options: Options) -> Steps:
    customer = yield Ask("billing/get-customer")
    key = yield Ask("purchases/get-stripe-publishable-key")
    return {"customer": customer, "stripe_publishable_key": key.get("stripe_publishable_key")}


TABLE = {
    "jupyter_execute": exact(
        many(
            "project:system.jupyterExecute",
            PROJECT_CODE,
            lambda options: run_code("project:system.jupyterExecute", PROJECT_CODE, options),
            lost="the time at which it was first asked for",
            fits=lambda options: has("pool", "limits")(options) and has("project_id")(options),
        ),
        many("jupyter/execute", _CODE, lambda options: run_code("jupyter/execute", _CODE, options)),
        answer="jupyter_execute_response",
    ),
    "jupyter_kernels": exact(
        via("jupyter/kernels", "project_id", lambda value, _: {"kernels": value.get("kernels")}),
        via("jupyter.kernels", "project_id", lambda value, _: {"kernels": value}),
        answer="jupyter_kernels",
    ),
    "chatgpt": close(
        via(
            "llm/evaluate",
            "text:input system history model tag",
            lambda value, _: {"text": value.get("output")},
            lost="the answer word by word",
        ),
        answer="chatgpt_response",
    ),
    "stripe_get_customer": close(
        many("billing/get-customer purchases/get-stripe-publishable-key", "", _customer),
        answer="stripe_customer",
    ),
    "stripe_create_source": close(via("billing/create-payment-method", "token:id")),
    "stripe_delete_source": close(via("billing/delete-payment-method", "card_id:id")),
    "stripe_set_default_source": close(
        via("purchases/stripe/set-default-payment-method", "card_id:default_payment_method")
    ),
    "stripe_cancel_subscription": close(
        via("billing/cancel-subscription", "subscription_id:id", lost="ending it at once")
    ),
    "stripe_get_subscriptions": exact(
        via("billing/get-subscriptions", _PAGES, lambda value, _: {"subscriptions": value}),
        answer="stripe_subscriptions",
    ),
    "stripe_get_invoices": close(
        via("billing/get-invoices-and-receipts", "", lambda value, _: {"invoices": value}),
        answer="stripe_invoices",
    ),
    "stripe_get_charges": partly(
        via(
            "purchases/get-purchases",
            "limit",
            lambda value, _: {"charges": value.get("purchases")},
            lost="charges as Stripe has them; these are purchases",
        ),
        answer="stripe_charges",
    ),
}
