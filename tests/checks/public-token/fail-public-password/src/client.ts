import { authentication, createDirectus } from "@directus/sdk";

const client = createDirectus(import.meta.env.VITE_DIRECTUS_URL).with(authentication());
await client.login({ email: import.meta.env.VITE_DIRECTUS_EMAIL, password: import.meta.env.VITE_DIRECTUS_PASSWORD });
