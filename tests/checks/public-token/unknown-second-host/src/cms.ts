import { createDirectus, rest } from '@directus/sdk';
import { cms } from './hosts';

export const directus = createDirectus(cms).with(rest());
