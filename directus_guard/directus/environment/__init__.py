"""The variables a Directus is started with, as Directus reads them."""
