"""Reports: what the audit found and computed, printed. `writers` knows the formats."""
