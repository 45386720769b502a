"""Deployment: the services around Directus, and its version."""
