"""``python -m cocalc_magic.sandbox``: the program is in :mod:`cocalc_magic.sandbox.cli`."""

from __future__ import annotations

import gc
import os
import sys

if __name__ == "__main__":
    gc.disable()  # looking for garbage while all is loaded takes a tenth of the start; it is enabled after
    from cocalc_magic.sandbox.cli import main

    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Python would wait for workers first, and one may hang
