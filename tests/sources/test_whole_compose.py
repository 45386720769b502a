"""Compose projects with much of what may be in them, and all that is read of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.deployments import compose
from tests.support.described import described, problems
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

IMAGE: Final = "directus/directus:12.4.1"
FULL: Final = """\
x-all: &all
  LOG_LEVEL: info
include:
  - more/db.yaml
  - path: [more/cache.yaml]
    project_directory: .
services:
  cms:
    image: directus/directus:${TAG:-12.4.1}
    scale: 2
    working_dir: data
    profiles: [web, ops]
    command: [start, 1, null]
    entrypoint: /run.sh
    build:
      context: ./build
      dockerfile: Own.Dockerfile
      target: ${STAGE:-final}
      args: [VERSION=12, "$NAMED=x", PLAIN]
    env_file:
      - path: one.env
      - path: raw.env
        format: raw
      - path: gone.env
        required: false
      - ${WHERE:-one}.env
      - ${NOWHERE}.env
    environment:
      <<: *all
      EMPTY:
      GIVEN:
      OUTSIDE: ~
      NUMBER: 0x10
      WHOLE: ${GIVEN}
      PART: a${GIVEN}b
      HALF: ${HALF}
      REST: x${UNKNOWN}y
      DEFAULT: ${UNKNOWN:-d}
      BLANK: ${UNKNOWN:-}
      MUST: ${UNKNOWN:?}
      LIST: {a: b}
      PASSWORD: ab$Word1!
    ports:
      - 80:8055
      - "127.0.0.1:81:8055/tcp"
      - "[::1]:82:8055"
      - localhost:83:8055
      - "8055"
      - ":84:8055"
      - 85-86:8055-8056
      - ${PORT}:8055
      - 127.0.0.1:${PORT}:8055
      - ${PORT:-87}:8055
      - ${ALL}
      - x
      - {target: 8055, published: "${PORT:-88}", host_ip: 127.0.0.1}
      - {published: 8055}
      - {target: 8056}
    volumes:
      - data:/directus/uploads
      - ./ext:/directus/extensions:ro,z
      - /only
      - a:b:c:d
      - {type: bind, source: ./x, target: /y, read_only: true}
      - {source: ./x}
    secrets:
      - one
      - {source: two, target: own}
      - {source: three, target: /abs}
      - gone
      - {target: x}
    configs:
      - text
      - {source: text, target: /directus/x.env}
      - file
secrets:
  one: {file: one.env}
  two: {environment: GIVEN}
  three: {environment: UNKNOWN}
  four: text
configs:
  text: {content: "a ${GIVEN} $$x"}
  file: {file: ./more/db.env}
"""
ONE_ENV: Final = "# c\nA=1\nB=\"x ${A} ${GIVEN}\"\nC='${A}'\nGIVEN\nD=${UNKNOWN:-d}\nE=$A-$UNKNOWN\n"
DB: Final = """\
services:
  db:
    image: postgres:${PG:-16}
    command: postgres -c x
    ports: ['5432']
    environment:
      POSTGRES_PASSWORD: ${GIVEN}
    env_file: db.env
"""
INLINE: Final = """\
services:
  cms:
    build:
      context: .
      dockerfile_inline: |
        FROM directus/directus:12.4.1
        ENV PUBLIC_URL=https://cms.acme.com CONFIG_PATH=/directus/own.env
        ARG GIVEN=x
        ENV LOG_LEVEL=$GIVEN
        COPY own.env /directus/own.env
      args: {GIVEN: debug}
    environment: {SECRET: abc}
  empty:
    build: {context: ., dockerfile_inline: "# directus\\n", args: {BASE: directus/directus}}
  filled:
    build:
      context: .
      dockerfile_inline: "FROM directus/directus:${TAG}\\nENV A=b\\n"
