"""Tokens that commands send to a Directus, wherever commands are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.sources.code import command_tokens
from directus_guard.sources.files.repository import Repository
from tests.support.cli import write
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

T: Final = "Qx7mB2vTz9KpLw4RnY8cHs3DfG6jWa1E"
CMS: Final = "https://cms.example.com"
SERVER: Final = (
    "services:\n  directus:\n    image: directus/directus:11.5.0\n    environment:\n      SECRET: ${SECRET:?}\n"
    f"      PUBLIC_URL: {CMS}\n"
)
SENT: Final = (
    ("a.sh", f'curl -H "Authorization: Bearer {T}" {CMS}/items/shows\n'),
    ("a.sh", f"curl -sS -X PATCH -H 'authorization: bearer {T}' -d @x.json '{CMS}/users/me'\n"),
    ("a.sh", f'CMS="{CMS}"\nTOKEN=\'{T}\'\nfor c in a b; do\n  curl -H "Authorization: Bearer ${{TOKEN}}" "$CMS/items/$c?limit=-1" > $c.json\ndone\n'),
    ("a.sh", f'curl "{CMS}/items/shows?limit=1&access_token={T}" -o shows.json\n'),
    ("a.sh", f"wget --header='Authorization: Bearer {T}' -O x.json {CMS}/collections\n"),
    ("a.sh", f'http GET {CMS}/flows "Authorization:Bearer {T}"\n'),
    ("a.sh", f"curl -H 'Authorization: Bearer {T}' https://directus.other.example/files\n"),
    ("a.sh", f"curl -H 'Authorization: Bearer {T}' https://www.other.example/schema/snapshot\n"),
    ("bin/pull", f'#!/bin/bash\nx=$(curl --url {CMS}/items/a -H "Authorization: Bearer {T}" | jq .)\n'),
    ("Makefile", f'TOKEN := {T}\nsnap:\n\tcurl -H "Authorization: Bearer $(TOKEN)" {CMS}/schema/snapshot > s.json\n'),
    ("package.json", f'{{"scripts": {{\n"pull": "curl {CMS}/items/a?access_token={T} > a.json"}}}}\n'),
    ("package.json", f'{{"scripts": {{\n"types": "directus-sdk-typegen --url {CMS} --token {T} -o a.d.ts"}}}}\n'),
    ("a.sh", f"npx -y directus-typescript-gen@1 --token={T}\n"),
    ("a.sh", f'npx openapi-typescript "{CMS}/server/specs/oas?access_token={T}" -o types.ts\n'),
    ("a.sh", f"npx openapi-typescript 'https://directus.other.example/server/specs/oas?access_token={T}'\n"),
    ("a.sh", f"graphql-codegen --schema={CMS}/graphql?access_token={T}\n"),
    ("a.sh", f"aria2c -o a.json '{CMS}/items/a?limit=-1&access_token={T}'\n"),
    ("a.sh", f'SPEC="{CMS}/server/specs/oas?access_token={T}"\nyarn dlx orval --input "$SPEC"\n'),
    ("package.json", f'{{"scripts": {{\n"types": "npx openapi-typescript \\"{CMS}/server/specs/oas?access_token={T}\\" -o t.ts"}}}}\n'),
    ("Makefile", f"types:\n\tpnpm exec openapi-typescript {CMS}/server/specs/oas?access_token={T}\n"),
    (".github/workflows/a.yml", f"on: push\njobs:\n  a:\n    steps:\n      - run: npx openapi-typescript {CMS}/server/specs/oas?access_token={T} -o t.ts\n"),
    (".github/workflows/a.yml", f"on: push\njobs:\n  a:\n    steps:\n      - run: 'curl -H \"Authorization: Bearer {T}\" {CMS}/flows/trigger/x'\n"),
    (".gitlab-ci.yml", f"a:\n  variables:\n    API: {T}\n  script:\n    - 'curl -H \"Authorization: Bearer $API\" {CMS}/items/a'\n"),
    ("a.py", f'import requests\nDIRECTUS_TOKEN = "{T}"\n'),
    ("a.py", f"import requests\nDIRECTUS_API_TOKEN: str = '{T}'\n"),
    ("main.go", f'package main\nconst DIRECTUS_TOKEN string = "{T}"\n'),
    ("main.go", f'package main\n\tdirectusToken := "{T}"\n'),
    ("config/directus.php", f"<?php return [\n'DIRECTUS_TOKEN' => '{T}'];\n"),
    ("config/directus.php", f"<?php return [\n'token' => env('DIRECTUS_TOKEN', '{T}')];\n"),
    ("wp-config.php", f"<?php\ndefine( 'DIRECTUS_API_KEY', '{T}' );\n"),
    ("a.php", f"<?php class A {{\nprivate string $directusToken = '{T}'; }}\n"),
    ("lib/cms.dart", f"const url = 'x';\nconst directusToken = '{T}';\n"),
    ("lib/cms.dart", f"\nconst t = String.fromEnvironment('DIRECTUS_TOKEN', defaultValue: '{T}');\n"),
    ("Cms.swift", f'enum Cms {{\nstatic let directusToken: String = "{T}" }}\n'),
    ("Cms.kt", f'object Cms {{\nprivate const val DIRECTUS_TOKEN = "{T}" }}\n'),
    ("Cms.java", f'class Cms {{\nprivate static final String DIRECTUS_ACCESS_TOKEN = "{T}"; }}\n'),
    ("Cms.cs", f'class Cms {{\npublic const string DirectusToken = @"{T}"; }}\n'),
    ("src/main.rs", f'use x;\nconst DIRECTUS_TOKEN: &str = "{T}";\n'),
    ("config/prod.exs", f'import Config\nconfig :web, directus_token: "{T}"\n'),
    ("a.rb", f'x = 1\ntoken = ENV.fetch("DIRECTUS_TOKEN", "{T}")\n'),
    ("settings.py", f'import os\nTOKEN = os.getenv("DIRECTUS_TOKEN", "{T}")\n'),
    ("settings.py", f'CMS = {{\n"directus_token": "{T}"}}\n'),
)  # fmt: skip
QUIET: Final = (
    ("a.sh", f'curl -H "Authorization: Bearer $TOKEN" {CMS}/items/shows\n'),
    ("a.sh", f'TOKEN=${{DIRECTUS_TOKEN:?}}\ncurl -H "Authorization: Bearer $TOKEN" "{CMS}/items/a?access_token=$TOKEN"\n'),
    ("a.sh", f"curl -H 'Authorization: Bearer {T}' https://api.github.com/users/me\n"),
    ("a.sh", f"curl -H 'Authorization: Bearer {T}' https://api.other.example/users/me\n"),
    ("a.sh", f"curl -H 'Authorization: Bearer {T}' \"$OTHER/items/a\"\n"),
    ("a.sh", f"curl -H 'Authorization: Bearer <your-token>' {CMS}/items/shows\n"),
    ("a.sh", f"curl -H 'Authorization: Bearer admin-token' {CMS}/items/shows\n"),
    ("a.sh", f"# curl -H 'Authorization: Bearer {T}' {CMS}/items/shows\n"),
    ("a.sh", f"echo directus\nnpx snyk --token={T}\n"),
    ("a.sh", f'npx openapi-typescript "{CMS}/server/specs/oas?access_token=$TOKEN" -o types.ts\n'),
    ("a.sh", f'npx openapi-typescript "{CMS}/server/specs/oas?access_token=your-token" -o types.ts\n'),
    ("a.sh", f'npx openapi-typescript "https://api.mapbox.com/items/a?access_token={T}"\n'),
    ("a.sh", f'npx openapi-typescript "https://api.other.example/v1/specs?access_token={T}"\n'),
    ("a.sh", f'npx openapi-typescript "{CMS}/server/specs/oas" -o types.ts\n'),
    ("a.sh", f"npx openapi-typescript 'specs/oas?access_token={T}'\n"),
    ("a.py", 'import os\nDIRECTUS_TOKEN = os.environ["DIRECTUS_TOKEN"]\n'),
    ("a.py", f'# DIRECTUS_TOKEN = "{T}"\n'),
    ("lib/cms.dart", "const directusToken = 'directus_session_token';\n"),
    ("lib/cms.dart", f"const directusTokenKey = '{T}';\n"),
    ("a.php", "<?php\n$token = env('DIRECTUS_TOKEN', '');\n"),
    ("a.php", f"<?php\n/**\n * DIRECTUS_TOKEN = '{T}'\n */\n"),
    ("Cms.java", f'String directusToken = "{T}" + user;\n'),
    ("Cms.kt", f'val tokens = mapOf("strapi_token" to "{T}") // directus\n'),
)  # fmt: skip


def found(root: Path) -> list[str]:
    """Where tokens are found, `path:line`."""
    report = run(Options(root=root)).report
    assert not report.problems
    findings = (finding for finding in report.findings if finding.check == "public-token")
    return sorted(f"{finding.location.path}:{finding.location.line}" for finding in findings)


@each_case(("path", "text"), SENT)
def test_a_literal_token_that_a_command_sends_is_found(tmp_path: Path, path: str, text: str) -> None:
    line = next(number for number, one in enumerate(text.split("\n"), start=1) if T in one)
    assert found(write(tmp_path, {"compose.yaml": SERVER, path: text})) == [f"{path}:{line}"]


@each_case(("path", "text"), QUIET)
def test_what_is_no_token_of_directus_is_quiet(tmp_path: Path, path: str, text: str) -> None:
    assert found(write(tmp_path, {"compose.yaml": SERVER, path: text})) == []


CLIENTS: Final = (
    ("package.json", '{"dependencies": {"@directus/sdk": "^20.0.0", "next": "15.1.0"}}'),
    ("package.json", '{"devDependencies": {"directus": "npm:@directus/sdk@20.0.0"}}'),
    ("web/package.json", '{"peerDependencies": {"@directus/sdk": "*"}}'),
    ("package.json", '{"dependencies": {"nuxt-directus": "^5.7.0"}}'),
    ("deno.json", '{"imports": {"sdk": "npm:@directus/sdk"}}'),
    ("package.json", '{"scripts": {"a": "b"}, "optionalDependencies": {"@tspvivek/refine-directus": "1"}}'),
)


@each_case(("path", "manifest"), CLIENTS)
def test_a_package_without_code_is_one_where_commands_send_tokens(tmp_path: Path, path: str, manifest: str) -> None:
    files = {path: manifest, "README.md": "# site\n"}
    root = write(tmp_path, files)
    assert run(Options(root=root)).report.scanned.packages == ()
    write(root, {"b.sh": f'curl -H "Authorization: Bearer $TOKEN" {CMS}/items/a\n'})
    assert run(Options(root=root)).report.scanned.packages == (path.rpartition("/")[0] or ".",)
    assert found(root) == []
    write(
        root,
        {"a.sh": f'curl -H "Authorization: Bearer {T}" {CMS}/items/a\ncurl {CMS}/items/b?access_token={T[::-1]}\n'},
    )
    assert found(root) == ["a.sh:1", "a.sh:2"]


@each_case(
    "manifest", ['{"name": "@acme/directus-site", "scripts": {"a": "curl"}}', '{"dependencies": {"next": "15"}}', "{"]
)
def test_a_package_without_one_is_none(tmp_path: Path, manifest: str) -> None:
    files = {"package.json": manifest, "a.sh": f'curl -H "Authorization: Bearer {T}" {CMS}/items/a\n'}
    assert run(Options(root=write(tmp_path, files))).report.scanned.packages == ()


def test_tokens_are_in_the_order_of_their_places(tmp_path: Path) -> None:
    names = {"b.sh": "A_DIRECTUS_TOKEN", "a.sh": "B_DIRECTUS_TOKEN", "c/a.sh": "C_DIRECTUS_TOKEN"}
    lines = {path: f'curl -H "Authorization: Bearer {T}{name[0]}" {CMS}/items/a\n' for path, name in names.items()}
    lines["a.sh"] = f"# first\n{lines['a.sh']}{lines['a.sh']}"
    held = command_tokens.read(Repository(write(tmp_path, lines)))
    assert [f"{token.location.path}:{token.location.line}" for token in held] == [
        "a.sh:2",
        "a.sh:3",
        "b.sh:1",
        "c/a.sh:1",
    ]
