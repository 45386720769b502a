const TOKEN = "h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ab";
export const orders = () => fetch("https://shop.acme.example/v1/orders", { headers: { Authorization: `Bearer ${TOKEN}` } });
