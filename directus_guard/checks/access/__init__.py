"""Checks of who may do what, judged on the effective access."""
