"""Dockerfiles, commands and scripts with much of what may be in them, and all that is read of each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.deployments import (
    bicep,
    cloud_run,
    docker_run,
    dockerfile,
    dotenv_files,
    nixos,
    node_server,
    script_settings,
)
from tests.support.described import described, problems
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS: Final = SimpleNamespace(read=lambda made: script_settings.read(made, ()))
SERVERS: Final = SimpleNamespace(read=lambda made: node_server.read(made, ()))
RUN: Final = """\
#!/bin/sh
export HANDED=on
docker build -q -t acme/cms:1 -t other -f docker/Own.Dockerfile --build-arg A=b --build-arg=C --no-cache --target final .
docker --context x -l debug run -d --rm --name cms -p 80:8055/tcp -p 127.0.0.1:81:8055 --publish=[::1]:82:8055 -p $PORT:8055 -p 127.0.0.1:$PORT:8055 -p 8055 -p x \\
  -v "$(pwd)/own.env:/directus/.env:ro" -v data:/directus/uploads -v /only -v a:b:c:d --mount type=bind,src=$PWD/x,dst=/y,readonly --mount type=volume,target=/z --mount type=tmpfs \\
  --env-file one.env --env-file gone.env --env-file "$FILE" -e HANDED -e PLAIN=a -e NONE -e "$NAME=x" -e PART=a$UNKNOWN -e DEFAULT=${UNKNOWN:-d} \\
  directus/directus:12.4.1 sh -c 'LOG_LEVEL=debug npx directus start'
podman run --env-host -e A=b directus/directus:${TAG:-12.3.0}
docker run -e A=b -- directus/directus:$TAG
docker run $OPTIONS directus/directus
docker run directus/directus:12.2.0 npx directus database migrate:latest
docker run directus/directus:12.1.0 npx directus bootstrap
docker run acme/cms:1
docker run --name postgres -e POSTGRES_PASSWORD=x -p 5432:5432 postgres:16 -c x
docker run -e SECRET=a -e KEY=b -e DB_CLIENT=pg -e PUBLIC_URL=c acme/site
docker run -e SECRET=a -e KEY=b -e PUBLIC_URL=c nginx
docker service create --name swarm --replicas 3 --replicas-max-per-node 1 --publish published=83,target=8055 -e CONFIG_PATH=x.yaml --mount type=bind,source=./x.yaml,destination=/directus/x.yaml directus/directus:12.0.0
docker create -e CONFIG_PATH=$X directus/directus:11.5.0
docker run -v /etc/x.env:/directus/.env directus/directus:11.4.0
docker run
docker ps directus/directus
"""
DOCKERFILE: Final = """\
# syntax=docker/dockerfile:1
ARG TAG=12.4.1
ARG BASE
FROM node:20 AS build
RUN npm install directus@11.5.0
COPY . /src
FROM directus/directus:${TAG} as Base
ARG SECRET="argued"
ARG GIVEN
ARG EMPTY=
ENV PUBLIC_URL=https://cms.acme.com QUOTED="a b" SINGLE='c d' HANDED=${SECRET} WITH=x${SECRET}y OF=$GIVEN
ENV OLD the rest of the line
ENV LONE
ENV =x NEXT=n
ENV PUBLIC_URL=${PUBLIC_URL}/x DEFAULT=${UNKNOWN:-d} UNKNOWN=$UNKNOWN ALT=${PUBLIC_URL:+yes}
WORKDIR sub
WORKDIR /directus
COPY --from=build --chown=x /src/own.env .env
FROM base
ENV LAST=1
RUN echo ADDED=run >> /directus/.env && echo "MORE=$X" >> .env
ENTRYPOINT ["sh", "-c", "LOG_LEVEL=debug npx directus start"]
CMD ["npx", "directus"]
"""
COPIES: Final = {
    "a/Dockerfile": 'FROM directus/directus:12.4.1\nCOPY --exclude=*.md conf/*.env ./\nCOPY ["conf", "/directus/"]\n', "a/conf/x.env": "SECRET=x\n", "a/conf/.env": "SECRET=conf\n",
    "b/Dockerfile": "FROM directus/directus:12.3.0\nCOPY <<EOF .env\nSECRET=here\nKEY=$X\nEOF\n",
    "c/Dockerfile": "FROM directus/directus:12.2.0\nCOPY <<-'EOF' /directus/.env\n\tSECRET=quoted\n\tKEY=$X\nEOF\n",
    "d/Dockerfile": "FROM directus/directus:12.1.0\nADD https://x/.env .env\n",
    "e/Dockerfile": "FROM directus/directus:12.0.0\nCOPY gone.env .env\n",
    "f/Dockerfile": "FROM directus/directus:11.5.0\nCOPY $FILE .env\n",
    "g/Dockerfile": "FROM directus/directus:11.4.0\nCOPY x.env $TARGET\nCOPY .env $TARGET\n", "g/.env": "A=b\n", "g/x.env": "A=b\n",
    "h/Dockerfile": "FROM directus/directus:11.3.0\nCOPY --from=other /x/.env .env\n",
    "i/Dockerfile": "FROM directus/directus:11.2.0\nCOPY .env .env\nRUN rm .env\n", "i/.env": "A=b\n",
    "j/Dockerfile": "FROM directus/directus:11.1.0\nRUN cp x .env\n",
    "k/Dockerfile": "FROM directus/directus:11.0.0\nCOPY . .\n", "k/.env": "SECRET=whole\n", "k/.dockerignore": ".env\n",
    "l/Dockerfile": "FROM directus/directus:10.0.0\nENV CONFIG_PATH=x.json\nCOPY x.json ./\n", "l/x.json": '{"SECRET": "in-json"}',
    "m/Dockerfile": "FROM directus/directus:10.0.0\nENV CONFIG_PATH=$X\n",
    "n/Dockerfile": 'FROM scratch\nCOPY . /\nCMD ["npx", "directus", "start"]\n',
    "o/Dockerfile": "FROM node\nRUN npm i 'directus@^11'\nENV SECRET=a KEY=b DB_CLIENT=pg PUBLIC_URL=c\n",
    "p/Dockerfile": "FROM node AS directus\nFROM node\n",
    "q/Dockerfile": "FROM directus/directus AS one\nENV A=1\nFROM one AS two\nENV B=2\nFROM node\n",
    "r/Dockerfile": "ARG NAME=directus/directus\nFROM ${NAME}:12.4.1\nWORKDIR $X\nCOPY .env .env\n", "r/.env": "A=b\n",
    "s/Dockerfile": "FROM directus/directus:12.4.1\nENV CONFIG_PATH=/gone\n",
    "t/Dockerfile": "FROM directus/directus:12.4.1 AS a\nCOPY .env /x/.env\nFROM directus/directus:12.4.1\nCOPY --from=a /x /directus\nCOPY --from=0 /x/.env /y\n", "t/.env": "SECRET=staged\n",
}  # fmt: skip
BUILDS: Final = """\
on: push
jobs:
  build:
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: ./cms
          build-args: |
            TAG=12.3.0
              SECRET=${{ secrets.X }}
            none
            =x
      - uses: docker/build-push-action@v6
        with: {file: other/Own.Dockerfile, build-args: TAG=12.2.0}
      - uses: docker/build-push-action@v6
        with: {context: gone, build-args: TAG=12.1.0}
      - run: docker build --build-arg TAG=12.0.0 -f cms/Dockerfile .
