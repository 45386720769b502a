export default ({ config }) => ({
  ...config,
  extra: { url: process.env.DIRECTUS_URL, key: process.env.DIRECTUS_KEY },
});
