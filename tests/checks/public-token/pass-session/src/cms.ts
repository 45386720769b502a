import { createDirectus, rest, staticToken } from '@directus/sdk';
import { currentToken } from './session';
import { url } from './config';

export const cms = async () => createDirectus(url).with(rest()).with(staticToken(await currentToken()));
