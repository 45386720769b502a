#!/bin/sh
curl -s https://directus.example.com/auth/login -H "Content-Type: application/json" \
  -d "$(jq -n --arg password "$DIRECTUS_PASSWORD" '{email: "admin@example.com", $password}')" | jq -r .data.access_token