"""
CLOUD: Final = """\
steps:
  - name: gcr.io/cloud-builders/docker
    args: [build, -t, "gcr.io/$PROJECT_ID/cms:$SHORT_SHA", --build-arg, A=b, -f, Own.Dockerfile, "."]
    dir: cms
  - name: gcr.io/kaniko-project/executor:latest
    args: ["--destination=gcr.io/x/kaniko:1", --dockerfile=cms/Dockerfile, "--context=dir://cms", --build-arg=C=d, --build-arg=E]
  - name: gcr.io/cloud-builders/gcloud
    args: [run, deploy, live, --image, "gcr.io/$PROJECT_ID/cms:$SHORT_SHA", "--set-env-vars=PUBLIC_URL=https://cms.acme.com,SECRET=${_SECRET},OUT=$_OUT,COST=$$5"]
  - name: gcr.io/google.com/cloudsdktool/cloud-sdk
    entrypoint: gcloud
    args: [run, deploy, kaniko, --image=gcr.io/x/kaniko:1, --set-secrets, KEY=k:1]
  - name: gcr.io/google.com/cloudsdktool/cloud-sdk
    entrypoint: bash
    args: [-c, "gcloud run deploy shell --image directus/directus:12.3.0 --update-env-vars A=b --env-vars-file vars.yaml"]
  - name: x
    args: {a: b}
  - name: gcr.io/cloud-builders/gcloud
    args: [gcloud, run, services, update, updated, "--image=directus/directus", 5, [x]]
substitutions: {_SECRET: given}
"""
DEPLOY: Final = """\
on: push
env: {SHARED: shared}
jobs:
  deploy:
    steps:
      - uses: google-github-actions/deploy-cloudrun@v2
        with:
          service: cms
          image: directus/directus:12.4.1
          env_vars: |
            A=b
            C="d e"
            F=g\\,h,I=${{ env.SHARED }}
            1=x
          env_vars_update_strategy: overwrite
          secrets: SECRET=s:latest
          secrets_update_strategy: overwrite
          flags: --set-env-vars=L=m --memory 1Gi
      - uses: google-github-actions/deploy-cloudrun@v2
        with: {service: "${{ x }}", source: cms, env_vars: "${{ vars.X }}", env_vars_file: vars.env}
      - uses: google-github-actions/deploy-cloudrun@v2
        with: {metadata: x, image: directus/directus}
      - uses: google-github-actions/deploy-cloudrun@v2
        with: {image: directus/directus, env_vars: [a], flags: {a: b}}
      - run: gcloud run deploy --source . --set-env-vars A=$SHARED,B=$OTHER --clear-secrets
