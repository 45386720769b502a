import { createDirectus, rest, staticToken } from '@directus/sdk';
export const client = createDirectus(process.env.NEXT_PUBLIC_DIRECTUS_URL!)
  .with(staticToken(process.env.NEXT_PUBLIC_DIRECTUS_TOKEN!))
  .with(rest());
