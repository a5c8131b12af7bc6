"""The same knowledge for programs: OpenAPI, JSON Schema, the pages as Markdown and a list of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import cocalc_magic
from cocalc_magic import catalog
from cocalc_magic.client.wire import WIRES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cocalc_magic.catalog import Message

TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "uuid": {"type": "string", "format": "uuid"},
    "project": {"type": "string", "format": "uuid"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "array": {"type": "array"},
    "any": {},
    "false": {"const": False},
}
INTRODUCTION = """\
# cocalc-magic

> The API of CoCalc in a Jupyter notebook, a shell and Python, with a sandbox that answers without a server.

"""


def schema_of(words: str) -> dict[str, Any]:
    """Return the JSON Schema of a type of the catalog: `text`, `array of uuid`, `number or text`."""
    alternatives = words.split(" or ")
    if len(alternatives) > 1:
        return {"anyOf": [schema_of(word) for word in alternatives]}
    if words.startswith("array of "):
        return {"type": "array", "items": schema_of(words.removeprefix("array of "))}
    return dict(TYPES[words])


def options_schema(message: Message) -> dict[str, Any]:
    """Return the schema of a message's options."""
    properties: dict[str, Any] = {}
    for option in message.options:
        entry = properties[option.name] = {**schema_of(option.type), "description": option.meaning}
        if option.default is not None:
            entry["default"] = option.default
        if option.choices:
            entry["enum"] = list(option.choices)
    required = [option.name for option in message.options if option.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def response_schema(message: Message) -> dict[str, Any]:
    """Return the schema of what comes back."""
    properties = {
        field.name: {**schema_of(field.type), "description": field.meaning} for field in message.fields
    }
    return {"type": "object", "properties": properties}


def openapi() -> dict[str, Any]:
    """Return the messages that have an address of their own, as OpenAPI 3.1."""
    messages = (message for message in catalog.all_messages() if message.api != "conat")
    return {
        "openapi": "3.1.0",
        "info": {"title": "CoCalc", "version": cocalc_magic.__version__},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "basic"}}},
        "security": [{"key": []}],
        "paths": {
            WIRES[message.api].path(message.event): {"post": _operation(message)} for message in messages
        },
    }


def _operation(message: Message) -> dict[str, Any]:
    body = options_schema(message)
    if message.within:
        body = {"type": "object", "properties": {message.within: body}}
    return {
        "operationId": message.event,
        "summary": message.summary,
        "description": message.description,
        "tags": list(message.generations),
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {
                "description": message.response or "The answer, or an error.",
                "content": {"application/json": {"schema": response_schema(message)}},
            }
        },
    }


def messages_schema() -> dict[str, Any]:
    """Return all messages with their options, as definitions of JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Options of CoCalc's messages",
        "$defs": {
            message.event: {"title": message.summary, **options_schema(message)}
            for message in catalog.all_messages()
        },
    }


def llms(pages: Iterable[tuple[str, str]]) -> str:
    """Return the list of pages for language models, from their places and texts."""
    return INTRODUCTION + "".join(f"- [{title(text)}](markdown/{place})\n" for place, text in pages)


def title(text: str) -> str:
    """Return the first heading of a page."""
    return next(line for line in text.splitlines() if line.startswith("# ")).removeprefix("# ")


def write(sources: Path, target: Path) -> None:
    """Write all of it beside a site: the pages come from its sources."""
    pages = {
        path.relative_to(sources).as_posix(): path.read_text("utf-8")
        for path in sorted(sources.rglob("*.md"))
    }
    for place, text in pages.items():
        copy = target / "markdown" / place
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, "utf-8")
    (target / "llms.txt").write_text(llms(pages.items()), "utf-8")
    for name, document in (("openapi.json", openapi()), ("messages.schema.json", messages_schema())):
        (target / name).write_text(json.dumps(document, ensure_ascii=False), "utf-8")
