"""A mark of what Windows does not have: commands of the sandbox, and permissions of files."""

from __future__ import annotations

import sys

import pytest

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not have it")
