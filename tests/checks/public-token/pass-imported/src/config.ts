export const config = { url: process.env.CMS_URL, key: process.env.CMS_KEY };
