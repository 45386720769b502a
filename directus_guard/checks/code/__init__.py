"""Checks of code that asks a Directus: tokens in addresses, and tokens that everybody gets."""