"""
NIX: Final = """\
{ config, ... }: {
  virtualisation.oci-containers.containers = {
    cms = {
      image = "directus/directus:12.4.1";
      environment = { SECRET = "abc"; PUBLIC_URL = "https://${config.host}"; N = 5; };
      extraOptions = [ "--env" "X=y" ];
    };
    plain = { image = "directus/directus:12.3.0"; environment = {}; extraOptions = [ "--rm" ]; };
  };
  systemd.services.directus = {
    environment = { SECRET = "a"; KEY = "b"; DB_CLIENT = "pg"; PUBLIC_URL = "c"; };
    serviceConfig = { ExecStart = "npx directus start"; EnvironmentFile = "/x"; };
  };
}
"""
BICEP: Final = """\
param tag string = '12.4.1'
resource cms 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'cms'
  properties: {
    configuration: { secrets: [ { name: 'own', value: 'in-bicep' }, { name: 'vault', keyVaultUrl: 'x' } ] }
    template: {
      containers: [
        {
          name: 'directus'
          image: 'directus/directus:${tag}'
          env: [ { name: 'SECRET', secretRef: 'own' }, { name: 'KEY', secretRef: 'vault' }, { name: 'A', value: 'b' } ]
        }
      ]
    }
  }
}
"""
SETTINGS: Final = """\
#!/bin/sh
export LOG_LEVEL=debug
fly secrets set -a cms-live SECRET=abcdefgh KEY=$K --stage
gh secret set DB_PASSWORD --body abcdefgh
aws ssm put-parameter --name /cms/ADMIN_PASSWORD --value abcdefgh
aws secretsmanager create-secret --name cms --secret-string '{"SECRET": "in-json", "directus-key": "k"}'
echo ADMIN_TOKEN=abcdefgh >> prod.env
echo "ADMIN_EMAIL=a@acme.com" >> $GITHUB_ENV
cat > notes.txt <<END
SECRET=none
END
SECRET=one npx directus start
env KEY=two cross-env X=y PUBLIC_URL=z npx directus start
"""
PACKAGES: Final = {
    "a/package.json": '{"scripts": {"start": "npm run serve", "serve": "SECRET=a node --env-file=one.env --env-file two.env node_modules/directus/cli.js start"}}', "a/one.env": "ONE=1\n",
    "b/package.json": '{"dependencies": {"directus": "11"}, "scripts": {"start:prod": "node x.js"}}', "b/.env": "OWN=file\n",
    "c/package.json": '{"dependencies": {"directus": "11"}, "scripts": {"build": "tsc"}}',
    "d/package.json": '{"devDependencies": {"directus": "11"}, "scripts": {"start": "node x.js"}}',
    "e/package.json": '{"scripts": {"start": "CONFIG_PATH=x.yaml npx directus start"}, "x": ', "f/package.json": '{"scripts": {"start": "CONFIG_PATH=gone.yaml npx directus start"}}',
    "g/package.json": '{"scripts": {"start": "dotenv -e one.env -- npx directus start", "dev": "dotenvx run -f=two.env -- directus start", "x": "env-cmd --file three.env directus start"}}', "g/one.env": "G=1\n", "g/two.env": "G=2\n", "g/three.env": "G=3\n",
    "h/package.json": '{"scripts": {"start": "DOTENV_CONFIG_PATH=a.env node -r dotenv/config directus/cli.js dotenv_config_path=b.env"}}', "h/a.env": "A=1\n", "h/b.env": "B=1\n",
}  # fmt: skip
ENVIRONMENT: Final = {
    ".env": "SECRET=a\nKEY='b $X'\nDB_CLIENT=\"${X}\"\nPUBLIC_URL=ab$Word\n", "prod.env": "SECRET=a\nDB_CLIENT=pg\n", "site.env": "SECRET=a\nX=y\n", "dep/.env": "SECRET=a\nCORS_ENABLED=true\n",
    "t.env": "SECRET={{ x }}\nKEY=k\nDB_CLIENT=pg\n{% if x %}\nA=1\n{% endif %}\n", "broken.env": "SECRET=a\nKEY=b\nDB_CLIENT='x\n",
}  # fmt: skip
PROJECTS: Final[dict[str, tuple[Any, dict[str, str], str]]] = {
    "docker run": (docker_run, {"up.sh": RUN, "own.env": "OWN=file\n", "one.env": "ONE=1\nTWO\n", "x.yaml": "SECRET: in-yaml\n", "docker/Own.Dockerfile": "FROM directus/directus\n"}, """\
up.sh#cms (DOCKER_RUN) at up.sh:4:1-7
  ONE='1' at one.env:1:5-6 (--env-file one.env)
  TWO? it is handed on from the shell that starts the container at one.env:2:4-4 (--env-file one.env)
  HANDED='on' at 2:15-17 (docker run --env, via 6:64-70)
  PLAIN='a' at 6:80-81 (docker run --env)
  NONE? it is handed on from the environment of whoever starts the container at 6:85-89 (docker run --env)
  PART? `$UNKNOWN` comes from outside the script at 6:111-120 (docker run --env)
  DEFAULT? `$UNKNOWN` comes from outside the script, else 'd' at 6:132-145 (docker run --env)
  LOG_LEVEL='debug' at 7:45-50 (command)
  config OWN='file' at own.env:1:5-9 (mounted .env)
  open: the `--env-file` `gone.env` is not in the repository
  open: the `--env-file` `?` is not in the repository
  open: a variable whose name is not known is handed over
  image directus/directus:12.4.1 at 7:3-27
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 7:3-27
  port :80:8055 at 4:55-66
  port 127.0.0.1:81:8055 at 4:70-87
  port ::1:82:8055 at 4:98-111
  port ::8055 (where it is published comes from outside) at 4:115-125
  port 127.0.0.1:0:8055 at 4:129-149
  port ::8055 at 4:153-157
  mount './own.env' on '/directus/.env', read only at 5:7-39
  mount 'data' on '/directus/uploads' at 5:44-66
  mount '' on '/only' at 5:70-75
  mount './x' on '/y', read only at 5:95-131
  mount '' on '/z' at 5:140-161
  hints cms
  consumed one.env, own.env, up.sh
