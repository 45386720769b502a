"""Builds the documentation as a website: pages of docs/, of the checks and of the root, with the navigation of docs/README.md."""
