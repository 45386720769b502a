"""Real Directus servers as ground truth: see `server.py` for how to use one in a test."""
