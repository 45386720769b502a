"""Manifests of hosts with much of what may be in them, and all that is read of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.deployments import heroku, hosts, nomad, platform_sh, railway, workflow, zerops
from tests.support.described import described, problems
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = '{"scripts": {"start": "SECRET=scripted npx directus start"}, "dependencies": {"directus": "11.5.0"}}'
NOMAD: Final = """\
job "cms" {
  namespace = "apps"
  group "web" {
    count = 2
    task "directus" {
      driver = "docker"
      config {
        image = "directus/directus:${var.tag}"
        args  = ["A=b npx directus start"]
        volumes = ["local/own.env:/directus/.env:ro"]
      }
      env {
        PUBLIC_URL = "https://cms.acme.com"
        NUMBER = 5
        NOTHING = null
        ODD-NAME = "x"
        ADDRESS = "http://${NOMAD_IP_http}:1"
        NODE = "${node.unique.name}"
        ATTR = attr.unique.hostname
        META = meta.x
        VAR = var.secret
        CALL = uuid()
        LEVANT = "[[ .x ]]"
        TEMPLATE = "{{ key }}"
      }
      env = "text"
      env = var.more
      template {
        destination = "secrets/x.env"
        env = true
        data = <<EOF
# comment = {{ x }}
PLAIN=a b # c
  export QUOTED="a\\nb\\"c\\q" # d
SINGLE='a\\nb'
MIXED=a"b c"'d'  e
EMPTY=
{{ with secret "x" }}WITH={{ .Data }}
WITHIN=plain
{{ end }}
{{ if true }}
CONDITIONAL=x
{{ range y }}
{{ end }}STILL=x
{{ end }}
AFTER=x
{{ .Key }}=x
dotted.name=x
EOF
      }
      template {
        destination = "local/own.env"
        data = <<EOF
KEY=in-file
SECRET="in file"
EOF
      }
      template {
        env = true
        source = "x.tpl"
      }
      dynamic "template" {
        for_each = []
      }
    }
    task "db" {
      config { image = "postgres:16" }
      env { POSTGRES_PASSWORD = "x" }
    }
  }
  task "worker" {
    config { command = "npx directus start" }
  }
  task "none" {
    config { command = "true" }
  }
}
variable "tag" {
  default = "12.4.1"
}
variable "secret" {}
"""
NOMAD_JSON: Final = """\
{"Job": {"ID": "cms", "Namespace": "apps", "TaskGroups": [{"Name": "web", "Count": 3, "Tasks": [
  {"Name": "directus", "Config": {"image": "directus/directus:[[ .tag ]]"}, "Env": {"A": "b"},
   "Templates": [{"EmbeddedTmpl": "B=c\\nC={{ x }}\\n", "Envvars": true}, {"EmbeddedTmpl": "x", "DestPath": "y"}]}]}]}}
"""
NOMAD_LABELS: Final = """\
{"job": [{"cms": [{"group": {"web": [{"task": [{"directus": {"config": [{"image": "directus/directus:12.4.1"}], "env": [{"A": "b"}]}}]}]}}]}]}
"""
PLATFORM: Final = """\
name: cms
type: nodejs:20
variables:
  env:
    PUBLIC_URL: https://cms.acme.com
    FLAG: True
    OFF: false
    NOTHING: null
    NUMBER: 5
    REFERENCE: a${X}
    SHELL: a$X
    LIST: [a]
  env:OWN: own
  php:x: y
hooks:
  build: npx directus bootstrap
  deploy: |
    export ADMIN_EMAIL=a@acme.com ADMIN_PASSWORD=abc OTHER=x
    ADMIN_TOKEN=token npx directus bootstrap
web:
  commands:
    start: LOG_LEVEL=debug npx directus start
workers:
  queue:
    commands: {start: npx directus start}
    variables: {env: {WORKER: "1"}}
  other:
    commands: {start: node x.js}
"""
WORKERS: Final = """\
applications:
  site:
    type: nodejs:20
    source: {root: /site}
    web: {commands: {start: next start}}
    workers:
      cms:
        name: cms
        commands: {start: npx directus start}
        variables: {env: {WORKER: "1"}}
      more:
        commands: {start: A=b npx directus start}
  composed:
    stack: [nodejs]
    variables: {env: {SECRET: a, KEY: b, DB_CLIENT: pg, PUBLIC_URL: x}}
  text: x
  none: {x: y}
"""
ZEROPS: Final = """\
zerops:
  - setup: base
    run:
      envVariables: {A: base, B: base}
  - setup: cms
    extends: [base, gone]
    run:
      envVariables: {A: own, C: "${db_password}", D: "${B}-${own}", E: "${gone_x}"}
      start: npx directus start
  - run: {startCommands: [{command: npx directus start}]}
