CREATE TABLE directus_users (id uuid, email text, password text);
