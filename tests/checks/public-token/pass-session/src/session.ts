export const currentToken = async () => (await cookies()).get('directus_session_token')?.value ?? '';
