"""Tables and columns of the sandbox itself, which no query reaches."""

from __future__ import annotations

INTERNAL_TABLES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "copies": (
        ("copy_path_id",),
        {
            "copy_path_id": "uuid",
            "time": "timestamp",
            "source_project_id": "uuid",
            "source_path": "text",
            "target_project_id": "uuid",
            "target_path": "text",
            "overwrite_newer": "boolean",
            "delete_missing": "boolean",
            "backup": "boolean",
            "started": "timestamp",
            "finished": "timestamp",
            "scheduled": "timestamp",
            "error": "text",
            "exclude": "array",
        },
    ),
    "outbox": (
        ("id",),
        {"id": "integer", "time": "timestamp", "to": "text", "subject": "text", "body": "text"},
    ),
    "invitations": (
        ("email_address", "project_id"),
        {"email_address": "text", "project_id": "uuid", "time": "timestamp"},
    ),
    "public_path_stars": (
        ("public_path_id", "account_id"),
        {"public_path_id": "text", "account_id": "uuid", "time": "timestamp"},
    ),
    "orgs": (
        ("organization_id",),
        {
            "organization_id": "uuid",
            "name": "text",
            "title": "text",
            "description": "text",
            "link": "text",
            "email_address": "text",
            "admin_account_ids": "array",
        },
    ),
}
"""Table -> its key, and its columns with their kinds."""

EXTRA_COLUMNS = {
    "accounts": {
        "password": "text",
        "banned": "boolean",
        "found_by": "text",
        "org": "text",
        "turn": "integer",
    },
    "projects": {"turn": "integer"},
}
"""Columns of the catalog's tables that are stored, and that no query reaches."""
