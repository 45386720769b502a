"""Code that calls Directus."""
