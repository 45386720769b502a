"""Property tests: the same examples in every run, and with HYPOTHESIS_PROFILE=fuzz many new ones (`make fuzz`)."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.register_profile("fuzz", max_examples=3000, database=None, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