up.sh#run (DOCKER_RUN) at up.sh:8:1-7
  A='b' at 8:28-29 (podman run --env)
  open: all of the host's environment is handed over
  image directus/directus:12.3.0 (`$TAG` comes from outside the script, by default) at 8:30-62
  version 12.3.0 of '12.3.0' (IMAGE_TAG, `$TAG` comes from outside the script) at 8:30-62
  hints run
  consumed up.sh
up.sh#run-2 (DOCKER_RUN) at up.sh:9:1-7
  A='b' at 9:17-18 (docker run --env)
  image directus/directus (`$TAG` comes from outside the script) at 9:22-44
  hints run-2
  consumed up.sh
up.sh#run-3 (DOCKER_RUN) at up.sh:10:1-7
  open: a shell variable of the command may set further options
  image directus/directus at 10:21-38
  version None of 'latest' (IMAGE_TAG) at 10:21-38
  hints run-3
  consumed up.sh
up.sh#run-4 (DOCKER_RUN) at up.sh:12:1-7
  image directus/directus:12.1.0 at 12:12-36
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at 12:12-36
  hints run-4
  consumed up.sh
up.sh#run-5 (DOCKER_RUN) at up.sh:15:1-7
  SECRET='a' at 15:22-23 (docker run --env)
  KEY='b' at 15:31-32 (docker run --env)
  DB_CLIENT='pg' at 15:46-48 (docker run --env)
  PUBLIC_URL='c' at 15:63-64 (docker run --env)
  image acme/site at 15:65-74
  hints run-5
  consumed up.sh
up.sh#swarm (DOCKER_RUN) at up.sh:17:1-7
  CONFIG_PATH='x.yaml' at 17:125-131 (docker run --env)
  config SECRET='in-yaml' at x.yaml:1:9-16 (mounted .env)
  image directus/directus:12.0.0 at 17:195-219
  version 12.0.0 of '12.0.0' (IMAGE_TAG) at 17:195-219
  port :83:8055 at 17:85-109
  mount './x.yaml' on '/directus/x.yaml' at 17:140-194
  replicas 3
  hints swarm
  consumed up.sh, x.yaml
up.sh#run-6 (DOCKER_RUN) at up.sh:18:1-7
  CONFIG_PATH? `$X` comes from outside the script at 18:30-32 (docker run --env)
  config? CONFIG_PATH comes from outside the repository
  image directus/directus:11.5.0 at 18:33-57
  version 11.5.0 of '11.5.0' (IMAGE_TAG) at 18:33-57
  hints run-6
  consumed up.sh
up.sh#run-7 (DOCKER_RUN) at up.sh:19:1-7
  config? `/directus/.env` is mounted from outside the repository
  image directus/directus:11.4.0 at 19:41-65
  version 11.4.0 of '11.4.0' (IMAGE_TAG) at 19:41-65
  mount '/etc/x.env' on '/directus/.env' at 19:15-40
  hints run-7
  consumed up.sh
"""),
    "dockerfile": (dockerfile, {"Dockerfile": DOCKERFILE, "own.env": "# c\nOWN=file\n"}, """\
Dockerfile (DOCKERFILE) at Dockerfile:7:6-30
  PUBLIC_URL='https://cms.acme.com' at 11:16-36 (Dockerfile ENV)
  QUOTED='a b' at 11:45-48 (Dockerfile ENV)
  SINGLE='c d' at 11:58-61 (Dockerfile ENV)
  HANDED? build argument `SECRET` may be given from outside, else 'argued' at 8:13-19 (Dockerfile ENV, via 11:70-79)
  WITH? build argument `SECRET` may be given from outside, else 'xarguedy' at 11:85-96 (Dockerfile ENV)
  OF? build argument `GIVEN` may be given from outside, else '' at 11:100-106 (Dockerfile ENV)
  OLD='the rest of the line' at 12:9-29 (Dockerfile ENV)
  NEXT='n' at 14:13-14 (Dockerfile ENV)
  PUBLIC_URL='https://cms.acme.com/x' at 15:16-31 (Dockerfile ENV)
  DEFAULT? `$UNKNOWN` is not set in the Dockerfile, else 'd' at 15:40-53 (Dockerfile ENV)
  UNKNOWN? `$UNKNOWN` is not set in the Dockerfile at 15:62-70 (Dockerfile ENV)
  ALT='yes' at 15:75-93 (Dockerfile ENV)
  LAST='1' at 20:10-11 (Dockerfile ENV)
  LOG_LEVEL='debug' at 22:36-41 (command)
  config OWN='file' at own.env:2:5-9 (`/directus/.env` in the image)
  config ADDED='run' at 21:16-19 (`/directus/.env` in the image)
  open: what the container is given when it is started is not in the Dockerfile
  open: a RUN instruction writes parts of `/directus/.env` that are not known
  image directus/directus:12.4.1 (build argument `TAG` may be given from outside, by default) at 7:6-30
  version 12.4.1 of '12.4.1' (BUILD_ARGUMENT, build argument `TAG` may be given from outside) at 7:6-30
  built from None 'Dockerfile' ''
  consumed Dockerfile, own.env
