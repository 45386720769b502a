mapboxgl.accessToken = import.meta.env.VITE_MAPBOX_TOKEN;
fetch('https://api.openai.com/v1/models', { headers: { Authorization: 'Bearer PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr' } });
// const client = createDirectus(url).with(staticToken('PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr'));
