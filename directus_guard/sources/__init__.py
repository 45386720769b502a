"""Evidence with exact positions: one module per format. A source knows its format and judges nothing."""
