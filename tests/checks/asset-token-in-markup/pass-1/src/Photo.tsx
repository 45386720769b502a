export const Photo = ({ id }: Props) => <img src={`${process.env.NEXT_PUBLIC_DIRECTUS_URL}/assets/${id}`} alt="" />;