"""),
    "copies": (dockerfile, COPIES, """\
a/Dockerfile (DOCKERFILE) at a/Dockerfile:1:6-30
  config SECRET='conf' at a/conf/.env:1:8-12 (`/directus/.env` in the image, via 3:6-28)
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.4.1 at 1:6-30
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 1:6-30
  built from None 'a/Dockerfile' ''
  consumed a/Dockerfile, a/conf/.env
b/Dockerfile (DOCKERFILE) at b/Dockerfile:1:6-30
  config SECRET='here' at 3:8-12 (`/directus/.env` in the image)
  config KEY? its variables are replaced when the image is built at 4:5-7 (`/directus/.env` in the image)
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.3.0 at 1:6-30
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 1:6-30
  built from None 'b/Dockerfile' ''
  consumed b/Dockerfile
c/Dockerfile (DOCKERFILE) at c/Dockerfile:1:6-30
  config SECRET='quoted' at 3:9-15 (`/directus/.env` in the image)
  config KEY='$X' at 4:6-8 (`/directus/.env` in the image)
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.2.0 at 1:6-30
  version 12.2.0 of '12.2.0' (IMAGE_TAG) at 1:6-30
  built from None 'c/Dockerfile' ''
  consumed c/Dockerfile
d/Dockerfile (DOCKERFILE) at d/Dockerfile:1:6-30
  config? `.env` is fetched when the image is built
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.1.0 at 1:6-30
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at 1:6-30
  built from None 'd/Dockerfile' ''
  consumed d/Dockerfile
e/Dockerfile (DOCKERFILE) at e/Dockerfile:1:6-30
  config? `e/gone.env`, which the Dockerfile copies, is not in the repository
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.0.0 at 1:6-30
  version 12.0.0 of '12.0.0' (IMAGE_TAG) at 1:6-30
  built from None 'e/Dockerfile' ''
  consumed e/Dockerfile
f/Dockerfile (DOCKERFILE) at f/Dockerfile:1:6-30
  config? which file is copied as `.env` is given from outside
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:11.5.0 at 1:6-30
  version 11.5.0 of '11.5.0' (IMAGE_TAG) at 1:6-30
  built from None 'f/Dockerfile' ''
  consumed f/Dockerfile
g/Dockerfile (DOCKERFILE) at g/Dockerfile:1:6-30
  config? where the Dockerfile copies `.env` to is given from outside
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:11.4.0 at 1:6-30
  version 11.4.0 of '11.4.0' (IMAGE_TAG) at 1:6-30
  built from None 'g/Dockerfile' ''
  consumed g/Dockerfile
h/Dockerfile (DOCKERFILE) at h/Dockerfile:1:6-30
  config? it is copied from another image
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:11.3.0 at 1:6-30
  version 11.3.0 of '11.3.0' (IMAGE_TAG) at 1:6-30
  built from None 'h/Dockerfile' ''
  consumed h/Dockerfile
i/Dockerfile (DOCKERFILE) at i/Dockerfile:1:6-30
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:11.2.0 at 1:6-30
  version 11.2.0 of '11.2.0' (IMAGE_TAG) at 1:6-30
  built from None 'i/Dockerfile' ''
  consumed i/Dockerfile
j/Dockerfile (DOCKERFILE) at j/Dockerfile:1:6-30
  config? a RUN instruction may write `/directus/.env`
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:11.1.0 at 1:6-30
  version 11.1.0 of '11.1.0' (IMAGE_TAG) at 1:6-30
  built from None 'j/Dockerfile' ''
  consumed j/Dockerfile
k/Dockerfile (DOCKERFILE) at k/Dockerfile:1:6-30
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:11.0.0 at 1:6-30
  version 11.0.0 of '11.0.0' (IMAGE_TAG) at 1:6-30
  built from None 'k/Dockerfile' ''
  consumed k/Dockerfile
l/Dockerfile (DOCKERFILE) at l/Dockerfile:1:6-30
  CONFIG_PATH='x.json' at 2:17-23 (Dockerfile ENV)
  config SECRET='in-json' at l/x.json:1:13-20 (`/directus/x.json` in the image, via 3:6-15)
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:10.0.0 at 1:6-30
  version 10.0.0 of '10.0.0' (IMAGE_TAG) at 1:6-30
  built from None 'l/Dockerfile' ''
  consumed l/Dockerfile, l/x.json
m/Dockerfile (DOCKERFILE) at m/Dockerfile:1:6-30
  CONFIG_PATH? `$X` is not set in the Dockerfile at 2:17-19 (Dockerfile ENV)
  config? CONFIG_PATH comes from outside the repository
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:10.0.0 at 1:6-30
  version 10.0.0 of '10.0.0' (IMAGE_TAG) at 1:6-30
  built from None 'm/Dockerfile' ''
  consumed m/Dockerfile
