const query = new URLSearchParams({ width: '10', access_token: token });
module.exports = (id) => fetch(`${directusUrl}/assets/${id}?${query}`);
