"""Variables of a Content-Security-Policy, at random."""

from __future__ import annotations

from random import Random

NAMES = [
    "IMG_SRC", "CONNECT_SRC", "FONT_SRC", "STYLE_SRC", "SCRIPT_SRC", "DEFAULT_SRC", "FRAME_SRC", "WORKER_SRC", "CHILD_SRC", "MEDIA_SRC",
    "OBJECT_SRC", "FRAME_ANCESTORS", "SCRIPT_SRC_ATTR", "STYLE_SRC_ELEM", "UPGRADE_INSECURE_REQUESTS", "REPORT_URI", "IMG-SRC", "img_src",
    "imgSrc", "Img_Src", "IMG__SRC", "BASE_URI", "FORM_ACTION", "SANDBOX", "X1_Y2", "A1B", "_IMG_SRC",
]  # fmt: skip

SOURCES = [
    "'self'", "'none'", "self", "none", "unsafe-inline", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:", "https:", "https://*", "wss://*",
    "*", "https://cdn.example.com", "http://x.example", "nonce-abc", "'nonce-abc'", "null", "true", "false", "1", "0", "12.5", "", " ", "a;b",
    "regex:x", "regex:a/b[/]\\/", "regex:", "{}", "[]", '["\'self\'"]', '{"0":"x"}', "sha256-x",
]  # fmt: skip
TOP = ["REPORT_ONLY", "USE_DEFAULTS", "ENABLED", "DIRECTIVES_IMG_SRC", "DIRECTIVE__IMG_SRC"]


def value(random: Random) -> str:
    chosen = [random.choice(SOURCES) for _ in range(random.choice([1, 1, 2, 3, 5]))]
    joined = random.choice([" ", " ", ",", ", "]).join(chosen)
    return random.choice(["", "", "", "array:", "json:", "string:"]) + joined


def variables(seed: int, prefix: str) -> dict[str, str]:
    random = Random(seed)
    found = {f"{prefix}_DIRECTIVES__{random.choice(NAMES)}": value(random) for _ in range(random.choice([1, 1, 2, 3]))}
    if random.random() < 0.25:
        found[f"{prefix}_{random.choice(TOP)}"] = random.choice(["true", "false", "True", "'self'", "0", ""])
    if random.random() < 0.1:
        found[prefix] = "default-src 'self'"
    if random.random() < 0.5:
        found["UNRELATED"] = "x"
    return found
