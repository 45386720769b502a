const key = 'h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ai';
export const item = (id) => fetch(`https://next.acme.example/items/${id}`, { headers: { Authorization: `Bearer ${key}` } });
