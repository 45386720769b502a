export const posts = (token: string) =>
  fetch(`${process.env.DIRECTUS_URL}/items/posts`, { headers: { Authorization: `Bearer ${token}` } });
export const google = (t: string) => fetch(`https://www.googleapis.com/oauth2/v2/userinfo?access_token=${t}`);
export const home = (t: string) => res.redirect(`${process.env.FRONTEND_URL}/welcome?access_token=${t}`);
