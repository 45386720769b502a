export const environment = { production: false, cms: { url: 'http://localhost:8055' } };
