#!/bin/sh
curl -s https://directus.example.com/auth/login -H "Content-Type: application/json" \
  -d '{"email": "admin@example.com", "password": "Green-Lantern-2083"}' | jq -r .data.access_token