"""
MOUNTED: Final = """\
services:
  file:
    image: directus/directus:12.4.1
    volumes: [./a.env:/directus/.env]
  folder:
    image: directus/directus:12.4.1
    volumes: [./conf:/directus]
  other:
    image: directus/directus:12.4.1
    volumes: [./gone:/directus]
  gone:
    image: directus/directus:12.4.1
    volumes: [./gone.env:/directus/.env]
  pointed:
    image: directus/directus:12.4.1
    environment: {CONFIG_PATH: ./x.yaml}
    working_dir: sub
    volumes: [./x.yaml:/directus/sub/x.yaml]
  outside:
    image: directus/directus:12.4.1
    environment: {CONFIG_PATH: "${WHERE}"}
  nowhere:
    image: directus/directus:12.4.1
    environment: {CONFIG_PATH: /x.env}
  built:
    build: {context: ., args: {FROM: directus/directus}}
    environment: {CONFIG_PATH: /x.env}
  config:
    image: directus/directus:12.4.1
    configs: [{source: text, target: /directus/.env}]
  secret:
    image: directus/directus:12.4.1
    environment: {CONFIG_PATH: /run/secrets/file}
    secrets: [file]
  unknown:
    image: directus/directus:12.4.1
    environment: {CONFIG_PATH: /run/secrets/given}
    secrets: [given]
  json:
    image: directus/directus:12.4.1
    environment: {CONFIG_PATH: /c.json}
    configs: [{source: broken, target: /c.json}]
configs:
  text:
    content: |
      SECRET=in-text
      KEY=${KEY:-k}
  broken:
    content: "{"
secrets:
  file: {file: a.env}
  given: {environment: GIVEN}
"""
MERGED: Final = """\
services:
  cms:
    image: directus/directus:12.4.1
    working_dir: one
    command: start
    entrypoint: /a
    profiles: [a]
    environment: {A: base, B: base, C: base}
    env_file: a.env
    ports: [80:8055]
    volumes: [x:/x, y:/y]
    secrets: [s]
    configs: [c]
    scale: 2
    build: {context: ., target: one, args: {X: base, Y: base}}
  gone:
    image: directus/directus:12.4.1
"""
OVERRIDE: Final = """\
services:
  cms:
    environment: {A: over, B: !reset null}
    env_file: [a.env, ./a.env]
    ports: [81:8055]
    volumes: [z:/x]
    secrets: !override [t]
    command: other
    profiles: [b]
    build: {context: sub, args: {X: over}}
    deploy: {replicas: many}
  gone: !reset null
  more:
    image: directus/directus:12.3.0
    environment: [A, B=1, "", "${X}=y"]
    deploy: {replicas: 3}
"""
RESET: Final = """\
services:
  cms:
    environment: !override {D: reset}
    configs: !reset []
    ports: !override [82:8055]
    volumes: !reset []
    command: !reset null
    profiles: !reset []
    env_file: !reset []
    build: !reset null
    image: directus/directus:12.2.0
"""
PROJECTS: Final[dict[str, tuple[Any, dict[str, str], str]]] = {
    "full": (
        compose,
        {
            "compose.yaml": FULL, ".env": "GIVEN=given\nHALF=h${UNKNOWN}\nTAG=12.3.0\n", "one.env": ONE_ENV,
            "raw.env": "  R = 'x' \n#C=1\nNONE\nS=$A\r\n =x\n", "build/Own.Dockerfile": "FROM directus/directus:12.4.1 AS final\n",
            "more/db.yaml": DB, "more/db.env": "POSTGRES_USER=u\n", "more/.env": "GIVEN=inner\nPG=15\n",
            "more/cache.yaml": "services:\n  cache:\n    image: redis:${PG:-17}\n",
        },
        r"""
