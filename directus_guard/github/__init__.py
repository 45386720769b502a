"""GitHub's side: the Action's inputs, workflow commands, annotations, outputs and the step summary."""
