#!/bin/sh
curl -s -H "Authorization: Bearer v9Qk2rT7xLmZ4pWn8sBdF3hYc6JgA1eU" https://cms.example.org/users/me
curl -s -H "Authorization: Bearer Zq8Lw3NfT5xYb7RkM2vPs9HcD4gJ6aEu" https://data.example.org/items/posts
