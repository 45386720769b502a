fetch(`${API}/assets/${id}?access_token=${token}`);
