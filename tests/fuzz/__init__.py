"""Fuzzing, guided by coverage: a target for each parser, the rule algebra, the writers, the live client, config and baseline."""
