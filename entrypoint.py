"""The container's entry: with arguments the command line, without and on a GitHub runner the Action."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from directus_guard import action, cli

if __name__ == "__main__":
    if len(sys.argv) == 1 and os.environ.get("GITHUB_ACTIONS") == "true":
        raise SystemExit(action.main(os.environ))
    raise SystemExit(cli.main())
