const { access_token, refresh_token } = await client.login({ email, password });
store({ access_token, refresh_token });
const given = new URL(location.href).searchParams.get('access_token');
if (location.hash.includes('/assets/?access_token=')) leave();
type Answer = { access_token: string };
