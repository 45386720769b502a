export const Photo = ({ base, id, token }) => <img src={`${base}/assets/${id}?access_token=${token}`} />;
