#!/bin/sh
set -eu
SECRET=change-me
docker run -d --name cms -p 127.0.0.1:8055:8055 \
  -e SECRET="$SECRET" \
  -e PUBLIC_URL=https://cms.acme.example \
  directus/directus:12.4.1
