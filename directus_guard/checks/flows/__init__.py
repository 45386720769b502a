"""Flows: who can start them, and what they then do."""
