"""`python -m directus_guard`."""

from directus_guard.cli.main import main

raise SystemExit(main())
