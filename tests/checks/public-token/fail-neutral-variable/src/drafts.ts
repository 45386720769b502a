import { createDirectus, rest, staticToken } from '@directus/sdk';
import { config } from './config';

export const drafts = createDirectus(config.url).with(rest()).with(staticToken(config.key));
