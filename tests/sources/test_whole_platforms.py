"""Manifests of platforms and machines with much of what may be in them, and all that is read of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.deployments import ansible, digitalocean, ecs, fly, pm2, pulumi, render, systemd
from tests.support.described import described, problems
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = '{"scripts": {"start": "SECRET=scripted npx directus start"}, "dependencies": {"directus": "11.5.0"}}'
FLY: Final = """\
app = "cms-live"
[build]
  dockerfile = "Own.Dockerfile"
  [build.args]
    ARG = "a"
[env]
  PUBLIC_URL = "https://cms.acme.com"
  NUMBER = 5
  LIST = ["a"]
[processes]
  web = "A=b npx directus start"
[deploy]
  release_command = "npx directus bootstrap"
[http_service]
  internal_port = 8055
  min_machines_running = 3
[[services]]
  internal_port = 8056
  [[services.ports]]
    port = 81
  [[services.ports]]
    handlers = ["http"]
[[services]]
  [[services.ports]]
    port = 82
[[mounts]]
  source = "data"
  destination = "/directus/uploads"
[[mounts]]
  source = "more"
[[files]]
  guest_path = "/directus/.env"
  raw_value = "U0VDUkVUPWlubmVyCg=="
[[files]]
  guest_path = "/b"
  raw_value = "%"
[[files]]
  guest_path = "/c"
  local_path = "own.env"
[[files]]
  guest_path = "/d"
  local_path = "gone"
[[files]]
  guest_path = "/e"
  secret_name = "SECRET"
[[files]]
  local_path = "own.env"
[[files]]
  guest_path = "/f"
"""
SPEC: Final = """\
name: site
envs:
  - {key: SHARED, value: shared}
  - {key: BUILT, value: b, scope: BUILD_TIME}
services:
  - name: cms
    image: {registry_type: DOCKER_HUB, registry: directus, repository: directus, tag: 12.4.1, digest: "sha256:0123456789012345678901234567890123456789012345678901234567890123"}
    instance_count: 2
    envs:
      - {key: PLAIN, value: a, scope: RUN_TIME}
      - {key: NUMBER, value: 5}
      - {key: NOTHING, value: null}
      - {key: NONE, type: SECRET}
      - {key: SEALED, value: "EV[1:x]", type: SECRET}
      - {key: FILLED, value: "${db.DATABASE_URL}"}
      - {key: ARG, value: a, scope: build_time}
      - {value: x}
  - name: ghcr
    image: {registry_type: ghcr, registry: acme, repository: directus, tag: $TAG}
  - name: docr
    image: {registry_type: DOCR, repository: directus, tag: "1"}
  - image: {registry_type: GHCR, repository: $NAME, tag: "1"}
    envs: [{key: SECRET, value: a}, {key: KEY, value: b}, {key: DB_CLIENT, value: pg}, {key: PUBLIC_URL, value: x}]
  - name: list
    image: {repository: [a]}
    run_command: npx directus start
  - name: source
    source_dir: /cms
    run_command: npm start
    environment_slug: node-js
  - name: docker
    dockerfile_path: /cms/Dockerfile
  - name: beside
    source_dir: cms
workers:
  - name: queue
    image: {repository: redis}
jobs:
  - name: migrate
    run_command: npx directus bootstrap
"""
SERVICE: Final = """\
[Unit]
Description=Directus
[Service]
WorkingDirectory=/srv/cms
Environment=A=b "C=d e" F=%h
Environment=GONE=x
UnsetEnvironment=GONE OTHER
EnvironmentFile=-/etc/cms.env
EnvironmentFile=/etc/gone.env
PassEnvironment=SECRET KEY
ExecStartPre=-/usr/bin/npx directus bootstrap
ExecStart=@/usr/bin/npx directus start
"""
CONTAINER: Final = """\
[Container]
ContainerName=cms-live
Image=docker.io/directus/directus:12.4.1
Exec=A=b npx directus start
Environment=PUBLIC_URL=https://cms.acme.com CONFIG_PATH=/directus/own.env
EnvironmentFile=./one.env
Secret=secret,type=env,target=SECRET
Secret=KEY,type=env
Secret=file,type=mount
PodmanArgs=--env X=1 -e Y --env=Z=2 --env-file x
EnvironmentHost=true
Volume=%h/data:/directus/uploads:ro,Z
Volume=./own.env:/directus/own.env
Volume=plain
PublishPort=80:8055/tcp
PublishPort=127.0.0.1:81:8055
PublishPort=[::1]:82:8055
PublishPort=8055
"""
PM2: Final = """\
module.exports = {
  apps: [
    {
      name: "cms", script: "npx", args: ["directus", "start"], cwd: "./cms", instances: 4,
      env: {A: "b", N: 5, T: true, NOTHING: null, U: undefined, OUT: process.env.OUT, ...more},
      env_production: {PUBLIC_URL: "https://cms.acme.com"},
      env_other: load(),
    },
    {script: "npx directus start", instances: 1},
    {name: "web", script: "next"},
    {name: "live", script: "x.js", env_live: {SECRET: "a", KEY: "b", DB_CLIENT: "pg", PUBLIC_URL: "x"}},
  ],
};
"""
PULUMI: Final = """\
name: site
runtime: yaml
config:
  tag: {type: string, default: 12.4.1}
  asked: {type: string}
