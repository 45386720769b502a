"""The live instance: a client that can only read, and what it collects."""
