-- Authors for the demo.
INSERT INTO directus_users (id, first_name, last_name, role, status) VALUES
  ('6f1c2a34-0000-4000-8000-000000000001', 'Ada', 'Lovelace', NULL, 'draft');
