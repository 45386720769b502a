"""Cases whose real answers are kept in `tests/truth/`, so that fast tests need no other program. Chosen by hand: one thing each."""

from __future__ import annotations

from typing import Final

from directus_guard.directus.environment.csp import ASSETS, MAIN

DOTENV: Final = (
    "", "A=1", "A = 1", "A: 1", "A:1", "A=", "A", "=1", "A=1\nA=2", "export A=1", "  export\tA=1", "# A=1", "A=1 # old", "A=1#old", "A='1 # 2' # 3",
    'A="1 # 2"', "A='it\\'s'", 'A="say \\"x\\""', 'A="a\\nb"', "A='a\\nb'", "A=a\\nb", 'A="a\nb"', "A='a\nb'", "A=`a\n'b' \"c\"`", 'A="open', "A='open\nB=2",
    "A=$B", "A=${B:-c}", "A=a b  ", "A=\ta\t", "A=1\r\nB=2\r\n", "A=1\rB=2", "\ufeffA=1", "a.b=1", "x-y=1", "1=2", "ä=1", "A B=1", "A==1", "A=https://x.example/?a=b#c",
    "A=''", 'A="" # x', "A=\u00a01\u00a0", "A='1'2", "A=x'1'", "A=1;B=2", 'A="x"B="y"', "A:\n1", "A=\n1",
)  # fmt: skip
CAST: Final = tuple(
    (name, text)
    for name, texts in {
        "MY_VAR": (
            "", " ", "a", "true", "True", "false", "yes", "0", "1", "-1", "012", "0x10", "1e3", "1e400", ".5", "5.", "+5", "1_000", "NaN", "9007199254740991",
            "9007199254740993", " 7 ", "null", "undefined", "a,b", ",", "1,true,x", "{}", "[]", '{"a":{"b":[1,"2",null]}}', "[1,2]", "[1,", "{a:1}", '"x"',
            '{"__proto__":1}', '{"a":1,"a":2}', "string:1", "string:", "number:1", "number:x", "boolean:true", "boolean:1", "array:a,b", "array:", 'json:{"a":1}',
            "json:[true]", "json:x", "regex:^a", "strin:x", "https://x.example", "15m", "10.0.0.0/8", "::1", "\u00a01",
            "[NaN]", "-Infinity", "number:0x" + "f" * 300, "number:0b101", "[" * 12_000,
        ),
        "SECRET": ("123", "true", "a,b", "string:1", "{}"),
        "ADMIN_PASSWORD": ("123", "true"),
        "DB_PORT": ("5432", "x", ""),
        "PORT": ("8055", "string:8055"),
        "IMPORT_IP_DENY_LIST": ("", "0.0.0.0", "0.0.0.0,169.254.169.254", "string:0.0.0.0", "1,2"),
        "REDIS_ENABLED": ("true", "1", "yes", "false", ""),
        "CORS_ORIGIN": ("true", "*", "https://a.example,https://b.example", "array:true", "false", "1"),
        "STORAGE_A_SECRET": ("1", "true"),
        "AUTH_X_BIND_DN": ("cn=a,dc=b",),
    }.items()
    for text in texts
)  # fmt: skip
SIZES: Final = (
    "1",
    "50",
    "1.5",
    "1.5kb",
    "1mb",
    "50 MB",
    "1gb",
    "2tb",
    "1pb",
    "1k",
    "1mib",
    "-3",
    "-3mb",
    "+2kb",
    ".5mb",
    "1e3",
    "",
    "x",
    "007",
    " 1mb",
    "1mb ",
    "10 000",
)
DURATIONS: Final = (
    "1",
    "15",
    "15m",
    "15 m",
    "7d",
    "1.5h",
    "-3s",
    ".5s",
    "1w",
    "1y",
    "2 days",
    "10ms",
    "1 Minutes",
    "1mo",
    "",
    "x",
    "5.",
    "1e3",
    " 7d",
    "7d ",
    "100000000000000000000",
)
CSP: Final = tuple(
    (prefix, tuple({name.replace("CSP", prefix): text for name, text in case.items()} for case in (
        {},
        {"CSP_DIRECTIVES__IMG_SRC": "'self'"},
        {"CSP_DIRECTIVES__IMG_SRC": "self"},
        {"CSP_DIRECTIVES__IMG_SRC": "array:'self',data:,https:"},
        {"CSP_DIRECTIVES__IMG_SRC": "'self' data:"},
        {"CSP_DIRECTIVES__IMG_SRC": "*"},
        {"CSP_DIRECTIVES__IMG_SRC": ""},
        {"CSP_DIRECTIVES__IMG_SRC": "null"},
        {"CSP_DIRECTIVES__IMG_SRC": "a;b"},
        {"CSP_DIRECTIVES__SCRIPT_SRC": "array:'self','unsafe-eval','unsafe-inline'"},
        {"CSP_DIRECTIVES__FRAME_ANCESTORS": "array:'self',https://www.example.com"},
        {"CSP_DIRECTIVES__FRAME_ANCESTORS": "'none'"},
        {"CSP_DIRECTIVES__DEFAULT_SRC": "'none'"},
        {"CSP_DIRECTIVES__DEFAULT_SRC": "null"},
        {"CSP_DIRECTIVES__UPGRADE_INSECURE_REQUESTS": "true"},
        {"CSP_DIRECTIVES__IMG__SRC": "'self'"},
        {"CSP_DIRECTIVES_IMG_SRC": "'self'"},
        {"CSP_REPORT_ONLY": "true"},
        {"CSP_USE_DEFAULTS": "false"},
        {"CSP_USE_DEFAULTS": "false", "CSP_DIRECTIVES__DEFAULT_SRC": "'self'"},
        {"CSP": "default-src 'self'"},
        {"CSP": "false"},
        {"CSP_DIRECTIVES__IMG-SRC": "'self'"},
        {"CSP_DIRECTIVES__imgSrc": "'self'"},
        {"CSP_DIRECTIVES__IMG_SRC": '{"0":"x"}'},
        {"CSP_DIRECTIVES__IMG_SRC": "[]"},
        {"CSP_DIRECTIVES__IMG_SRC": '["\'self\'","https:"]'},
        {"CSP_DIRECTIVES__IMG_SRC": "12.5"},
        {"CSP_DIRECTIVES__IMG_SRC": "true"},
        {"CSP_DIRECTIVES__IMG_SRC": "false"},
        {"CSP_DIRECTIVES__IMG_SRC": "regex:x"},
        {"CSP_DIRECTIVES__IMG_SRC": "string:'self'"},
        {"CSP_DIRECTIVES__IMG_SRC": "json:{}"},
        {"CSP_DIRECTIVES__IMG_SRC": "array:"},
        {"CSP_DIRECTIVES__SANDBOX": ""},
        {"CSP_DIRECTIVES__X1_Y2": "a"},
        {"CSP_DIRECTIVES__UPGRADE_INSECURE_REQUESTS": "null"},
        {"CSP_DIRECTIVES": '{"img-src":["*"]}'},
        {"CSP_USE_DEFAULTS": "false", "CSP_DIRECTIVES__IMG_SRC": "*"},
        {"CSP_USE_DEFAULTS": "x"},
        {"CSP_REPORT_ONLY": "0"},
        {"CSP_DIRECTIVES__REPORT_URI": "/csp", "CSP_REPORT_ONLY": "1"},
        {"CSP_DIRECTIVES": "x"},
        {"CSP_DIRECTIVES": "self"},
        {"CSP_DIRECTIVES": "x;y"},
        {"CSP_DIRECTIVES": ""},
        {"CSP_DIRECTIVES": "null"},
        {"CSP_DIRECTIVES": "true"},
        {"CSP_DIRECTIVES": "12.5"},
        {"CSP_DIRECTIVES": "regex:x"},
        {"CSP_DIRECTIVES": "[]"},
        {"CSP_DIRECTIVES": '["a","b"]'},
        {"CSP_DIRECTIVES": '[["a"],["b"]]'},
        {"CSP_DIRECTIVES": "[]", "CSP_DIRECTIVES__IMG_SRC": "*"},
        {"CSP_DIRECTIVES": "[]", "CSP_DIRECTIVES__0": "*"},
        {"CSP_DIRECTIVES": '["a"]', "CSP_DIRECTIVES__DEFAULT_SRC": "*"},
        {"CSP_DIRECTIVES__IMG_SRC": "*", "CSP_DIRECTIVES": "[]"},
        {"CSP_DIRECTIVES": "x", "CSP_DIRECTIVES__IMG_SRC": "*"},
        {"CSP_DIRECTIVES": "regex:x", "CSP_DIRECTIVES__IMG_SRC": "*"},
        {"CSP_DIRECTIVES__0": "a"},
        {"CSP_DIRECTIVES__IMG_SRC__0": "a"},
        {"CSP_DIRECTIVES__FONT_SRC__0": "a"},
        {"CSP_DIRECTIVES__FONT_SRC__2": "a"},
        {"CSP_DIRECTIVES__FONT_SRC__X": "a"},
        {"CSP_DIRECTIVES__IMG_SRC": "array:", "CSP_DIRECTIVES__IMG_SRC__1": "a"},
        {"CSP_DIRECTIVES__FONT_SRC": "array:a,b", "CSP_DIRECTIVES__FONT_SRC__1": "c"},
        {"CSP_DIRECTIVES__FONT_SRC": "array:a,b", "CSP_DIRECTIVES__FONT_SRC__X": "c"},
        {"CSP_DIRECTIVES__IMG_SRC": '{"9":"x"}'},
        {"CSP_DIRECTIVES__IMG_SRC": 'json:{"x":"y","01":"z"}'},
        {"CSP_DIRECTIVES__IMG_SRC": '[["a"]]'},
        {"CSP_DIRECTIVES__IMG_SRC": 'json:[["a","b"]]'},
        {"CSP_DIRECTIVES__IMG_SRC": 'json:[{"a":1},null,true,[null,"x"]]'},
        {"CSP_DIRECTIVES": 'json:["a","b"]'},
        {"CSP_DIRECTIVES": 'json:{"img-src":["*"],"1":"a","0":"b"}'},
        {"CSP_DIRECTIVES": 'json:["a","b"]', "CSP_DIRECTIVES__DEFAULT_SRC": "*", "CSP_DIRECTIVES__1__0": "c"},
        {"CSP_DIRECTIVES__IMG!": "a"},
        {"CSP_DIRECTIVES__IMGSrc": "'self'"},
        {"CSP_DIRECTIVES__imgSRCOld": "a"},
        {"CSP_USE_DEFAULTS": "array:", "CSP_REPORT_ONLY": "regex:x"},
        {"CSP_USE_DEFAULTS": "null"},
    )))
    for prefix in (MAIN, ASSETS)
)  # fmt: skip
ADDRESSES: Final = (
    "0.0.0.0", "127.0.0.1", "127.0.0.2", "10.0.0.1", "10.0.0.5", "10.255.255.255", "11.0.0.0", "172.16.0.1", "192.168.1.1", "169.254.169.254", "8.8.8.8", "::",
    "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2001:db8::1",
    "::a9fe:a9fe", "2002:a9fe:a9fe::1",
)  # fmt: skip
DENY_LISTS: Final = (
    "", "0.0.0.0", "169.254.169.254", "0.0.0.0,169.254.169.254", "127.0.0.0/8", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16", "10.0.0.0/255.0.0.0", "10.*.*.*", "::1", "fc00::/7",
    "::ffff:0:0/96", "10.0.0.1-10.0.0.9", "10.0.0.9-10.0.0.1", " 10.0.0.5", "10.0.0.0/33", "10.0.0.0/", "localhost", "010.0.0.1", "string:169.254.169.254", "0.0.0.0/0", "::/0", "64:ff9b::/96",
    "127.0.0.1", "fe80:*:*:*:*:*:*:1", "*.*.*.1", "::ffff:10.0.0.1", "::1-::9", "::-ffff::", "::ffff:10.0.0.1-::ffff:10.0.0.9", "10.0.0.0/8x", "10.0.0.0/-1", "10.0.0.0/1e1", "10",
    "10.0", "[::1]", "a - b", "1.2.3.4 - 1.2.3.5", "::127.0.0.1", "fe80::1%eth0", "2001:db8::/129", "2001:db8::/33", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "256.1.1.1",
    "10.0.0.1/24/8", "10.0.0.0-", "-", "/", "::ffff:a00:1", "1::2::3", "::ffff:10.0.0.0/104", "10.0.0.0/::", "::/255.0.0.0", "fc00::/ffff::", "::ffff:10.*.0.1", "10.0.0.1-::1",
    "10.*.0.1-10.0.0.9", "10.*.0.0/8", "::10.0.0.300", "fffff::1",
    "1:10.0.0.1", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:10.0.0.1", "1:2:3:4:5:6:7:10.0.0.1", "::1:10.0.0.1", "1:2", "a:b:c", "1:2:3:4:5:6:7:8:9-2::", "1:2:10.0.0.0", "fd00:10.0.0.1", "*:*", "10.0.0.1-10.0.0.2-10.0.0.3", "*::*:1", ":::1", "1:2:3:4:5:6:7:8:9,10.0.0.0/8", "0:0:0:0:0:0:10.0.0.1", "::1::", "1::*:2::3", "fd00:ec2-fd00:ec3", "fd00-fd01", "fd00:ec2-fd00:ec2::ffff", "fd00:ec3-fd00:ec2",
    "1:2:3:4-1:2:3:5", "fc00:0:0:0:0:0:0:0:0-fd00:0:0:0:0:0:0:0:0", "1:2:3:4", "fd00:ec2:0:0:0:0:0:254:7", "fd00:ec2:0:0:0:0:*:*:*", "fd00:ec2:0:0:0:0:0:0.0.2.84",
)  # fmt: skip

