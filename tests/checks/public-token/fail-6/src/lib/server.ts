import { PUBLIC_DIRECTUS_TOKEN } from '$env/static/public';
