"""Checks of code that sends requests to Directus: tokens in addresses, and tokens that every visitor gets."""