compose.yaml#cms (COMPOSE) at compose.yaml:8:3-6
  A='1' at one.env:2:3-4 (env_file one.env)
  B='x 1 given' at one.env:3:4-19 (env_file one.env, with '1' of one.env:2:3-4, with 'given' of .env:1:7-12 in 'x  ')
  C='${A}' at one.env:4:4-8 (env_file one.env)
  GIVEN='given' at one.env:5:1-6 (env_file one.env, with 'given' of .env:1:7-12 in '')
  D? `${UNKNOWN}` comes from outside the repository, else 'd' at one.env:6:3-16 (env_file one.env)
  E? `${UNKNOWN}` comes from outside the repository, at least '1-' at one.env:7:3-14 (env_file one.env)
  R=" 'x' " at raw.env:1:6-11 (env_file raw.env)
  S='$A' at raw.env:4:3-5 (env_file raw.env)
  A? `${WHERE}` comes from outside the repository, else '1', replaceable at one.env:2:3-4 (env_file one.env)
  B? `${WHERE}` comes from outside the repository, else 'x 1 given', replaceable at one.env:3:4-19 (env_file one.env, with '1' of one.env:2:3-4, with 'given' of one.env:5:1-6 in 'x  ')
  C? `${WHERE}` comes from outside the repository, else '${A}', replaceable at one.env:4:4-8 (env_file one.env)
  GIVEN? `${WHERE}` comes from outside the repository, else 'given', replaceable at one.env:5:1-6 (env_file one.env, with 'given' of .env:1:7-12 in '')
  D? `${UNKNOWN}` comes from outside the repository, else 'd' at one.env:6:3-16 (env_file one.env)
  E? `${UNKNOWN}` comes from outside the repository, at least '1-' at one.env:7:3-14 (env_file one.env)
  LOG_LEVEL='info' at 2:14-18 (environment)
  EMPTY? `EMPTY` is handed on from outside the repository at 30:7-12 (environment)
  GIVEN='given' at .env:1:7-12 (environment, via 31:7-12)
  OUTSIDE? `OUTSIDE` is handed on from outside the repository at 32:7-14 (environment)
  NUMBER='16' at 33:15-19 (environment)
  WHOLE='given' at .env:1:7-12 (environment, via 34:14-22)
  PART='agivenb' at 35:13-23 (environment, with 'given' of .env:1:7-12 in 'ab')
  HALF? `${UNKNOWN}` comes from outside the repository, at least 'h' at .env:2:6-17 (environment, via 36:13-20)
  REST? `${UNKNOWN}` comes from outside the repository, at least 'xy' at 37:13-25 (environment)
  DEFAULT? `${UNKNOWN}` comes from outside the repository, else 'd' at 38:16-29 (environment)
  BLANK? `${UNKNOWN}` comes from outside the repository, else '' at 39:14-26 (environment)
  MUST? `${UNKNOWN}` must be given from outside the repository at 40:13-25 (environment)
  PASSWORD? a `$` in it begins the name of a variable that comes from outside the repository, at least 'ab!', dropped Word1 at 42:17-26 (environment)
  open: `environment` holds something else than a mapping or a list of texts: what it sets is not known
  open: `ports` holds something else than a list: what it sets is not known
  open: `volumes` holds something else than a list: what it sets is not known
  open: `secrets` holds something else than a list: what it sets is not known
  open: an entry of `build.args` is not known: `${NAMED}` comes from outside the repository
  open: what it is built from is not known: `${STAGE}` comes from outside the repository
  open: env_file `gone.env` is not in the repository
  open: env_file `${WHERE}.env` may be another one
  open: env_file `${NOWHERE}.env` comes from outside the repository
  image directus/directus:12.3.0 at 9:12-44
  built from 'build' 'build/Own.Dockerfile' 'final'
  argument VERSION='12' at 19:22-24 (build.args)
  argument PLAIN? `PLAIN` is handed on from outside the repository at 19:38-43 (build.args)
  port :80:8055 at 44:9-16
  port 127.0.0.1:81:8055 at 45:10-31
  port ::1:82:8055 at 46:10-23
  port localhost:83:8055 at 47:9-26
  port ::8055 at 48:10-14
  port :84:8055 at 49:10-18
  port :85-86:8055-8056 at 50:9-24
  port ::8055 (where it is published comes from outside) at 51:9-21
  port 127.0.0.1:0:8055 at 52:9-31
  port :87:8055 at 53:9-25
  port :: (which port it publishes comes from outside) at 54:9-15
  port 127.0.0.1:88:8055 at 56:18-22
  port ::8056 at 58:18-22
  mount 'data' on '/directus/uploads' at 60:9-31
  mount './ext' on '/directus/extensions', read only at 61:9-40
  mount '' on '/only' at 62:9-14
  mount './x' on '/y', read only at 64:9-63
  file /run/secrets/one='# c\nA=1\nB="x ${A} ${GIVEN}"\nC=\'${A}\'\nGIVEN\nD=${UNKNOWN:-d}\nE=$A-$UNKNOWN\n' at one.env:1:1-4
  file /run/secrets/own='given' at .env:1:7-12
  file /abs? it is given from outside at 79:24-31
  file /run/secrets/gone? its file is not in the repository at 70:9-13
  file /text='a given $x' at 82:20-34
  file /directus/x.env='a given $x' at 82:20-34
  file /file='POSTGRES_USER=u\n' at more/db.env:1:1-16
  replicas 2
  hints cms, web, ops
  consumed .env, compose.yaml, gone.env, more/cache.yaml, more/db.env, more/db.yaml, one.env, raw.env
  beside db postgres:15 at more/db.yaml:3:12-30, postgres -c x at more/db.yaml:2:3-5
    POSTGRES_USER='u' at more/db.env:1:15-16 (env_file db.env)
    POSTGRES_PASSWORD='given' at .env:1:7-12 (environment, via more/db.yaml:7:26-34)
    port ::5432 at more/db.yaml:5:14-18
  beside cache redis:17 (`${PG}` comes from outside the repository, by default) at more/cache.yaml:3:12-27 at more/cache.yaml:2:3-8
