import { Directus } from '@directus/sdk';
export const directus = new Directus(API_URL, {
  transport: {
    params: {
      access_token: TOKEN,
    },
  },
});
export const socket = new WebSocket('wss://directus.example.com/websocket?access_token=' + TOKEN);
