"""Exported configuration of Directus."""
