"""v1 messages by those of API v2 and of conat, of which a server may have either or both."""

from __future__ import annotations

from cocalc_magic.client.wire.translate import accounts, commands, files, projects, services
from cocalc_magic.client.wire.translate.refusals import REFUSED, Refusal

TABLE = projects.TABLE | files.TABLE | accounts.TABLE | commands.TABLE | services.TABLE


def refusal_of(event: str) -> Refusal | None:
    """Return why a message can't be sent there, and what to use instead."""
    return REFUSED.get(event)
