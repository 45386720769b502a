"""Tokens that a client of Directus gets from another file, under whatever name: followed to the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import Holds
from directus_guard.sources.code import packages as code
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.code import HeldToken

PACKAGE: Final = '{"name": "web", "dependencies": {"@directus/sdk": "^17.0.0"}}'
TOKEN: Final = "PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr"
CLIENT: Final = 'import { createDirectus, staticToken } from "@directus/sdk";\n'

Files = dict[str, str]


def client(importing: str, expression: str) -> str:
    return f'{CLIENT}{importing};\nexport const c = createDirectus("https://cms.acme.com").with(staticToken({expression}));\n'


def tokens(root: Path, files: Files) -> list[HeldToken]:
    found, _ = code.read(repository(root, {"package.json": PACKAGE, **files}))
    return [token for package in found for token in package.tokens]


NAMED: Final = f'export const API = "https://cms.acme.com";\nexport const apiKey = "{TOKEN}";\n'
SITES: Final = f"export const sites = [\n  {{ url: 'https://cms.acme.com', auth: {{ key: '{TOKEN}' }} }},\n];\n"
SPELLINGS: Final[dict[str, Files]] = {
    "named": {"src/c.ts": client('import { apiKey } from "./config"', "apiKey"), "src/config.ts": NAMED},
    "renamed": {"src/c.ts": client('import { apiKey as k } from "./config.js"', "k"), "src/config.ts": NAMED},
    "namespace": {"src/c.ts": client('import * as conf from "./config"', "conf.apiKey"), "src/config.ts": NAMED},
    "exported later under another name": {
        "src/c.ts": client('import { apiKey } from "./config"', "apiKey"),
        "src/config.ts": f'const key = "{TOKEN}";\nexport {{ key as apiKey }};\n',
    },
    "default text": {
        "src/c.ts": client('import key from "./key"', "key"), "src/key.mjs": f'export default "{TOKEN}";\n',
    },
    "default object": {
        "src/c.ts": client('import cfg from "./config"', "cfg.cms.key"),
        "src/config/index.ts": f'const cfg = {{ cms: {{ key: "{TOKEN}" }} }} as const;\nexport default cfg;\n',
    },
    "frozen": {
        "src/c.ts": client('import { settings } from "../settings"', "settings['key']"),
        "settings.js": f'export const settings = Object.freeze({{ "key": `{TOKEN}` }});\n',
    },
    "exported again": {
        "src/c.ts": client('import { apiKey } from "./lib"', "apiKey"),
        "src/lib/index.ts": "export { apiKey } from './config';\n", "src/lib/config.ts": NAMED,
    },
    "exported again, all": {
        "src/c.ts": client('import { apiKey } from "./lib"', "apiKey"),
        "src/lib/index.ts": "export * from './other';\nexport * from './config';\n", "src/lib/config.ts": NAMED,
        "src/lib/other.ts": "export * from '.';\nexport const x = 1;\n",
    },
    "exported again, under a name": {
        "src/c.ts": client('import { config } from "./lib"', "config.apiKey"),
        "src/lib/index.ts": "export * as config from './config';\n", "src/lib/config.ts": NAMED,
    },
    "exported again, imported first": {
        "src/c.ts": client('import { k } from "./lib"', "k"),
        "src/lib.ts": "import { apiKey as k } from './config';\nexport { k };\n", "src/config.ts": NAMED,
    },
    "require": {
        "src/c.js": client("const keys = require('./keys')", "keys.cms"),
        "src/keys.js": f"module.exports = {{ cms: '{TOKEN}' }};\n",
    },
    "require, a member": {
        "src/c.js": client("const key = require('./keys').cms", "key"),
        "src/keys.cjs": f"exports.cms = '{TOKEN}';\n",
    },
    "require, taken apart": {
        "src/c.js": client("const { cms: { key: k } } = require('./keys')", "k"),
        "src/keys.js": f"const key = '{TOKEN}';\nmodule.exports = {{ cms: {{ key }} }};\n",
    },
    "require, in place": {
        "src/c.js": client("", "require('./keys').cms"), "src/keys.js": f"module.exports.cms = '{TOKEN}';\n",
    },
    "require in TypeScript": {
        "src/c.ts": client("import keys = require('./keys')", "keys.cms"), "src/keys.ts": f"export = {{ cms: '{TOKEN}' }};\n",
    },
    "import()": {
        "src/c.ts": client("const { apiKey } = await import('./config')", "apiKey"), "src/config.ts": NAMED,
    },
    "JSON": {
        "src/c.ts": client("import cfg from './cms.json' with { type: 'json' }", "cfg.cmsKey"),
        "src/cms.json": f'{{"url": "https://cms.acme.com",\n "cmsKey": "{TOKEN}"}}\n',
    },
    "JSON, a member": {
        "src/c.ts": client("import { cms } from './cms.json'", "cms.key"), "src/cms.json": f'{{"cms": {{"key": "{TOKEN}"}}}}\n',
    },
    "JSON, required": {
        "src/c.js": client("const cfg = require('../config')", "cfg.key"), "config.json": f'{{"key": "{TOKEN}"}}\n',
    },
    "Angular": {
        "src/app/c.ts": client("import { environment } from '../environments/environment'", "environment.cms.token"),
        "src/environments/environment.ts": "export const environment = { cms: { token: '' } };\n",
        "src/environments/environment.prod.ts": f"export const environment = {{ cms: {{ token: '{TOKEN}' }} }};\n",
    },
    "Angular, in a class": {
        "src/app/c.ts": CLIENT
        + "import { environment } from '@env/environment';\nexport class Cms {\n  private readonly key = environment.key;\n"
        "  client = createDirectus('https://cms.acme.com').with(staticToken(this.key));\n}\n",
        "src/environments/environment.ts": f"export const environment = {{ ...base, key: '{TOKEN}' }};\nconst base = {{}};\n",
        "tsconfig.json": '{\n  // comments\n  "compilerOptions": {"baseUrl": "./", "paths": {"@env/*": ["src/environments/*"],}}\n}',
    },
    "Expo": {
        "src/c.ts": client("import Constants from 'expo-constants'", "Constants.expoConfig?.extra?.cmsKey"),
        "app.json": f'{{"expo": {{"extra": {{"cmsKey": "{TOKEN}"}}}}}}\n',
    },
    "Expo, taken apart": {
        "src/c.ts": client(
            "import Constants from 'expo-constants';\nconst { cmsKey } = Constants.manifest!.extra as Extra", "cmsKey"
        ),
        "app.config.js": f'module.exports = {{ extra: {{ cmsKey: "{TOKEN}" }} }};\n',
    },
    "Expo, a function": {
        "src/c.ts": client("import Constants from 'expo-constants'", "Constants.expoConfig.extra.cms.key"),
        "app.config.ts": "export default ({ config }: ConfigContext): ExpoConfig => ({\n  ...config,\n"
        f'  extra: {{ cms: {{ key: "{TOKEN}" }} }},\n}});\n',
    },
    "Nuxt, app config": {
        "app/plugins/c.ts": client("", "useAppConfig().cms.key"),
        "app/app.config.ts": f"export default defineAppConfig({{ cms: {{ key: '{TOKEN}' }} }});\n",
        "nuxt.config.ts": "export default defineNuxtConfig({});\n",
    },
    "Nuxt, runtime config": {
        "plugins/c.ts": client("const config = useRuntimeConfig()", "config.public.cmsKey"),
        "nuxt.config.ts": f"export default defineNuxtConfig({{ runtimeConfig: {{ public: {{ cmsKey: '{TOKEN}' }} }} }});\n",
    },
    "Nuxt, imported by itself": {
        "app/plugins/c.ts": client("", "cmsConfig.key"),
        "app/utils/config.ts": f"export const cmsConfig = {{ key: '{TOKEN}' }};\n",
        "nuxt.config.ts": "export default defineNuxtConfig({});\n",
    },
    "a type before": {
        "src/c.ts": client("import { conf } from './config'", "conf.key"),
        "src/config.ts": f"export const conf = <const>{{ key: '{TOKEN}' }};\n",
    },
    "a function as the default": {
        "src/c.ts": client("import conf from './config'", "conf().cms.key"),
        "src/config.ts": f"const key = '{TOKEN}';\nexport default () => ({{ cms: {{ key }} }});\n",
    },
    "taken apart later": {
        "src/c.ts": client("import conf from './config';\nconst { cms: { key: token = '' } } = conf", "token"),
        "src/config.ts": f"export default Object.assign({{}}, {{ cms: {{ key: '{TOKEN}' }} }});\n",
    },
    "assigned later": {
        "src/c.ts": client("import { key } from './config'", "key"),
        "src/config.ts": f"let key = '';\nkey = '{TOKEN}';\nexport {{ key }};\n",
    },
    "handed to a function": {
        "src/c.ts": CLIENT + "import { key } from './key';\nconst make = (url: string, token: string) =>\n"
        "  createDirectus(url).with(staticToken(token));\nexport const c = make('https://cms.acme.com', key);\n",
        "src/key.ts": f"export const key = '{TOKEN}';\n",
    },
    "handed to a function, in an object": {
        "src/c.ts": f"{CLIENT}function make({{ url, token }}: Options) {{ return createDirectus(url).with(staticToken(token)); }}\n"
        f"export const c = make({{ url: 'https://cms.acme.com', token: '{TOKEN}' }});\n",
    },
    "handed to a constructor": {
        "src/c.ts": CLIENT + "import { key } from './key';\nclass Cms {\n  private token: string;\n"
        "  constructor(token: string) { this.token = token; }\n"
        "  make() { return createDirectus('https://cms.acme.com').with(staticToken(this.token)); }\n}\nexport const c = new Cms(key);\n",
        "src/key.ts": f"export const key = '{TOKEN}';\n",
    },
    "a member by the constructor": {
        "src/c.ts": f"{CLIENT}class Cms {{\n  constructor(private readonly token = '{TOKEN}') {{}}\n"
        "  make() { return createDirectus('https://cms.acme.com').with(staticToken(this.token)); }\n}\n",
    },
    "given to a member": {
        "src/c.js": client("const config = require('./config')", "config.key"),
        "src/config.js": f"const config = {{}};\nconfig.key = '{TOKEN}';\nmodule.exports = config;\n",
    },
    "a list, each": {
        "src/c.ts": client("import { sites } from './sites'", "null")
        + "sites.map((site) => createDirectus(site.url).with(staticToken(site.auth.key)));\n",
        "src/sites.ts": SITES,
    },
    "a list, taken apart": {
        "src/c.ts": client("import { sites } from './sites'", "null")
        + "for (const { url, auth: { key } } of sites) createDirectus(url).with(staticToken(key));\n",
        "src/sites.ts": SITES,
    },
    "a list, one of it": {
        "src/c.ts": client("import { sites } from './sites'", "sites.find((site) => site.url === location.href)!.auth.key"),
        "src/sites.ts": SITES,
    },
    "a list, by number": {"src/c.ts": client("import { sites } from './sites'", "sites[0].auth.key"), "src/sites.ts": SITES},
    "an object, one of it": {
        "src/c.ts": client("import { sites } from './sites'", "sites[process.env.SITE].key"),
        "src/sites.ts": f"export const sites = {{ de: {{ key: '{TOKEN}' }} }};\n",
    },
    "an object, each": {
        "src/c.ts": client("import sites from './sites.json'", "null")
        + "Object.values(sites).forEach((site) => createDirectus(site.url).with(staticToken(site.key)));\n",
        "src/sites.json": f'{{"de": {{"url": "https://cms.acme.com", "key": "{TOKEN}"}}}}\n',
    },
    "a list of JSON": {
        "src/c.ts": client("import sites from './sites.json'", "sites.filter((site) => site.on)[0].key"),
        "src/sites.json": f'[{{"url": "https://cms.acme.com", "key": "{TOKEN}"}}]\n',
    },
    "one of two configurations": {
        "src/c.ts": client("import a from './a';\nimport b from './b'", "(process.env.CI ? a : b).key"),
        "src/a.ts": "export default { key: process.env.KEY };\n",
        "src/b.ts": f"export default {{ key: '{TOKEN}' }};\n",
    },
    "@/": {"src/lib/c.ts": client("import { apiKey } from '@/config'", "apiKey"), "src/config.ts": NAMED},
    "~/": {"app/lib/c.ts": client("import { apiKey } from '~/config'", "apiKey"), "app/config.ts": NAMED},
    "~~/": {"app/lib/c.ts": client("import { apiKey } from '~~/config'", "apiKey"), "config.ts": NAMED},
    "$lib/": {"src/routes/c.ts": client("import { apiKey } from '$lib/config'", "apiKey"), "src/lib/config.ts": NAMED},
    "tsconfig": {
        "apps/web/src/c.ts": client("import { apiKey } from '@acme/config'", "apiKey"),
        "apps/web/tsconfig.json": '{"extends": "../../tsconfig.base.json"}',
        "tsconfig.base.json": '{"compilerOptions": {"paths": {"@acme/*": ["./libs/*/src/index.ts"]}}}',
        "libs/config/src/index.ts": NAMED,
    },
    "baseUrl": {
        "src/deep/c.ts": client("import { apiKey } from 'settings/keys'", "apiKey"),
        "jsconfig.json": '{"compilerOptions": {"baseUrl": "src"}}', "src/settings/keys.ts": NAMED,
    },
    "imports of a package": {
        "src/c.js": client("import { apiKey } from '#config'", "apiKey"), "src/conf/main.js": NAMED,
        "package.json": PACKAGE[:-1] + ', "imports": {"#config": {"default": "./src/conf/main.js"}}}',
    },
    "alias of a bundler": {
        "src/c.js": client("import { apiKey } from '@conf/main'", "apiKey"), "src/conf/main.js": NAMED,
        "vite.config.js": "export default { resolve: { alias: { '@conf': path.resolve(__dirname, './src/conf') } } };\n",
    },
    "package of the workspace": {
        "apps/web/package.json": PACKAGE, "package.json": '{"workspaces": ["apps/*", "packages/*"]}',
        "apps/web/src/c.ts": client("import { apiKey } from '@acme/config'", "apiKey"),
        "packages/config/package.json": '{"name": "@acme/config", "main": "dist/index.js"}',
        "packages/config/src/index.ts": NAMED,
    },
    "package of the workspace, a part of it": {
        "apps/web/package.json": PACKAGE, "package.json": '{"workspaces": ["apps/*", "packages/*"]}',
        "apps/web/src/c.ts": client("import { apiKey } from '@acme/config/keys'", "apiKey"),
        "packages/config/package.json": '{"name": "@acme/config", "exports": {"./keys": {"import": "./lib/k.mjs"}}}',
        "packages/config/lib/k.mjs": NAMED,
    },
    "class": {
        "src/c.ts": client("import { Config } from './config'", "Config.apiKey"),
        "src/config.ts": f"export class Config {{\n  static readonly apiKey = '{TOKEN}';\n}}\n",
    },
    "object of a class": {
        "src/c.ts": client("import config from './config'", "config.apiKey"),
        "src/config.js": f"class Config {{\n  constructor() {{ this.apiKey = '{TOKEN}'; }}\n}}\nexport default new Config();\n",
    },
    "enum": {
        "src/c.ts": client("import { Keys } from './config'", "Keys.Cms"),
        "src/config.ts": f"export enum Keys {{\n  Cms = '{TOKEN}',\n}}\n",
    },
    "function": {
        "src/c.ts": client("import { getConfig } from './config'", "getConfig().key"),
        "src/config.ts": f"export function getConfig() {{\n  const key = '{TOKEN}';\n  return {{ key }};\n}}\n",
    },
    "getter": {
        "src/c.ts": client("import { config } from './config'", "config.key"),
        "src/config.ts": f"export const config = {{ get key() {{ return '{TOKEN}'; }} }};\n",
    },
    "fallback": {
        "src/c.ts": client("import { key } from './config'", "key!"),
        "src/config.ts": f"export const key = (process.env.CMS_KEY ?? '{TOKEN}') as string;\n",
    },
    "one of two": {
        "src/c.ts": client("import { key } from './config'", "key"),
        "src/config.ts": f"export const key = import.meta.env.DEV ? '' : '{TOKEN}';\n",
    },
    "Vue": {
        "src/C.vue": "<script setup lang='ts'>\n"
        + client("import { apiKey } from '@/config'", "apiKey")
        + "</script>\n<template><p/></template>\n",
        "src/config.ts": NAMED,
    },
    "header": {
        "src/c.ts": "import { API, apiKey } from './config';\n"
        "export const posts = () => fetch(`${API}/items/posts`, { headers: { Authorization: `Bearer ${apiKey}` } });\n",
        "src/config.ts": NAMED,
    },
    "header, put together": {
        "src/c.ts": "import conf from './config';\n"
        "export const posts = () => axios.get(conf.api + '/items/posts', { headers: { Authorization: 'Bearer ' + conf.key } });\n",
        "src/config.ts": f"export default {{ api: 'https://cms.acme.com', key: '{TOKEN}' }};\n",
    },
    "client that takes a token later": {
        "src/c.ts": client("import { apiKey } from './config'", "''") + "await c.setToken(apiKey);\n", "src/config.ts": NAMED,
    },
    "older client": {
        "src/c.js": "import { Directus } from '@directus/sdk';\nimport { apiKey } from './config';\n"
        "export const c = new Directus('https://cms.acme.com', { auth: { staticToken: apiKey } });\n",
        "src/config.js": NAMED,
    },
}  # fmt: skip


@each_case("spelling", SPELLINGS)
def test_a_token_of_another_file_is_named_where_it_is_written(tmp_path: Path, spelling: str) -> None:
    found = [token for token in tokens(tmp_path, SPELLINGS[spelling]) if token.value and token.value.reveal() == TOKEN]
    assert [cut(tmp_path, token.location) for token in found] == [TOKEN]
    assert found[0].holds is Holds.LITERAL
    assert found[0].used or (found[0].address is not None and found[0].address.origin == "https://cms.acme.com")


def test_where_a_literal_is_handed_to_an_older_client(tmp_path: Path) -> None:
    files = {"a.js": f"const c = new Directus(url, {{ auth: {{ staticToken: '{TOKEN}' }} }});"}
    assert [(token.name, token.used) for token in tokens(tmp_path, files)] == [("staticToken", True)]


PUBLIC: Final[dict[str, tuple[Files, str, str]]] = {
    "Vite": (
        {
            "src/c.ts": client("import { key } from './config'", "key"),
            "src/config.ts": "export const key = import.meta.env.VITE_CMS_KEY;\n",
        },
        "VITE_CMS_KEY", "src/config.ts",
    ),
    "Next": (
        {
            "src/c.ts": client("import cfg from '@/config'", "cfg.cms.key"),
            "src/config.ts": "export default { cms: { key: process.env.NEXT_PUBLIC_CMS_KEY! } };\n",
        },
        "NEXT_PUBLIC_CMS_KEY", "src/config.ts",
    ),
    "SvelteKit": (
        {"src/c.ts": client("import { PUBLIC_CMS_KEY as k } from '$env/static/public'", "k")}, "PUBLIC_CMS_KEY", "src/c.ts",
    ),
    "Astro": ({"src/c.ts": client("import { CMS_KEY } from 'astro:env/client'", "CMS_KEY")}, "CMS_KEY", "src/c.ts"),
    "React Native": ({"src/c.ts": client("import { CMS_KEY } from '@env'", "CMS_KEY")}, "CMS_KEY", "src/c.ts"),
    "React Native, a member": (
        {"src/c.ts": client("import Config from 'react-native-config'", "Config.CMS_KEY")}, "CMS_KEY", "src/c.ts",
    ),
    "Expo": (
        {
            "src/c.ts": client("import Constants from 'expo-constants'", "Constants.expoConfig.extra.cms.key"),
            "app.config.js": "export default () => ({ expo: { extra: { cms: { key: process.env.CMS_KEY } } } });\n",
        },
        "extra.cms.key", "app.config.js",
    ),
    "Nuxt": (
        {
            "plugins/c.ts": client("", "useRuntimeConfig().public.cmsKey"),
            "nuxt.config.ts": "export default defineNuxtConfig({ runtimeConfig: { public: { cmsKey: '' } } });\n",
        },
        "public.cmsKey", "nuxt.config.ts",
    ),
    "Nuxt, named in the environment only": (
        {"plugins/c.ts": client("const { public: { cms } } = useRuntimeConfig()", "cms.key")}, "public.cms.key", "plugins/c.ts",
    ),
}  # fmt: skip


@each_case("spelling", PUBLIC)
def test_a_variable_that_is_shipped(tmp_path: Path, spelling: str) -> None:
    files, name, path = PUBLIC[spelling]
    found = [(token.name, token.location.path, token.used) for token in tokens(tmp_path, files)]
    assert (name, path, True) in found
    assert {token.holds for token in tokens(tmp_path, files)} == {Holds.VARIABLE}


SERVER: Final = {
    "in place": {"c.ts": client("", "process.env.CMS_KEY!")},
    "imported": {
        "c.ts": client("import { key } from './config'", "key"),
        "config.ts": "export const { CMS_KEY: key } = process.env;\n",
    },
    "SvelteKit": {"c.ts": client("import { CMS_KEY } from '$env/static/private'", "CMS_KEY")},
    "checked by a package": {
        "c.ts": client("import { env } from '@/env'", "env.CMS_KEY"),
        "env.ts": "import { createEnv } from '@t3-oss/env-nextjs';\nexport const env = createEnv({ server: {}, runtimeEnv: {} });\n",
    },
    "Nest": {"c.ts": client("", "this.configService.getOrThrow<string>('CMS_KEY')")},
    "Deno": {"c.ts": client("", "Deno.env.get('CMS_KEY')")},
    "in brackets": {"c.ts": client("const env = process.env", "env['CMS_KEY']")},
}


@each_case("spelling", SERVER)
def test_a_variable_of_the_server_is_looked_for_where_variables_are_set(tmp_path: Path, spelling: str) -> None:
    found = tokens(tmp_path, {**SERVER[spelling], ".env": f"CMS_KEY={TOKEN}\nOTHER=x\n"})
    assert {(token.name, token.holds) for token in found} == {("CMS_KEY", Holds.SERVER), ("CMS_KEY", Holds.FILE)}


MISSING: Final[dict[str, Files]] = {
    "no such file": {"c.ts": client("import { key } from './config'", "key")},
    "no such file, by an alias": {"c.ts": client("import { key } from '@/config'", "key")},
    "no such export": {"c.ts": client("import { key } from './config'", "key"), "config.ts": "export const other = 1;\n"},
    "no such member": {"c.ts": client("import cfg from './config.json'", "cfg.key"), "config.json": "{}"},
    "no JSON": {"c.ts": client("import cfg from './config.json'", "cfg.key"), "config.json": "{,}"},
    "another language": {"c.ts": client("import { key } from './Config.vue'", "key"), "Config.vue": "<script></script>"},
    "no such value in app.json": {
        "c.ts": client("import Constants from 'expo-constants'", "Constants.expoConfig.extra.key"), "app.json": "{}",
    },
    "exported again without an end": {
        "c.ts": client("import { key } from './a'", "key"), "a.ts": "export * from './b';\n", "b.ts": "export * from './a';\n",
    },
    "too far": {
        "c.ts": client("import { key } from './m0'", "key"),
        **{f"m{i}.ts": f"import {{ key as k }} from './m{i + 1}';\nexport const key = k;\n" for i in range(300)},
        "m300.ts": NAMED,
    },
}  # fmt: skip


@each_case("spelling", MISSING)
def test_what_cannot_be_followed_is_said(tmp_path: Path, spelling: str) -> None:
    found = tokens(tmp_path, MISSING[spelling])
    assert {(token.holds, token.location.path) for token in found} == {(Holds.ELSEWHERE, "c.ts")}


NOTHING: Final[dict[str, Files]] = {
    "a foreign package": {"c.ts": client("import { key } from '@acme/keys'", "key")},
    "a session": {
        "c.ts": client("import { getToken } from './session'", "getToken()"),
        "session.ts": "export const getToken = () => localStorage.getItem('t');\n",
    },
    "a function that is missing": {"c.ts": client("import { getToken } from './session'", "await getToken()")},
    "a parameter": {
        "c.ts": f"{CLIENT}import {{ apiKey }} from './config';\n"
        "export const c = (apiKey: string) => createDirectus('https://cms.acme.com').with(staticToken(apiKey));\n",
        "config.ts": NAMED,
    },
    "a name of another block": {
        "c.ts": f"{CLIENT}function other() {{ const {{ apiKey }} = require('./config'); }}\n"
        "export const c = createDirectus('https://cms.acme.com').with(staticToken(apiKey));\n",
        "config.ts": NAMED,
    },
    "a parameter that nobody in the text hands over": {
        "c.ts": f"{CLIENT}export function make(token) {{ return createDirectus('x').with(staticToken(token)); }}\n",
    },
    "a parameter of a method": {
        "c.ts": f"{CLIENT}class A {{ make(token) {{ return createDirectus('x').with(staticToken(token)); }} }}\nmake('{TOKEN}');\n",
    },
    "a function that calls itself": {
        "c.ts": f"{CLIENT}function make(token) {{ make(token); return createDirectus('x').with(staticToken(token)); }}\n",
    },
    "a part of a text": {
        "c.ts": client("import { prefix } from './config'", "`${prefix}-${user.id}`"),
        "config.ts": "export const prefix = 'visitor-of-the-site';\n",
    },
    "the types of a module": {
        "c.ts": client("import { key } from '@acme/keys'", "key"), "node_modules/@acme/keys/index.d.ts": "export const key: string;",
    },
}  # fmt: skip


@each_case("spelling", NOTHING)
def test_what_is_no_token_of_another_file(tmp_path: Path, spelling: str) -> None:
    assert tokens(tmp_path, NOTHING[spelling]) == []


def test_many_names_come_to_an_end(tmp_path: Path) -> None:
    """Each of the modules exports all of every other."""
    count = 40
    stars = "".join(f"export * from './m{i}';\n" for i in range(count))
    files = {"c.ts": client("import { key } from './m0'", "key"), **{f"m{i}.ts": stars for i in range(count)}}
    assert {token.holds for token in tokens(tmp_path, files)} == {Holds.ELSEWHERE}
