"""Passwords with which scripts sign in."""

from __future__ import annotations

from typing import Final

from tests.support.code_evidence import said
from tests.support.each import each_case

SIGNS_IN: Final[tuple[tuple[str, list[str]], ...]] = (
    ("fetch('https://b.c/auth/login', { body: JSON.stringify({ email, password: 'Secret-1' }) })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("fetch('https://b.c/auth/login/', { body: { email, password: 'Secret-1' } })", ["literal password = Secret-1 to https://b.c/auth/login/: Secret-1"]),
    ("fetch('https://b.c/auth/login/ldap', { body: { email, password: 'Secret-1' } })", ["literal password = Secret-1 to https://b.c/auth/login/ldap: Secret-1"]),
    ("fetch('https://b.c/auth/login/a/b', { body: { email, password: 'Secret-1' } })", []),
    ("fetch('https://b.c/auth/logins', { body: { email, password: 'Secret-1' } })", []),
    ("fetch('/auth/login', { body: { email, password: 'Secret-1' } })", ["literal password = Secret-1 to /auth/login: Secret-1"]),
    ("fetch(`${A}/auth/login`, { email, password: 'Secret-1' })", ["literal password = Secret-1 to {A}/auth/login: Secret-1"]),
    ("f('auth/login'); g({ email, password: 'Secret-1' })", []),
    ("const u = 'https://b.c/auth/login'; f(u, { email, password: 'Secret-1' })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("const u = 'https://b.c' + '/auth/login'; f(u, { email, password: 'Secret-1' })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("const u = 'https://b.c/auth/login'; f({ email, password: 'Secret-1' }, u)", []),
    ("const { u } = { u: 'https://b.c/auth/login' }; f(u, { email, password: 'Secret-1' })", []),
    ("f('https://b.c/auth/login').send({ email, password: 'Secret-1' })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("f('https://b.c/auth/login').set(1).set(2).set(3).send({ email, password: 'Secret-1' })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("f('https://b.c/auth/login').set({ email, password: 'Secret-1' }).send({ email, password: 'Secret-1' })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1", "literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("f('https://b.c/auth/login').then(() => g({ email, password: 'Secret-1' }))", []),
    ("f('https://b.c/auth/login').then(function () { g({ email, password: 'Secret-1' }) })", []),
    ("const c = { email, password: 'Secret-1' }; f('https://b.c/auth/login', { body: JSON.stringify(c) })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("const p = 'Secret-1'; f('https://b.c/auth/login', { password: p })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("const password = 'Secret-1'; f('https://b.c/auth/login', { password })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("f('https://b.c/auth/login', { password })", []),
    ("f('https://b.c/auth/login', { password: process.env.MY_PASS })", ["server MY_PASS to https://b.c/auth/login: process.env.MY_PASS"]),
    ("f('https://b.c/auth/login', { password: process.env.VITE_PASS })", ["variable VITE_PASS to https://b.c/auth/login: process.env.VITE_PASS"]),
    ("f('https://b.c/auth/login', { a: { b: { email, password: 'Secret-1' } } })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("f('https://b.c/auth/login', [{ email, password: 'Secret-1' }])", []),
    ("f('https://b.c/auth/login', new URLSearchParams({ email, password: 'Secret-1' }))", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("f('https://b.c/auth/login', '{\"email\": \"a\", \"password\": \"Secret-1\"}')", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("f('https://b.c/auth/login', `{\"password\" : \"Sec\\\\\"ret\"}`)", ["literal password = Sec\\\\ to https://b.c/auth/login: Sec\\\\"]),
    ("f('https://b.c/auth/login', '{\"password\": \"\"}')", []),
    ("f('https://b.c/auth/login', '{\"passwords\": \"Secret-1\"}')", []),
    ("f('https://b.c/auth/login', 'password')", []),
    ("f('https://b.c/auth/login', (({ email, password: 'Secret-1' }) as any))", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("f('https://b.c/auth/login', x ? { email, password: 'Secret-1' } : y)", []),
    ("const a = b, b = a; f('https://b.c/auth/login', a)", []),
    ("axios.create({ baseURL: 'https://b.c' }).post('/auth/login', { email, password: 'Secret-1' })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("const api = axios.create({ baseURL: 'https://b.c' }); api.post('/auth/login', { email, password: 'Secret-1' })", ["literal password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ("// f('https://b.c/auth/login', { email, password: 'Secret-1' })", []),
    ("import { login } from '@directus/sdk'; c.request(login({ email, password: 'Secret-1' }))", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("import { login } from '@directus/sdk'; c.request(login('a@b.c', 'Secret-1'))", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("import { login } from '@directus/sdk'; login('Secret-1')", []),
    ("import { login } from '@directus/sdk'; login()", []),
    ("import { login } from '@directus/sdk'; login({ email: 'a' })", []),
    ("import { login } from '@directus/sdk'; login(a, { password: 'Secret-1' })", []),
    ("import { login } from '@directus/sdk'; login(a, b)", []),
    ("import { login } from '@directus/sdk'; login({ password: 'Secret-1' }, 'other')", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("import { login } from '@directus/sdk'; login(('a'), ('Secret-1'))", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("import { login } from '@directus/sdk'; login(({ password: 'Secret-1' }))", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("import { login } from '@directus/sdk'; login({ password: 'Secret-1' }, { mode: 'json', password: 'other' })", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("import { login } from './mine'; login({ email, password: 'Secret-1' })", []),
    ("import { login } from './directus'; login({ email, password: 'Secret-1' })", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("login({ email, password: 'Secret-1' })", []),
    ("const login = 1; f(login({ email, password: 'Secret-1' }))", []),
    ("const c = createDirectus('https://b.c'); c.login({ email, password: 'Secret-1' })", ["literal password = Secret-1 of Directus: Secret-1", "host b.c"]),
    ("const c = createDirectus('https://b.c'); c.login('a', 'Secret-1')", ["literal password = Secret-1 of Directus: Secret-1", "host b.c"]),
    ("const c = new Directus('https://b.c'); c.auth.login({ email, password: 'Secret-1' })", ["literal password = Secret-1 of Directus: Secret-1", "host b.c"]),
    ("const c = axios(); c.login({ email, password: 'Secret-1' })", []),
    ("directus.login({ email, password: 'Secret-1' })", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("directus.auth.login({ email, password: 'Secret-1' })", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("import { c } from './directus'; c.login({ email, password: 'Secret-1' })", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("this.directus.login({ email, password: 'Secret-1' })", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("x.login", []),
    ("directus.login.a({ email, password: 'Secret-1' })", []),
    ("const c = { email, password: 'Secret-1' }; directus.login(c)", ["literal password = Secret-1 of Directus: Secret-1"]),
    ("directus.login(process.env.MY_MAIL, process.env.MY_PASS)", ["server MY_PASS of Directus: process.env.MY_PASS"]),
)  # fmt: skip


@each_case(("text", "expected"), SIGNS_IN)
def test_the_passwords_of_a_script(text: str, expected: list[str]) -> None:
    assert said(text) == expected
