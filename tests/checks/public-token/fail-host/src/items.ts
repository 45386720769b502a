export const posts = () =>
  fetch('https://content.acme.example/items/posts', {
    headers: { Authorization: 'Bearer h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Aa' },
  });
