export const url = 'https://content.acme.example';
