import ky from "ky";
const api = ky.create({ prefixUrl: "https://cms-directus.acme.example/", headers: { Authorization: "Bearer h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ab" } });
export const posts = () => api.get("items/posts");
