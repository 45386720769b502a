INSERT INTO public.directus_users (id) VALUES ('8c0e1c56-0f43-4c7a-9a55-3f7f5a6d2b10') ON CONFLICT DO NOTHING;
COPY public.directus_users (id, role, status) FROM stdin;
8c0e1c56-0f43-4c7a-9a55-3f7f5a6d2b11	\N	active
\.
