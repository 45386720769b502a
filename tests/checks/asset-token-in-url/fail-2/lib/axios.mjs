import axios from 'axios';
const api = axios.create({ baseURL: process.env.DIRECTUS_URL });
export const get = (id, token) =>
  api.get(`/assets/${id}`, {
    params: { access_token: token },
  });
