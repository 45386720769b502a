INSERT INTO public.directus_users (id) VALUES ('8c0e1c56-0f43-4c7a-9a55-3f7f5a6d2b10');
INSERT INTO "public"."directus_users" ("id", "email") VALUES ('8c0e1c56-0f43-4c7a-9a55-3f7f5a6d2b11', 'anna@example.com');
