"""Manifests that start a Directus, one module for each platform."""
