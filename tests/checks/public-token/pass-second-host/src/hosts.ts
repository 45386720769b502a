export const cms = 'https://content.acme.example';
