import { createDirectus, rest, staticToken } from '@directus/sdk';
import Constants from 'expo-constants';

const extra = Constants.expoConfig?.extra ?? {};
export const drafts = createDirectus(extra.url).with(rest()).with(staticToken(extra.key));
