"""Takes from GitHub's own description of its API, and from its example events, what the tests need.

`python -m tests.github.refresh` writes `data/`. Sources, versions and licences: `data/README.md`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tests.support.programs import npm_tarball

DATA: Final = Path(__file__).parent / "data"
OPENAPI: Final = "@octokit/openapi@23.0.2"
EVENTS: Final = "@octokit/webhooks-examples@7.6.1"
DESCRIPTIONS: Final = {"api.github.com": "api.github.com.json", "ghes-3.17": "ghes-3.17.json"}
REPOSITORY: Final = "/repos/{owner}/{repo}"
OPERATIONS: Final = {
    f"{REPOSITORY}/code-scanning/sarifs": ("post",),
    f"{REPOSITORY}/code-scanning/sarifs/{{sarif_id}}": ("get",),
    f"{REPOSITORY}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{REPOSITORY}/issues/comments/{{comment_id}}": ("patch",),
    f"{REPOSITORY}/pulls/{{pull_number}}/files": ("get",),
    f"{REPOSITORY}/pulls/{{pull_number}}/reviews": ("post",),
    f"{REPOSITORY}/pulls/{{pull_number}}/comments": ("get", "post"),
    f"{REPOSITORY}/pulls/comments/{{comment_id}}": ("patch",),
    "/user": ("get",),
}
"""Every call the Action makes."""
CHOSEN: Final = {"push": 0, "pull_request": 0, "workflow_dispatch": 0, "merge_group": 0}
"""Event and which of its examples."""
Json = dict[str, Any]


def trimmed(description: Json) -> Json:
    """Only our operations, and what they refer to."""
    paths: Json = {}
    for path, methods in OPERATIONS.items():
        item = description["paths"][path]
        paths[path] = {key: value for key, value in item.items() if key in methods or key == "parameters"}
        for method in methods:
            for response in item[method]["responses"].values():
                _accept(response)
    components: Json = {}
    wanted = _references(paths)
    while wanted:
        kind, name = wanted.pop()
        if name in components.get(kind, {}):
            continue
        value = description["components"][kind][name]
        if kind == "responses":
            _accept(value)
        components.setdefault(kind, {})[name] = value
        wanted |= _references(value)
    return {
        "openapi": description["openapi"],
        "info": description["info"],
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": components,
    }


def _accept(response: Json) -> None:
    """GitHub asks for this Accept header and answers in it, but describes `application/json` only."""
    content = response.get("content", {})
    if "application/json" in content:
        content["application/vnd.github+json"] = content["application/json"]


def _references(node: object) -> set[tuple[str, str]]:
    if isinstance(node, dict):
        found: set[tuple[str, str]] = set()
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                _, _, kind, name = value.split("/")
                found.add((kind, name))
            else:
                found |= _references(value)
        return found
    return set().union(*map(_references, node)) if isinstance(node, list) else set()


def main() -> None:
    """Write `data/`."""
    (DATA / "events").mkdir(parents=True, exist_ok=True)
    generated = npm_tarball(OPENAPI) / "generated"
    for name, file in DESCRIPTIONS.items():
        description = json.loads((generated / file).read_text(encoding="utf-8"))
        (DATA / f"{name}.json").write_text(json.dumps(trimmed(description), indent=1) + "\n", encoding="utf-8")
    examples = json.loads((npm_tarball(EVENTS) / "api.github.com" / "index.json").read_text(encoding="utf-8"))
    by_name = {entry["name"]: entry["examples"] for entry in examples}
    for name, number in CHOSEN.items():
        (DATA / "events" / f"{name}.json").write_text(
            json.dumps(by_name[name][number], indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
