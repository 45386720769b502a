const TOKEN = process.env.DIRECTUS_TOKEN || 'rnEZGdbOSGMo5H8uJieP3oNylXs4hLqP';
fetch(`${process.env.DIRECTUS_URL}/items/posts`, {
  headers: { Authorization: 'Bearer PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr' },
});
fetch(`${directusUrl}/items/pages`, { headers: { Authorization: `Bearer ${process.env.REACT_APP_API_TOKEN}` } });