"""
ZEROPS_IMPORT: Final = """\
project:
  envVariables: {SHARED: shared, MADE: <@generateRandomString(<32>)>}
services:
  - hostname: live
    zeropsSetup: cms
    minContainers: 2
    envVariables: {own: mine}
    envSecrets: {SECRET: abc, KEY: "<@pickRandom(a)>"}
    dotEnvSecrets: |
      # c
      DOT=env
      QUOTED="a b"
  - hostname: stage
    zeropsSetup: cms
  - hostname: db
    envSecrets: {password: pass}
  - hostname: elsewhere
    minContainers: 3
    envSecrets: {SECRET: a, KEY: b, DB_CLIENT: pg, PUBLIC_URL: x}
  - hostname: inside
    zeropsYaml:
      zerops:
        - setup: inside
          run: {envVariables: {A: b}, start: npx directus start}
  - {type: x}
"""
RAILWAY: Final = """\
{"build": {"builder": "nixpacks", "nixpacksConfigPath": "plan.toml", "buildCommand": "true",
  "nixpacksPlan": {"variables": {"INNER": "inner", "SHARED": "inner"}}},
 "deploy": {"startCommand": "npx directus start", "numReplicas": 2}}
"""
PLAN: Final = '[variables]\nSHARED = "plan"\nPLAN = "x"\n\n[start]\ncmd = "npm start"\n'
APP_JSON: Final = """\
{
  "env": {
    "PLAIN": "a", "NOTHING": null, "ASKED": {"description": "x"}, "MADE": {"generator": "secret", "value": "x"},
    "GIVEN": {"value": "b"}, "LIST": ["a"], "NUMBER": {"value": 5}
  },
  "formation": {"web": {"quantity": 2}},
  "environments": {"review": {"env": {"PLAIN": "c"}}, "none": {"scripts": {}}, "text": "x"}
}
"""
HEROKU_YML: Final = """\
setup:
  config: {SETUP: s}
build:
  docker: {web: ./Dockerfile, worker: x}
  config: {ARG: a}
run:
  web: [LOG_LEVEL=debug npx directus start]
"""
COPILOT: Final = """\
name: cms
type: Load Balanced Web Service
image:
  build: {dockerfile: cms/Dockerfile, context: .}
command: npx directus start
count: 2
env_file: cms.env
variables:
  PUBLIC_URL: https://cms.acme.com
  NOTHING: null
  FILLED: "${COPILOT_ENVIRONMENT_NAME}-x"
  STACK: {from_cfn: x}
secrets:
  SECRET: /ssm/secret
