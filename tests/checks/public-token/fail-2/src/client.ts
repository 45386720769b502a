import { createDirectus, rest, staticToken } from '@directus/sdk';

export const client = createDirectus('https://cms.example.com')
  .with(staticToken(import.meta.env.VITE_DIRECTUS_TOKEN))
  .with(rest());
