"""The GitHub Action: inputs, run, base commit."""
