"""A lock that is taken in turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from cocalc_magic.bulk.file_lock import locked

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_read_and_written_under_the_lock_loses_nothing(tmp_path: Path) -> None:
    count = tmp_path / "count"
    count.write_text("0")

    def add(_: int) -> None:
        with locked(tmp_path / "lock"):
            count.write_text(str(int(count.read_text()) + 1))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(20)))

    assert count.read_text() == "20"


def test_a_lock_that_holds_something_else_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("not a database, and longer than its head " * 10)

    with locked(tmp_path / "lock"):
        assert (tmp_path / "lock").exists()
