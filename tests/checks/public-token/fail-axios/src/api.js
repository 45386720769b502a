import axios from "axios";
export default axios.create({
  baseURL: "https://directus.acme.example",
  headers: { Authorization: "Bearer h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ab" },
});
