export const maps = { url: 'https://maps.acme.example', key: 'h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ag' };