compose.yaml:41: service `cms`: `environment` holds something else than a mapping or a list of texts: what it sets is not known!
compose.yaml:57: service `cms`: `ports` holds something else than a list: what it sets is not known!
compose.yaml:65: service `cms`: `volumes` holds something else than a list: what it sets is not known!
compose.yaml:71: service `cms`: `secrets` holds something else than a list: what it sets is not known!
""",
    ),
    "inline": (compose, {"compose.yaml": INLINE, "own.env": "SECRET=own\n"}, """\
compose.yaml#cms (COMPOSE) at compose.yaml:2:3-6
  PUBLIC_URL='https://cms.acme.com' at 7:24-44 (Dockerfile ENV)
  CONFIG_PATH='/directus/own.env' at 7:57-74 (Dockerfile ENV)
  LOG_LEVEL='debug' at 11:21-26 (Dockerfile ENV, via 4:15-21)
  SECRET='abc' at 12:27-30 (environment)
  config SECRET='own' at own.env:1:8-11 (`/directus/own.env` in the image, via 10:14-39)
  open: its `dockerfile_inline`: `${GIVEN}` comes from outside the repository
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 6:14-38
  built from '' None ''
  argument GIVEN='debug' at 11:21-26 (build.args)
  hints cms
  consumed compose.yaml, own.env
  beside empty at 13:3-8
  beside filled at 15:3-9
compose.yaml#empty (COMPOSE) at compose.yaml:13:3-8
  open: its `dockerfile_inline` starts from no image
  built from '' None ''
  argument BASE='directus/directus' at 14:73-90 (build.args)
  hints empty
  consumed compose.yaml
  beside cms at 2:3-6
    SECRET='abc' at 12:27-30 (environment)
  beside filled at 15:3-9
compose.yaml#filled (COMPOSE) at compose.yaml:15:3-9
  A='b' at 18:27-67 (Dockerfile ENV)
  open: its `dockerfile_inline`: `${TAG}` comes from outside the repository
  version None of 'latest' (IMAGE_TAG) at 18:27-67
  built from '' None ''
  hints filled
  consumed compose.yaml
  beside cms at 2:3-6
    SECRET='abc' at 12:27-30 (environment)
  beside empty at 13:3-8
"""),
    "mounted": (
        compose,
        {
            "compose.yaml": MOUNTED, "a.env": "SECRET=in-file\n", "conf/.env": "SECRET=in-folder\n", "x.yaml": "SECRET: in-yaml\n",
            "Dockerfile": "FROM node\n",
        },
        r"""
compose.yaml#file (COMPOSE) at compose.yaml:2:3-7
  config SECRET='in-file' at a.env:1:8-15 (mounted .env)
  image directus/directus:12.4.1 at 3:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 3:12-36
  mount './a.env' on '/directus/.env' at 4:15-37
  hints file
  consumed a.env, compose.yaml
compose.yaml#folder (COMPOSE) at compose.yaml:5:3-9
  config SECRET='in-folder' at conf/.env:1:8-17 (mounted .env)
  image directus/directus:12.4.1 at 6:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 6:12-36
  mount './conf' on '/directus' at 7:15-31
  hints folder
  consumed compose.yaml, conf/.env
compose.yaml#other (COMPOSE) at compose.yaml:8:3-8
  image directus/directus:12.4.1 at 9:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 9:12-36
  mount './gone' on '/directus' at 10:15-31
  hints other
  consumed compose.yaml
compose.yaml#gone (COMPOSE) at compose.yaml:11:3-7
  config? `/directus/.env` is mounted from a file that is not in the repository
  image directus/directus:12.4.1 at 12:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 12:12-36
  mount './gone.env' on '/directus/.env' at 13:15-40
  hints gone
  consumed compose.yaml
