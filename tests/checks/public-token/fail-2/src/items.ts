const key = import.meta.env.VITE_BACKEND_KEY;
export const other = createDirectus(url).with(staticToken(key));
export const third = createDirectus(url).with(staticToken('PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr'));
