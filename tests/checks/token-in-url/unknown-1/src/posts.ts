export const posts = (api: string, token: string) => fetch(`${api}/items/posts?access_token=${token}`);
