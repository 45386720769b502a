import { maps } from './maps';

export const tile = (id: string) => fetch(`${maps.url}/tiles/${id}`, { headers: { Authorization: `Bearer ${maps.key}` } });
