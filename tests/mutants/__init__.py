"""Mistakes put into the package on purpose, to see whether a test notices (`make mutants`)."""
