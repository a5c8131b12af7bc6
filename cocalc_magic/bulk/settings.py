"""The flags of bulk work, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cocalc_magic.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_JOBS = 8
MAX_JOBS = 1_000
MAX_DELETE = 0.05  # share of the rows that a job may remove something for without being asked
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")


@dataclass(frozen=True)
class Settings:
    """How a job is to run.

    Args:
        jobs: Messages under way at the same time, at most.
        first: Send the first so many rows alone.
        max_fail: Failures after which it ends: a number, or a share of the rows below 1.
        max_delete: The same of messages that remove something; `None` for the share that needs no flag.
        again: Send also what is done.
        executor: Where it runs; `None` for threads of this process.
    """

    jobs: int = DEFAULT_JOBS
    first: int | None = None
    max_fail: float | None = None
    max_delete: float | None = None
    again: bool = False
    executor: Any = None

    @classmethod
    def of(cls, flags: Mapping[str, Any]) -> Settings:
        """Return the settings that the flags of a line ask for. Raises `InvalidValue`."""
        executor = flags.get("executor")
        if executor is not None and not hasattr(executor, "submit"):
            raise InvalidValue(
                f"--executor takes a concurrent.futures.Executor, not a {type(executor).__name__}.",
                "Of Dask it is --executor ${client.get_executor()}",
            )
        return cls(
            _count("jobs", flags, MAX_JOBS) or DEFAULT_JOBS,
            _count("first", flags),
            limit("max-fail", flags),
            limit("max-delete", flags),
            bool(flags.get("again")),
            executor,
        )


def _count(name: str, flags: Mapping[str, Any], most: int = 10**9) -> int | None:
    text = flags.get(name)
    if text is None:
        return None
    if not str(text).isdecimal() or not 1 <= int(text) <= most:
        raise InvalidValue(f"--{name} takes a whole number from 1 to {most:,}, not {text!r}.")
    return int(text)


def limit(name: str, flags: Mapping[str, Any]) -> float | None:
    """Return a number of rows, or for a text with `%` the share of them; `None` where it is not given.

    Raises:
        InvalidValue: It is neither.
    """
    text = str(flags.get(name, "")).strip()
    if not text:
        return None
    if share := _SHARE.fullmatch(text):
        return float(share[1]) / 100 if float(share[1]) < 100 else float("inf")
    if text.isdecimal():
        return int(text)
    raise InvalidValue(f"--{name} takes a number of rows or a share of them, as in 3 or 5%, not {text!r}.")


def rows_within(bound: float, total: int) -> float:
    """Return how many of the rows a bound is, which may be a share of them."""
    return bound * total if 0 < bound < 1 else bound
