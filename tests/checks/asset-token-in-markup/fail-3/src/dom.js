image.src = `${directusUrl}/assets/${id}?access_token=${token}`;
const style = { backgroundImage: `url(${directusUrl}/assets/${id}?access_token=${token})` };
