"""`--output html`: one page without a network, for people. Its script and style are allowed by their hashes, nothing else is."""