compose.yaml#pointed (COMPOSE) at compose.yaml:14:3-10
  CONFIG_PATH='./x.yaml' at 16:32-40 (environment)
  config SECRET='in-yaml' at x.yaml:1:9-16 (mounted .env)
  image directus/directus:12.4.1 at 15:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 15:12-36
  mount './x.yaml' on '/directus/sub/x.yaml' at 18:15-44
  hints pointed
  consumed compose.yaml, x.yaml
compose.yaml#outside (COMPOSE) at compose.yaml:19:3-10
  CONFIG_PATH? `${WHERE}` comes from outside the repository at 21:33-41 (environment)
  config? CONFIG_PATH comes from outside the repository
  image directus/directus:12.4.1 at 20:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 20:12-36
  hints outside
  consumed compose.yaml
compose.yaml#nowhere (COMPOSE) at compose.yaml:22:3-10
  CONFIG_PATH='/x.env' at 24:32-38 (environment)
  config? the file that CONFIG_PATH names is not in the repository
  image directus/directus:12.4.1 at 23:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 23:12-36
  hints nowhere
  consumed compose.yaml
compose.yaml#built (COMPOSE) at compose.yaml:25:3-8
  CONFIG_PATH='/x.env' at 27:32-38 (environment)
  built from '' 'Dockerfile' ''
  argument FROM='directus/directus' at 26:38-55 (build.args)
  hints built
  consumed compose.yaml
compose.yaml#config (COMPOSE) at compose.yaml:28:3-9
  config SECRET='in-text' at 46:14-21 (the config at /directus/.env)
  config KEY? `${KEY}` comes from outside the repository, else 'k' at 47:11-20 (the config at /directus/.env)
  image directus/directus:12.4.1 at 29:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 29:12-36
  file /directus/.env? `${KEY}` comes from outside the repository, else 'SECRET=in-text\nKEY=k\n' at 45:14-48:1
  hints config
  consumed compose.yaml
compose.yaml#secret (COMPOSE) at compose.yaml:31:3-9
  CONFIG_PATH='/run/secrets/file' at 33:32-49 (environment)
  config SECRET='in-file' at a.env:1:8-15 (the secret at /run/secrets/file)
  image directus/directus:12.4.1 at 32:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 32:12-36
  file /run/secrets/file='SECRET=in-file\n' at a.env:1:1-15
  hints secret
  consumed a.env, compose.yaml
compose.yaml#unknown (COMPOSE) at compose.yaml:35:3-10
  CONFIG_PATH='/run/secrets/given' at 37:32-50 (environment)
  config? `/run/secrets/given` is put there from outside the repository
  image directus/directus:12.4.1 at 36:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 36:12-36
  file /run/secrets/given? it is given from outside at 52:24-29
  hints unknown
  consumed compose.yaml
compose.yaml#json (COMPOSE) at compose.yaml:39:3-7
  CONFIG_PATH='/c.json' at 41:32-39 (environment)
  config? the file that CONFIG_PATH names is not one that Directus can read
  image directus/directus:12.4.1 at 40:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 40:12-36
  file /c.json='{' at 49:15-16
  hints json
  consumed compose.yaml
compose.yaml:49: not valid JSON: the text ends too early!
""",
    ),
    "merged": (compose, {"compose.yaml": MERGED, "compose.override.yaml": OVERRIDE, "a.env": "E=file\n", "sub/Dockerfile": "FROM directus/directus AS one\n", "reset.yaml": RESET, "up.sh": "docker compose -f compose.yaml -f reset.yaml up\n"}, """\
compose.yaml#cms (COMPOSE) at compose.yaml:2:3-6
  D='reset' at reset.yaml:3:32-37 (environment)
  image directus/directus:12.2.0 at reset.yaml:11:12-36
  version 12.2.0 of '12.2.0' (IMAGE_TAG) at reset.yaml:11:12-36
  port :82:8055 at reset.yaml:5:23-30
  file /run/secrets/s? its file is not in the repository at 12:15-16
  replicas 2
  hints cms, reset.yaml, up.sh
  consumed compose.yaml, reset.yaml, up.sh
  beside gone directus/directus:12.4.1 at 17:12-36 at 16:3-7
compose.yaml#gone (COMPOSE) at compose.yaml:16:3-7
  image directus/directus:12.4.1 at 17:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 17:12-36
  hints gone, reset.yaml, up.sh
  consumed compose.yaml, reset.yaml, up.sh
  beside cms directus/directus:12.2.0 at reset.yaml:11:12-36, /a at 2:3-6
    D='reset' at reset.yaml:3:32-37 (environment)
    port :82:8055 at reset.yaml:5:23-30
