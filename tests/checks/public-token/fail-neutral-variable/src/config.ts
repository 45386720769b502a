export const config = { url: import.meta.env.VITE_CMS_URL, key: import.meta.env.VITE_CMS_KEY };
