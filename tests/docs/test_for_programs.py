"""What the site has for programs is of the catalog."""

from __future__ import annotations

import pytest

from cocalc_magic import catalog
from docs import for_programs


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        ("text", {"type": "string"}),
        ("array of uuid", {"type": "array", "items": {"type": "string", "format": "uuid"}}),
        ("boolean or text", {"anyOf": [{"type": "boolean"}, {"type": "string"}]}),
    ],
)
def test_a_type_is_a_schema(words: str, schema: object) -> None:
    assert for_programs.schema_of(words) == schema


def test_every_message_has_a_schema_with_its_options() -> None:
    definitions = for_programs.messages_schema()["$defs"]

    assert set(definitions) == set(catalog.names())
    assert definitions["project_exec"]["required"] == ["project_id", "command"]
    assert definitions["project_exec"]["properties"]["timeout"]["type"] == "number"


def test_messages_with_an_address_are_in_openapi() -> None:
    document = for_programs.openapi()

    assert document["paths"]["/api/v1/ping"]["post"]["operationId"] == "ping"
    assert document["paths"]["/api/v2/projects/stop"]["post"]["tags"] == ["v2", "ai"]
    assert not any("conat" in path for path in document["paths"])


def test_a_list_of_pages_leads_to_them_as_markdown() -> None:
    assert for_programs.llms([("how-to/tea.md", "---\na: b\n---\n\n# Tea\n")]).endswith(
        "- [Tea](markdown/how-to/tea.md)\n"
    )
