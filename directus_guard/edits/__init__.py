"""From what a check says to change to the edits of the file that says it. Nothing here judges, and nothing here writes."""
