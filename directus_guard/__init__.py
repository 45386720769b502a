"""directus-guard: a security gate for Directus projects."""

__version__ = "0.1.0"
