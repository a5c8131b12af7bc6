"""Say how alike the sandbox and the recorded servers are: python conformance/page.py [--check]

Sends every recorded case to fresh sandboxes, which takes a minute, and writes what comes of it into README.md
and into the data of the package, from where `%cocalc sandbox` and `%cocalc conform` have it. --check writes
nothing, and fails where something is out of date.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from cocalc_magic.config.sandbox_process import EmbeddedSandbox
from cocalc_magic.conformance import fidelity
from cocalc_magic.conformance.exchange import Side
from cocalc_magic.conformance.published import FILE
from cocalc_magic.conformance.recordings import MAX_RECORDED, load
from cocalc_magic.conformance.run import Run, compare_with_recording

HERE = Path(__file__).parent


def replay(file: str, recorded: dict[str, Any]) -> Run:
    """Send a recording to a sandbox of its own."""
    world = HERE / recorded["world"]
    process = EmbeddedSandbox()
    try:
        server, _ = process.start("--world", str(world), "--generation", recorded["generation"])
        side = Side(server, None, max_bytes=MAX_RECORDED)
        return compare_with_recording(side, load(HERE / file, world), file)
    finally:
        process.stop()


def main(arguments: list[str]) -> int:
    """Write the page and the data, or compare them with what is there."""
    recordings = yaml.safe_load((HERE / "recorded.yaml").read_text("utf-8"))
    with ThreadPoolExecutor() as threads:
        runs = dict(zip(recordings, threads.map(replay, *zip(*recordings.items(), strict=True)), strict=True))
    verdicts = {file: [result.verdict for result in run.results] for file, run in runs.items()}
    document = fidelity.document(HERE, verdicts)
    readme = HERE / "README.md"
    written = {
        FILE: fidelity.as_json(document),
        readme: fidelity.in_readme(readme.read_text("utf-8"), document),
    }
    out_of_date = [path for path, text in written.items() if path.read_text("utf-8") != text]
    for path in out_of_date:
        print(f"{path.name} {'is out of date' if arguments else 'is written anew'}")
        if not arguments:
            path.write_text(written[path], "utf-8")
    return int(bool(arguments and out_of_date))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
