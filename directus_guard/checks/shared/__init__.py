"""What checks of several chapters share."""
