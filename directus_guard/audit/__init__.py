"""One run over one repository: what is judged, and what is new beside a base."""
