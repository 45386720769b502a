const base = 'https://content.acme.example';
const headers = { Authorization: `Bearer ${'h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ab'}` };
export const posts = () => fetch(`${base}/items/posts`, { headers });