variables:
  shared: shared-${tag}
  sealed: {fn::secret: held}
resources:
  cms:
    type: docker:Container
    properties:
      image: directus/directus:${tag}
      envs:
        - PUBLIC_URL=https://cms.acme.com
        - SECRET=${secret}
        - KEY=${shared}
        - MORE=a${secret}b
        - ASKED=${asked}
        - SEALED=${sealed}
        - GONE=${other.id}
        - PASSWORD=${site:password}
"""
STACK: Final = "config:\n  site:secret: in-stack\n  site:password: {secure: x}\n  site:directusToken: abcdefgh\n  directus:adminPassword: x\n"
TASK: Final = """\
Parameters:
  Tag: {Type: String, Default: 12.4.1}
  Secret: {Type: String, Default: fallback}
  Open: {Type: String}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: cms
          Image: !Sub "directus/directus:${Tag}"
          Command: [npx, directus, start]
          Environment:
            - {Name: PUBLIC_URL, Value: "https://cms.acme.com"}
            - {Name: SECRET, Value: !Ref Secret}
            - {Name: KEY, Value: {Ref: Secret}}
            - {Name: OPEN, Value: {Ref: Open}}
            - {Name: PART, Value: !Sub "${Secret}"}
            - {Name: GONE, Value: !GetAtt a.b}
          Secrets:
            - {Name: DB_PASSWORD, ValueFrom: arn}
          EnvironmentFiles: [{Value: x, Type: s3}]
        - Name: other
          Image: {Ref: Image}
  Topic: {Type: x}
"""
BLUEPRINT: Final = """\
envVarGroups:
  - name: shared
    envVars:
      - {key: GROUPED, value: g}
      - {key: PLAIN, value: group}
services:
  - type: web
    name: cms
    runtime: image
    image: {url: "docker.io/directus/directus:12.4.1"}
    numInstances: 2
    disk: {name: data, mountPath: /directus/uploads, sizeGB: 1}
    envVars:
      - {key: PLAIN, value: own}
      - {key: NUMBER, value: 5}
      - {key: MADE, generateValue: true}
      - {key: ASKED, sync: false}
      - {key: NONE}
      - {key: NOTHING, value: null}
      - {key: DB, fromDatabase: {name: db, property: host}}
      - {key: HOST, fromService: {name: other, property: host}}
      - {key: TAKEN, fromService: {name: other, envVarKey: GIVEN}}
      - {key: MISSING, fromService: {name: other, envVarKey: GONE}}
      - {key: AWAY, fromService: {name: gone, envVarKey: GIVEN}}
      - {key: LIST, value: [a]}
      - {fromGroup: shared}
      - {fromGroup: gone}
      - {value: x}
  - type: web
    name: other
    runtime: node
    startCommand: node x.js
    envVars: [{key: GIVEN, value: given}]
  - type: web
    runtime: node
    rootDir: cms
    startCommand: npm start
  - type: web
    name: docker
    env: docker
    dockerfilePath: ./cms/Dockerfile
    dockerContext: ./cms
  - {type: static, name: static, startCommand: npx directus start}
  - {type: web, runtime: static, name: site, startCommand: npx directus start}
  - {type: keyvalue, name: kv, startCommand: npx directus start}
projects:
  - environments:
      - name: staging
        services: [{type: web, name: stage, image: "directus/directus:12.3.0", envVars: [{fromGroup: inner}]}]
        envVarGroups: [{name: inner, envVars: [{key: INNER, value: i}]}]
"""
PLAY: Final = """\
- hosts: all
  vars: {tag: 12.4.1, port: 80, secret: in-play, flag: true, more: {A: b}, ports: ["82:8055"]}
  tasks:
    - name: file
      ansible.builtin.template: {src: cms.env.j2, dest: /etc/cms.env}
    - copy: {src: own.env, dest: /srv/}
    - community.docker.docker_container:
        name: cms
        image: "directus/directus:{{ tag }}"
        command: A=b npx directus start
        env_file: [/etc/cms.env, /etc/gone.env]
        env:
          SECRET: "{{ secret }}"
          PART: "a{{ secret }}b"
          DEFAULT: "{{ gone | default('d') }}"
          RESERVED: "{{ secret }}-{{ gone | default('d') }}"
          OPEN: "{{ secret }}-{{ gone }}"
          LOWER: "{{ flag | lower }}"
          LIST: [a]
          VAULT: !vault x
        published_ports: ["{{ port }}:8055", "127.0.0.1:81:8055", "{{ gone }}:8055", x]
        volumes: ["/srv/own.env:/directus/.env", "data:/directus/uploads:ro", plain]
    - docker_container: {name: stopped, image: "directus/directus:12.3.0", state: absent}
    - docker_container: {name: migrate, image: "directus/directus:12.3.0", command: npx directus database migrate:latest}
    - docker_container: {name: db, image: "postgres:16", env: {POSTGRES_PASSWORD: x}}
    - docker_container: {image: "acme/{{ gone }}:1", env: {SECRET: a, KEY: b, DB_CLIENT: pg, PUBLIC_URL: x}, ports: "{{ ports }}"}
    - docker_container: {image: "directus/directus:{{ gone | default('12.2.0') }}", env: "{{ more }}"}
    - docker_container: {image: "directus/directus", env: "{{ gone }}"}
    - docker_swarm_service: {name: cms, image: "directus/directus:12.1.0", env: [A=b, "C={{ secret }}", D], publish: ["83:8055"]}
    - docker_compose_v2:
        definition:
          services:
            inner: {image: "directus/directus:12.0.0", environment: {A: b}}
