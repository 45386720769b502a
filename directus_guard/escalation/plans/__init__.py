"""Ways to administrator as requests that were simulated one after the other: `Plans`."""
