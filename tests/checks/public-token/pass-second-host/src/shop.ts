const key = 'h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ah';
export const item = (id) => fetch(`https://api.orders.example.com/items/${id}`, { headers: { Authorization: `Bearer ${key}` } });
export const file = (id) => fetch(`https://api.orders.example.com/assets/${id}`, { headers: { Authorization: `Bearer ${key}` } });
