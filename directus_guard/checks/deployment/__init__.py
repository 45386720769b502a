"""Deployment: what stands around Directus, and which Directus it is."""