TEXTS: Final = 400
CONDITIONS: Final = 3000
"""Templates and filters are many, and made by `flow_cases`: how many are kept."""

_IMAGE: Final = "    image: directus/directus:12.4.1\n"
_HEAD: Final = f"services:\n  directus:\n{_IMAGE}"
COMPOSE: Final[dict[str, dict[str, str]]] = {
    "a mapping": {"compose.yaml": _HEAD + "    environment:\n      A: text\n      B: 1\n      C: true\n      D: 1.50\n      E: null\n      F: ''\n      G: yes\n      H: 0x10\n"},
    "a list": {"compose.yaml": _HEAD + "    environment:\n      - A=text\n      - B=a=b\n      - C=\n      - D\n      - 'E= x '\n      - F=1\n      - F=2\n"},
    "references": {
        ".env": "A=aa\nEMPTY=\n",
        "compose.yaml": _HEAD + "    environment:\n      V1: $A\n      V2: ${A}\n      V3: ${A:-d}\n      V4: ${EMPTY:-d}\n      V5: ${EMPTY-d}\n      V6: ${X:-d}\n      V7: ${X-d}\n"
        "      V8: ${A:+d}\n      V9: ${EMPTY:+d}\n      V10: ${EMPTY+d}\n      V11: ${X+d}\n      V12: $$A\n      V13: $${A}\n      V14: ${X:-${A}}\n      V15: ${X:-${Y:-z}}\n      V16: pre-$A-post\n      V17: $A$A\n      V18: ${X}\n",
    },
    "what is required and there": {".env": "A=aa\n", "compose.yaml": _HEAD + "    environment:\n      V: ${A:?needed}\n      W: ${A?needed}\n"},
    "a .env of all kinds": {
        ".env": "A=a a\nB='q $A'\nC=\"q $A\"\nD=$A\nexport E=1\nF=1 # x\nG: 1\nH=${X:-y}\nA=second\n",
        "compose.yaml": _HEAD + "    environment:\n" + "".join(f"      V{name}: ${name}\n" for name in "ABCDEFGH"),
    },
    "env_file in order": {"one.env": "A=1\nB=1\n", "two.env": "B=2\nC=2\n", "compose.yaml": _HEAD + "    env_file: [one.env, two.env]\n    environment:\n      C: own\n"},
    "env_file the other way round": {"one.env": "A=1\nB=1\n", "two.env": "B=2\nC=2\n", "compose.yaml": _HEAD + "    env_file: [two.env, one.env]\n"},
    "env_file that may be absent": {"one.env": "A=1\n", "compose.yaml": _HEAD + "    env_file:\n      - path: one.env\n      - path: absent.env\n        required: false\n"},
    "references in an env_file": {".env": "A=outer\n", "one.env": "B=$A\nC=${B}\nD='$A'\nE=${X:-y}\nF=$$A\n", "compose.yaml": _HEAD + "    env_file: one.env\n"},
    "a value without text takes .env's": {".env": "A=aa\n", "compose.yaml": _HEAD + "    environment:\n      - A\n      - X\n"},
    "an override": {
        "compose.yaml": _HEAD + "    environment:\n      A: base\n      B: base\n", "compose.override.yaml": "services:\n  directus:\n    environment:\n      - B=over\n      - C=over\n",
    },
    "an override of the env_file": {
        "one.env": "A=1\nB=1\n", "two.env": "B=2\n", "compose.yaml": _HEAD + "    env_file: one.env\n",
        "compose.override.yaml": "services:\n  directus:\n    env_file: two.env\n",
    },
    "extends a service": {
        "compose.yaml": "services:\n  directus:\n    extends: base\n    environment:\n      B: own\n  base:\n" + _IMAGE + "    environment:\n      A: base\n      B: base\n",
    },
    "extends another file": {
        ".env": "A=outer\n", "common/.env": "A=inner\n", "common/one.env": "C=1\n",
        "common/base.yaml": "services:\n  base:\n" + _IMAGE + "    env_file: one.env\n    environment:\n      A: $A\n      B: base\n",
        "compose.yaml": "services:\n  directus:\n    extends:\n      file: common/base.yaml\n      service: base\n    environment:\n      B: own\n",
    },
    "extends what extends": {
        "compose.yaml": "services:\n  directus:\n    extends: {service: middle}\n    environment: {C: own}\n  middle:\n    extends: {service: base}\n    environment: {B: middle, C: middle}\n"
        "  base:\n" + _IMAGE + "    environment: {A: base, B: base, C: base}\n",
    },
    "a merge key": {"compose.yaml": "x-env: &env\n  A: shared\n  B: shared\n" + _HEAD + "    environment:\n      <<: *env\n      B: own\n"},
    "dollars that begin no name": {
        "compose.yaml": _HEAD + "    env_file: e.env\n    environment:\n      V1: $\n      V2: pa$!\n      V3: $1 $(pwd)$\n      V4: ${X:-$!}\n      V5: $}\n      V6: ${D}\n",
        ".env": "D=pa$!\n", "e.env": 'E1=a$!\nE2="a$!"\nE3=\\$X\nE4=\\$!\nE5="\\$X"\nE6="\\\\$X"\nE7="\\\\$!"\n',
    },
    "merge keys in a list": {"compose.yaml": "x-a: &a {A: a, B: a}\nx-b: &b {B: b, C: b}\n" + _HEAD + "    environment:\n      <<: [*a, *b]\n"},
    "an include": {
        ".env": "A=outer\n", "more/.env": "A=inner\n", "more/compose.yaml": _HEAD + "    environment:\n      V: $A\n", "compose.yaml": "include:\n  - more/compose.yaml\nservices:\n  other:\n    image: busybox\n",
    },
    "an image from .env": {".env": "TAG=11.5.0\n", "compose.yaml": "services:\n  directus:\n    image: directus/directus:${TAG:-12.4.1}\n    environment:\n      A: x\n"},
    "texts over lines": {"compose.yaml": _HEAD + '    environment:\n      A: |\n        one\n        two\n      B: >-\n        one\n        two\n      C: "a\\tb"\n'},
}  # fmt: skip
"""Projects by what they show. All have the service `directus`."""
