"""Flows and operations."""
