"""A key for values that cannot be hashed: JSON, and data that has JSON in it."""

from __future__ import annotations


def content_key(value: object) -> str:
    """A text of the content of a value, to look equal ones up by it and to sort them.

    Values have the same text only if they are equal and of the same types, so 1, 1.0 and true are three. Objects whose
    members come in another order have other texts.
    """
    return repr(value)
