import { token } from './session';

export async function load(id: string) {
  return fetch(
    `${process.env.DIRECTUS_URL}/assets/${id}?access_token=${token}`,
  );
}
