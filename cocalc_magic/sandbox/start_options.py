"""The options that a sandbox starts with: of its program, and of one in this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cocalc_magic.sandbox.http.api_versions import ALL, SPOKEN

if TYPE_CHECKING:
    import argparse


def add_world_options(parser: argparse.ArgumentParser) -> None:
    """Add what says which world it begins with, and where that is kept."""
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder of its data; by default a temporary one"
    )
    parser.add_argument(
        "--world",
        type=Path,
        metavar="FILE",
        help="initial world of a new one (YAML), or class: a teacher and 30 invented students",
    )
    parser.add_argument("--empty", action="store_true", help="begin with one account and no project")
    parser.add_argument(
        "--generation",
        choices=tuple(SPOKEN),
        default=ALL,
        help="which APIs it speaks: v1 as servers until about 2021, v1+v2 as those of the years after, v2 as "
        "those of the summer of 2025, conat (with v2) as those of July 2026, ai as cocalc.ai since then; "
        "default: all of them but ai",
    )
