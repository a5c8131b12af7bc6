"""Kernels, language models and money."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from cocalc_magic.client.wire.translate.steps import Ask, Options, Steps, Translation, has, many, via

_CODE = "hash kernel input history project_id path tag"
_PAGES = "limit ending_before starting_after"


def _run(event: str, names: str, options: Options) -> Steps:
    began = perf_counter()
    value = yield Ask(event, {name: options[name] for name in names.split() if name in options})
    taken = {"total_time_s": round(perf_counter() - began, 3)}
    if isinstance(value, list):  # the project's own way gives the outputs alone
        return {"output": value, **taken}
    answer: dict[str, Any] = value or {}
    return {"output": answer.get("output"), "time": answer.get("created"), **taken}


def _customer(options: Options) -> Steps:
    del options
    customer = yield Ask("billing/get-customer")
    key = yield Ask("purchases/get-stripe-publishable-key")
    return {"customer": customer, "stripe_publishable_key": key.get("stripe_publishable_key")}


TABLE = (
    Translation(
        "jupyter_execute",
        "exact",
        "jupyter_execute_response",
        (
            many(
                "project:system.jupyterExecute",
                "kernel input history project_id path pool limits",
                lambda options: _run(
                    "project:system.jupyterExecute",
                    "kernel input history project_id path pool limits",
                    options,
                ),
                lost="the time at which it was first asked for",
                fits=lambda options: has("pool", "limits")(options) and has("project_id")(options),
            ),
            many("jupyter/execute", _CODE, lambda options: _run("jupyter/execute", _CODE, options)),
        ),
    ),
    Translation(
        "jupyter_kernels",
        "exact",
        "jupyter_kernels",
        (
            via("jupyter/kernels", "project_id", lambda value, _: {"kernels": value.get("kernels")}),
            via("jupyter.kernels", "project_id", lambda value, _: {"kernels": value}),
        ),
    ),
    Translation(
        "chatgpt",
        "close",
        "chatgpt_response",
        (
            via(
                "llm/evaluate",
                "text:input system history model tag",
                lambda value, _: {"text": value.get("output")},
                lost="the answer word by word",
            ),
        ),
    ),
    Translation(
        "stripe_get_customer",
        "close",
        "stripe_customer",
        (many("billing/get-customer purchases/get-stripe-publishable-key", "", _customer),),
    ),
    Translation(
        "stripe_create_source", "close", "success", (via("billing/create-payment-method", "token:id"),)
    ),
    Translation(
        "stripe_delete_source", "close", "success", (via("billing/delete-payment-method", "card_id:id"),)
    ),
    Translation(
        "stripe_set_default_source",
        "close",
        "success",
        (via("purchases/stripe/set-default-payment-method", "card_id:default_payment_method"),),
    ),
    Translation(
        "stripe_cancel_subscription",
        "close",
        "success",
        (via("billing/cancel-subscription", "subscription_id:id", lost="ending it at once"),),
    ),
    Translation(
        "stripe_get_subscriptions",
        "exact",
        "stripe_subscriptions",
        (via("billing/get-subscriptions", _PAGES, lambda value, _: {"subscriptions": value}),),
    ),
    Translation(
        "stripe_get_invoices",
        "close",
        "stripe_invoices",
        (via("billing/get-invoices-and-receipts", "", lambda value, _: {"invoices": value}),),
    ),
    Translation(
        "stripe_get_charges",
        "partial",
        "stripe_charges",
        (
            via(
                "purchases/get-purchases",
                "limit",
                lambda value, _: {"charges": value.get("purchases")},
                lost="charges as Stripe has them; these are purchases",
            ),
        ),
    ),
)
