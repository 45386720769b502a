"""The audit of running instances: on real servers, through faults, and on recorded answers."""
