export default defineNuxtConfig({
  modules: ["nuxt-directus"],
  directus: {
    url: process.env.DIRECTUS_URL,
    token: process.env.DIRECTUS_SECRET_THING,
  },
});
