import { createDirectus, rest, staticToken } from '@directus/sdk';
import { apiKey, url } from '@/config';

export const cms = createDirectus(url).with(rest()).with(staticToken(apiKey));
