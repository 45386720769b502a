"""Who may do what: rows, rules and what Directus makes of them."""
