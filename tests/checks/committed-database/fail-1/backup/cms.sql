CREATE TABLE directus_users (id uuid, email text, password text);
INSERT INTO directus_users VALUES ('00000000-0000-4000-8000-000000000001', 'a@example.com', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g');