environments:
  prod:
    env_file: gone.env
    variables: {PUBLIC_URL: https://prod.acme.com}
    image: {location: "directus/directus:12.4.1"}
  test:
    variables: [a]
    image: {build: cms/Dockerfile}
  none: text
"""
AZURE: Final = """\
name: cms
properties:
  configuration:
    secrets:
      - {name: secret, value: stored}
      - {name: vault, keyVaultUrl: x}
  template:
    scale: {minReplicas: 2}
    containers:
      - name: directus
        image: directus/directus:12.4.1
        env:
          - {name: SECRET, secretRef: secret}
          - {name: KEY, secretRef: vault}
          - {name: GONE, secretRef: gone}
          - {name: PLAIN, value: a}
          - {name: NONE}
          - {value: x}
          - text
      - image: directus/directus:12.3.0
        env: {A: b}
      - name: cms
        properties: {image: "directus/directus:12.2.0", environmentVariables: [{name: A, secureValue: b}, [c]]}
"""
WORKFLOW: Final = """\
name: test
on: {push: , workflow_dispatch: }
env: {SHARED: shared, OUT: "${{ secrets.OUT }}"}
jobs:
  test:
    env: {JOB: job}
    container: {image: "directus/directus:12.4.1", env: {A: b}, options: --env X=y, ports: [80:8055]}
    services:
      directus:
        image: directus/directus:${{ matrix.version }}
        env: {SECRET: abc, KEY: "${{ secrets.KEY }}"}
        ports: [80:8055, 8055/tcp, 81:8055/tcp, [x]]
        options: --health-cmd x --env LOG_LEVEL=debug
      plain:
        image: directus/directus:12.3.0
      shell: {image: "directus/directus:$TAG"}
      own: {image: acme/cms, env: {SECRET: a, KEY: b, DB_CLIENT: pg, PUBLIC_URL: x}}
      named: directus/directus:12.2.0
      db: {image: postgres, env: {POSTGRES_PASSWORD: x}}
    steps:
      - run: docker run -e A=$SHARED -e B=$JOB -e C=$STEP -e SHARED directus/directus:12.1.0
        env: {STEP: step}
      - run: npx directus start
        env: {STEP: step}
      - uses: appleboy/ssh-action@v1
        with: {host: x, script: "docker run -e A=$SHARED directus/directus:12.0.0"}
      - run: true
  deploy:
    environment: production
    steps:
      - run: |
          docker run --name live -e A=$SHARED directus/directus:11.5.0
          docker run --name more directus/directus:11.4.0
"""
PROJECTS: Final[dict[str, tuple[Any, dict[str, str], str]]] = {
    "nomad": (nomad, {"cms.nomad": NOMAD}, r"""
cms.nomad#cms/web/directus (NOMAD) at cms.nomad:5:5-65:6
  PUBLIC_URL='https://cms.acme.com' at 13:23-43 (env)
  NUMBER='5' at 14:18-19 (env)
  ODD_NAME='x' at 16:21-22 (env)
  ADDRESS? it is worked out when the job is run at 17:20-45 (env)
  NODE? Nomad fills in `${node.unique.name}` at 18:19-35 (env)
  ATTR? Nomad fills in `${attr.unique.hostname}` at 19:16-36 (env)
  META? Nomad fills in `${meta.x}` at 20:16-22 (env)
  VAR? `var.secret` is given when the job is run at 21:15-25 (env)
  CALL? it is worked out when the job is run at 22:16-22 (env)
  LEVANT? it is filled in before the job is run at 23:19-27 (env)
  TEMPLATE? it is filled in before the job is run at 24:21-30 (env)
  PLAIN='a b' at 33:7-10 (template)
  QUOTED='a\nb"cq' at 34:18-27 (template)
  SINGLE='a\\nb' at 35:9-13 (template)
  MIXED='ab cd  e' at 36:7-19 (template)
  EMPTY='' at 37:7-7 (template)
  WITH? a template fills it in on the machine at 38:1-38 (template)
  WITHIN='plain' at 39:8-13 (template)
  CONDITIONAL? a template sets it under a condition at 42:13-14 (template)
  STILL? a template sets it under a condition at 44:1-17 (template)
  AFTER='x' at 46:7-8 (template)
  dotted.name='x' at 48:13-14 (template)
  config KEY='in-file' at 54:5-12 (/directus/.env of the task)
  config SECRET='in file' at 55:9-16 (/directus/.env of the task)
  open: `env` is of another type than the platform takes: what it sets is not known
  open: the `env` of the task is worked out when the job is run
  open: a template makes up the names of further variables
  open: a template gives it variables that are not in the job file
  open: a `dynamic` block adds templates or variables
  image directus/directus:12.4.1 (`var.tag` is given when the job is run, by default) at 8:18-46
  version 12.4.1 of '12.4.1' (IMAGE_TAG, `var.tag` is given when the job is run) at 79:14-20
  replicas 2
  hints cms, web, directus, apps
  consumed cms.nomad
  beside db postgres:16 at 67:25-36 at 66:5-69:6
    POSTGRES_PASSWORD='x' at 68:34-35 (env)
  beside worker at 71:3-73:4
  beside none at 74:3-76:4
cms.nomad#cms/worker (NOMAD) at cms.nomad:71:3-73:4
  hints cms, worker, apps
  consumed cms.nomad
  beside directus directus/directus:12.4.1 (`var.tag` is given when the job is run, by default) at 8:18-46 at 5:5-65:6
    PUBLIC_URL='https://cms.acme.com' at 13:23-43 (env)
    NUMBER='5' at 14:18-19 (env)
    ODD_NAME='x' at 16:21-22 (env)
    ADDRESS? it is worked out when the job is run at 17:20-45 (env)
    NODE? Nomad fills in `${node.unique.name}` at 18:19-35 (env)
    ATTR? Nomad fills in `${attr.unique.hostname}` at 19:16-36 (env)
    META? Nomad fills in `${meta.x}` at 20:16-22 (env)
    VAR? `var.secret` is given when the job is run at 21:15-25 (env)
    CALL? it is worked out when the job is run at 22:16-22 (env)
    LEVANT? it is filled in before the job is run at 23:19-27 (env)
    TEMPLATE? it is filled in before the job is run at 24:21-30 (env)
    PLAIN='a b' at 33:7-10 (template)
    QUOTED='a\nb"cq' at 34:18-27 (template)
    SINGLE='a\\nb' at 35:9-13 (template)
    MIXED='ab cd  e' at 36:7-19 (template)
    EMPTY='' at 37:7-7 (template)
    WITH? a template fills it in on the machine at 38:1-38 (template)
    WITHIN='plain' at 39:8-13 (template)
    CONDITIONAL? a template sets it under a condition at 42:13-14 (template)
    STILL? a template sets it under a condition at 44:1-17 (template)
    AFTER='x' at 46:7-8 (template)
    dotted.name='x' at 48:13-14 (template)
  beside db postgres:16 at 67:25-36 at 66:5-69:6
    POSTGRES_PASSWORD='x' at 68:34-35 (env)
  beside none at 74:3-76:4
"""),
    "nomad of the API": (nomad, {"cms.nomad.json": NOMAD_JSON}, """\
cms.nomad.json#cms/web/directus (NOMAD) at cms.nomad.json:2:3-3:113
  A='b' at 2:91-92 (env)
  B='c' at 3:36-52 (template)
  C? a template fills it in on the machine at 3:36-52 (template)
  image directus/directus (it is filled in when the job runs) at 2:45-73
  replicas 3
  hints cms, web, directus, apps
  consumed cms.nomad.json
"""),
    "nomad with names as keys": (nomad, {"cms.Nomad.JSON": NOMAD_LABELS}, """\
cms.Nomad.JSON#cms/web/directus (NOMAD) at cms.Nomad.JSON:1:61-133
  A='b' at 1:128-129 (env)
  image directus/directus:12.4.1 at 1:84-108
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 1:84-108
  hints cms, web, directus
  consumed cms.Nomad.JSON
"""),
    "workflow": (workflow, {".github/workflows/test.yml": WORKFLOW}, """\
.github/workflows/test.yml#test/directus (WORKFLOW) at .github/workflows/test.yml:9:7-15
  SECRET='abc' at 11:23-26 (workflow env)
  KEY? `${{ … }}` is worked out when the workflow runs at 11:34-52 (workflow env)
  open: the service's `options` may set further variables
  image directus/directus (it is worked out when the workflow runs) at 10:16-55
  port :80:8055 at 12:17-24
  port ::8055 at 12:26-34
  port :81:8055 at 12:36-47
  hints ci, test, directus
  consumed .github/workflows/test.yml
.github/workflows/test.yml#test/plain (WORKFLOW) at .github/workflows/test.yml:14:7-12
  image directus/directus:12.3.0 at 15:16-40
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 15:16-40
  hints ci, test, plain
  consumed .github/workflows/test.yml
.github/workflows/test.yml#test/shell (WORKFLOW) at .github/workflows/test.yml:16:7-12
  image directus/directus (it is worked out when the workflow runs) at 16:23-45
  hints ci, test, shell
  consumed .github/workflows/test.yml
.github/workflows/test.yml#test/own (WORKFLOW) at .github/workflows/test.yml:17:7-10
  SECRET='a' at 17:44-45 (workflow env)
  KEY='b' at 17:52-53 (workflow env)
  DB_CLIENT='pg' at 17:66-68 (workflow env)
  PUBLIC_URL='x' at 17:82-83 (workflow env)
  image acme/cms at 17:20-28
  hints ci, test, own
  consumed .github/workflows/test.yml
.github/workflows/test.yml#test/run-1 (WORKFLOW) at .github/workflows/test.yml:21:14-20
  A='shared' at 3:15-21 (docker run --env, via 21:30-37)
  B='job' at 6:16-19 (docker run --env, via 21:43-47)
  C='step' at 22:21-25 (docker run --env, via 21:53-58)
  SHARED='shared' at 3:15-21 (docker run --env, via 21:62-68)
  image directus/directus:12.1.0 at 21:69-93
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at 21:69-93
  hints ci, test, run
  consumed .github/workflows/test.yml
.github/workflows/test.yml#test/run-2 (WORKFLOW) at .github/workflows/test.yml:23:14-32
  SHARED='shared' at 3:15-21 (workflow env)
  OUT? `${{ … }}` is worked out when the workflow runs at 3:29-47 (workflow env)
  JOB='job' at 6:16-19 (workflow env)
  STEP='step' at 24:21-25 (workflow env)
  open: what the runner and earlier steps put into the environment is not in the workflow
  hints ci, test
  consumed .github/workflows/test.yml
.github/workflows/test.yml#test/script-2 (DOCKER_RUN) at .github/workflows/test.yml:26:34-40
  A='shared' at 3:15-21 (docker run --env, via 26:50-57)
  image directus/directus:12.0.0 at 26:58-82
  version 12.0.0 of '12.0.0' (IMAGE_TAG) at 26:58-82
  hints test, run
  consumed .github/workflows/test.yml
.github/workflows/test.yml#deploy/run-1 (DOCKER_RUN) at .github/workflows/test.yml:32:11-17
  A='shared' at 3:15-21 (docker run --env, via 32:39-46)
  image directus/directus:11.5.0 at 32:47-71
  version 11.5.0 of '11.5.0' (IMAGE_TAG) at 32:47-71
  hints deploy, live
  consumed .github/workflows/test.yml
  beside more directus/directus:11.4.0 at 33:34-58 at 33:11-17
.github/workflows/test.yml#deploy/run-2 (DOCKER_RUN) at .github/workflows/test.yml:33:11-17
  image directus/directus:11.4.0 at 33:34-58
  version 11.4.0 of '11.4.0' (IMAGE_TAG) at 33:34-58
  hints deploy, more
  consumed .github/workflows/test.yml
  beside live directus/directus:11.5.0 at 32:47-71 at 32:11-17
    A='shared' at 3:15-21 (docker run --env, via 32:39-46)
"""),
    "platform.sh": (
        platform_sh,
        {
            ".platform.app.yaml": PLATFORM, "package.json": PACKAGE,
            ".environment": "export A=b\n  C=d\nE=$(x)\nF='$x'\nG=\"a`b`\"\n",
        },
        """\
.platform.app.yaml#cms (PLATFORM_SH) at .platform.app.yaml:1:1-5
  PUBLIC_URL='https://cms.acme.com' at 5:17-37 (variables.env)
  FLAG='true' at 6:11-15 (variables.env)
  OFF='false' at 7:10-15 (variables.env)
  NUMBER='5' at 9:13-14 (variables.env)
  REFERENCE? something fills it in before it is deployed at 10:16-21 (variables.env)
  SHELL='a$X' at 11:12-15 (variables.env)
  LIST? it is not written as one text at 12:11-14 (variables.env)
  OWN='own' at 13:12-15 (variables)
  A='b' at .environment:1:10-11 (.environment)
  C? it is set under a condition at .environment:2:5-6 (.environment)
  E? a script works it out at .environment:3:3-7 (.environment)
  F='$x' at .environment:4:4-6 (.environment)
  G? a script works it out at .environment:5:4-8 (.environment)
  ADMIN_EMAIL='a@acme.com' at 18:24-34 (hooks)
  ADMIN_PASSWORD='abc' at 18:50-53 (hooks)
  ADMIN_TOKEN='token' at 19:17-22 (hooks)
  LOG_LEVEL='debug' at 22:22-27 (commands)
  open: variables set in the Platform.sh console are not in the repository
  hints cms
  consumed .environment, .platform.app.yaml
""",
    ),
    "platform.sh with workers": (platform_sh, {".upsun/config.yaml": WORKERS, "site/.environment": "S=1\n", "site/.env": "F=own\n"}, """\
.upsun/config.yaml#site/cms (PLATFORM_SH) at .upsun/config.yaml:8:9-13
  S='1' at site/.environment:1:3-4 (.environment)
  WORKER='1' at 10:36-37 (variables.env)
  config F='own' at site/.env:1:3-6 (Directus' own .env)
  open: variables set in the Platform.sh console are not in the repository
  hints site, cms
  consumed .upsun/config.yaml, site/.env, site/.environment
.upsun/config.yaml#composed (PLATFORM_SH) at .upsun/config.yaml:14:1-1
  SECRET='a' at 15:31-32 (variables.env)
  KEY='b' at 15:39-40 (variables.env)
  DB_CLIENT='pg' at 15:53-55 (variables.env)
  PUBLIC_URL='x' at 15:69-70 (variables.env)
  open: variables set in the Platform.sh console are not in the repository
  hints composed
  consumed .upsun/config.yaml
"""),
    "zerops": (zerops, {"zerops.yaml": ZEROPS, "zerops-import.yml": ZEROPS_IMPORT}, """\
zerops-import.yml#elsewhere (ZEROPS) at zerops-import.yml:17:5-13
  SHARED='shared' at 2:26-32 (project envVariables)
  MADE? Zerops generates it at 2:40-69 (project envVariables)
  SECRET='a' at 19:26-27 (envSecrets)
  KEY='b' at 19:34-35 (envSecrets)
  DB_CLIENT='pg' at 19:48-50 (envSecrets)
  PUBLIC_URL='x' at 19:64-65 (envSecrets)
  open: secret variables set in Zerops are not in the repository
  open: the service's zerops.yaml is not in the repository
  replicas 3
  hints elsewhere
  consumed zerops-import.yml
zerops-import.yml#inside (ZEROPS) at zerops-import.yml:23:11-16
  SHARED='shared' at 2:26-32 (project envVariables)
  MADE? Zerops generates it at 2:40-69 (project envVariables)
  A='b' at 24:35-36 (run.envVariables)
  open: secret variables set in Zerops are not in the repository
  hints inside
  consumed zerops-import.yml
zerops.yaml#cms/live (ZEROPS) at zerops.yaml:5:5-10
  SHARED='shared' at zerops-import.yml:2:26-32 (project envVariables)
  MADE? Zerops generates it at zerops-import.yml:2:40-69 (project envVariables)
  own='mine' at zerops-import.yml:7:25-29 (envVariables)
  SECRET='abc' at zerops-import.yml:8:26-29 (envSecrets)
  KEY? Zerops generates it at zerops-import.yml:8:37-53 (envSecrets)
  DOT='env' at zerops-import.yml:11:11-14 (dotEnvSecrets)
  QUOTED='a b' at zerops-import.yml:12:15-18 (dotEnvSecrets)
  A='base' at 4:25-29 (run.envVariables)
  B='base' at 4:34-38 (run.envVariables)
  A='own' at 8:25-28 (run.envVariables)
  C='pass' at zerops-import.yml:16:28-32 (run.envVariables, via 8:34-48)
  D='base-mine' at 8:55-66 (run.envVariables, with 'base' of 4:34-38, with 'mine' of zerops-import.yml:7:25-29 in '-')
  E? `${gone_x}` is filled in by Zerops at 8:73-82 (run.envVariables)
  open: secret variables set in Zerops are not in the repository
  replicas 2
  hints cms, live
  consumed zerops-import.yml, zerops.yaml
zerops.yaml#cms/stage (ZEROPS) at zerops.yaml:5:5-10
  SHARED='shared' at zerops-import.yml:2:26-32 (project envVariables)
  MADE? Zerops generates it at zerops-import.yml:2:40-69 (project envVariables)
  A='base' at 4:25-29 (run.envVariables)
  B='base' at 4:34-38 (run.envVariables)
  A='own' at 8:25-28 (run.envVariables)
  C='pass' at zerops-import.yml:16:28-32 (run.envVariables, via 8:34-48)
  D? `${own}` is filled in by Zerops at 8:55-66 (run.envVariables)
  E? `${gone_x}` is filled in by Zerops at 8:73-82 (run.envVariables)
  open: secret variables set in Zerops are not in the repository
  hints cms, stage
  consumed zerops-import.yml, zerops.yaml
zerops.yaml#zerops-3 (ZEROPS) at zerops.yaml:10:5-11:1
  open: secret variables set in Zerops are not in the repository
  hints zerops-3
  consumed zerops.yaml
"""),
    "railway": (railway, {"railway.json": RAILWAY, "plan.toml": PLAN, "Dockerfile": "FROM directus/directus\n", "package.json": PACKAGE, ".env": "OWN=file\n"}, """\
railway.json (RAILWAY) at railway.json:1:1-1
  SHARED='plan' at plan.toml:2:11-15 (Nixpacks variables)
  PLAN='x' at plan.toml:3:9-10 (Nixpacks variables)
  INNER='inner' at 2:44-49 (Nixpacks variables)
  SHARED='inner' at 2:63-68 (Nixpacks variables)
  config OWN='file' at .env:1:5-9 (Directus' own .env)
  open: variables set in Railway are not in the repository
  replicas 2
  consumed .env, plan.toml, railway.json
"""),
    "railway with a Dockerfile": (
        railway,
        {
            "a/railway.toml": '[build]\nbuilder = "DOCKERFILE"\n', "a/Dockerfile": "FROM directus/directus\n", "b/railway.toml": '[build]\ndockerfilePath = "/a/Dockerfile"\n',
            "c/railway.json": '{"deploy": {"startCommand": "node x.js"}}', "d/railway.json": "[]", "e/railway.json": "{", "f/railway.toml": '[build]\nbuilder = "Railpack"\n',
            "f/Dockerfile": "FROM directus/directus\n", "g/nixpacks.toml": '[variables]\nA = "b"\n[start]\ncmd = "npx directus start"\n', "Dockerfile": "FROM directus/directus\n",
            "h/railway.toml": '[build]\nbuilder = "DOCKERFILE"\n',
        },
        """\
a/railway.toml (RAILWAY) at a/railway.toml:1:1-1
  open: variables set in Railway are not in the repository
  built from 'a' 'a/Dockerfile' ''
  consumed a/railway.toml
b/railway.toml (RAILWAY) at b/railway.toml:1:1-1
  open: variables set in Railway are not in the repository
  built from 'b' 'a/Dockerfile' ''
  consumed b/railway.toml
g/nixpacks.toml (RAILWAY) at g/nixpacks.toml:1:1-1
  A='b' at 2:6-7 (Nixpacks variables)
  open: variables set in Railway are not in the repository
  consumed g/nixpacks.toml
e/railway.json:1: not valid JSON: the text ends too early
""",
    ),
    "heroku": (
        heroku,
        {
            "app.json": APP_JSON, "heroku.yml": HEROKU_YML, "Procfile": "web: KEY=k npx directus start\nrelease: npx directus bootstrap\n",
            "Dockerfile": "FROM node\n", "package.json": PACKAGE,
        },
        """\
app.json (HEROKU) at app.json:1:1-1
  PLAIN='a' at 3:15-16 (app.json env)
  NOTHING? it is asked for when the app is installed at 3:20-27 (app.json env)
  ASKED? it is asked for when the app is installed at 3:37-42 (app.json env)
  MADE? the host generates it at 3:68-72 (app.json env)
  GIVEN='b' at 4:25-26 (app.json env)
  LIST? it is not written as one text at 4:38-43 (app.json env)
  NUMBER='5' at 4:65-66 (app.json env)
  SETUP='s' at heroku.yml:2:19-20 (heroku.yml setup.config)
  KEY='k' at Procfile:1:10-11 (command)
  LOG_LEVEL='debug' at heroku.yml:7:19-24 (command)
  open: config vars set at the host are not in the repository
  built from '' 'Dockerfile' ''
  argument ARG='a' at heroku.yml:5:17-18 (heroku.yml build.config)
  replicas 2
  consumed Procfile, app.json, heroku.yml
app.json#review (HEROKU) at app.json:1:1-1
  PLAIN='a' at 3:15-16 (app.json env)
  NOTHING? it is asked for when the app is installed at 3:20-27 (app.json env)
  ASKED? it is asked for when the app is installed at 3:37-42 (app.json env)
  MADE? the host generates it at 3:68-72 (app.json env)
  GIVEN='b' at 4:25-26 (app.json env)
  LIST? it is not written as one text at 4:38-43 (app.json env)
  NUMBER='5' at 4:65-66 (app.json env)
  SETUP='s' at heroku.yml:2:19-20 (heroku.yml setup.config)
  KEY='k' at Procfile:1:10-11 (command)
  LOG_LEVEL='debug' at heroku.yml:7:19-24 (command)
  PLAIN='c' at 7:49-50 (app.json environments.review)
  open: config vars set at the host are not in the repository
  built from '' 'Dockerfile' ''
  argument ARG='a' at heroku.yml:5:17-18 (heroku.yml build.config)
  replicas 2
  hints review
  consumed Procfile, app.json, heroku.yml
""",
    ),
    "heroku with a script": (
        heroku,
        {
            "cms/Procfile": "web: npm start\n", "cms/package.json": PACKAGE, "cms/.env": "OWN=file\n", "other/Procfile": "web: node x.js\n", "expo/app.json": '{"expo": {}, "env": {"SECRET": "x"}}',
            "plain/app.json": '{"name": "directus"}', "broken/heroku.yml": "run: [directus", "list/heroku.yml": "- run: npx directus start\n",
        },
        """\
cms/Procfile (HEROKU) at cms/Procfile:1:1-1
  SECRET='scripted' at cms/package.json:1:31-39 (command)
  config OWN='file' at cms/.env:1:5-9 (Directus' own .env)
  open: config vars set at the host are not in the repository
  consumed cms/.env, cms/Procfile
broken/heroku.yml:2: not valid YAML: did not find expected ',' or ']'!
""",
    ),
    "copilot": (hosts, {"copilot/cms/manifest.yml": COPILOT, "cms.env": "FILE=a\n", "cms/Dockerfile": "FROM directus/directus\n"}, """\
copilot/cms/manifest.yml#cms (COPILOT) at copilot/cms/manifest.yml:1:1-5
  FILE='a' at cms.env:1:6-7 (env_file)
  PUBLIC_URL='https://cms.acme.com' at 9:15-35 (variables)
  FILLED? `${COPILOT_ENVIRONMENT_NAME}` is filled in by Copilot at 11:12-41 (variables)
  STACK? it is taken from another stack at 12:3-8 (variables)
  SECRET? it is read from a secret store at 14:3-9 (secrets)
  built from 'cms' 'cms/Dockerfile' ''
  replicas 2
  hints cms
  consumed cms.env, copilot/cms/manifest.yml
copilot/cms/manifest.yml#cms/prod (COPILOT) at copilot/cms/manifest.yml:1:1-5
  FILE='a' at cms.env:1:6-7 (env_file)
  PUBLIC_URL='https://cms.acme.com' at 9:15-35 (variables)
  FILLED? `${COPILOT_ENVIRONMENT_NAME}` is filled in by Copilot at 11:12-41 (variables)
  STACK? it is taken from another stack at 12:3-8 (variables)
  SECRET? it is read from a secret store at 14:3-9 (secrets)
  PUBLIC_URL='https://prod.acme.com' at 18:29-50 (variables)
  open: the environment file `gone.env` is not in the repository
  image directus/directus:12.4.1 at 19:24-48
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 19:24-48
  replicas 2
  hints cms/prod
  consumed cms.env, copilot/cms/manifest.yml
copilot/cms/manifest.yml#cms/test (COPILOT) at copilot/cms/manifest.yml:1:1-5
  FILE='a' at cms.env:1:6-7 (env_file)
  PUBLIC_URL='https://cms.acme.com' at 9:15-35 (variables)
  FILLED? `${COPILOT_ENVIRONMENT_NAME}` is filled in by Copilot at 11:12-41 (variables)
  STACK? it is taken from another stack at 12:3-8 (variables)
  SECRET? it is read from a secret store at 14:3-9 (secrets)
  open: `variables` is of another type than the platform takes: what it sets is not known
  built from 'cms' 'cms/Dockerfile' ''
  replicas 2
  hints cms/test
  consumed cms.env, copilot/cms/manifest.yml
"""),
    "azure": (hosts, {"app.yaml": AZURE}, """\
app.yaml#cms (AZURE) at app.yaml:22:9-13
  A='b' at 23:103-104 (environmentVariables)
  open: `environmentVariables` holds something that names no variable: what it sets is not known
  image directus/directus:12.2.0 at 23:30-54
  version 12.2.0 of '12.2.0' (IMAGE_TAG) at 23:30-54
  replicas 2
  hints cms
  consumed app.yaml
app.yaml#cms/containers-2 (AZURE) at app.yaml:20:9-22:7
  open: `env` is of another type than the platform takes: what it sets is not known
  image directus/directus:12.3.0 at 20:16-40
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 20:16-40
  replicas 2
  hints cms/containers-2
  consumed app.yaml
app.yaml#cms/directus (AZURE) at app.yaml:10:9-13
  SECRET='stored' at 5:31-37 (env, via 13:28-37)
  KEY? it is read from a secret store at 14:25-34 (env)
  GONE? it is read from a secret store at 15:26-35 (env)
  PLAIN='a' at 16:34-35 (env)
  NONE? it is read from a secret store at 17:13-25 (env)
  open: `env` holds something that names no variable: what it sets is not known
  image directus/directus:12.4.1 at 11:16-40
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 11:16-40
  replicas 2
  hints cms/directus
  consumed app.yaml
"""),
    "caprover": (
        hosts,
        {
            "a/captain-definition": '{"schemaVersion": 2, "dockerfileLines": ["FROM node AS build", " from --platform=x directus/directus:12.4.1", "ENV A=b", 5]}',
            "b/captain-definition": '{"schemaVersion": 2, "dockerfilePath": "./Dockerfile"}', "b/Dockerfile": "FROM directus/directus\n",
            "c/captain-definition": '{"schemaVersion": 2, "imageName": "directus/directus:12.3.0"}', "d/captain-definition": '{"imageName": "directus/directus"}',
        },
        """\
a/captain-definition (CAPROVER) at a/captain-definition:1:1-1
  open: variables set in CapRover are not in the repository
  image directus/directus:12.4.1 at 1:65-108
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 1:65-108
  consumed a/captain-definition
b/captain-definition (CAPROVER) at b/captain-definition:1:1-1
  open: variables set in CapRover are not in the repository
  built from 'b' 'b/Dockerfile' ''
  consumed b/captain-definition
c/captain-definition (CAPROVER) at c/captain-definition:1:1-1
  open: variables set in CapRover are not in the repository
  image directus/directus:12.3.0 at 1:36-60
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 1:36-60
  consumed c/captain-definition
""",
    ),
    "app engine": (
        hosts,
        {
            "app.yaml": "runtime: nodejs20\nservice: cms\nenv_variables: {PUBLIC_URL: x}\nincludes: [a.yaml]\n", "package.json": PACKAGE, ".env": "OWN=file\n",
            "b/app.yaml": "runtime: custom\nenv_variables: [a]\n", "b/Dockerfile": "FROM directus/directus\n",
            "c/app.yaml": "runtime: custom\n", "c/package.json": PACKAGE, "d/app.yaml": "runtime: nodejs20\nentrypoint: npx directus start\n", "e/app.yaml": "run: x\nruntime: nodejs20\nentrypoint: npx directus start\n",
        },
        """\
app.yaml#cms (APP_ENGINE) at app.yaml:1:1-1
  PUBLIC_URL='x' at 3:29-30 (env_variables)
  config OWN='file' at .env:1:5-9 (Directus' own .env)
  open: files that it includes may set further variables
  hints cms
  consumed .env, app.yaml
b/app.yaml (APP_ENGINE) at b/app.yaml:1:1-1
  open: `env_variables` is of another type than the platform takes: what it sets is not known
  built from 'b' 'b/Dockerfile' ''
  consumed b/app.yaml
d/app.yaml (APP_ENGINE) at d/app.yaml:1:1-1
  consumed d/app.yaml
""",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROJECTS)
def test_all_that_is_read(tmp_path: Path, name: str) -> None:
    reader, files, expected = PROJECTS[name]
    made = repository(tmp_path, files)
    found = described(reader.read(made)).split("\n")
    assert [*found, *problems(made)] == expected.strip("\n").split("\n")
