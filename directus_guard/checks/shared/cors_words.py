"""How a fix says which origins may use the API."""

from __future__ import annotations

from typing import Final

ORIGINS: Final = (
    "Set `CORS_ORIGIN` to the addresses of your front ends, such as `https://www.example.com`. "
    "Put commas between several, without spaces."
)
