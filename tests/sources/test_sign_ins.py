"""Passwords with which programs and commands sign in to a Directus."""

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

P: Final = "Quiet-Harbour-1974"
CMS: Final = "https://cms.example.com"
SDK: Final = '{"dependencies": {"@directus/sdk": "^17.0.0"}}'
SERVER: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${SECRET:?}\n"
    f"      PUBLIC_URL: {CMS}\n"
)
CLIENT: Final = f"import {{ createDirectus, login, rest }} from '@directus/sdk'; const c = createDirectus('{CMS}');"
FAR: Final = "x = 1\n" * 20
SIGNS_IN: Final = (
    ("a.js", f"request.post(DIRECTUS_URL + '/auth/login').set('A', 'b').send({{ email: 'a@b.c', password:\n'{P}' }})"),
    ("a.js", f"fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password:\n'SecureDirectus2024!' }}) }})"),
    ("a.js", f"fetch('{CMS}/auth/login', {{ method: 'POST', body: JSON.stringify({{ email: 'a@b.c', password:\n'{P}' }}) }})"),
    ("a.mjs", f"const res = await fetch(`${{process.env.DIRECTUS_URL}}/auth/login`, {{ body: JSON.stringify({{ email, 'password':\n\"{P}\" }}) }})"),
    ("a.js", f"axios.post(DIRECTUS_URL + '/auth/login', {{ email: 'a@b.c', password:\n'{P}' }})"),
    ("a.js", f"axios({{ method: 'post', url: `${{directusUrl}}/auth/login`, data: {{ email, password:\n`{P}` }} }})"),
    ("a.ts", f"const api = axios.create({{ baseURL: process.env.DIRECTUS_URL }}); api.post('/auth/login', {{ email, password:\n'{P}' }})"),
    ("a.ts", f"const credentials = {{ email: 'a@b.c', password:\n'{P}' }}; await fetch(DIRECTUS_URL + '/auth/login', {{ body: JSON.stringify(credentials) }})"),
    ("a.ts", f"const password =\n'{P}'; fetch(DIRECTUS_URL + '/auth/login', {{ body: JSON.stringify({{ email, password }}) }})"),
    ("a.ts", f"const url = `${{DIRECTUS_URL}}/auth/login`; await $fetch(url, {{ method: 'POST', body: {{ email, password:\n'{P}' }} }})"),
    ("a.ts", f"fetch(DIRECTUS_URL + '/auth/login', {{ body: JSON.stringify({{ email, password: process.env.DIRECTUS_PASSWORD ||\n'{P}' }}) }})"),
    ("a.ts", f"fetch(DIRECTUS_URL + '/auth/login', {{ body:\n'{{\"email\": \"a@b.c\", \"password\": \"{P}\"}}' }})"),
    ("a.ts", f"fetch(DIRECTUS_URL + '/auth/login/ldap', {{ body: JSON.stringify({{ identifier: 'a', password:\n'{P}' }}) }})"),
    ("a.ts", f"fetch('{CMS}/auth/login', {{ body: new URLSearchParams({{ email: 'a@b.c', password:\n'{P}' }}) }})"),
    ("a.ts", f"{CLIENT} await c.login('a@b.c',\n'{P}')"),
    ("a.ts", f"{CLIENT} await c.login({{ email: 'a@b.c', password:\n'{P}' }})"),
    ("a.ts", f"{CLIENT} await c.with(rest()).request(login('a@b.c',\n'{P}'))"),
    ("a.ts", f"{CLIENT} await c.request(login({{ email: 'a@b.c', password:\n'{P}' }}, {{ mode: 'json' }}))"),
    ("a.ts", f"const directus = new Directus('{CMS}'); await directus.auth.login({{ email: 'a@b.c', password:\n'{P}' }})"),
    ("a.py", f"import requests\nDIRECTUS_URL = '{CMS}'\nr = requests.post(f'{{DIRECTUS_URL}}/auth/login', json={{'email': 'a@b.c', 'password': '{P}'}})\n"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nlogin = {{\n    \"email\": 'a@b.c',\n    \"password\": \"{P}\",\n}}\nr = httpx.post(DIRECTUS_URL + '/auth/login', json=login)\n"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nPASSWORD = '{P}'\nr = requests.post(f'{{DIRECTUS_URL}}/auth/login', json={{'email': 'a@b.c', 'password': PASSWORD}})\n"),
    ("a.py", f"URL = os.environ['DIRECTUS_URL']\nr = requests.post(f'{{URL}}/auth/login', json={{'email': 'a@b.c',\n 'password': os.environ.get('X', '{P}')}})\n"),
    ("a.py", f"URL = os.environ['DIRECTUS_URL']\nPW = os.getenv('DIRECTUS_PW', \"{P}\")\nr = requests.post(f'{{URL}}/auth/login', json={{'email': 'a@b.c', 'password': PW}})\n"),
    ("a.py", f"r = requests.post('{CMS}/auth/login', data='{{\"email\": \"a@b.c\", \"password\": \"{P}\"}}')\n"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nr = requests.post(f'{{DIRECTUS_URL}}/auth/login', json=dict(email='a@b.c', password='{P}'))\n"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nPW = '{P}'\nbody = dict(email='a@b.c', password = PW)\nr = requests.post(f'{{DIRECTUS_URL}}/auth/login', json=body)\n"),
    ("a.ts", f"const q = `mutation {{ auth_login(email: \"a@b.c\", password:\n\"{P}\") {{ access_token }} }}`; fetch(DIRECTUS_URL + '/graphql/system', {{ body: q }})"),
    ("a.js", f"fetch(DIRECTUS_URL + '/graphql/system', {{ body: '{{\"query\": \"mutation {{ auth_login(email: \\\\\"a\\\\\", password: \\\\\"{P}\\\\\") {{ access_token }} }}\"}}' }})"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nq = 'mutation {{ auth_login(email: \"a@b.c\", password: \"{P}\", mode: json) {{ access_token }} }}'\n"),
    ("a.php", f"<?php\n$directusUrl = '{CMS}';\n$r = $http->post($directusUrl . '/auth/login', ['json' => ['email' => 'a@b.c', 'password' => '{P}']]);\n"),
    ("a.php", f"<?php\n$password = '{P}';\n$r = $http->post(\"$directusUrl/auth/login\", ['json' => ['email' => 'a@b.c', 'password' => $password]]);\n"),
    ("a.sh", f"curl -s -X POST {CMS}/auth/login -H 'Content-Type: application/json' -d '{{\"email\":\"a@b.c\",\"password\":\"{P}\"}}'\n"),
    ("a.sh", f"URL={CMS}\nPASSWORD='{P}'\nTOKEN=$(curl -s \"$URL/auth/login\" -d \"{{\\\"email\\\":\\\"a@b.c\\\",\\\"password\\\":\\\"$PASSWORD\\\"}}\" | jq -r .data)\n"),
    ("a.sh", f"http POST {CMS}/auth/login email=a@b.c password={P}\n"),
    ("a.sh", f"curl {CMS}/auth/login -d 'email=a@b.c&password={P}'\n"),
    ("a.sh", f"URL=http://10.0.0.7:8060\ncurl $URL/auth/login -d '{{\"email\":\"a@b.c\",\"password\":\"{P}\"}}'\ncurl $URL/items/a\n"),
    ("Makefile", f"token:\n\tcurl {CMS}/auth/login --json '{{\"email\": \"a@b.c\", \"password\": \"{P}\"}}'\n"),
    ("a.vue", f"<script setup>\nconst directus = useDirectus(); await directus.login('a@b.c',\n'{P}')\n</script>"),
)  # fmt: skip
QUIET: Final = (
    *(
        ("a.js", f"fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password: '{example}' }}) }})")
        for example in ("password", "d1r3ctu5", "changeme123!", "admin", "<password>", "Admin123!", "xxxxxxxxxxxx")
    ),
    ("a.js", f"fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password }}) }})"),
    ("a.js", f"fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password: form.password }}) }})"),
    ("a.js", f"fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password: process.env.DIRECTUS_PASSWORD }}) }})"),
    ("a.js", f"fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password: 'your-password' }}) }})"),
    ("a.js", "fetch('http://10.0.0.7:8055/auth/login', { body: JSON.stringify({ email, password: `${x}` }) })"),
    ("a.js", f"fetch('https://api.stripe.com/auth/login', {{ body: JSON.stringify({{ email, password: '{P}' }}) }})"),
    ("a.js", f"fetch('/auth/login', {{ body: JSON.stringify({{ email, password: '{P}' }}) }})"),
    ("a.js", f"// fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password: '{P}' }}) }})"),
    ("a.js", f"fetch('{CMS}/users', {{ body: JSON.stringify({{ email, password: '{P}' }}) }}); fetch('{CMS}/auth/login')"),
    ("a.js", f"const directus = 1; function login(a, b) {{}}\nlogin('a@b.c', '{P}')"),
    ("a.ts", f"import {{ signIn }} from 'x'; const url = directusUrl; session.login('a@b.c', '{P}')"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nr = requests.post(f'{{DIRECTUS_URL}}/auth/login', json={{'email': email, 'password': password}})\n"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nr = requests.post(f'{{DIRECTUS_URL}}/auth/login', json={{'email': e, 'password': os.environ['DIRECTUS_PASSWORD']}})\n"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nr = requests.post('https://api.other.de/auth/login', json={{'email': e, 'password': '{P}'}})\n"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nr = requests.post(f'{{DIRECTUS_URL}}/auth/login', json={{'email': e, 'password': p}})\n{FAR}d = {{'password': '{P}'}}\n"),
    ("a.py", f"DIRECTUS_URL = '{CMS}'\nr = requests.post(f'{{DIRECTUS_URL}}/auth/login', json=body)\nif (password == '{P}'): pass\n"),
    ("a.ts", "const q = 'mutation { auth_login(email: $email, password: $password) { access_token } }'; fetch(DIRECTUS_URL)"),
    ("a.ts", 'const q = `mutation { auth_login(email: "a", password: "${password}") { access_token } }`; fetch(DIRECTUS_URL)'),
    ("a.sh", f"curl https://api.other.de/auth/login -d '{{\"email\":\"a@b.c\",\"password\":\"{P}\"}}'\n"),
    ("a.sh", f'curl {CMS}/auth/login -d "{{\\"password\\":\\"$ADMIN_PASSWORD\\"}}"\n'),
    ("a.sh", f"curl {CMS}/users -d '{{\"email\":\"a@b.c\",\"password\":\"{P}\"}}' # /auth/login\n"),
    ("a.test.ts", f"fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password: '{P}' }}) }})"),
)  # fmt: skip


LOCAL: Final = (
    ("a.js", f"fetch('http://localhost:8055/auth/login', {{ body: JSON.stringify({{ email, password: '{P}' }}) }})"),
    ("a.js", f"const URL = 'http://127.0.0.1:8055'; fetch(`${{URL}}/auth/login`, {{ body: JSON.stringify({{ email, password: '{P}' }}) }})"),
    ("a.sh", f"curl http://localhost:8055/auth/login -d 'email=a@b.c&password={P}'\n"),
    ("directus/testing/a.js", f"fetch('{CMS}/auth/login', {{ body: JSON.stringify({{ email, password: '{P}' }}) }})"),
)  # fmt: skip
GENERATED: Final = "kT7vWq2zLp9xBc4dRe8s"


def places(root: Path) -> list[str]:
    """Where passwords are reported, `path:line`."""
    report = run(Options(root=root)).report
    assert not report.problems
    found = [finding for finding in report.findings if finding.check == "public-token"]
    assert all("Directus password" in finding.title for finding in found)
    return [f"{finding.location.path}:{finding.location.line}" for finding in found if finding.context.gates]


@each_case("case", SIGNS_IN)
def test_a_password_that_a_program_signs_in_with(tmp_path: Path, case: tuple[str, str]) -> None:
    name, text = case
    write(tmp_path, {"compose.yaml": SERVER, "package.json": SDK, case[0]: case[1]})
    line = next(number for number, one in enumerate(text.split("\n"), 1) if P in one or "2024!" in one)
    assert places(tmp_path) == [f"{name}:{line}"]


@each_case("case", QUIET)
def test_what_is_no_password_of_directus(tmp_path: Path, case: tuple[str, str]) -> None:
    write(tmp_path, {"compose.yaml": SERVER, "package.json": SDK, case[0]: case[1]})
    assert places(tmp_path) == []


@each_case("case", LOCAL)
def test_a_password_of_this_very_machine_or_of_a_test_is_listed_apart(tmp_path: Path, case: tuple[str, str]) -> None:
    write(tmp_path, {"compose.yaml": SERVER, "package.json": SDK, case[0]: case[1]})
    report = run(Options(root=tmp_path)).report
    assert "public-token" not in {finding.check for finding in report.findings}
    assert "public-token" in {finding.check for finding in report.nonproduction}


def test_a_generated_password_counts_for_this_very_machine_too(tmp_path: Path) -> None:
    name, text = LOCAL[0]
    write(tmp_path, {"compose.yaml": SERVER, "package.json": SDK, name: text.replace(P, GENERATED)})
    assert places(tmp_path) == [f"{name}:1"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("ending", "begin", "piece", "end"),
    [
        ("py", f"x = '{CMS}/auth/login'\n", '"password": x,\n', ""),
        ("py", "p = 'a'\n", f"x = '{CMS}/auth/login'\ny = {{'password': p}}\n", ""),
        ("php", "<?php $p = 'a';\n", f"$x = '{CMS}/auth/login';\n['password' => $p];\n", ""),
        ("js", "f(", f"'{CMS}/auth/login', ", "{password: 'a'})"),
        ("js", f"f('{CMS}/auth/login', {{body: [", "{password: p}, ", "]})\nconst p = 'a'"),
        ("js", "const p = 'a'\n", f"f('{CMS}/auth/login', {{password: p}})\n", ""),
        ("js", f"const u = '{CMS}/auth/login'\n", "f(u, {password: 'a'})\n", ""),
        ("js", f"f('{CMS}/auth/login', ", "g(", ")"),
    ],
)
def test_the_cost_is_linear(ending: str, begin: str, piece: str, end: str) -> None:
    def work(size: int) -> Callable[[], object]:
        text = begin + piece * (size // len(piece)) + end
        return lambda: files.search(f"a.{ending}", text, CodeEvidence.nothing())

    assert grows_linearly(work, 8_000)
