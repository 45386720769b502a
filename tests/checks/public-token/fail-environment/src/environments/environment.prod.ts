export const environment = {
  production: true,
  cms: { url: 'https://content.acme.example', token: 'h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ad' },
};
