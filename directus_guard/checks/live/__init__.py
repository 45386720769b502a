"""Checks of a running instance, by what it really answers."""
