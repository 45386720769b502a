const login = await fetch(`${process.env.DIRECTUS_URL}/auth/login`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ email: "admin@example.com", password: process.env.DIRECTUS_PASSWORD }),
});
