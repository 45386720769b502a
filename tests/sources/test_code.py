"""Code that asks a Directus: which packages are read, and what is found at which place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from directus_guard.directus.code import Holds, Place
from directus_guard.finding import Context
from directus_guard.sources.code import packages as code
from directus_guard.sources.code.pieces import Hole, WrittenText, address_of
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.code import Package
    from directus_guard.sources.code.pieces import Piece
    from directus_guard.sources.files.repository import Repository

PACKAGE: Final = '{"dependencies": {"@directus/sdk": "^17.0.0"}}'
TOKEN: Final = "PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr"


def read(held: Repository) -> tuple[Package, ...]:
    return code.read(held)[0]


def package(root: Path, **files: str) -> Package:
    named = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    found = read(repository(root, {"package.json": PACKAGE, **named}))
    assert len(found) == 1
    return found[0]


def address(root: Path, text: str, name: str = "a_dot_ts") -> tuple[str, tuple[str, ...], str]:
    found = package(root, **{name: text}).addresses
    assert len(found) == 1
    held = found[0].address
    assert held is not None
    return held.origin, held.names, held.path


@each_case(
    "text",
    [
        "`${process.env.DIRECTUS_URL}/assets/${id}?width=3&access_token=${token}`",
        "process.env.DIRECTUS_URL + '/assets/' + id + '?access_token=' + token",
        "(process.env.DIRECTUS_URL as string) + `/assets/${id}` + (token ? `?access_token=${token}` : '')",
        "[process.env.DIRECTUS_URL, 'assets', `${id}?access_token=${token}`].join('/')",
        "process.env.DIRECTUS_URL!.concat('/assets/', id, '?access_token=', token)",
        "new URL(`/assets/${id}?access_token=${token}`, process.env.DIRECTUS_URL).href",
        "fetch(`${process.env.DIRECTUS_URL}/assets/${id}`.replace('//', '/') + '?access_token=' + token)",
        "const base = process.env.DIRECTUS_URL; const u = `${base}/assets/${id}?access_token=${token}`",
        "const f = (id) => `${process.env.DIRECTUS_URL}/assets/${id}`; const u = `${f(1)}?access_token=${token}`",
        "const u = new URL(process.env.DIRECTUS_URL + '/assets/' + id); u.searchParams.append('access_token', t)",
        "const u = new URL('/assets/' + id, process.env.DIRECTUS_URL); u.search = new URLSearchParams({ access_token })",
        "const p = new URLSearchParams(); p.set('access_token', t); fetch(`${process.env.DIRECTUS_URL}/assets/${id}?${p}`)",
        "const q = qs.stringify({ 'access_token': t }); fetch(process.env.DIRECTUS_URL + '/assets/' + id + '?' + q)",
        "axios.get(process.env.DIRECTUS_URL + '/assets/' + id, { params: { access_token: t } })",
        "axios({ url: `/assets/${id}`, baseURL: process.env.DIRECTUS_URL, params: { access_token: t } })",
        "const api = axios.create({ baseURL: process.env.DIRECTUS_URL }); api.get(`/assets/${id}`, { params: { access_token } })",
        "ky.get(`${process.env.DIRECTUS_URL}/assets/${id}`, { searchParams: { access_token: t } })",
    ],
)
def test_an_address_however_it_is_put_together(tmp_path: Path, text: str) -> None:
    origin, names, path = address(tmp_path, text)
    assert origin == ""
    assert any("process.env.DIRECTUS_URL" in name for name in names)
    assert path.startswith("/assets/")


@each_case(
    "text",
    [
        "// `${process.env.DIRECTUS_URL}/assets/${id}?access_token=${token}`",
        "/* '/assets/1?access_token=' */",
        "const { access_token } = await client.login(user); save({ access_token, id })",
        "new URL(location.href).searchParams.get('access_token')",
        "if (location.hash.includes('access_token=')) {}",
        "type Query = { access_token: string }; let x: 'access_token=x'",
        "headers.set('access_token', token)",
        "socket.send(JSON.stringify({ access_token: token }))",
        "const pattern = /access_token=(.*)/",
        "console.log('/assets/1?access_token=…')",
    ],
)
def test_what_builds_no_address(tmp_path: Path, text: str) -> None:
    assert package(tmp_path, a_dot_ts=text).addresses == ()


def test_a_literal_host_is_told_as_it_is(tmp_path: Path) -> None:
    text = "const maps = 'https://api.mapbox.com'; load(`${maps}/assets/${id}?access_token=${token}`)"
    assert address(tmp_path, text) == ("https://api.mapbox.com", (), "/assets/…")


def test_hosts_that_are_directus(tmp_path: Path) -> None:
    held = package(
        tmp_path,
        a_dot_ts="createDirectus(process.env.URL ?? 'https://cms.example.com:8443/').with(rest())",
        _dot_env="NEXT_PUBLIC_DIRECTUS_URL=https://content.example.com\nSITE=https://www.example.com\n",
    )
    assert held.hosts == {"cms.example.com:8443", "content.example.com"}


def test_an_address_of_several_lines_is_named_at_the_token(tmp_path: Path) -> None:
    text = "const u = `${\n  process.env.DIRECTUS_URL\n}/assets/${id}?access_token=${\n  token\n}`"
    found = package(tmp_path, a_dot_ts=text).addresses[0]
    assert (found.location.line, cut(tmp_path, found.location)) == (3, "access_token")


@each_case(
    "text",
    [
        "const DIRECTUS_URL = 'https://cms.example.com/directus'",
        "const url = process.env.NEXT_PUBLIC_DIRECTUS_URL || 'https://cms.example.com'",
        "export default { directusUrl: `https://cms.example.com` }",
        "const base = (import.meta.env.DIRECTUS_API as string) ?? 'https://cms.example.com/'",
    ],
)
def test_a_name_says_whose_host_it_is(tmp_path: Path, text: str) -> None:
    assert package(tmp_path, a_dot_ts=text).hosts == {"cms.example.com"}


def test_a_type_uses_no_variable(tmp_path: Path) -> None:
    text = "declare namespace NodeJS { interface ProcessEnv { NEXT_PUBLIC_DIRECTUS_TOKEN: string } }"
    assert package(tmp_path, a_dot_ts=text).tokens == ()


def test_places_are_exact_with_bytes_of_every_kind(tmp_path: Path) -> None:
    text = "\ufeffconst ä = '🚀';\r\n\tconst u = `/assets/ü?access_token=${t}`;\r\n"
    found = package(tmp_path, a_dot_js=text).addresses[0]
    assert (found.location.line, cut(tmp_path, found.location)) == (2, "/assets/ü?access_token=${t}")


@each_case(
    ("name", "text", "place"),
    [
        ("a_dot_tsx", "<img src={`/assets/${id}?access_token=${t}`} />", Place.MARKUP),
        ("a_dot_jsx", "const u = '/assets/1?access_token=' + t; const A = () => <Image src={u} />", Place.MARKUP),
        ("a_dot_js", 'el.style.backgroundImage = `url("/assets/${id}?access_token=${t}")`', Place.MARKUP),
        ("a_dot_js", "window.open('/assets/1?access_token=' + t)", Place.MARKUP),
        ("a_dot_js", "fetch('/assets/1?access_token=' + t)", Place.CALL),
        ("a_dot_vue", "<template><img :src=\"'/assets/' + id + '?access_token=' + t\" /></template>", Place.MARKUP),
        ("a_dot_vue", "<script>\nconst u = `/assets/${id}?access_token=${t}`\n</script>", Place.CALL),
        ("a_dot_svelte", "<img src=\"/assets/{id}?access_token={t}\" alt='a > b' />", Place.MARKUP),
        ("a_dot_svelte", "{#if a < b}<img {...rest} src={`/assets/${id}?access_token=${f({})}`} />{/if}", Place.MARKUP),
        ("a_dot_astro", "---\nconst a = 1;\n---\n<img src={`/assets/${id}?access_token=${t}`} />", Place.MARKUP),
        ("a_dot_html", "<style>a { background: url(/assets/1?access_token=x) }</style>", Place.MARKUP),
        ("a_dot_twig", '<img src="/assets/{{ file.id }}?access_token={{ token }}">', Place.MARKUP),
        ("a_dot_php", '<?php $x = "/assets/$id?access_token=$token";', Place.CALL),
        ("a_dot_py", "x = f'/assets/{file}?access_token={token}'", Place.CALL),
    ],
)  # fmt: skip
def test_every_kind_of_file(tmp_path: Path, name: str, text: str, place: Place) -> None:
    found = package(tmp_path, **{name: text}).addresses
    assert [(item.place, item.address and item.address.path.startswith("/assets/")) for item in found] == [
        (place, True)
    ]


def test_tokens(tmp_path: Path) -> None:
    held = package(
        tmp_path,
        _dot_env=f"VITE_DIRECTUS_TOKEN={TOKEN}\nVITE_MAP_TOKEN=x\nSECRET_TOKEN=y\n",
        a_dot_ts=f"createDirectus(u).with(staticToken('{TOKEN}'))\nfetch(u, {{ headers: {{ Authorization: 'Bearer {TOKEN}' }} }})\n",
    )
    assert [(item.name, item.holds, item.used) for item in held.tokens] == [
        ("VITE_DIRECTUS_TOKEN", Holds.VARIABLE, False),
        ("VITE_MAP_TOKEN", Holds.VARIABLE, False),
        ("SECRET_TOKEN", Holds.FILE, False),
        ("staticToken", Holds.LITERAL, True),
        ("Authorization", Holds.LITERAL, False),
    ]
    assert TOKEN not in repr(held)
    assert {cut(tmp_path, item.location) for item in held.tokens} == {TOKEN, "x", "y", f"Bearer {TOKEN}"}


@each_case(
    "text",
    [
        "fetch(HERE, { headers: { Authorization: 'Bearer T' } })",
        "const headers = { Authorization: 'Bearer T' }; fetch(HERE, { headers })",
        "const options = { headers: { Authorization: 'Bearer T' } }; fetch(HERE, options)",
        "app.get('/api', async (req, res) => { const headers = { Authorization: 'Bearer T' }; res.send(await fetch(HERE, { headers })) })",
        "const h = new Headers(); h.set('Authorization', 'Bearer T'); fetch(HERE, { headers: h })",
        "const h = new Headers({ Authorization: 'Bearer T' }); fetch(HERE, { headers: h })",
        "const headers = new HttpHeaders().set('Accept', 'json').set('Authorization', 'Bearer T'); http.get(HERE, { headers })",
        "this.http.get(HERE, { headers: new HttpHeaders().append('Authorization', 'Bearer T') })",
        "const value = 'Bearer T'; fetch(HERE, { headers: { Authorization: value } })",
        "request.get(HERE).set('Authorization', 'Bearer T').end()",
        "new ApolloClient({ uri: HERE, headers: { Authorization: 'Bearer T' } })",
        "const x = new XMLHttpRequest(); x.open('GET', HERE); x.setRequestHeader('Authorization', 'Bearer T')",
    ],
)
def test_where_a_header_goes(tmp_path: Path, text: str) -> None:
    text = text.replace("HERE", "process.env.DIRECTUS_URL + '/items/a'").replace("Bearer T", f"Bearer {TOKEN}")
    found = package(tmp_path, a_dot_ts=text).tokens
    assert [(token.name, token.value.reveal()) for token in found if token.value] == [("Authorization", TOKEN)]
    held = found[0].address
    assert held is not None
    assert any("process.env.DIRECTUS_URL" in name for name in held.names)
    assert held.path.endswith("/items/a")


@each_case(
    "text",
    [
        "export const headers = { Authorization: 'Bearer T' }",
        "app.get('/items/a', async (req, res) => { const headers = { Authorization: 'Bearer T' }; use(headers.Authorization) })",
        "api.interceptors.request.use((config) => { config.headers.Authorization = 'Bearer T'; return config; })",
        "function f(h) { h.set('Authorization', 'Bearer T') }",
        "new Headers().set('Authorization', 'Bearer T')",
    ],
)
def test_where_nothing_tells_where_a_header_goes(tmp_path: Path, text: str) -> None:
    found = package(tmp_path, a_dot_ts=text.replace("Bearer T", f"Bearer {TOKEN}")).tokens
    assert len(found) == 1
    assert found[0].address is None or found[0].address.names


@each_case(("url", "origin"), [("url: 'https://push.example.com/x', ", "https://push.example.com"), ("", None)])
def test_a_header_of_an_operation_goes_to_its_own_address(tmp_path: Path, url: str, origin: str | None) -> None:
    text = (
        "const directus = createDirectus(process.env.DIRECTUS_URL).with(rest());\n"
        f"directus.request(createOperation({{ type: 'request', options: {{ {url}headers: [\n"
        f"  {{ header: 'Authorization', value: 'Bearer {TOKEN}' }}] }} }}))"
    )
    (held,) = package(tmp_path, a_dot_ts=text).tokens
    assert (held.address.origin if held.address else None) == origin


@pytest.mark.parametrize("value", ["{}", "load()"])
def test_a_member_has_the_token_that_was_assigned_to_it(tmp_path: Path, value: str) -> None:
    client = "createDirectus(u).with(staticToken(config.token))"
    found = package(tmp_path, a_dot_ts=f"const config = {value}\nconfig.token = '{TOKEN}'\n{client}\n").tokens
    assert [(item.location.line, item.holds) for item in found] == [(2, Holds.LITERAL)]


def test_a_token_that_two_requests_carry_is_one(tmp_path: Path) -> None:
    requests = "".join(f"fetch('https://a.b/items/{name}', {{ headers: {{ Authorization: t }} }})\n" for name in "xy")
    found = package(tmp_path, a_dot_ts=f"const t = 'Bearer {TOKEN}'\n{requests}").tokens
    assert [(item.location.line, item.name) for item in found] == [(1, "Authorization")]


def test_only_packages_that_ask_directus_are_read(tmp_path: Path) -> None:
    asks = "fetch(`${API}/assets/${id}?access_token=${t}`)"
    held = repository(
        tmp_path,
        {
            "apps/web/package.json": PACKAGE,
            "apps/web/src/a.ts": asks,
            "apps/shop/package.json": '{"name": "shop"}',
            "apps/shop/src/a.ts": asks,
            "apps/blog/package.json": '{"name": "blog"}',
            "apps/blog/.env": "DIRECTUS_URL=https://cms.example.com\n",
            "apps/blog/src/a.ts": asks,
            "apps/code/package.json": '{"name": "code"}',
            "apps/code/src/a.ts": "const u = process.env.DIRECTUS_URL + '/assets/1?access_token=' + t",
            "apps/web/dist/bundle.js": asks,
        },
    )
    assert [(item.name, len(item.addresses)) for item in read(held)] == [
        ("apps/blog", 1),
        ("apps/code", 1),
        ("apps/web", 1),
    ]


def test_packages_that_do_not_ask_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "MOST_UNDECLARED", 3)
    files = {f"packages/p{n}/src/a.ts": "createDirectus(process.env.DIRECTUS_URL)" for n in range(9)}
    manifests = {f"packages/p{n}/package.json": "{}" for n in range(9)}
    held = repository(tmp_path, {**files, **manifests})
    packages, notices = code.read(held)
    assert len(packages) == 3
    assert "6 files" in notices[0]


def test_a_long_line_is_searched(tmp_path: Path) -> None:
    line = "var u='/assets/1?access_token='+t;"
    held = repository(tmp_path, {"package.json": PACKAGE, "a.js": f"var picture='{'A' * 40_000}';{line}"})
    (found,), notices = code.read(held)
    assert [item.location.path for item in found.addresses] == ["a.js"]
    assert not notices
    assert not held.problems


def test_a_file_that_is_not_searched_is_said_and_not_passed(tmp_path: Path) -> None:
    line = "var u='/assets/1?access_token='+t;"
    files = {"a.js": line * 5000, "b.js": f"{line}\n" * 40_000, "c.js": "x()", "d.min.js": line, "dist/e.js": line}
    held = repository(tmp_path, {"package.json": PACKAGE, "lib.js": "var a='Bearer ';" * 20_000, **files})
    (found,), notices = code.read(held)
    assert found.addresses == ()
    assert [place.path for place in found.unread] == ["a.js", "b.js"]
    assert {problem.path: problem.message.split(";")[0] for problem in held.problems} == {
        "a.js": "minified", "b.js": "larger than 1 MiB",
    }  # fmt: skip
    assert notices == (
        "code not read, because it is minified or larger than 1 MiB: lib.js",
        "code not read, because it was built from other files: d.min.js, dist/e.js",
    )


def test_code_that_cannot_be_read_is_not_passed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directus_guard.sources.files.repository.MAX_BYTES", 100)
    held = repository(tmp_path, {"package.json": PACKAGE, "a.ts": "x()\n" * 100, "b.ts": "x()\n"})
    (found,) = read(held)
    assert [place.path for place in found.unread] == ["a.ts"]
    assert [problem.path for problem in held.problems] == ["a.ts"]


def test_code_in_another_encoding_is_searched(tmp_path: Path) -> None:
    text = '<p>Sch\xf6n</p>\n<img src="https://cms.example.com/assets/{{ id }}?access_token={{ token }}">\n'
    held = repository(tmp_path, {"package.json": PACKAGE, "a.html": ""})
    (tmp_path / "a.html").write_bytes(text.encode("latin-1"))
    (found,), _ = code.read(held)
    assert [(item.location.path, item.location.line) for item in found.addresses] == [("a.html", 2)]
    assert [problem.message for problem in held.problems] == ["not valid UTF-8; what is legible was searched"]


def test_code_that_cannot_be_understood_is_said(tmp_path: Path) -> None:
    assert package(tmp_path, a_dot_ts="const u = `${base}/assets/1?access_token=${t}\nfoo(1)\n").unread


def test_names_that_stand_for_names_come_to_an_end(tmp_path: Path) -> None:
    chain = "\n".join(f"const a{n} = `${{a{n + 1}}}${{a{n + 1}}}${{a{n + 1}}}`;" for n in range(30))
    cycle = "const b = `${c}`; const c = `${b}`;"
    uses = "\n".join("fetch(`${a0}${b}/assets/1?access_token=${t}`)" for _ in range(20))
    assert package(tmp_path, a_dot_ts=f"{chain}\n{cycle}\n{uses}").addresses


def test_a_package_of_tests(tmp_path: Path) -> None:
    held = read(repository(tmp_path, {"examples/a/package.json": PACKAGE, "examples/a/a.ts": ""}))
    assert [item.context for item in held] == [Context.EXAMPLE]


WORDS: Final = st.sampled_from([
    "access_token=", "'access_token'", "access_token", "`${", "}`", "/assets/", "?", "&", "+", "'", '"', "`", "{", "}", "(", ")", "<img ",
    "src=", ":src=", "/>", "<script>", "</script>", "<!--", "-->", "---\n", "staticToken(", "Bearer ", "process.env.", "VITE_DIRECTUS_TOKEN",
    "const a = ", "a", "new URL(", ".searchParams.set(", "fetch(", "{ params: {", "=> ", "||", "//", "/*", "*/", "\n", "\r\n", "\t", "ä", "🚀",
    "<?php ", "?>", "$x", "{{", "}}", "#", '"""', "createDirectus(", "runtimeConfig: { public: { directus: { token: ", "https://x.y", "\x00",
])  # fmt: skip
ENDINGS: Final = st.sampled_from(
    ["js", "jsx", "ts", "tsx", "vue", "svelte", "astro", "html", "php", "py", "twig", "env"]
)


