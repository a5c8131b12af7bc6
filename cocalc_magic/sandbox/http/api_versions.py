"""Which of CoCalc's HTTP APIs a sandbox speaks: those of a server of some age, or all of them."""

from __future__ import annotations

ALL = "all"
SPOKEN = {
    "v1": ("v1",),  # servers until about 2021
    "v1+v2": ("v1", "v2"),  # from then until May 2025, and self-hosted ones after that
    "v2": ("v2",),  # of the summer of 2025
    "conat": ("v2", "conat"),  # of today
    ALL: ("v1", "v2", "conat"),
    "ai": ("ai",),  # of cocalc.ai since July 2026, at the paths of v2 and conat
}
"""Generation -> the APIs that it speaks."""
EXPRESS = ("v1", "ai")  # whose page for what is missing is that of Express
ROUTES_OF_THEIR_OWN = {"ai": "http.ai_routes.find"}
"""Generation -> what finds its routes, where they are not those of the others."""
