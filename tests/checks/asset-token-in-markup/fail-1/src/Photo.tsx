export function Photo({ id, token }: Props) {
  return (
    <img
      src={`${process.env.NEXT_PUBLIC_DIRECTUS_URL}/assets/${id}?width=300&access_token=${token}`}
      alt=""
    />
  );
}