n/Dockerfile (DOCKERFILE) at n/Dockerfile:1:6-13
  open: what the container is given when it is started is not in the Dockerfile
  built from None 'n/Dockerfile' ''
  consumed n/Dockerfile
o/Dockerfile (DOCKERFILE) at o/Dockerfile:1:6-10
  SECRET='a' at 3:12-13 (Dockerfile ENV)
  KEY='b' at 3:18-19 (Dockerfile ENV)
  DB_CLIENT='pg' at 3:30-32 (Dockerfile ENV)
  PUBLIC_URL='c' at 3:44-45 (Dockerfile ENV)
  open: what the container is given when it is started is not in the Dockerfile
  image node at 1:6-10
  version None of '^11' (INSTALLED) at 2:21-24
  built from None 'o/Dockerfile' ''
  consumed o/Dockerfile
r/Dockerfile (DOCKERFILE) at r/Dockerfile:2:6-20
  config A='b' at r/.env:1:3-4 (`/(a folder that the Dockerfile does not name)/.env` in the image, via 4:6-15)
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.4.1 (build argument `NAME` may be given from outside, by default) at 2:6-20
  version 12.4.1 of '12.4.1' (BUILD_ARGUMENT, build argument `NAME` may be given from outside) at 2:6-20
  built from None 'r/Dockerfile' ''
  consumed r/.env, r/Dockerfile
s/Dockerfile (DOCKERFILE) at s/Dockerfile:1:6-30
  CONFIG_PATH='/gone' at 2:17-22 (Dockerfile ENV)
  config? the file that CONFIG_PATH names is not in the repository
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.4.1 at 1:6-30
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 1:6-30
  built from None 's/Dockerfile' ''
  consumed s/Dockerfile
t/Dockerfile (DOCKERFILE) at t/Dockerfile:3:6-30
  config SECRET='staged' at t/.env:1:8-14 (`/directus/.env` in the image, via 2:6-18)
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.4.1 at 3:6-30
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 3:6-30
  built from None 't/Dockerfile' ''
  consumed t/.env, t/Dockerfile
"""),
    "builds": (dockerfile, {"cms/Dockerfile": "ARG TAG=1\nFROM directus/directus:$TAG\nARG SECRET\nENV SECRET=$SECRET\n", "other/Own.Dockerfile": "ARG TAG\nFROM directus/directus:$TAG\n", ".github/workflows/b.yml": BUILDS}, """\
cms/Dockerfile (DOCKERFILE) at cms/Dockerfile:2:6-28
  SECRET? it is filled in by a template at .github/workflows/b.yml:10:22-38 (Dockerfile ENV, via 4:12-19)
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.3.0 at 2:6-28
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at .github/workflows/b.yml:9:17-23
  built from None 'cms/Dockerfile' ''
  consumed cms/Dockerfile
other/Own.Dockerfile (DOCKERFILE) at other/Own.Dockerfile:2:6-28
  open: what the container is given when it is started is not in the Dockerfile
  image directus/directus:12.2.0 at 2:6-28
  version 12.2.0 of '12.2.0' (IMAGE_TAG) at .github/workflows/b.yml:14:56-66
  built from None 'other/Own.Dockerfile' ''
  consumed other/Own.Dockerfile
"""),
    "cloud build": (cloud_run, {"cloudbuild.yaml": CLOUD, "vars.yaml": "V: 5\nW: x\n", "cms/Own.Dockerfile": "FROM directus/directus\n", "cms/Dockerfile": "FROM directus/directus\n"}, """\
cloudbuild.yaml#live (CLOUD_RUN) at cloudbuild.yaml:8:41-74
  PUBLIC_URL='https://cms.acme.com' at 8:104-124 (--set-env-vars)
  SECRET? `$_SECRET` is given when Cloud Build runs, else 'given' at 8:132-142 (--set-env-vars)
  OUT? `$_OUT` is given when Cloud Build runs at 8:147-152 (--set-env-vars)
  COST='$5' at 8:158-161 (--set-env-vars)
  open: secrets that the service has from an earlier deployment are kept
  image gcr.io (`$PROJECT_ID` is given when Cloud Build runs) at 8:41-74
  built from 'cms' 'cms/Own.Dockerfile' ''
  argument A='b' at 3:75-76 (--build-arg)
  hints live
  consumed cloudbuild.yaml
cloudbuild.yaml#kaniko (CLOUD_RUN) at cloudbuild.yaml:11:41-58
  KEY? Cloud Run takes it from Secret Manager at 11:75-82 (--set-secrets)
  open: variables that the service has from an earlier deployment are kept
  image gcr.io/x/kaniko:1 at 11:41-58
  built from 'cms' 'cms/Dockerfile' ''
  argument C='d' at 6:113-114 (--build-arg)
  argument E? it is handed on from the environment of the build at 6:128-129 (--build-arg)
  hints kaniko
  consumed cloudbuild.yaml
