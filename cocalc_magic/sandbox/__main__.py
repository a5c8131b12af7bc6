"""`python -m cocalc_magic.sandbox`: run `cocalc_magic.sandbox.cli`."""

from __future__ import annotations

import gc
import os
import sys

if __name__ == "__main__":
    gc.disable()  # collections while modules load take a tenth of the start; they are enabled after it
    from cocalc_magic.sandbox.cli import main

    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the interpreter would wait for worker threads first, and one may hang
