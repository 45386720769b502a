"""`python -m directus_guard`."""

from directus_guard.cli import main

raise SystemExit(main())