cloudbuild.yaml#updated (CLOUD_RUN) at cloudbuild.yaml:18:61-78
  open: an argument of the command comes from outside
  open: variables that the service has from an earlier deployment are kept
  open: secrets that the service has from an earlier deployment are kept
  image directus/directus at 18:61-78
  version None of 'latest' (IMAGE_TAG) at 18:61-78
  hints updated
  consumed cloudbuild.yaml
cloudbuild.yaml#shell (CLOUD_RUN) at cloudbuild.yaml:14:49-73
  V='5' at vars.yaml:1:4-5 (--env-vars-file vars.yaml, via 14:112-121)
  W='x' at vars.yaml:2:4-5 (--env-vars-file vars.yaml, via 14:112-121)
  A='b' at 14:94-95 (--update-env-vars)
  open: variables that the service has from an earlier deployment are kept
  open: secrets that the service has from an earlier deployment are kept
  image directus/directus:12.3.0 at 14:49-73
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 14:49-73
  hints shell
  consumed cloudbuild.yaml, vars.yaml
cloudbuild.yaml:15: `args` of a step is not a list of texts: what it sets is not known!
cloudbuild.yaml:17: `args` of a step is not a list of texts: what it sets is not known!
"""),
    "deploy-cloudrun": (cloud_run, {".github/workflows/d.yml": DEPLOY, "cms/Dockerfile": "FROM directus/directus\n", "Dockerfile": "FROM directus/directus\n", "vars.env": "E=1\n"}, """\
.github/workflows/d.yml#cms (CLOUD_RUN) at .github/workflows/d.yml:9:18-42
  A='b' at 11:15-16 (env_vars)
  C='d e' at 12:16-19 (env_vars)
  F='g,h' at 13:15-19 (env_vars)
  I='shared' at 2:15-21 (env_vars, via 13:22-39)
  SECRET? Cloud Run takes it from Secret Manager at 16:27-35 (secrets)
  L='m' at 18:35-36 (--set-env-vars)
  image directus/directus:12.4.1 at 9:18-42
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 9:18-42
  hints cms
  consumed .github/workflows/d.yml
.github/workflows/d.yml#deploy (CLOUD_RUN) at .github/workflows/d.yml:19:9-13
  E='1' at vars.env:1:3-4 (vars.env, via 20:92-100)
  open: `env_vars` comes from outside
  open: variables that the service has from an earlier deployment are kept
  open: secrets that the service has from an earlier deployment are kept
  built from 'cms' 'cms/Dockerfile' ''
  hints ${{ x }}
  consumed .github/workflows/d.yml, vars.env
.github/workflows/d.yml#deploy-2 (CLOUD_RUN) at .github/workflows/d.yml:24:23-40
  open: variables that the service has from an earlier deployment are kept
  open: secrets that the service has from an earlier deployment are kept
  image directus/directus at 24:23-40
  version None of 'latest' (IMAGE_TAG) at 24:23-40
  consumed .github/workflows/d.yml, vars.env
.github/workflows/d.yml#deploy-3 (CLOUD_RUN) at .github/workflows/d.yml:25:21-24
  A='shared' at 2:15-21 (--set-env-vars, via 25:60-67)
  B? `$OTHER` comes from outside the script at 25:70-76 (--set-env-vars)
  built from '' 'Dockerfile' ''
  consumed .github/workflows/d.yml, vars.env
.github/workflows/d.yml:24: `env_vars` is not a text: what it sets is not known!
.github/workflows/d.yml:24: `flags` is not a text: what it sets is not known!
"""),
    "nixos": (nixos, {"configuration.nix": NIX}, """\
configuration.nix#cms (NIXOS) at configuration.nix:3:11-7:6
  SECRET='abc' at 5:33-36 (`environment`)
  PUBLIC_URL? `config.host` is worked out by Nix at 5:53-75 (`environment`)
  N='5' at 5:82-83 (`environment`)
  open: `serviceConfig` or `extraOptions` may set more variables
  image directus/directus:12.4.1 at 4:16-40
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 4:16-40
  hints cms
  consumed configuration.nix
configuration.nix#plain (NIXOS) at configuration.nix:8:13-97
  image directus/directus:12.3.0 at 8:24-48
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 8:24-48
  hints plain
  consumed configuration.nix
configuration.nix#directus (NIXOS) at configuration.nix:10:31-13:4
  SECRET='a' at 11:31-32 (`environment`)
  KEY='b' at 11:42-43 (`environment`)
  DB_CLIENT='pg' at 11:59-61 (`environment`)
  PUBLIC_URL='c' at 11:78-79 (`environment`)
  open: `serviceConfig` or `extraOptions` may set more variables
  hints directus
  consumed configuration.nix
"""),
    "bicep": (bicep, {"main.bicep": BICEP}, """\
main.bicep#cms/directus (AZURE) at main.bicep:8:9-12:10
  SECRET='in-bicep' at 5:56-64 (`env`)
  KEY? it is read from a secret store at 11:83-88 (`env`)
  A='b' at 11:114-115 (`env`)
  image directus/directus:12.4.1 (parameter `tag` comes from outside the repository, by default) at 10:19-43
  version 12.4.1 of '12.4.1' (IMAGE_TAG, parameter `tag` comes from outside the repository) at 1:21-27
  hints cms/directus
  consumed main.bicep
