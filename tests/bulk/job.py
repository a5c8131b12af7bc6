"""A job in a process of its own, as a kernel runs it, to be killed: python -m tests.bulk.job ROWS [BYTES]

Makes so many projects on the server of the environment, and prints how it went, or what was wrong. With BYTES,
no file that it writes may become larger, as if the disk were full.
"""

from __future__ import annotations

import signal
import sys

from cocalc_magic import Client
from cocalc_magic.errors import CoCalcError


def main(count: int, most: int | None) -> None:
    rows = [{"name": f"student {number}"} for number in range(count)]
    with Client() as client:
        client.ping()
        if most is not None:
            import resource  # which Windows has not

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        try:
            sys.stdout.write(client.map("create_project", rows, title="${row.name}").summary)
        except CoCalcError as problem:
            sys.stdout.write(str(problem))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
