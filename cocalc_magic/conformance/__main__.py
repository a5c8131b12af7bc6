"""`python -m cocalc_magic.conformance`: run `cocalc_magic.conformance.cli`."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from cocalc_magic.conformance.cli import main

    sys.exit(main())