"""),
    "settings": (SCRIPTS, {"setup.sh": SETTINGS}, """\
setup.sh#fly-cms-live (FLY) at setup.sh:3:36-44
  SECRET='abcdefgh' at 3:36-44 (command)
  KEY? `$K` comes from outside the script at 3:49-51 (command)
  open: variables set at the host by other commands are not known
  hints fly-cms-live
  consumed setup.sh
setup.sh#gh (SCRIPT) at setup.sh:4:34-42
  DB_PASSWORD='abcdefgh' at 4:34-42 (command)
  open: variables set at the host by other commands are not known
  hints gh
  partial
  consumed setup.sh
setup.sh#aws (ECS) at setup.sh:5:58-66
  ADMIN_PASSWORD='abcdefgh' at 5:58-66 (command)
  open: variables set at the host by other commands are not known
  hints aws
  partial
  consumed setup.sh
setup.sh#aws-cms (ECS) at setup.sh:6:74-81
  SECRET='in-json' at 6:74-81 (command)
  KEY='k' at 6:101-102 (command)
  open: variables set at the host by other commands are not known
  hints aws-cms
  consumed setup.sh
setup.sh#prod.env (SCRIPT) at setup.sh:7:18-26
  ADMIN_TOKEN='abcdefgh' at 7:18-26 (written by a command)
  open: what else the file holds is not known
  hints prod.env
  partial
  consumed setup.sh
setup.sh#start (SCRIPT) at setup.sh:2:18-23
  LOG_LEVEL='debug' at 2:18-23 (command)
  SECRET='one' at 12:8-11 (command)
  KEY='two' at 13:9-12 (command)
  open: what else the environment of the process holds is not in the repository
  hints start
  consumed setup.sh
"""),
    "packages": (SERVERS, PACKAGES, """\
a/package.json (NODE) at a/package.json:1:1-1
  ONE='1' at a/one.env:1:5-6 (one.env)
  SECRET='a' at 1:57-58 (command)
  open: its command loads an environment file that is not in the repository
  open: the environment of the process that starts it is not in the repository
  consumed a/package.json
b/package.json (NODE) at b/package.json:1:1-1
  config OWN='file' at b/.env:1:5-9 (Directus' own .env)
  consumed b/.env, b/package.json
f/package.json (NODE) at f/package.json:1:1-1
  CONFIG_PATH='gone.yaml' at 1:36-45 (command)
  config? the file that CONFIG_PATH names is not in the repository
  consumed f/package.json
g/package.json (NODE) at g/package.json:1:1-1
  G='1' at g/one.env:1:3-4 (one.env)
  G='2' at g/two.env:1:3-4 (two.env)
  G='3' at g/three.env:1:3-4 (three.env)
  open: its command takes in further variables
  open: the environment of the process that starts it is not in the repository
  consumed g/package.json
h/package.json (NODE) at h/package.json:1:1-1
  B='1' at h/b.env:1:3-4 (b.env)
  A='1' at h/a.env:1:3-4 (a.env)
  open: the environment of the process that starts it is not in the repository
  consumed h/package.json
"""),
    "environment files": (SimpleNamespace(read=lambda made: dotenv_files.read(made, frozenset({"dep"}))), ENVIRONMENT, """\
.env (DOTENV) at .env:1:1-1
  SECRET='a' at 1:8-9 (.env)
  KEY='b $X' at 2:6-10 (.env)
  DB_CLIENT? it refers to another variable, which depends on who reads the file at 3:12-16 (.env)
  PUBLIC_URL? it refers to another variable, which depends on who reads the file, dropped Word at 4:12-19 (.env)
  consumed .env
broken.env (DOTENV) at broken.env:1:1-1
  SECRET='a' at 1:8-9 (broken.env)
  KEY='b' at 2:5-6 (broken.env)
  DB_CLIENT="'x" at 3:11-13 (broken.env)
  open: what else is given to the server is not in the repository
  consumed broken.env
dep/.env (DOTENV) at dep/.env:1:1-1
  SECRET='a' at 1:8-9 (.env)
  CORS_ENABLED='true' at 2:14-18 (.env)
  consumed dep/.env
prod.env (DOTENV) at prod.env:1:1-1
  SECRET='a' at 1:8-9 (prod.env)
  DB_CLIENT='pg' at 2:11-13 (prod.env)
  open: what else is given to the server is not in the repository
  consumed prod.env
t.env (DOTENV) at t.env:1:1-1
  SECRET? it is filled in by a template at 1:8-15 (t.env)
  KEY='k' at 2:5-6 (t.env)
  DB_CLIENT='pg' at 3:11-13 (t.env)
  open: what else is given to the server is not in the repository
  consumed t.env
"""),
}  # fmt: skip
MANY: Final = ("docker run",)
"""Projects of services of which only themselves are of interest."""


@pytest.mark.parametrize("name", PROJECTS)
def test_all_that_is_read(tmp_path: Path, name: str) -> None:
    reader, files, expected = PROJECTS[name]
    made = repository(tmp_path, files)
    found = described(reader.read(made), beside=name not in MANY).split("\n")
    assert [*found, *problems(made)] == expected.strip("\n").split("\n")
