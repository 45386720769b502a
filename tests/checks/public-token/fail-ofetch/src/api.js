import { ofetch } from "ofetch";
const TOKEN = "h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ab";
const options = { headers: { Authorization: "Bearer " + TOKEN } };
export const posts = () => ofetch("https://content.acme.example/items/posts", options);