"""
PROJECTS: Final[dict[str, tuple[Any, dict[str, str], str]]] = {
    "fly": (fly, {"fly.toml": FLY, "own.env": "A=b\n"}, r"""
fly.toml (FLY) at fly.toml:1:8-16
  PUBLIC_URL='https://cms.acme.com' at 7:17-37 (fly.toml [env])
  NUMBER='5' at 8:12-13 (fly.toml [env])
  LIST? it is not written as one text at 9:10-15 (fly.toml [env])
  config SECRET='inner' at 33:16-36 (/directus/.env of the machine)
  open: secrets set with `fly secrets` are not in the repository
  built from '' 'Own.Dockerfile' ''
  argument ARG='a' at 5:12-13 (fly.toml [build.args])
  port :80:8055 at 15:19-23
  port :443:8055 at 15:19-23
  port :81:8056 at 20:12-14
  port :82: at 25:12-14
  mount 'data' on '/directus/uploads' at 28:18-35
  file /directus/.env='SECRET=inner\n' at 33:16-36
  file /b? it is no base64 of a text at 36:16-17
  file /c='A=b\n' at own.env:1:1-1
  file /d? its file is not in the repository at 42:17-21
  file /e? it is set with `fly secrets` at 45:18-24
  file /f? it is set with `fly secrets` at 48:1-50:1
  replicas 3
  hints cms-live
  consumed fly.toml
"""),
    "fly in other places": (
        fly,
        {
            "a/fly.toml": '[build]\nimage = "directus/directus:12.4.1"\n[env]\nA = "b"\n[[http_service]]\n[[files]]\nguest_path = "/directus/.env"\nlocal_path = "own.env"\n', "a/own.env": "SECRET=file\n",
            "b/fly.toml": "[env]\n", "b/Dockerfile": "FROM directus/directus\n", "c/fly.json": '{"app": "c", "env": [{"A": "b"}], "experimental": {"cmd": ["npx", "directus start"]}, "services": [{"internal_port": 1, "min_machines_running": 2}]}',
            "d/fly.yaml": "app: d\nenv: text\nmount: {source: x, destination: /directus/y}\nfiles: [{guest_path: /directus/.env, secret_name: S}]\n", "e/fly.toml": 'app = "e"\n', "f/fly.json": "[]",
        },
        r"""
a/fly.toml (FLY) at a/fly.toml:1:1-1
  A='b' at 4:6-7 (fly.toml [env])
  config SECRET='file' at a/own.env:1:8-12 (/directus/.env of the machine)
  open: secrets set with `fly secrets` are not in the repository
  image directus/directus:12.4.1 at 2:10-34
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 2:10-34
  port :80:8080 at 5:1-6:1
  port :443:8080 at 5:1-6:1
  file /directus/.env='SECRET=file\n' at a/own.env:1:1-1
  consumed a/fly.toml
b/fly.toml (FLY) at b/fly.toml:1:1-1
  open: secrets set with `fly secrets` are not in the repository
  built from 'b' 'b/Dockerfile' ''
  consumed b/fly.toml
c/fly.json (FLY) at c/fly.json:1:10-11
  A='b' at 1:29-30 (fly.toml [env])
  open: secrets set with `fly secrets` are not in the repository
  built from 'c' None ''
  replicas 2
  hints c
  consumed c/fly.json
d/fly.yaml (FLY) at d/fly.yaml:1:6-7
  config? `/directus/.env` comes from outside the repository
  open: secrets set with `fly secrets` are not in the repository
  open: `env` is of another type than the platform takes: what it sets is not known
  built from 'd' None ''
  mount 'x' on '/directus/y' at 3:33-44
  file /directus/.env? it is set with `fly secrets` at 4:51-52
  hints d
  consumed d/fly.yaml
""",
    ),
    "digitalocean": (digitalocean, {".do/app.yaml": SPEC, "cms/package.json": PACKAGE, "cms/Dockerfile": "FROM directus/directus\n", "cms/.env": "OWN=file\n"}, """\
.do/app.yaml#cms (DIGITALOCEAN) at .do/app.yaml:6:5-9
  SHARED='shared' at 3:26-32 (envs of the app)
  PLAIN='a' at 10:29-30 (envs)
  NUMBER='5' at 11:30-31 (envs)
  NOTHING? it is set in DigitalOcean's control panel at 12:10-13 (envs)
  NONE? it is set in DigitalOcean's control panel at 13:10-13 (envs)
  SEALED? DigitalOcean has encrypted it at 14:31-38 (envs)
  FILLED? `${db.DATABASE_URL}` is filled in by DigitalOcean at 15:31-49 (envs)
  open: variables set in DigitalOcean's control panel are not in the repository
  image directus/directus:12.4.1@sha256:0123456789012345678901234567890123456789012345678901234567890123 at 7:72-80
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 7:87-93
  argument BUILT='b' at 4:25-26 (envs of the build)
  argument ARG='a' at 16:27-28 (envs of the build)
  replicas 2
  hints cms, site
  consumed .do/app.yaml
