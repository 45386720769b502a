"""Templates and components: what is scanned of the markup, and the addresses and tokens in it."""

from __future__ import annotations

from typing import Final

from directus_guard.sources.code import markup
from directus_guard.sources.code.markup import Attribute
from tests.support.code_evidence import said
from tests.support.each import each_case

SCANNED: Final[tuple[tuple[str, list[str]], ...]] = (
    ('<!-- a --><b c="d"><!-- e --><f g="h">', ['b c="d', 'f g="h']),
    ("<a b={it's}\n c=\"d'\" e=\"f\">", ["a b={it's", "a c=\"d'", 'a e="f']),
    ("<a b='c'd=\"e\">", ["a b='c", 'a d="e']),
    ("<!-- a --", []),
    ('<a b="c\nd" e=f\n g="h">', ['a b="c\nd', "a e=f", 'a g="h']),
    ("<a b={c\n'}'\n} d=\"e\">", ["a b={c\n'}'\n", 'a d="e']),
    ("<a b=\"c\" d='e' f=`g` h=i j>", ['a b="c', "a d='e", "a f=`g", "a h=i"]),
    ("<a b = \"c\"  d\n=\n'e' f= g>", ['a b="c', "a d='e", "a f=g"]),
    ("<a b=>", ["a b="]),
    ("<a b=", ["a b="]),
    ('<a b="c', ['a b="c']),
    ("<a b='c\" d", ["a b='c\" d"]),
    ('<a-b:c.d e="f">', ['a-b:c.d e="f']),
    ('<a b="c"/><d e="f"/>', ['a b="c', 'd e="f']),
    ('<a/b="c">', ['a b="c']),
    ('<a "b" c="d">', ['a c="d']),
    ('<a b={c {d} e} f="g">', ["a b={c {d} e", 'a f="g']),
    ("<a b={'}'} f=\"g\">", ["a b={'}'", 'a f="g']),
    ('<a b={"}"} f="g">', ['a b={"}"', 'a f="g']),
    ('<a b={`}`} f="g">', ["a b={`", 'a f="g']),
    ("<a b={c", ["a b={"]),
    ("<a b={}>", ["a b={"]),
    ("<a {b} {...c} d={e}>", ["a ={b", "a ={...c", "a d={e"]),
    ("<a b={it's} c=\"d\">", ["a b={it's", 'a c="d']),
    ("<a b={it's\n'} c=\"d\">", ["a b={it's\n'", 'a c="d']),
    ('<1 a="b">', []),
    ('a < b c="d"', []),
    ('<!-- <a b="c"> --><d e="f">', ['d e="f']),
    ('<!-- <a b="c">', []),
    ('</a b="c">', ['a b="c']),
    ('<!DOCTYPE a="b"><c d="e">', ['c d="e']),
    ('<script a="b">c</script><d e="f">', ['script a="b', "<script>c 1", 'd e="f']),
    ('<SCRIPT>c</Script  ><d e="f">', ["<script>c 0", 'd e="f']),
    ("<style>a</style>", ["<style>a 0"]),
    ("<script>a</style></script>", ["<script>a</style> 0"]),
    ("<script>a", ["<script>a 0"]),
    ('<script/><a b="c">', ['a b="c']),
    ('<script a="b"/><c d="e">', ['script a="b', 'c d="e']),
    ('</script><a b="c">', ['a b="c']),
    ("<scripts>a</scripts>", []),
    ("<script></script>", ["<script> 0"]),
    ("<script>a</scripts></script>", ["<script>a</scripts> 0"]),
    ('<a b="c>d" e="f">', ['a b="c>d', 'a e="f']),
    ("<a b=c>d e=f</a>", ["a b=c"]),
    ("<a b=c/>", ["a b=c/"]),
    ('<a @b="c" :d="e" [f]="g" v-h:i.j="k">', ['a @b="c', 'a :d="e', 'a [f]="g', 'a v-h:i.j="k']),
)  # fmt: skip
SAID: Final[tuple[tuple[str, str, list[str]], ...]] = (
    ("a.vue", "<template><img :src=\"(A as string) + '/x?access_token=' + t\"></template>", ["markup {A}/x: /x?access_token="]),
    ("a.astro", "---\nconst A = 'https://b.c' as string\n---\n<img src={A + '/x?access_token='}>", ["markup https://b.c/x: /x?access_token="]),
    ("a.svelte", "<img bind:src={A + '/x?access_token='}>", ["markup {A}/x: /x?access_token="]),
    ("a.svelte", "<img {A + '/x?access_token='}>", ["markup {A}/x: /x?access_token="]),
    ("a.php", '<img src="<?php $a ?>/x?access_token=1">', ["markup {$a}/x: <?php $a ?>/x?access_token=1"]),
    ("a.html", '<img src="{{- a -}}/x?access_token=1">', ["markup {a}/x: {{- a -}}/x?access_token=1"]),
    ("a.html", '<img src="{{ a\n }}/x?access_token=1">', ["markup {a}/x: {{ a"]),
    ("a.html", '<img src="${a}/x?access_token=1">', ["markup {a}/x: ${a}/x?access_token=1"]),
    ("a.html", '<img src="$a->b[c]/x?access_token=1">', ["markup {$a->b[c]}/x: $a->b[c]/x?access_token=1"]),
    ("a.erb", '<img src="#{a}/x?access_token=1">', ["markup {a}/x: #{a}/x?access_token=1"]),
    ("a.html", '<style>a { b: url( "/x?access_token=PqLh4sXl" ) url(/y?access_token=PqLh4sXl) }</style>', ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl", "markup /y: /y?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /y: PqLh4sXl"]),
    ("a.html", "<style>a { b: url(/y) }</style><p>url(/y?access_token=PqLh4sXl)", []),
    ("a.vue", "<template><img :src=\"A + '/x?access_token=' + t\"></template>", ["markup {A}/x: /x?access_token="]),
    ("a.vue", "<template><img v-bind:src=\"A + '/x?access_token=' + t\"></template>", ["markup {A}/x: /x?access_token="]),
    ("a.vue", "<template><a @click=\"fetch(A + '/x?access_token=' + t)\"></template>", ["call {A}/x: /x?access_token="]),
    ("a.vue", "<template><a v-x=\"A + '/x?access_token=' + t\"></template>", ["call {A}/x: /x?access_token="]),
    ("a.vue", "<template><a :other=\"A + '/x?access_token=' + t\"></template>", ["call {A}/x: /x?access_token="]),
    ("a.vue", "<template><img [src]=\"A + '/x?access_token=' + t\"></template>", ["markup /A + '/x: A + '/x?access_token=' + t"]),
    ("a.vue", '<template><img src="/x?access_token={{ t }}"></template>', ["markup /x: /x?access_token={{ t }}"]),
    ("a.html", "<img [src]=\"A + '/x?access_token=' + t\">", ["markup {A}/x: /x?access_token="]),
    ("a.html", "<img [attr.src]=\"A + '/x?access_token=' + t\">", ["markup {A}/x: /x?access_token="]),
    ("a.html", "<img :src=\"A + '/x?access_token=' + t\">", ["markup /A + '/x: A + '/x?access_token=' + t"]),
    ("a.html", "<img src='/x?access_token=PqLh4sXl'>", ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", "<img src=/x?access_token=PqLh4sXl>", ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", '<img src = "/x?access_token=PqLh4sXl" alt>', ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", '<IMG SRC="/x?access_token=PqLh4sXl"/>', ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", '<!-- <img src="/x?access_token=PqLh4sXl"> --><img src="/y?access_token=PqLh4sXl">', ["markup /y: /y?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /y: PqLh4sXl"]),
    ("a.html", '<!-- <img src="/x?access_token=PqLh4sXl">', []),
    ("a.html", '</img src="/x?access_token=PqLh4sXl">', ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", 'x < y <img src="/x?access_token=PqLh4sXl">', ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", '<img src="/x?access_token=PqLh4sXl', ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", "<script>f('/x?access_token=' + t)</script><img src=\"/y?access_token=\">", ["call /x: /x?access_token=", "markup /y: /y?access_token="]),
    ("a.html", "<script src=\"/x?access_token=PqLh4sXl\"></script><b>'/y?access_token='</b>", ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", "<script>f('/x?access_token=' + t)", ["call /x: /x?access_token="]),
    ("a.html", "<SCRIPT>f('/x?access_token=' + t)</SCRIPT >g('/y?access_token=')", ["call /x: /x?access_token="]),
    ("a.html", '<script/><b a="/x?access_token=PqLh4sXl">', ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", "<script lang=\"ts\">f((A as string) + '/x?access_token=' + t)</script>", ["call {A}/x: /x?access_token="]),
    ("a.html", "<script>f((A as string) + '/x?access_token=' + t)</script>", ["call {}/x: /x?access_token="]),
    ("a.html", "<script lang=\"tsx\">const a = <img src={A as string + '/x?access_token='} /></script>", ["markup {A}/x: /x?access_token="]),
    ("a.html", "<script lang=\"typescript\">f((A as string) + '/x?access_token=' + t)</script>", ["call {A}/x: /x?access_token="]),
    ("a.html", "<script>const A = 'https://b.c'</script><img [src]=\"A + '/x?access_token=' + t\">", ["markup https://b.c/x: /x?access_token="]),
    ("a.html", "<script>const A = process.env.B</script><img [src]=\"A + '/x?access_token=' + t\">", ["markup {A process.env.B}/x: /x?access_token="]),
    ("a.html", "<script>const A = process.env.B</script><img [src]=\"A.c + '/x?access_token=' + t\">", ["markup {A.c process.env.B}/x: /x?access_token="]),
    ("a.html", "<script>import A from 'm'</script><img [src]=\"A + '/x?access_token=' + t\">", ["markup {A A from 'm'}/x: /x?access_token="]),
    ("a.html", "<script>import A from 'm'</script><img [src]=\"A.b + '/x?access_token=' + t\">", ["markup {A.b A from 'm'}/x: /x?access_token="]),
    ("a.html", "<script>import A from 'm'</script><img src=\"{{ A }}/x?access_token={{ t }}\">", ["markup {A A from 'm'}/x: {{ A }}/x?access_token={{ t }}"]),
    ("a.html", '<script>const A = f( b )</script><img src="{{ A }}/x?access_token={{ t }}">', ["markup {A f(b)}/x: {{ A }}/x?access_token={{ t }}"]),
    ("a.html", "<script>const A = 'https://b.c'</script><script>f(A + '/x?access_token=' + t)</script>", ["call https://b.c/x: /x?access_token="]),
    ("a.html", "<script>var z</script><script>const A = 'https://b.c'</script><script>f(A + '/x?access_token=' + t)</script>", ["call {A}/x: /x?access_token="]),
    ("a.html", "<style>a { b: url(/x?access_token=PqLh4sXl) } c { d: url(/y) }</style>", ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", "<style>a { b: url('/x?access_token=PqLh4sXl') }</style>", ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", "<style>/* access_token= */ a { d: url(/y) }</style>", []),
    ("a.html", '<p style="background: url(/x?access_token=PqLh4sXl)">', ["markup /x: background: url(/x?access_token=PqLh4sXl)", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.html", '<img src="/x?access_token={{ process.env.VITE_TOKEN }}">', ["markup /x: /x?access_token={{ process.env.VITE_TOKEN }}", "variable VITE_TOKEN to /x: /x?access_token={{ process.env.VITE_TOKEN }}"]),
    ("a.html", '<img src="/x?access_token={{ process.env.VITE_OTHER }}">', ["markup /x: /x?access_token={{ process.env.VITE_OTHER }}"]),
    ("a.html", '<img src="/x?access_token=1234567"><img src="/y?access_token=12345678{{ a }}">', ["markup /x: /x?access_token=1234567", "markup /y: /y?access_token=12345678{{ a }}"]),
    ("a.html", '<img src="https://b.c/x?access_token=PqLh4sXl&amp;a=b">', ["markup https://b.c/x: https://b.c/x?access_token=PqLh4sXl&amp;a=b", "literal access_token = PqLh4sXl to https://b.c/x: PqLh4sXl"]),
    ("a.html", '<img src="https://b.c/x?a=b&amp;access_token=PqLh4sXl">', ["markup https://b.c/x: https://b.c/x?a=b&amp;access_token=PqLh4sXl", "literal access_token = PqLh4sXl to https://b.c/x: PqLh4sXl"]),
    ("a.html", "<p data-a=\"staticToken('PqLh4sXl')\">", []),
    ("a.svelte", "<img src={A + '/x?access_token=' + t}>", ["markup {A}/x: /x?access_token="]),
    ("a.svelte", "<img src={`${A}/x?access_token=${t}`}>", ["markup {A}/x: ${A}/x?access_token=${t}"]),
    ("a.svelte", '<img {...a} {src} src="{A}/x?access_token={t}">', ["markup {A}/x: {A}/x?access_token={t}"]),
    ("a.svelte", "<script>const A = 'https://b.c'</script><img src={A + '/x?access_token=' + t}>", ["markup https://b.c/x: /x?access_token="]),
    ("a.svelte", "<img alt={'}'} src={A + '/x?access_token=' + t}>", ["markup {A}/x: /x?access_token="]),
    ("a.svelte", "<img alt={`}`} src={A + '/x?access_token=' + t}>", ["markup {A}/x: /x?access_token="]),
    ("a.svelte", "<p title={don't} src={A + '/x?access_token=' + t}>", []),
    ("a.svelte", "<p {f('/x?access_token=')}>", ["call /x: /x?access_token="]),
    ("a.svelte", "<p src={a { b } + '/x?access_token='}>", ["markup an unknown address: /x?access_token="]),
    ("a.svelte", "<p src={'/x?access_token='", ["not understood: access_token"]),
    ("a.astro", "---\nconst A = 'https://b.c'\nf('/y?access_token=')\n---\n<img src={A + '/x?access_token='}>", ["call /y: /y?access_token=", "markup https://b.c/x: /x?access_token="]),
    ("a.astro", "\n--- \nconst A = 'https://b.c'\n---\n<img src=`${A}/x?access_token=${t}`>", ["markup https://b.c/x: ${A}/x?access_token=${t}"]),
    ("a.svelte", "<img src=`${A}/x?access_token=${t}`>", ["markup {A}/x: ${A}/x?access_token=${t}"]),
    ("a.astro", "---\nf('/y?access_token=')", []),
    ("a.astro", '<img src="/x?access_token=PqLh4sXl">', ["markup /x: /x?access_token=PqLh4sXl", "literal access_token = PqLh4sXl to /x: PqLh4sXl"]),
    ("a.astro", "---\nconst A = 'https://b.c'\n---\n<script>f(A + '/x?access_token=')</script>", ["call https://b.c/x: /x?access_token="]),
    ("a.ejs", '<img src="<%= a %>/x?access_token=<%- t %>">', ["markup {a}/x: <%= a %>/x?access_token=<%- t %>"]),
    ("a.erb", '<img src="<% a %>/x?access_token=#{t}">', ["markup {a}/x: <% a %>/x?access_token=#{t}"]),
    ("a.php", '<img src="<?= $a ?>/x?access_token=<?php echo $t ?>">', ["markup {$a}/x: <?= $a ?>/x?access_token=<?php echo $t ?>"]),
)  # fmt: skip


def scanned(text: str) -> list[str]:
    """Each attribute as `tag name="value`, and each block as `<tag>text` with the number of its attributes."""
    return [
        f"{one.tag} {one.name}={one.quote}{text[one.start : one.end]}"
        if isinstance(one, Attribute)
        else f"<{one.tag}>{text[one.start : one.end]} {len(one.attributes)}"
        for one in markup.scan(text)
    ]


@each_case(("text", "expected"), SCANNED)
def test_attributes_and_blocks(text: str, expected: list[str]) -> None:
    assert scanned(text) == expected


@each_case(("path", "text", "expected"), SAID)
def test_what_a_template_says(path: str, text: str, expected: list[str]) -> None:
    assert said(text, path) == expected


@each_case(
    "ending",
    [
        "vue",
        "svelte",
        "astro",
        "html",
        "htm",
        "twig",
        "liquid",
        "hbs",
        "handlebars",
        "ejs",
        "erb",
        "njk",
        "mustache",
        "php",
        "HTML",
    ],
)
def test_every_ending_of_a_template(ending: str) -> None:
    expected = "{ t }" if ending in ("svelte", "astro") else "{{ t }}"
    text = f'<img src="/x?access_token={expected}">'
    assert said(text, f"a.{ending}") == [f"markup /x: /x?access_token={expected}"]


@each_case("ending", ["txt", "py", "md", ""])
def test_what_is_no_template(ending: str) -> None:
    assert said('<img src="/x?access_token={{ t }}">', f"a.{ending}") == []
