"""Tokens that Python and PHP write into a header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.sources.code import files
from directus_guard.sources.code.pieces import CodeEvidence
from tests.support.cli import write
from tests.support.cost import grows_linearly
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T: Final = "Qx7mB2vTz9KpLw4RnY8cHs3DfG6jWa1E"
HEADER: Final = f'headers={{"Authorization": "Bearer {T}"}}'
URL: Final = 'DIRECTUS_URL = "https://cms.x-y.de"\n'
PHP: Final = '<?php\n$directusUrl = "https://cms.x-y.de";\n'
SENT: Final = (
    ("s.py", f'{URL}r = requests.get(f"{{DIRECTUS_URL}}/items/a", {HEADER})\n'),
    ("s.py", f'{URL}headers = {{"Authorization": "Bearer {T}"}}\nr = requests.get(DIRECTUS_URL + "/items/a", headers=headers)\n'),
    ("s.py", f'r = requests.get("https://directus.x-y.de/items/a", {HEADER})\n'),
    ("s.py", f'r = httpx.patch("http://10.0.0.7:8055/items/a", {HEADER})  # directus\nx = "directus_host"\n'),
    ("s.py", f'BASE = os.environ["DIRECTUS_URL"]\ns.headers["Authorization"] = "Bearer {T}"\ns.get(f"{{BASE}}/items/a")\n'),
    ("s.py", f'{URL}base = DIRECTUS_URL\nr = requests.get(f"{{base}}/users/me", {HEADER})\n'),
    ("s.py", f'BASE = "https://directus.x-y.de"  # the CMS\nr = requests.get(f"{{BASE}}/items/a", {HEADER})\n'),
    ("s.py", f'{URL}requests.get("https://api.other.de/v1")\nr = requests.get(f"{{DIRECTUS_URL}}/items/a", {HEADER})\n'),
    ("s.py", f'{URL}req.add_header("Authorization", "Bearer {T}")\nurlopen(urljoin(DIRECTUS_URL, "/items/a"))\n'),
    ("s.php", f'{PHP}$ch = curl_init($directusUrl . "/items/a");\ncurl_setopt($ch, CURLOPT_HTTPHEADER, ["Authorization: Bearer {T}"]);\n'),
    ("s.php", f"{PHP}$h = ['Authorization' => 'Bearer {T}'];\n$http->get(\"$directusUrl/items/a\", ['headers' => $h]);\n"),
    ("s.php", f'{PHP}$o = ["http" => ["header" => "Accept: */*\\r\\nAuthorization: Bearer {T}\\r\\n"]];\nfile_get_contents("{{$directusUrl}}/items/a");\n'),
)  # fmt: skip
QUIET: Final = (
    ("s.py", f'{URL}r = requests.get(f"{{DIRECTUS_URL}}/items/a")\nrequests.post("https://api.openai.com/v1/x", {HEADER})\n'),
    ("s.py", f'{URL}r = requests.get(f"{{DIRECTUS_URL}}/items/a", headers={{"Authorization": "Bearer " + token}})\n'),
    ("s.py", f'{URL}r = requests.get(f"{{DIRECTUS_URL}}/items/a", headers={{"Authorization": "Bearer your-directus-token"}})\n'),
    ("s.py", f'{URL}# requests.get(f"{{DIRECTUS_URL}}/items/a", {HEADER})\n'),
    ("s.py", f'{URL}if request.headers["Authorization"] == "Bearer {T}":\n    pass\n'),
    ("s.php", f'{PHP}echo "Bearer of news";\n/* ["Authorization: Bearer {T}"] */\n'),
    ("s.php", f'"Authorization: Bearer {T}" $directus_url\n'),
)  # fmt: skip
UNKNOWN: Final = (
    ("s.py", f'{URL}h = {{"Authorization": "Bearer {T}"}}\nrequests.get(f"{{DIRECTUS_URL}}/items/a")\nrequests.get("https://api.other.de/v1", headers=h)\n'),
    ("s.py", f'{URL}h = {{"Authorization": "Bearer {T}"}}\nrequests.get(f"{{A}}/items/a", headers=h)\nrequests.get(f"{{B}}/items/a", headers=h)\n'),
    ("s.py", f'import os\nx = os.environ["directus_host"]\nr = requests.get(x, {HEADER})\n'),
)  # fmt: skip


def told(root: Path) -> tuple[list[str], str]:
    """Where tokens are found, `path:line`, and the answer of the check."""
    report = run(Options(root=root)).report
    assert not report.problems
    findings = (finding for finding in report.findings if finding.check == "public-token")
    answers = {outcome.check: outcome.status.value for outcome in report.outcomes}
    return sorted(f"{one.location.path}:{one.location.line}" for one in findings), answers["public-token"]


@each_case(("path", "text"), SENT)
def test_a_token_in_a_header_of_a_request_to_directus_is_found(tmp_path: Path, path: str, text: str) -> None:
    line = next(number for number, one in enumerate(text.split("\n"), start=1) if T in one)
    assert told(write(tmp_path, {path: text})) == ([f"{path}:{line}"], "fail")


@each_case(("path", "text"), QUIET)
def test_what_goes_to_another_program_is_quiet(tmp_path: Path, path: str, text: str) -> None:
    assert told(write(tmp_path, {path: text})) == ([], "pass")


@each_case(("path", "text"), UNKNOWN)
def test_where_a_token_goes_to_is_not_known(tmp_path: Path, path: str, text: str) -> None:
    assert told(write(tmp_path, {path: text})) == ([], "not-evaluated")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "piece", [f"h = {{'A': 'Bearer {T}'}}\n", "x = f'{BASE}/items/a'\n", "u + '/a'\n", "a=b ", "'/x' ", "{", "$a"]
)
@pytest.mark.parametrize("ending", ["py", "php"])
def test_the_cost_is_linear(piece: str, ending: str) -> None:
    def work(size: int) -> Callable[[], object]:
        text = f"<?php Bearer {piece * (size // len(piece))}"
        return lambda: files.search(f"a.{ending}", text, CodeEvidence.nothing())

    assert grows_linearly(work, 6_000)