compose.yaml#cms (COMPOSE) at compose.yaml:2:3-6
  E='file' at a.env:1:3-7 (env_file a.env)
  E='file' at a.env:1:3-7 (env_file a.env)
  A='over' at compose.override.yaml:3:22-26 (environment)
  C='base' at 8:40-44 (environment)
  image directus/directus:12.4.1 at 3:12-36
  built from 'sub' 'sub/Dockerfile' 'one'
  argument X='over' at compose.override.yaml:10:37-41 (build.args)
  argument Y='base' at 15:57-61 (build.args)
  port :80:8055 at 10:13-20
  port :81:8055 at compose.override.yaml:5:13-20
  mount 'z' on '/x' at compose.override.yaml:6:15-19
  mount 'y' on '/y' at 11:21-25
  file /c? its file is not in the repository at 13:15-16
  file /run/secrets/t? its file is not in the repository at compose.override.yaml:7:25-26
  replicas how many of it run is not known: `replicas` is not a number here
  hints cms, compose.override.yaml, a, b
  consumed a.env, compose.override.yaml, compose.yaml
  beside more directus/directus:12.3.0 at compose.override.yaml:14:12-36 at compose.override.yaml:13:3-7
    A? `A` is handed on from outside the repository at compose.override.yaml:15:19-20 (environment)
    B='1' at compose.override.yaml:15:24-25 (environment)
compose.yaml#more (COMPOSE) at compose.override.yaml:13:3-7
  A? `A` is handed on from outside the repository at 15:19-20 (environment)
  B='1' at 15:24-25 (environment)
  open: an entry of `environment` is not known: `${X}` comes from outside the repository
  image directus/directus:12.3.0 at 14:12-36
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 14:12-36
  replicas 3
  hints more, compose.override.yaml
  consumed compose.override.yaml, compose.yaml
  beside cms directus/directus:12.4.1 at compose.yaml:3:12-36, /a other at compose.yaml:2:3-6
    E='file' at a.env:1:3-7 (env_file a.env)
    E='file' at a.env:1:3-7 (env_file a.env)
    A='over' at 3:22-26 (environment)
    C='base' at compose.yaml:8:40-44 (environment)
    port :80:8055 at compose.yaml:10:13-20
    port :81:8055 at 5:13-20
compose.yaml#cms (COMPOSE) at compose.yaml:2:3-6
  E='file' at a.env:1:3-7 (env_file a.env)
  A='base' at 8:22-26 (environment)
  B='base' at 8:31-35 (environment)
  C='base' at 8:40-44 (environment)
  image directus/directus:12.4.1 at 3:12-36
  built from '' 'Dockerfile' 'one'
  argument X='base' at 15:48-52 (build.args)
  argument Y='base' at 15:57-61 (build.args)
  port :80:8055 at 10:13-20
  mount 'x' on '/x' at 11:15-19
  mount 'y' on '/y' at 11:21-25
  file /run/secrets/s? its file is not in the repository at 12:15-16
  file /c? its file is not in the repository at 13:15-16
  replicas 2
  hints cms, a
  consumed a.env, compose.yaml
  beside gone directus/directus:12.4.1 at 17:12-36 at 16:3-7
compose.yaml#gone (COMPOSE) at compose.yaml:16:3-7
  image directus/directus:12.4.1 at 17:12-36
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 17:12-36
  hints gone
  consumed compose.yaml
  beside cms directus/directus:12.4.1 at 3:12-36, /a start at 2:3-6
    E='file' at a.env:1:3-7 (env_file a.env)
    A='base' at 8:22-26 (environment)
    B='base' at 8:31-35 (environment)
    C='base' at 8:40-44 (environment)
    port :80:8055 at 10:13-20
"""),
}  # fmt: skip


MANY: Final = ("mounted",)
"""Projects of services of which only themselves are of interest."""


@pytest.mark.parametrize("name", PROJECTS)
def test_all_that_is_read(tmp_path: Path, name: str) -> None:
    reader, files, expected = PROJECTS[name]
    made = repository(tmp_path, files)
    found = described(reader.read(made), beside=name not in MANY).split("\n")
    assert [*found, *problems(made)] == expected.strip("\n").split("\n")
