import { createDirectus, rest, staticToken } from '@directus/sdk';

export const client = createDirectus(process.env.DIRECTUS_URL!)
  .with(staticToken('bluebirdlane'))
  .with(rest());
