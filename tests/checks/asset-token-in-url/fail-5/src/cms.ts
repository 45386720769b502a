import { createDirectus, rest } from '@directus/sdk';
const client = createDirectus('https://content.example.com').with(rest());
const image = await fetch('https://content.example.com/assets/' + id + '?access_token=' + token);