@given(st.lists(WORDS | st.text(max_size=8), max_size=40).map("".join), ENDINGS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_never_raises_and_places_are_inside(tmp_path: Path, text: str, ending: str) -> None:
    name = ".env" if ending == "env" else f"a.{ending}"
    for old in tmp_path.iterdir():
        old.unlink()
    held = repository(tmp_path, {"package.json": PACKAGE, name: text})
    lines = {path: (held.peek(path) or "").split("\n") for path in held.files}
    for found in read(held):
        places = [item.location for item in found.addresses] + [item.location for item in found.tokens]
        for place in (*places, *found.unread, found.location):
            first, last = lines[place.path][place.line - 1], lines[place.path][place.end_line - 1]
            assert 1 <= place.column <= len(first) + 1
            assert 1 <= place.end_column <= len(last) + 1
            assert (place.line, place.column) <= (place.end_line, place.end_column)


@each_case(
    ("text", "name"),
    [
        ("const t = useRuntimeConfig().public.directusToken", "public.directusToken"),
        ("const c = useRuntimeConfig(); use(`Bearer ${c2Config.public.directus.token}`)", "public.directus.token"),
        ("export default { runtimeConfig: { public: { directus: { token: '' } } } }", "public.directus.token"),
        (
            "module.exports = { publicRuntimeConfig: { directusToken: process.env.DIRECTUS_TOKEN } }",
            "public.directusToken",
        ),
    ],
)
def test_public_configuration(tmp_path: Path, text: str, name: str) -> None:
    assert [item.name for item in package(tmp_path, a_dot_ts=text).tokens if item.holds is Holds.VARIABLE] == [name]


def test_private_configuration(tmp_path: Path) -> None:
    text = "const t = useRuntimeConfig().directusToken; const c = { runtimeConfig: { directusToken: '' } }; directus.getToken()"
    assert package(tmp_path, a_dot_ts=text).tokens == ()


@pytest.mark.thorough
@each_case(
    "text",
    [
        "directus_" * 50_000 + "\n access_token=",
        "x.directus." * 40_000 + "\n access_token=",
        "VITE_" * 90_000 + "\n access_token=",
        "f({params:{\n" * 20_000 + "access_token: t",
        "x = " + "'a'+\n" * 50_000 + "'?access_token='",
        "const p = new URLSearchParams();\n" + "p.set('access_token', t);\n" * 3000,
        "const h = { Authorization: `Bearer ${key.a}` };\n" * 1500,
        "async () => { const { key } = o; const h = { Authorization: `Bearer ${key}` } }\n" * 1000,
        "import { k } from './a'\nconst o = " + "{ ...k, a: " * 5000 + "staticToken(o" + ".a" * 5000 + ")",
        "const k0 = x;\n" + "".join(f"const k{i + 1} = k{i} || k{i};\n" for i in range(3000)) + "staticToken(k3000)",
    ],
    ids=["word", "members", "prefix", "objects", "sum", "one name", "headers", "names", "objects in objects", "chain"],
)
def test_what_grows_with_the_square_of_the_text_would_never_end(tmp_path: Path, text: str) -> None:
    assert package(tmp_path, a_dot_ts=text).files == 1


@each_case(
    ("pieces", "origin", "names", "path"),
    [
        ([WrittenText("https://cms.example.com/assets/"), Hole(("id",)), WrittenText("?access_token=a")], "https://cms.example.com", (), "/assets/…"),
        ([WrittenText("https://"), Hole(("HOST",)), WrittenText("/assets/1?access_token=a")], "", ("HOST",), "/assets/1"),
        ([WrittenText("https://cms."), Hole(("DOMAIN",)), WrittenText("/x?access_token=a")], "", ("DOMAIN",), "/x"),
        ([WrittenText("url('"), Hole(("URL",)), WrittenText("/assets/"), Hole(("id",)), WrittenText("?access_token=a')")], "", ("URL",), "/assets/…"),
        ([Hole(("first",)), WrittenText(" url("), Hole(("URL",)), WrittenText("/a?access_token=a)")], "", ("URL",), "/a"),
    ],
)  # fmt: skip
def test_the_address_of_pieces(pieces: list[Piece], origin: str, names: tuple[str, ...], path: str) -> None:
    found = address_of(pieces)
    assert found is not None
    assert (found.origin, found.names, found.path) == (origin, names, path)


def test_a_nul_in_an_address_is_nothing_computed() -> None:
    assert address_of([WrittenText("\0?access_token=a")]) is None
    held = address_of([WrittenText("https://cms.example.com/\0/a?access_token=a")])
    assert held is not None
    assert held.path == "/ /a"
