"""Carry the ways to administrator out on a throw-away Directus. The only part of directus-guard that writes to a server."""
