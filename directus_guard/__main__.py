"""`python -m directus_guard`."""

import sys
from pathlib import Path

# `python -m` looks for modules in the current folder first, which may be the scanned one.
if sys.path[:1] != [str(Path(__file__).resolve().parents[1])]:
    del sys.path[:1]

from directus_guard.cli import main

raise SystemExit(main())
