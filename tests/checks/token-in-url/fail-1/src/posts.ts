export const posts = (token: string) =>
  fetch(`${process.env.DIRECTUS_URL}/items/posts?limit=3&access_token=${token}`);
