"""The folder ``cocalc-magic`` in Jupyter's configuration, and how a file in it is replaced."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def folder() -> Path:
    """Where settings and keys lie: below the folder of ``JUPYTER_CONFIG_DIR``, else where its own is.

    It is not made.
    """
    from jupyter_core.paths import jupyter_config_dir

    return Path(jupyter_config_dir()) / "cocalc-magic"


def replace(path: Path, text: str) -> None:
    """Writes a file that its owner alone can read, whole or not at all; missing folders are made so too.

    Raises :class:`OSError`; an older file is then what it was.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
