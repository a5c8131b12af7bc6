"""What the ``query`` message may read and write, as one table of data.

Fields, their rights and their defaults were recorded from a server of March 2024; what the
recordings do not show is from the field lists of 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Column:
    """One field of a table.

    ``kind``: ``uuid``, ``text``, ``integer``, ``boolean``, ``timestamp``, ``map`` or ``array``.
    ``default`` is what a reader gets where nothing is stored; for a map it is filled in key by key.
    """

    name: str
    kind: str
    readable: bool = True
    writable: bool = False
    default: Any = None


@dataclass(frozen=True)
class Table:
    """One table as ``query`` sees it.

    ``rows``: whose rows a caller gets (``own account`` or ``own projects``). ``stored_in`` names the
    table of the store, ``days`` hides rows that were last edited longer ago, ``order`` and
    ``limit`` hold unless the caller says otherwise.
    """

    name: str
    stored_in: str
    key: str
    rows: str
    columns: tuple[Column, ...]
    days: int | None = None
    order: str = ""
    limit: int | None = None

    def column(self, name: str) -> Column | None:
        """The column of this name."""
        return next((column for column in self.columns if column.name == name), None)


EDITOR_SETTINGS = {
    "strip_trailing_whitespace": False,
    "show_trailing_whitespace": False,
    "line_wrapping": True,
    "line_numbers": True,
    "jupyter_line_numbers": False,
    "smart_indent": True,
    "electric_chars": True,
    "match_brackets": True,
    "auto_close_brackets": True,
    "code_folding": True,
    "match_xml_tags": True,
    "auto_close_xml_tags": True,
    "auto_close_latex": True,
    "spaces_instead_of_tabs": True,
    "multiple_cursors": True,
    "track_revisions": True,
    "extra_button_bar": True,
    "build_on_save": True,
    "first_line_number": 1,
    "indent_unit": 4,
    "tab_size": 4,
    "bindings": "standard",
    "theme": "default",
    "undo_depth": 300,
    "jupyter_classic": False,
    "jupyter_window": False,
    "disable_jupyter_windowing": False,
    "show_exec_warning": True,
    "physical_keyboard": "default",
    "keyboard_variant": "",
    "ask_jupyter_kernel": True,
    "disable_jupyter_virtualization": False,
}
OTHER_SETTINGS = {
    "katex": True,
    "confirm_close": False,
    "mask_files": True,
    "page_size": 500,
    "standby_timeout_m": 5,
    "default_file_sort": "name",
    "new_filenames": "ymd_semantic",
    "show_global_info2": None,
    "first_steps": True,
    "newsletter": False,
    "time_ago_absolute": False,
    "no_free_warnings": False,
    "allow_mentions": True,
    "dark_mode": False,
    "dark_mode_brightness": 100,
    "dark_mode_contrast": 90,
    "dark_mode_sepia": 0,
    "dark_mode_grayscale": 0,
    "news_read_until": 0,
    "hide_project_popovers": False,
    "hide_file_popovers": False,
    "hide_button_tooltips": False,
}
PROJECT_SETTINGS = {
    "disk_quota": 3000,
    "cores": 1,
    "cpu_shares": 0,
    "memory": 1000,
    "memory_request": 0,
    "mintime": 1800,
    "network": 0,
    "member_host": 0,
    "ephemeral_state": 0,
    "ephemeral_disk": 0,
    "always_running": 0,
}

RUN_QUOTA = {  # of a project that has been started
    "network": False,
    "cpu_limit": 1,
    "disk_quota": 3000,
    "privileged": False,
    "cpu_request": 0.02,
    "member_host": False,
    "dedicated_vm": False,
    "idle_timeout": 1800,
    "memory_limit": 1000,
    "always_running": False,
    "memory_request": 200,
    "dedicated_disks": [],
}

ACCOUNTS = Table(
    "accounts",
    stored_in="accounts",
    key="account_id",
    rows="own account",
    columns=(
        Column("account_id", "uuid"),
        Column("email_address", "text"),
        Column("lti_id", "array"),
        Column("email_address_verified", "map"),
        Column("email_address_problem", "map"),
        Column("editor_settings", "map", writable=True, default=EDITOR_SETTINGS),
        Column("other_settings", "map", writable=True, default=OTHER_SETTINGS),
        Column("first_name", "text", writable=True, default=""),
        Column("last_name", "text", writable=True, default=""),
        Column("name", "text", writable=True),
        Column(
            "terminal",
            "map",
            writable=True,
            default={"font_size": 14, "color_scheme": "default", "font": "monospace"},
        ),
        Column("autosave", "integer", writable=True, default=45),
        Column("evaluate_key", "text", writable=True, default="Shift-Enter"),
        Column("font_size", "integer", writable=True, default=14),
        Column("passports", "map", default={}),
        Column("groups", "array", default=[]),
        Column("last_active", "timestamp"),
        Column("stripe_customer", "map"),
        Column("coupon_history", "map"),
        Column("profile", "map", writable=True, default={}),
        Column("ssh_keys", "map", writable=True, default={}),
        Column("created", "timestamp"),
        Column("unlisted", "boolean", writable=True, default=False),
        Column("tags", "array", writable=True),
        Column("tours", "array", writable=True),
        Column("email_daily_statements", "boolean", writable=True),
        Column("min_balance", "integer"),
        Column("purchase_closing_day", "integer"),
        Column("stripe_checkout_session", "map"),
        Column("stripe_usage_subscription", "text"),
        Column("sign_up_usage_intent", "text", readable=False, writable=True),
    ),
)

_PROJECT_COLUMNS = (
    Column("project_id", "uuid"),
    Column("name", "text", writable=True),
    Column("title", "text", writable=True, default=""),
    Column("description", "text", writable=True, default=""),
    Column("users", "map", writable=True, default={}),
    Column("invite", "map"),
    Column("invite_requests", "map", writable=True),
    Column("deleted", "boolean", writable=True),
    Column("host", "map"),
    Column("settings", "map", default=PROJECT_SETTINGS),
    Column("run_quota", "map"),
    Column("site_license", "map", writable=True),
    Column("status", "map"),
    Column("state", "map"),
    Column("last_edited", "timestamp"),
    Column("last_active", "map"),
    Column("action_request", "map", writable=True),
    Column("course", "map"),
    Column("compute_image", "text", writable=True, default="ubuntu2204"),
    Column("created", "timestamp"),
    Column("env", "map", writable=True),
    Column("sandbox", "boolean", writable=True),
    Column("avatar_image_tiny", "text", writable=True),
    Column("avatar_image_full", "text", writable=True),
    Column("pay_as_you_go_quotas", "map"),
)
PROJECTS = Table(
    "projects",
    stored_in="projects",
    key="project_id",
    rows="own projects",
    columns=_PROJECT_COLUMNS,
    days=21,
    order="-last_edited",
    limit=100,
)
PROJECTS_ALL = Table(
    "projects_all",
    stored_in="projects",
    key="project_id",
    rows="own projects",
    columns=_PROJECT_COLUMNS,
)

TABLES = {table.name: table for table in (ACCOUNTS, PROJECTS, PROJECTS_ALL)}
