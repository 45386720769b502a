export const url = 'https://content.acme.example';
export const apiKey = 'h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ac';
