"""Which of CoCalc's HTTP APIs a sandbox speaks: as a server of some age does, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cocalc_magic.sandbox.http.messages import error_page, not_there

if TYPE_CHECKING:
    from cocalc_magic.sandbox.http.messages import Reply, Request

ALL = "all"
SPOKEN = {
    "v1": ("v1",),  # servers until about 2021
    "v1+v2": ("v1", "v2"),  # from then until May 2025, and self-hosted ones after that
    "v2": ("v2",),  # of the summer of 2025
    "conat": ("v2", "conat"),  # of today
    ALL: ("v1", "v2", "conat"),
}
"""What is asked for -> the APIs that are spoken then."""


def refusal(generation: str, request: Request) -> Reply | None:
    """The page of HTTP status 404 for an API that is not spoken; ``None`` for everything else."""
    start, _, rest = request.path.lower().removeprefix("/api/").partition("/")
    of_api = request.path.lower().startswith("/api/") and start in SPOKEN[ALL]
    if not of_api or not rest or start in SPOKEN[generation]:
        return None
    return not_there(request) if generation == "v1" else error_page(404, "404 – Page Not Found")
