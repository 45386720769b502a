"""`prove`: carry the ways to administrator out on a throw-away Directus."""
