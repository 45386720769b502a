export const headers = { Authorization: 'Bearer PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr' };
