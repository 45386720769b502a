// `${process.env.DIRECTUS_URL}/assets/${id}?access_token=${token}` would end in logs
export const load = (id: string, token: string) =>
  fetch(`${process.env.DIRECTUS_URL}/assets/${id}`, { headers: { Authorization: `Bearer ${token}` } });
export const raw = () => client.request(readAssetRaw(id));
