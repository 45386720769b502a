export default defineNuxtConfig({ modules: ["nuxt-directus"], directus: { url: process.env.DIRECTUS_URL } });
