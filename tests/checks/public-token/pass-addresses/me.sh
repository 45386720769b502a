#!/bin/sh
curl -H 'Authorization: Bearer h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ap' https://localhost/users/me
