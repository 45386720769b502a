const API = 'http://localhost:8055';
const TOKEN = 'PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr';
const headers = { Authorization: `Bearer ${TOKEN}` };
export const a = () => fetch(`${API}/items/companies`, { headers });
export const b = () => fetch(`${API}/items/people`, { headers: { Authorization: `Bearer ${TOKEN}` } });
