"""Access to a table of `query` in words: whose rows one reads, and who may write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cocalc_magic.catalog import Table

_ROWS = {
    "all": "all rows",
    "none": "nobody: every read is refused",
    "computed": "what the server computes",
    "of my projects": "those of your projects, or of the project_id that you give",
    "of the project": "those of one project, of which you must give the project_id",
    "of the open project": "those of one project, anybody's, of which you must give the project_id",
    "of the public project": "those of one project that has published something; give its project_id",
    "my collaborators": "the people in your projects",
    "people of the project": "the people in one project, of which you must give the project_id",
    "administrators": "the administrators",
    "site settings": "the settings of the site",
    "one syncdoc": "those of one file, of which you must give the string_id",
    "syncdocs of the project": "the files of one project, of which you must give the project_id",
    "one id": "the one whose id you give",
}
_REQUIRED = {
    "of the project": "project_id",
    "of the open project": "project_id",
    "of the public project": "project_id",
    "people of the project": "project_id",
    "syncdocs of the project": "project_id",
    "one syncdoc": "string_id",
    "one id": "id",
}


def reader(table: Table) -> str:
    """Return whose rows a reader gets, in words; empty for a table that is only written."""
    if table.read is None:
        return ""
    rows = table.read.rows
    words = _ROWS.get(rows, f"those whose {rows.removeprefix('own ')} is you")
    return f"{words}; administrators only" if table.read.admin else words


def writer(table: Table) -> str:
    """Return who may write, in words; empty for a table that is only read."""
    if table.write is None:
        return ""
    if table.write.admin:
        return "administrators only"
    ways = set(table.write.fill.values())
    if "this project" in ways:
        return "the project itself, with its own key"
    if "owned project" in ways:
        return "the owner of the project"
    if "project" in ways:
        return "those who are in the project"
    return "you, of your own account" if "caller" in ways else "everybody with an account"


def required_field(table: Table) -> str:
    """Return the field without which a read is refused; empty if there is none."""
    return _REQUIRED.get(table.read.rows, "") if table.read else ""
