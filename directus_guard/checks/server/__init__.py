"""Server hardening: what the environment tells."""
