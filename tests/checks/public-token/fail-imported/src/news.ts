import { apiKey, url } from './config';

export const news = () => fetch(`${url}/items/news`, { headers: { Authorization: `Bearer ${apiKey}` } });
