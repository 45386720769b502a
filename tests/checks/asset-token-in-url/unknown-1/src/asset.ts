export const load = (baseUrl: string, id: string, token: string) =>
  fetch(`${baseUrl}/assets/${id}?access_token=${token}`);
