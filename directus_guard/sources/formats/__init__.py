"""Syntax: what a text says, and where."""
