export const query = (token) => `?access_token=${token}`;
