"""Draws what a reviewer sees: the step summary of a pull request that weakens one row, as GitHub renders it.

Run: `python -m scripts.summary_picture docs/summary.png [--markdown FILE]`. Needs Node.js; Chromium is fetched into
`.cache` where it is not installed. The Markdown is rendered by markdown-it with GitHub's style sheet, the diagrams by Mermaid, all from npm.
"""

from __future__ import annotations

import argparse
import html
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.github.runner import step
from tests.github.weakened import weakened
from tests.support.browser import chromium
from tests.support.git import git
from tests.support.programs import npm

PACKAGES = ("markdown-it@15.0.3", "mermaid@12.3.0", "github-markdown-css@5.9.0")
RENDER = """
import markdownIt from "markdown-it";
let text = "";
for await (const chunk of process.stdin) text += chunk;
console.log(JSON.stringify(markdownIt({html: true, linkify: false}).render(JSON.parse(text))));
"""
PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{css}">
<style>body {{ margin: 0; background: #fff }} .markdown-body {{ max-width: 860px; padding: 24px 32px }}
pre.mermaid {{ background: #fff; text-align: center }}</style>
<article class="markdown-body">{body}</article>
<script src="{mermaid}"></script>
<script>
  for (const code of document.querySelectorAll("code.language-mermaid")) {{
    const drawing = document.createElement("pre");
    drawing.className = "mermaid";
    drawing.textContent = code.textContent;
    code.parentElement.replaceWith(drawing);
  }}
  mermaid.initialize({{ startOnLoad: true, securityLevel: "strict" }});
</script>
"""


def summary(folder: Path) -> str:
    """The step summary of a pull request on `examples/access` that lets editors set their own role."""
    repository = folder / "site"
    event = weakened(repository)
    merge = git(repository, "rev-parse", "HEAD")
    ran = step(
        repository,
        folder / "runner",
        event="pull_request",
        data=event,
        sha=merge,
        ref="refs/pull/2/merge",
        new_only="true",
    )
    return ran.summary


def page(markdown: str) -> str:
    """The Markdown as an HTML page that draws its diagrams."""
    modules = npm(*PACKAGES)
    (modules / "render.mjs").write_text(RENDER, encoding="utf-8")
    done = subprocess.run(
        ["node", str(modules / "render.mjs")], input=json.dumps(markdown), capture_output=True, text=True, check=True,
        cwd=modules,
    )  # fmt: skip
    assets = modules.resolve() / "node_modules"
    return PAGE.format(
        css=html.escape((assets / "github-markdown-css" / "github-markdown-light.css").as_uri()),
        mermaid=html.escape((assets / "mermaid" / "dist" / "mermaid.min.js").as_uri()),
        body=json.loads(done.stdout),
    )


def draw(source: Path, target: Path, height: int) -> None:
    """A screenshot of the page, by headless Chromium."""
    with tempfile.TemporaryDirectory() as profile:
        command = [
            str(chromium()), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--force-device-scale-factor=1.5",
            "--allow-file-access-from-files", f"--user-data-dir={profile}", f"--window-size=924,{height}",
            "--virtual-time-budget=8000", f"--screenshot={target.resolve()}", source.as_uri(),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def main() -> int:
    """Draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--markdown", type=Path, help="draw this file in place of the example's summary")
    parser.add_argument("--height", type=int, default=1000, help="of the picture, in pixels of the page")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = args.markdown.read_text(encoding="utf-8") if args.markdown else summary(Path(folder))
        source = Path(folder) / "page.html"
        source.write_text(page(text), encoding="utf-8")
        draw(source, args.target, args.height)
    return 0


if __name__ == "__main__":
    sys.exit(main())