.do/app.yaml#ghcr (DIGITALOCEAN) at .do/app.yaml:18:5-9
  SHARED='shared' at 3:26-32 (envs of the app)
  open: variables set in DigitalOcean's control panel are not in the repository
  image ghcr.io/acme/directus (its reference is filled in when the app is deployed) at 19:62-70
  argument BUILT='b' at 4:25-26 (envs of the build)
  hints ghcr, site
  consumed .do/app.yaml
.do/app.yaml#docr (DIGITALOCEAN) at .do/app.yaml:20:5-9
  SHARED='shared' at 3:26-32 (envs of the app)
  open: variables set in DigitalOcean's control panel are not in the repository
  image registry.digitalocean.com/directus:1 at 21:46-54
  argument BUILT='b' at 4:25-26 (envs of the build)
  hints docr, site
  consumed .do/app.yaml
.do/app.yaml#services-4 (DIGITALOCEAN) at .do/app.yaml:22:5-24:3
  SHARED='shared' at 3:26-32 (envs of the app)
  SECRET='a' at 23:33-34 (envs)
  KEY='b' at 23:55-56 (envs)
  DB_CLIENT='pg' at 23:83-85 (envs)
  PUBLIC_URL='x' at 23:113-114 (envs)
  open: variables set in DigitalOcean's control panel are not in the repository
  image  (its reference is filled in when the app is deployed) at 22:46-51
  argument BUILT='b' at 4:25-26 (envs of the build)
  hints services-4, site
  consumed .do/app.yaml
.do/app.yaml#list (DIGITALOCEAN) at .do/app.yaml:24:5-9
  SHARED='shared' at 3:26-32 (envs of the app)
  open: variables set in DigitalOcean's control panel are not in the repository
  image  (its repository is not written as a text) at 25:12-29
  argument BUILT='b' at 4:25-26 (envs of the build)
  hints list, site
  consumed .do/app.yaml
