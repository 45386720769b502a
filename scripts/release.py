"""What the release workflow does to files: `version V` compares, `base` prints the base image's name, `pin` writes digests.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_DIGEST = r"@sha256:[0-9a-f]{64}"
_NAME = r"[a-z0-9][a-z0-9./_:-]*"


def version(text: str) -> str:
    """The version in the package's `__init__.py`. Raises `ValueError` if there is none."""
    found = re.search(r'^__version__(?:: \w+)? = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise ValueError("directus_guard/__init__.py names no version")
    return found[1]


def is_version(text: str, wanted: str) -> None:
    """Raises `ValueError` unless the code is of the version asked for."""
    if wanted != version(text):
        raise ValueError(f"version {wanted} is asked for, the code is {version(text)}")


def base(dockerfile: str) -> str:
    """The base image's name and tag, without a digest. Raises `ValueError` if the Dockerfile names none."""
    found = re.search(rf"^ARG BASE=({_NAME})(?:{_DIGEST})?$", dockerfile, re.MULTILINE)
    if found is None:
        raise ValueError("the Dockerfile has no line `ARG BASE=NAME:TAG`")
    return found[1]


def pin(dockerfile: str, action: str, sandboxed: str, base_image: str, image: str) -> tuple[str, str, str]:
    """The Dockerfile on `base_image`, and the two action.yml that run `image`, all references with a digest.

    Raises `ValueError` for a reference without a digest, or files that do not have the line to change.
    """
    for reference in (base_image, image):
        if not re.fullmatch(_NAME + _DIGEST, reference):
            raise ValueError(f"`{reference}` names no digest")
    if base_image.partition("@")[0] != base(dockerfile):
        raise ValueError(f"`{base_image}` is not the base image of the Dockerfile, `{base(dockerfile)}`")
    pinned = re.sub(rf"^ARG BASE={_NAME}(?:{_DIGEST})?$", f"ARG BASE={base_image}", dockerfile, flags=re.MULTILINE)
    run, changed = re.subn(r"^  image: \S+$", f"  image: docker://{image}", action, flags=re.MULTILINE)
    if changed != 1:
        raise ValueError("action.yml has no line `  image: …`")
    confined, changed = re.subn(r"^        IMAGE: \S+$", f"        IMAGE: {image}", sandboxed, flags=re.MULTILINE)
    if changed != 1:
        raise ValueError("sandboxed/action.yml has no line `        IMAGE: …`")
    return pinned, run, confined


def main(arguments: list[str] | None = None) -> int:
    """Run one of the three. Returns 1, with the reason on stderr, if it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("version").add_argument("wanted")
    commands.add_parser("base")
    pinning = commands.add_parser("pin")
    pinning.add_argument("--base", required=True)
    pinning.add_argument("--image", required=True)
    args = parser.parse_args(arguments)
    files = ROOT / "Dockerfile", ROOT / "action.yml", ROOT / "sandboxed" / "action.yml"
    try:
        if args.command == "version":
            is_version((ROOT / "directus_guard" / "__init__.py").read_text(encoding="utf-8"), args.wanted)
        elif args.command == "base":
            print(base(files[0].read_text(encoding="utf-8")))
        else:
            dockerfile, action, sandboxed = (path.read_text(encoding="utf-8") for path in files)
            texts = pin(dockerfile, action, sandboxed, args.base, args.image)
            for path, text in zip(files, texts, strict=True):
                path.write_text(text, encoding="utf-8")
    except ValueError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
