const base = process.env.DIRECTUS_URL || 'https://cms.example.com';
const url = new URL('/assets/' + id, base);
url.searchParams.set('width', '300');
url.searchParams.set('access_token', token);
