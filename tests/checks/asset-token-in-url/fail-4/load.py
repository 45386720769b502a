import os

DIRECTUS_URL = os.environ["DIRECTUS_URL"]


def url(file: str, token: str) -> str:
    return f"{DIRECTUS_URL}/assets/{file}?access_token={token}"
