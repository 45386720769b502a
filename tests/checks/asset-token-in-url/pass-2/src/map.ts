const MAPS = 'https://api.mapbox.com';
export const tiles = `${MAPS}/assets/${style}?access_token=${import.meta.env.VITE_MAPBOX_TOKEN}`;
export const direct = 'https://api.mapbox.com/assets/x?access_token=' + key;