.do/app.yaml#source (DIGITALOCEAN) at .do/app.yaml:27:5-9
  SHARED='shared' at 3:26-32 (envs of the app)
  config OWN='file' at cms/.env:1:5-9 (Directus' own .env)
  open: variables set in DigitalOcean's control panel are not in the repository
  argument BUILT='b' at 4:25-26 (envs of the build)
  hints source, site
  consumed .do/app.yaml, cms/.env
.do/app.yaml#docker (DIGITALOCEAN) at .do/app.yaml:31:5-9
  SHARED='shared' at 3:26-32 (envs of the app)
  open: variables set in DigitalOcean's control panel are not in the repository
  built from '' 'cms/Dockerfile' ''
  argument BUILT='b' at 4:25-26 (envs of the build)
  hints docker, site
  consumed .do/app.yaml
.do/app.yaml#beside (DIGITALOCEAN) at .do/app.yaml:33:5-9
  SHARED='shared' at 3:26-32 (envs of the app)
  open: variables set in DigitalOcean's control panel are not in the repository
  built from 'cms' 'cms/Dockerfile' ''
  argument BUILT='b' at 4:25-26 (envs of the build)
  hints beside, site
  consumed .do/app.yaml
"""),
    "digitalocean with a job alone": (digitalocean, {"app.yaml": "spec:\n  jobs:\n    - {run_command: npx directus bootstrap, http_port: 1}\n", ".do/deploy.template.yaml": "services: [{name: directus, image: x}]\n"}, """\

"""),
    "systemd": (
        systemd,
        {
            "host/etc/systemd/system/cms.service": SERVICE, "host/etc/systemd/system/cms.service.d/a.conf": "[Service]\nEnvironment=OVER=1\n", "host/etc/systemd/system/service.d/a.conf": "[Service]\nEnvironment=HIDDEN=1\n",
            "host/etc/systemd/system/service.d/b.conf": "[Service]\nEnvironment=KIND=1\n", "host/etc/cms.env": "E=file # x\nQ='a b'\n", "host/srv/cms/.env": "OWN=file\n", "host/srv/cms/package.json": PACKAGE,
            "plain.service": "[Service]\nWorkingDirectory=/opt/none\nExecStart=node x.js\nEnvironment=SECRET=a KEY=b DB_CLIENT=pg PUBLIC_URL=x\n", "docker.service": "[Service]\nExecStart=docker run x\nEnvironment=SECRET=a KEY=b DB_CLIENT=pg PUBLIC_URL=x\n",
            "script.service": "[Service]\nWorkingDirectory=/srv/cms\nExecStart=npm start\n",
        },
        """\
host/etc/systemd/system/cms.service (SYSTEMD) at host/etc/systemd/system/cms.service:12:11-39
  A='b' at 5:15-16 (Environment)
  C='d e' at 5:20-23 (Environment)
  F? systemd fills in `%h` at 5:27-29 (Environment)
  OVER='1' at host/etc/systemd/system/cms.service.d/a.conf:2:18-19 (Environment)
  KIND='1' at host/etc/systemd/system/service.d/b.conf:2:18-19 (Environment)
  E='file # x' at host/etc/cms.env:1:3-11 (EnvironmentFile cms.env)
  Q='a b' at host/etc/cms.env:2:4-7 (EnvironmentFile cms.env)
  SECRET? it is handed on from the machine at 10:17-23 (PassEnvironment)
  KEY? it is handed on from the machine at 10:24-27 (PassEnvironment)
  config OWN='file' at host/srv/cms/.env:1:5-9 (Directus' own .env)
  open: the environment file `/etc/gone.env` is not in the repository
  hints cms
  consumed host/etc/cms.env, host/etc/systemd/system/cms.service, host/etc/systemd/system/cms.service.d/a.conf, host/etc/systemd/system/service.d/b.conf, host/srv/cms/.env
plain.service (SYSTEMD) at plain.service:3:11-20
  SECRET='a' at 4:20-21 (Environment)
  KEY='b' at 4:26-27 (Environment)
  DB_CLIENT='pg' at 4:38-40 (Environment)
  PUBLIC_URL='x' at 4:52-53 (Environment)
  open: the folder that it runs in, with a `.env` that may be there, is not in the repository
  hints plain
  consumed plain.service
""",
    ),
    "quadlet": (
        systemd,
        {
            "cms.container": CONTAINER, "cms.container.d/a.conf": "[Container]\nEnvironment=OVER=1\n", "one.env": "# c\nONE=1\nTWO='2'\nTHREE\n", "own.env": "SECRET=own\n",
            "image.container": "[Container]\nImage=cms.image\n", "cms.image": "[Image]\nImage=directus/directus:%i\n", "build.container": "[Container]\nImage=cms.build\n", "cms.build": "[Build]\nImageTag=x\nSetWorkingDirectory=./cms\n",
            "cms/Containerfile": "FROM directus/directus:12.1.0\n", "file.container": "[Container]\nImage=file.build\nVolume=./gone.env:/directus/.env\n", "file.build": "[Build]\nFile=cms/Containerfile\nSetWorkingDirectory=unit\n",
            "pointed.container": "[Container]\nImage=directus/directus\nEnvironment=CONFIG_PATH=%h/x\n", "nowhere.container": "[Container]\nImage=directus/directus\nEnvironment=CONFIG_PATH=/x\nEnvironmentHost=no\n", "none.container": "[Container]\nExec=x\n",
        },
        """\
build.container (SYSTEMD) at build.container:1:1-1
  built from 'cms' 'cms/Containerfile' ''
  hints build
  consumed build.container, cms.build
cms.container (SYSTEMD) at cms.container:3:7-41
  ONE='1' at one.env:2:5-6 (EnvironmentFile one.env)
  TWO="'2'" at one.env:3:5-8 (EnvironmentFile one.env)
  THREE? it is handed on from the shell that starts the container at one.env:4:6-6 (EnvironmentFile one.env)
  PUBLIC_URL='https://cms.acme.com' at 5:24-44 (Environment)
  CONFIG_PATH='/directus/own.env' at 5:57-74 (Environment)
  OVER='1' at cms.container.d/a.conf:2:18-19 (Environment)
  SECRET? Podman takes it from its secret store at 7:8-37 (Secret)
  KEY? Podman takes it from its secret store at 8:8-20 (Secret)
  X='1' at 10:20-21 (podman run --env)
  Y? it is handed on from the machine at 10:25-26 (podman run --env)
  Z='2' at 10:35-36 (podman run --env)
  config SECRET='own' at own.env:1:8-11 (`/directus/own.env` of the container, via 13:8-35)
  open: an `--env-file` is given to `podman run`
  open: the whole environment of the machine is handed on
  image docker.io/directus/directus:12.4.1 at 3:7-41
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 3:7-41
  port :80:8055 at 15:13-24
  port 127.0.0.1:81:8055 at 16:13-30
  port ::1:82:8055 at 17:13-26
  port ::8055 at 18:13-17
  mount '%h/data' on '/directus/uploads', read only at 12:8-38
  mount './own.env' on '/directus/own.env' at 13:8-35
  mount 'plain' on 'plain' at 14:8-13
  hints cms, cms-live
  consumed cms.container, cms.container.d/a.conf, one.env, own.env
file.container (SYSTEMD) at file.container:1:1-1
  config? `/directus/.env` is not in the repository
  built from 'cms' 'cms/Containerfile' ''
  mount './gone.env' on '/directus/.env' at 3:8-33
  hints file
  consumed file.build, file.container
image.container (SYSTEMD) at cms.image:2:7-27
  image directus/directus (systemd fills in `%i`) at 2:7-27
  hints image
  consumed cms.image, image.container
nowhere.container (SYSTEMD) at nowhere.container:2:7-24
  CONFIG_PATH='/x' at 3:25-27 (Environment)
  config? the file that CONFIG_PATH names is not in the repository
  image directus/directus at 2:7-24
  version None of 'latest' (IMAGE_TAG) at 2:7-24
  hints nowhere
  consumed nowhere.container
pointed.container (SYSTEMD) at pointed.container:2:7-24
  CONFIG_PATH? systemd fills in `%h` at 3:25-29 (Environment)
  config? CONFIG_PATH comes from outside the repository
  image directus/directus at 2:7-24
  version None of 'latest' (IMAGE_TAG) at 2:7-24
  hints pointed
  consumed pointed.container
""",
    ),
    "pm2": (pm2, {"ecosystem.config.js": PM2, "cms/.env": "OWN=file\n", "b/ecosystem.config.json": '// c\n{"apps": {"script": "npx directus start", "env": {"A": "b"}}}', "c/ecosystem.config.js": "// directus\nmodule.exports = {apps: load()}", "d/pm2.yml": "script: npx directus start\nname: d\n"}, """\
b/ecosystem.config.json#apps-1 (PM2) at b/ecosystem.config.json:2:10-61
  A='b' at 2:57-58 (PM2 env)
  open: the environment of the shell that starts PM2 is not in the repository
  hints apps-1
  consumed b/ecosystem.config.json
d/pm2.yml#d (PM2) at d/pm2.yml:2:1-5
  open: the environment of the shell that starts PM2 is not in the repository
  hints d
  consumed d/pm2.yml
ecosystem.config.js#cms (PM2) at ecosystem.config.js:4:7-11
  A='b' at 5:17-18 (PM2 env)
  N='5' at 5:24-25 (PM2 env)
  T='true' at 5:30-34 (PM2 env)
  OUT? `process.env.OUT` comes from outside the repository at 5:70-85 (PM2 env)
  config OWN='file' at cms/.env:1:5-9 (Directus' own .env)
  open: the environment of the shell that starts PM2 is not in the repository
  open: it is computed when the file is loaded
  replicas 4
  hints cms
  consumed cms/.env, ecosystem.config.js
ecosystem.config.js#cms/production (PM2) at ecosystem.config.js:4:7-11
  A='b' at 5:17-18 (PM2 env)
  N='5' at 5:24-25 (PM2 env)
  T='true' at 5:30-34 (PM2 env)
  OUT? `process.env.OUT` comes from outside the repository at 5:70-85 (PM2 env)
  PUBLIC_URL='https://cms.acme.com' at 6:37-57 (PM2 env_production)
  config OWN='file' at cms/.env:1:5-9 (Directus' own .env)
  open: the environment of the shell that starts PM2 is not in the repository
  open: it is computed when the file is loaded
  replicas 4
  hints cms, production
  consumed cms/.env, ecosystem.config.js
ecosystem.config.js#cms/other (PM2) at ecosystem.config.js:4:7-11
  A='b' at 5:17-18 (PM2 env)
  N='5' at 5:24-25 (PM2 env)
  T='true' at 5:30-34 (PM2 env)
  OUT? `process.env.OUT` comes from outside the repository at 5:70-85 (PM2 env)
  config OWN='file' at cms/.env:1:5-9 (Directus' own .env)
  open: the environment of the shell that starts PM2 is not in the repository
  open: it is computed when the file is loaded
  open: it is computed when the file is loaded
  replicas 4
  hints cms, other
  consumed cms/.env, ecosystem.config.js
ecosystem.config.js#apps-2 (PM2) at ecosystem.config.js:9:5-49
  open: the environment of the shell that starts PM2 is not in the repository
  hints apps-2
  consumed ecosystem.config.js
ecosystem.config.js#live (PM2) at ecosystem.config.js:11:6-10
  open: the environment of the shell that starts PM2 is not in the repository
  hints live
  consumed ecosystem.config.js
ecosystem.config.js#live/live (PM2) at ecosystem.config.js:11:6-10
  SECRET='a' at 11:56-57 (PM2 env_live)
  KEY='b' at 11:66-67 (PM2 env_live)
  DB_CLIENT='pg' at 11:82-84 (PM2 env_live)
  PUBLIC_URL='x' at 11:100-101 (PM2 env_live)
  open: the environment of the shell that starts PM2 is not in the repository
  hints live, live
  consumed ecosystem.config.js
c/ecosystem.config.js:2: its apps are computed when it is loaded; they were not read
"""),
    "pulumi": (pulumi, {"Pulumi.yaml": PULUMI, "Pulumi.live.yaml": STACK, "Pulumi.stage.yaml": "config: {site:tag: 12.3.0, site:secret: {value: v}}\n"}, """\
Pulumi.yaml#live/cms (PULUMI) at Pulumi.yaml:13:7-23:1
  PUBLIC_URL='https://cms.acme.com' at 15:22-42 (`envs`)
  SECRET='in-stack' at Pulumi.live.yaml:2:16-24 (`envs`)
  KEY? a stack may give another, else 'shared-12.4.1' at 7:11-24 (`envs`)
  MORE='ain-stackb' at 18:11-27 (`envs`)
  ASKED? it comes from outside the repository at 5:10-24 (`envs`)
  SEALED='held' at 8:24-28 (`envs`)
  GONE? it is worked out when the stack is deployed at 21:11-27 (`envs`)
  PASSWORD? it is encrypted at Pulumi.live.yaml:3:18-29 (`envs`)
  image directus/directus:12.4.1 (a stack may give another, by default) at 13:14-38
  version 12.4.1 of '12.4.1' (IMAGE_TAG, a stack may give another) at 4:32-38
  hints live/cms, live
  consumed Pulumi.live.yaml, Pulumi.yaml
Pulumi.yaml#stage/cms (PULUMI) at Pulumi.yaml:13:7-23:1
  PUBLIC_URL='https://cms.acme.com' at 15:22-42 (`envs`)
  SECRET? a stack may give another, else 'v' at Pulumi.stage.yaml:1:49-50 (`envs`)
  KEY='shared-12.3.0' at 7:11-24 (`envs`)
  MORE? a stack may give another, else 'avb' at 18:11-27 (`envs`)
  ASKED? it comes from outside the repository at 5:10-24 (`envs`)
  SEALED='held' at 8:24-28 (`envs`)
  GONE? it is worked out when the stack is deployed at 21:11-27 (`envs`)
  PASSWORD? it is worked out when the stack is deployed at 22:11-36 (`envs`)
  image directus/directus:12.3.0 at 13:14-38
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at Pulumi.stage.yaml:1:20-26
  hints stage/cms, stage
  consumed Pulumi.stage.yaml, Pulumi.yaml
"""),
    "pulumi in another language": (
        pulumi,
        {
            "Pulumi.yaml": "name: x\nruntime: nodejs\n", "index.ts": "// directus\n", "Pulumi.live.yaml": STACK, "other/Pulumi.yaml": "name: y\n", "other/Pulumi.live.yaml": "config:\n  y:secret: abcdefgh\n  y:directusSecret: abcdefgi\n  y:tag: x\n",
        },
        """\
Pulumi.live.yaml#live (PULUMI) at Pulumi.live.yaml:1:1-1
  SECRET='in-stack' at 2:16-24 (configuration of the stack)
  ADMIN_PASSWORD='x' at 5:27-28 (configuration of the stack)
  open: what else the program gives is not known
  hints live
  partial
  consumed Pulumi.live.yaml
other/Pulumi.live.yaml#live (PULUMI) at other/Pulumi.live.yaml:1:1-1
  SECRET='abcdefgi' at 3:21-29 (configuration of the stack)
  open: what else the program gives is not known
  hints live
  partial
  consumed other/Pulumi.live.yaml
""",
    ),
    "ecs": (ecs, {"template.yaml": TASK, "task.json": '{"taskDefinition": {"containerDefinitions": [{"name": "cms", "image": "directus/directus:12.3.0", "environment": [{"name": "A", "value": "b"}]}]}}', "containers.json": '[{"image": "directus/directus:12.2.0", "essential": true, "environment": []}]'}, """\
task.json#cms (ECS) at task.json:1:46-144
  A='b' at 1:139-140 (`environment`)
  image directus/directus:12.3.0 at 1:72-96
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 1:72-96
  hints cms
  consumed task.json
template.yaml#Task/cms (ECS) at template.yaml:10:11-23:9
  PUBLIC_URL='https://cms.acme.com' at 14:42-62 (`Environment`)
  SECRET? it is given to the template when it is deployed, else 'fallback' at 3:35-43 (`Environment`)
  KEY? it is given to the template when it is deployed, else 'fallback' at 3:35-43 (`Environment`)
  OPEN? it is given to the template when it is deployed at 17:35-46 (`Environment`)
  PART? it is given to the template when it is deployed, else 'fallback' at 3:35-43 (`Environment`)
  GONE? it is worked out when it is deployed at 19:35-46 (`Environment`)
  DB_PASSWORD? it is read from a secret store at 21:46-49 (`Secrets`)
  open: its environment files are not in the repository
  image  (it is worked out when it is deployed) at 11:19-48
  hints Task/cms
  consumed template.yaml
"""),
    "render": (render, {"render.yaml": BLUEPRINT, "cms/package.json": PACKAGE, "cms/.env": "OWN=file\n", "cms/Dockerfile": "FROM directus/directus\n"}, """\
render.yaml#cms (RENDER) at render.yaml:8:5-9
  GROUPED='g' at 4:31-32 (envVarGroup shared)
  PLAIN='group' at 5:29-34 (envVarGroup shared)
  PLAIN='own' at 14:29-32 (envVars)
  NUMBER='5' at 15:30-31 (envVars)
  MADE? Render generates it at 16:10-13 (envVars)
  ASKED? it is given in Render's dashboard at 17:10-13 (envVars)
  NONE? the blueprint gives it no value at 18:10-13 (envVars)
  NOTHING? the blueprint gives it no value at 19:10-13 (envVars)
  DB? Render takes it from a database at 20:10-13 (envVars)
  HOST? Render takes it from another service at 21:10-13 (envVars)
  TAKEN='given' at 33:35-40 (envVars, via 22:10-13)
  MISSING? Render takes it from another service at 23:10-13 (envVars)
  AWAY? Render takes it from another service at 24:10-13 (envVars)
  LIST? it is not written as one text at 25:28-31 (envVars)
  open: variables set in Render's dashboard are not in the repository
  open: group `gone` is not in the blueprint
  image docker.io/directus/directus:12.4.1 at 10:19-53
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 10:19-53
  mount 'data' on '/directus/uploads' at 12:35-52
  replicas 2
  hints cms
  consumed render.yaml
render.yaml#services-3 (RENDER) at render.yaml:34:5-38:3
  config OWN='file' at cms/.env:1:5-9 (Directus' own .env)
  open: variables set in Render's dashboard are not in the repository
  hints services-3
  consumed cms/.env, render.yaml
render.yaml#docker (RENDER) at render.yaml:39:5-9
  open: variables set in Render's dashboard are not in the repository
  built from 'cms' 'cms/Dockerfile' ''
  hints docker
  consumed render.yaml
render.yaml#stage (RENDER) at render.yaml:49:32-36
  INNER='i' at 50:68-69 (envVarGroup inner)
  open: variables set in Render's dashboard are not in the repository
  image directus/directus:12.3.0 at 49:53-77
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 49:53-77
  hints stage, staging
  consumed render.yaml
"""),
    "ansible": (ansible, {"site.yml": PLAY, "templates/cms.env.j2": "T={{ secret }}\nU=plain\n{% if x %}\nV=1\n{% endif %}\n", "files/own.env": "OWN=file\n"}, """\
site.yml#cms (ANSIBLE) at site.yml:7:7-40
  T? it is filled in by a template at templates/cms.env.j2:1:3-15 (cms.env.j2)
  U='plain' at templates/cms.env.j2:2:3-8 (cms.env.j2)
  SECRET='in-play' at 2:41-48 (Ansible env, via 13:20-32)
  PART='ain-playb' at 14:18-32 (Ansible env, with 'in-play' of 2:41-48 in 'ab')
  DEFAULT? `gone` has no value, or several, in the repository, else 'd' at 15:21-46 (Ansible env)
  RESERVED? it is filled in by a template, else 'in-play-d' at 16:22-60 (Ansible env)
  OPEN? it is filled in by a template at 17:18-41 (Ansible env)
  LOWER='true' at 2:56-60 (Ansible env, via 18:19-37)
  LIST? it is not written as one text at 19:17-20 (Ansible env)
  VAULT? it is encrypted with ansible-vault at 20:18-26 (Ansible env)
  config OWN='file' at files/own.env:1:5-9 (mounted .env)
  open: an environment file of the machine is handed over
  image directus/directus:12.4.1 at 9:17-44
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 9:17-44
  port :80:8055 at 21:28-43
  port 127.0.0.1:81:8055 at 21:47-64
  port ::8055 (where it is published comes from outside) at 21:68-83
  mount '/srv/own.env' on '/directus/.env' at 22:20-47
  mount 'data' on '/directus/uploads', read only at 22:51-76
  hints cms
  consumed files/own.env, site.yml, templates/cms.env.j2
site.yml#task (ANSIBLE) at site.yml:26:7-23
  SECRET='a' at 26:68-69 (Ansible env)
  KEY='b' at 26:76-77 (Ansible env)
  DB_CLIENT='pg' at 26:90-92 (Ansible env)
  PUBLIC_URL='x' at 26:106-107 (Ansible env)
  image acme/ (it is filled in by a template) at 26:34-51
  port :82:8055 at 2:85-92
  consumed site.yml
site.yml#task-2 (ANSIBLE) at site.yml:27:7-23
  A='b' at 2:72-73 (Ansible env)
  image directus/directus:12.2.0 (it is filled in by a template, by default) at 27:34-82
  version 12.2.0 of '12.2.0' (IMAGE_TAG, it is filled in by a template) at 27:34-82
  consumed site.yml
site.yml#task-3 (ANSIBLE) at site.yml:28:7-23
  open: `env` is put together when the task runs
  image directus/directus at 28:34-51
  version None of 'latest' (IMAGE_TAG) at 28:34-51
  consumed site.yml
site.yml#cms-2 (ANSIBLE) at site.yml:29:7-27
  A='b' at 29:84-85 (Ansible env)
  C='in-play' at 2:41-48 (Ansible env, via 29:90-102)
  open: `env` holds something that sets no variable: what is meant is not known
  image directus/directus:12.1.0 at 29:49-73
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at 29:49-73
  port :83:8055 at 29:120-127
  hints cms
  consumed site.yml
site.yml#inner (ANSIBLE) at site.yml:33:13-18
  A='b' at 33:73-74 (environment)
  image directus/directus:12.0.0 at 33:29-53
  version 12.0.0 of '12.0.0' (IMAGE_TAG) at 33:29-53
  hints inner
  consumed site.yml
"""),
}  # fmt: skip

MANY: Final = ("digitalocean", "ansible")
"""Projects of services of which only themselves are of interest."""


@pytest.mark.parametrize("name", PROJECTS)
def test_all_that_is_read(tmp_path: Path, name: str) -> None:
    reader, files, expected = PROJECTS[name]
    made = repository(tmp_path, files)
    found = described(reader.read(made), beside=name not in MANY).split("\n")
    assert [*found, *problems(made)] == expected.strip("\n").split("\n")
