#!/bin/sh
curl -s -H "Authorization: Bearer v9Qk2rT7xLmZ4pWn8sBdF3hYc6JgA1eU" https://api.example.net/users/me
