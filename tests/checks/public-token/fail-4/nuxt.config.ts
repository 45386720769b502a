export default defineNuxtConfig({
  runtimeConfig: {
    directusToken: process.env.DIRECTUS_TOKEN,
    public: {
      directus: { url: '', token: process.env.DIRECTUS_TOKEN },
    },
  },
});
