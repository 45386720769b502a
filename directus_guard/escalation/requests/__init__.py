"""The writes of a way to administrator as HTTP requests, one module for each family of tables."""
