"""`docs`: pages, messages and errors are found without a network."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cocalc_magic.errors import CoCalcError


def test_without_a_word_it_lists_the_pages(shell: Any) -> None:
    text = str(shell.cell("%cocalc docs"))

    assert "Documentation: of this version" in text
    assert "rows " in text
    assert "A message for each row" in text


def test_a_page_is_shown_in_text_and_in_html(shell: Any) -> None:
    page = shell.cell("%cocalc docs scoped-keys")

    assert "%cocalc scope night.py" in str(page)
    assert "A key of cocalc.ai may do what its capabilities say" in page._repr_html_()


def test_a_page_keeps_its_code_its_links_and_the_pages_it_leads_to(shell: Any) -> None:
    page = shell.cell("%cocalc docs log-in")

    assert re.search(r"<span[^>]*>login</span>", page._repr_html_())
    assert re.search(
        r"Pages that this one leads to: %cocalc docs NAME:\n.*\bscoped-keys\b", str(page), re.DOTALL
    )
    keys = shell.cell("%cocalc docs scoped-keys")._repr_html_()
    assert re.search(r'<a [^>]*href="https://cocalc.ai/settings/keys"', keys)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("docs create_project", "A project for a seminar"),
        ("docs noPool", "create_project"),
        ("docs must be signed in to create", "news/edit"),
        ("docs User 6d2e does not have write access to project 3b9e2f60", "project_exec"),
        ("docs papermill", "ci "),
        ("docs class", "class.yaml says who is in a class"),
        ("docs key", "keys: see the key dialog of your account"),
    ],
)
def test_an_event_an_option_the_text_of_an_error_and_a_word_are_found(
    shell: Any, line: str, shown: str
) -> None:
    assert shown in str(shell.cell(f"%cocalc {line}"))


@pytest.mark.parametrize("address", ["http://[x", "https://cocalc.ai/api/v2/nosuch?a=1"])
def test_an_address_that_nothing_has_is_told(shell: Any, address: str) -> None:
    with pytest.raises(CoCalcError, match="has nothing about") as error:
        shell.cell(f"%cocalc docs {address}")

    assert address in error.value.problem


def test_what_is_not_there_is_an_error_with_what_is(shell: Any) -> None:
    with pytest.raises(CoCalcError) as error:
        shell.cell("%cocalc docs scopd-keys")

    assert error.value.problem == "the documentation has nothing about 'scopd-keys'."
    assert "Did you mean scoped-keys?" in str(error.value)


def test_help_of_a_command_leads_to_its_pages(shell: Any) -> None:
    assert "More: %cocalc docs class" in str(shell.cell("%cocalc help course"))
