#!/bin/sh
docker run -d -e SECRET -e KEY="$(cat /run/key)" -e PUBLIC_URL=https://cms.acme.example directus/directus:12.4.1
