"""Manifests of Kubernetes with much of what may be in them, and all that is read of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.sources.deployments import helm, kubernetes
from tests.support.described import described, problems
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

DEPLOYMENT: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cms, namespace: live}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: cms, tier: web}}
    spec:
      volumes:
        - {name: config, configMap: {name: settings, items: [{key: own.env, path: .env}, {key: gone, path: x}]}}
        - {name: secret, secret: {secretName: passwords}}
        - {name: gone, configMap: {name: gone}}
        - name: all
          projected:
            sources: [{configMap: {name: gone}}, {secret: {name: passwords}}, {serviceAccountToken: {path: t}}]
        - {name: data, persistentVolumeClaim: {claimName: data}}
      containers:
        - name: directus
          image: directus/directus:12.4.1
          args: [npx, directus, start]
          envFrom:
            - {prefix: P_, configMapRef: {name: settings}}
            - secretRef: {name: passwords}
            - secretRef: {name: gone}
            - configMapRef: {}
            - configMapRef: text
            - text
          env:
            - {name: PLAIN, value: a}
            - {name: NUMBER, value: 5}
            - {name: EMPTY}
            - {name: NOTHING, value: null}
            - {name: TILDE, value: ~}
            - {name: FILLED, value: "${X}"}
            - {name: DEFAULT, value: "${X:-d}"}
            - {name: BARE, value: $X}
            - {name: VAULT, value: "vault:secret/x#y"}
            - {name: LATER, value: "a-$(PLAIN)-$$(PLAIN)-$(GONE)"}
            - {name: KNOWN, value: "a$(PLAIN)"}
            - {name: UNKNOWN, value: "$(FILLED)"}
            - {name: OF_MAP, valueFrom: {configMapKeyRef: {name: settings, key: PUBLIC_URL}}}
            - {name: OF_SECRET, valueFrom: {secretKeyRef: {name: passwords, key: SECRET}}}
            - {name: NO_KEY, valueFrom: {secretKeyRef: {name: passwords, key: GONE}}}
            - {name: NO_STORE, valueFrom: {secretKeyRef: {name: gone, key: SECRET}}}
            - {name: FIELD, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            - {name: "1 a", value: x}
            - {name: LIST, value: [a]}
          volumeMounts:
            - {name: config, mountPath: /directus/.env, subPath: .env}
            - {name: secret, mountPath: /secrets/}
            - {name: secret, mountPath: /one, subPath: SECRET}
            - {name: gone, mountPath: /gone}
            - {name: all, mountPath: /all}
            - {name: data, mountPath: /directus/uploads}
            - {name: other, mountPath: /other, readOnly: true}
            - {name: config}
        - name: proxy
          image: nginx
          command: [nginx]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: live}
data:
  PUBLIC_URL: https://cms.acme.com
  "with space": x
  own.env: |
    SECRET=in-map
    KEY="k k"
binaryData: {BINARY: YmluYXJ5}
---
apiVersion: v1
kind: Secret
metadata: {name: passwords, namespace: live}
data: {SECRET: c2VjcmV0, BROKEN: "%", NULLED: null}
stringData: {KEY: plain}
---
apiVersion: v1
kind: Secret
metadata: {name: passwords, namespace: stage}
data: {SECRET: b3RoZXI=}
---
apiVersion: v1
kind: Service
metadata: {name: cms}
spec: {type: NodePort, selector: {app: cms}, ports: [{port: 80, targetPort: 8055, nodePort: 30001}, {port: 81}]}
---
apiVersion: v1
kind: Service
metadata: {name: cms}
spec: {type: LoadBalancer, selector: {app: cms, tier: web}, ports: [{port: 443, targetPort: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: other}
spec: {type: NodePort, selector: {app: other}, ports: [{port: 82}]}
---
apiVersion: v1
kind: Service
metadata: {name: inner}
spec: {selector: {app: cms}, ports: [{port: 83}]}
---
apiVersion: v1
kind: Service
metadata: {name: all, namespace: stage}
spec: {type: NodePort, selector: {app: cms}, ports: [{port: 84}]}
"""
POINTED: Final = """\
apiVersion: v1
kind: Pod
metadata: {generateName: pod}
spec:
  volumes: [{name: c, configMap: {name: files}}]
  containers:
    - name: yaml
      image: directus/directus:12.4.1
      env: [{name: CONFIG_PATH, value: ../conf/x.yaml}]
      volumeMounts: [{name: c, mountPath: /conf}]
    - image: directus/directus:12.3.0
      env: [{name: CONFIG_PATH, value: "${WHERE}"}]
    - {name: away, image: "directus/directus:12.2.0", env: [{name: CONFIG_PATH, value: /gone}]}
    - {name: mounted, image: "directus/directus:12.1.0", volumeMounts: [{name: x, mountPath: /directus/.env}]}
    - {name: broken, image: "directus/directus:12.0.0", env: [{name: CONFIG_PATH, value: /conf/b.json}], volumeMounts: [{name: c, mountPath: /conf}]}
    - {name: once, image: "directus/directus:11.5.0", command: [npx, directus, bootstrap]}
    - {name: tag, image: "directus/directus:${TAG:=11.4.0}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: files}
data:
  x.yaml: |
    # c
    SECRET: in-yaml
  b.json: "{"
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: job}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: "directus/directus:11.3.0"}]}}}}}
"""
STORES: Final = """\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Secret
    metadata: {name: directus}
    stringData: {SECRET: a}
  - apiVersion: v1
    kind: Secret
    metadata: {name: cms}
    stringData: {SECRET: a, KEY: b, DB_CLIENT: pg, PUBLIC_URL: c}
  - apiVersion: bitnami.com/v1alpha1
    kind: SealedSecret
    metadata: {name: directus-sealed}
    spec: {encryptedData: {SECRET: x, KEY: y}, template: {data: {PUBLIC_URL: z}}}
  - apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata: {name: x}
    spec:
      target: {name: directus-external, template: {data: {LOG_LEVEL: debug}, mergePolicy: Merge}}
      data: [{secretKey: SECRET}, {secretKey: KEY}]
  - apiVersion: v1
    kind: Secret
    metadata: {name: sealed}
    sops: {}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: directus-odd}, data: [a]}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: directus-list}, data: {SECRET: [a], KEY: k}}
---
apiVersion: v1
metadata: {name: x}
---
- list
"""
POSTGRES: Final = (
    "# directus\napiVersion: v1\nkind: Secret\nmetadata: {name: database}\nstringData: {POSTGRES_PASSWORD: a}\n"
)
BASE: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cms}
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: directus
          image: directus/directus:12.0.0
          env: [{name: A, value: base}]
          envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: passwords}}, {configMapRef: {name: merged}}]
"""
KUSTOMIZATION: Final = """\
resources: [../base, gone.yaml]
components: [../component, ../none]
namePrefix: live-
nameSuffix: -x
namespace: live
replicas: [{name: cms, count: 3}, {name: other, count: 5}]
images: [{name: directus/directus, newTag: 12.4.1}]
vars: [x]
configMapGenerator:
  - name: settings
    behavior: merge
    envs: [settings.env, gone.env]
    files: [file.txt, named=file.txt, gone.txt]
    literals: [LITERAL=one, 'QUOTED="two"', plain]
  - {name: merged, behavior: merge, literals: [NEW=1, OLD=2]}
secretGenerator:
  - {name: passwords, behavior: replace, env: passwords.env}
patches:
  - path: patch.yaml
  - patch: |
      - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: JSON, value: patched}}
    target: {kind: Deployment}
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: cms}
      spec: {template: {spec: {containers: [{name: directus, env: [{name: INLINE, value: inline}]}]}}}
  - {path: gone-patch.yaml}
patchesStrategicMerge: [patch.yaml]
"""
VALUES: Final = """\
image: {registry: docker.io, repository: directus/directus, tag: 12.4.1}
replicaCount: 2
admin: {email: a@acme.com, password: ""}
secret: chart-secret
directus:
  publicUrl: https://cms.acme.com
  extra: {env: {EXTRA: x}, secret: {KEY: y}}
  env: [{name: NAMED, value: n}, {name: FROM, valueFrom: {secretKeyRef: {name: x}}}, {value: x}]
env:
  PLAIN: a
  NOTHING: null
  LIST: [a]
  OBJECT: {value: b}
  OTHER: {valueFrom: x}
  FILLED: "${X:-d}"
  notAVariable: x
  data: {INSIDE: i}
extraEnvVars: [{name: LAST, value: 5}]
postgresql: {auth: {password: p, postgresPassword: q, username: u}}
redis: {enabled: false, auth: {password: p}}
mysql: {enableInstallation: false, rootPassword: r}
mariadb: {rootPassword: r, auth: {password: ""}}
"""
VALUES_OF_OTHERS: Final = """\
controllers:
  main:
    containers:
      app: {image: {repository: directus/directus, tag: "", digest: "sha256:x"}, env: {A: b}}
      other: {image: nginx}
      none: {env: {A: b}}
    sidecars: [{name: side, image: "directus/directus:12.3.0"}, {image: "directus/directus:12.2.0"}]
cms:
  image: {registry: ghcr.io, repository: directus/directus}
web: {image: "directus/directus:${TAG}", replicas: 3}
database: {image: postgres, env: {SECRET: a, KEY: b, DB_CLIENT: pg, PUBLIC_URL: x}}
directus: {env: {SECRET: a, KEY: b, DB_CLIENT: pg, PUBLIC_URL: x}}
"""
RELEASES: Final = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cms}
spec: {chart: {spec: {chart: directus}}, values: {image: {tag: 12.4.1}, adminEmail: a@acme.com}}
---
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: cms}
spec:
  chart: x/directus
  valuesContent: |-
    image: {repository: directus/directus, tag: 12.3.0}
    env:
      SECRET: in-text
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: cms}
spec:
  source: {chart: other, helm: {valuesObject: {env: {SECRET: a}}}}
  sources:
    - {chart: my_directus, helm: {values: "publicURL: https://x\\n"}}
    - {chart: directus, helm: {values: "{"}}
"""
HELMFILE: Final = """\
releases:
  - {name: cms, chart: acme/directus, values: [a.yaml, {key: k}], set: [{name: admin.email, value: a@acme.com}, {name: "env.A\\\\.B", value: x}, {name: "extraEnvVars[0].name", value: N}, {name: "extraEnvVars[0].value", value: v}, {value: x}]}
  - {name: gone, chart: acme/directus, installed: false, values: [{key: k}]}
  - {name: other, chart: ./chart, values: [{env: {A: b}}]}
"""
PROJECTS: Final[dict[str, tuple[Any, dict[str, str], str]]] = {
    "deployment": (kubernetes, {"cms.yaml": DEPLOYMENT}, r"""
cms.yaml#Deployment/cms/directus (KUBERNETES) at cms.yaml:18:11-57:9
  P_BINARY='binary' at 70:22-30 (ConfigMap settings, via 22:15-59)
  P_PUBLIC_URL='https://cms.acme.com' at 65:15-35 (ConfigMap settings, via 22:15-59)
  P_own.env='SECRET=in-map\nKEY="k k"\n' at 68:5-18 (ConfigMap settings, via 22:15-59)
  SECRET='secret' at 75:16-24 (Secret passwords, via 23:15-24:13)
  BROKEN? it is not valid base64 at 75:35-36 (Secret passwords, via 23:15-24:13)
  NULLED='' at 75:47-51 (Secret passwords, via 23:15-24:13)
  KEY='plain' at 76:19-24 (Secret passwords, via 23:15-24:13)
  PLAIN='a' at 29:36-37 (env)
  NUMBER='5' at 30:37-38 (env)
  EMPTY='' at 31:15-28 (env)
  NOTHING='' at 32:31-36 (env)
  TILDE='' at 33:29-34 (env)
  FILLED? `${X}` is filled in before the manifest is applied at 34:38-42 (env)
  DEFAULT? `${X}` is filled in before the manifest is applied, else 'd' at 35:39-46 (env)
  BARE? `$X` is filled in before the manifest is applied at 36:35-37 (env)
  VAULT? it is read from Vault at start at 37:37-53 (env)
  LATER? `$(GONE)` in it may come from outside the repository at 38:37-65 (env)
  KNOWN='aa' at 39:37-46 (env)
  UNKNOWN? `$(FILLED)` in it is not known: `${X}` is filled in before the manifest is applied at 40:39-48 (env)
  OF_MAP='https://cms.acme.com' at 65:15-35 (ConfigMap settings, via 41:30-39)
  OF_SECRET='secret' at 75:16-24 (Secret passwords, via 42:33-42)
  NO_KEY? Secret passwords has no key `GONE` at 43:56-84 (Secret passwords, via 43:30-39)
  NO_STORE? Secret `gone` is not in the repository at 44:58-83 (Secret, via 44:32-41)
  FIELD? Kubernetes sets it when the container starts at 45:40-77 (valueFrom)
  LIST? its `value` is not a text at 47:28-33 (env)
  config SECRET='in-map' at 68:12-18 (/directus/.env of the container)
  config KEY='k k' at 69:10-13 (/directus/.env of the container)
  open: Secret `gone` is not in the repository
  open: `configMapRef` has no `name`: what it sets is not known
  open: `configMapRef` is not a mapping: what it sets is not known
  open: `envFrom` holds something that is not a mapping: what it sets is not known
  open: a variable has no usable `name`: what it sets is not known
  open: the `value` of `LIST` is not a text: what it sets is not known
  image directus/directus:12.4.1 at 19:18-42
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 19:18-42
  port :30001:8055 at 86:54-99
  port ::81 at 86:101-111
  port :443:web at 91:69-97
  mount 'data' on '/directus/uploads' at 54:39-56
  mount 'other' on '/other', read only at 55:40-46
  file /directus/.env='SECRET=in-map\nKEY="k k"\n' at 68:5-18
  file /secrets/SECRET='secret' at 75:16-24
  file /secrets/BROKEN? it is not valid base64 at 75:35-36
  file /secrets/NULLED='' at 75:47-51
  file /secrets/KEY='plain' at 76:19-24
  file /one='secret' at 75:16-24
  file /all/SECRET='secret' at 75:16-24
  file /all/BROKEN? it is not valid base64 at 75:35-36
  file /all/NULLED='' at 75:47-51
  file /all/KEY='plain' at 76:19-24
  replicas 2
  hints live
  consumed cms.yaml
  beside proxy nginx at 58:18-23, nginx at 57:11-60:1
    port :30001:8055 at 86:54-99
    port ::81 at 86:101-111
    port :443:web at 91:69-97
cms.yaml:25: `configMapRef` has no `name`: what it sets is not known!
cms.yaml:26: `configMapRef` is not a mapping: what it sets is not known!
cms.yaml:27: `envFrom` holds something that is not a mapping: what it sets is not known!
cms.yaml:46: a variable has no usable `name`: what it sets is not known!
cms.yaml:47: the `value` of `LIST` is not a text: what it sets is not known!
"""),
    "config file": (kubernetes, {"a/pod.yaml": POINTED}, r"""
a/pod.yaml#Pod/pod/yaml (KUBERNETES) at a/pod.yaml:7:7-11:5
  CONFIG_PATH='../conf/x.yaml' at 9:40-54 (env)
  config SECRET='in-yaml' at 25:13-20 (/conf/x.yaml of the container)
  image directus/directus:12.4.1 at 8:14-38
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 8:14-38
  file /conf/x.yaml='# c\nSECRET: in-yaml\n' at 24:5-8
  file /conf/b.json='{' at 26:12-13
  consumed a/pod.yaml
a/pod.yaml#Pod/pod (KUBERNETES) at a/pod.yaml:11:7-13:5
  CONFIG_PATH? `${WHERE}` is filled in before the manifest is applied at 12:41-49 (env)
  config? CONFIG_PATH comes from outside the repository
  image directus/directus:12.3.0 at 11:14-38
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 11:14-38
  consumed a/pod.yaml
a/pod.yaml#Pod/pod/away (KUBERNETES) at a/pod.yaml:13:7-96
  CONFIG_PATH='/gone' at 13:88-93 (env)
  config? the file that CONFIG_PATH names is not in the manifests
  image directus/directus:12.2.0 at 13:28-52
  version 12.2.0 of '12.2.0' (IMAGE_TAG) at 13:28-52
  consumed a/pod.yaml
a/pod.yaml#Pod/pod/mounted (KUBERNETES) at a/pod.yaml:14:7-111
  config? what is mounted at `/directus/.env` is not in the manifests
  image directus/directus:12.1.0 at 14:31-55
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at 14:31-55
  mount 'x' on '/directus/.env' at 14:94-108
  consumed a/pod.yaml
a/pod.yaml#Pod/pod/broken (KUBERNETES) at a/pod.yaml:15:7-150
  CONFIG_PATH='/conf/b.json' at 15:90-102 (env)
  config? the file that CONFIG_PATH names is not one that Directus can read
  image directus/directus:12.0.0 at 15:30-54
  version 12.0.0 of '12.0.0' (IMAGE_TAG) at 15:30-54
  file /conf/x.yaml='# c\nSECRET: in-yaml\n' at 24:5-8
  file /conf/b.json='{' at 26:12-13
  consumed a/pod.yaml
a/pod.yaml#Pod/pod/once (KUBERNETES) at a/pod.yaml:16:7-91
  open: it runs a command and ends: what serves is another service
  image directus/directus:11.5.0 at 16:28-52
  version 11.5.0 of '11.5.0' (IMAGE_TAG) at 16:28-52
  partial
  consumed a/pod.yaml
a/pod.yaml#Pod/pod/tag (KUBERNETES) at a/pod.yaml:17:7-61
  image directus/directus:11.4.0 (`${TAG}` is filled in before the manifest is applied, by default) at 17:27-59
  version 11.4.0 of '11.4.0' (IMAGE_TAG, `${TAG}` is filled in before the manifest is applied) at 17:27-59
  consumed a/pod.yaml
a/pod.yaml#CronJob/job/c (KUBERNETES) at a/pod.yaml:31:60-104
  image directus/directus:11.3.0 at 31:78-102
  version 11.3.0 of '11.3.0' (IMAGE_TAG) at 31:78-102
  consumed a/pod.yaml
"""),
    "stores": (kubernetes, {"stores.yaml": STORES, "postgres.yaml": POSTGRES}, """\
stores.yaml#Secret/directus (KUBERNETES) at stores.yaml:4:5-8:3
  SECRET='a' at 7:26-27 (Secret directus)
  open: the workload that takes it is not in the repository
  consumed stores.yaml
stores.yaml#Secret/cms (KUBERNETES) at stores.yaml:8:5-12:3
  SECRET='a' at 11:26-27 (Secret cms)
  KEY='b' at 11:34-35 (Secret cms)
  DB_CLIENT='pg' at 11:48-50 (Secret cms)
  PUBLIC_URL='c' at 11:64-65 (Secret cms)
  open: the workload that takes it is not in the repository
  consumed stores.yaml
stores.yaml#SealedSecret/directus-sealed (KUBERNETES) at stores.yaml:12:5-16:3
  SECRET? Secret `directus-sealed` is made by a SealedSecret at 15:36-37 (Secret directus-sealed)
  KEY? Secret `directus-sealed` is made by a SealedSecret at 15:44-45 (Secret directus-sealed)
  PUBLIC_URL='z' at 15:78-79 (Secret directus-sealed)
  open: the workload that takes it is not in the repository
  consumed stores.yaml
stores.yaml#ExternalSecret/directus-external (KUBERNETES) at stores.yaml:16:5-22:3
  SECRET? Secret `directus-external` is made by a ExternalSecret at 21:26-32 (Secret directus-external)
  KEY? Secret `directus-external` is made by a ExternalSecret at 21:47-50 (Secret directus-external)
  LOG_LEVEL='debug' at 20:70-75 (Secret directus-external)
  open: Secret `directus-external` is made by a ExternalSecret
  open: the workload that takes it is not in the repository
  consumed stores.yaml
stores.yaml#ConfigMap/directus-list (KUBERNETES) at stores.yaml:27:5-100
  KEY='k' at 27:97-98 (ConfigMap directus-list)
  open: ConfigMap `directus-list`: `data` holds something that is not a text: what it gives is not known
  open: the workload that takes it is not in the repository
  consumed stores.yaml
stores.yaml:26: ConfigMap `directus-odd`: `data` is not a mapping: what it gives is not known!
stores.yaml:27: ConfigMap `directus-list`: `data` holds something that is not a text: what it gives is not known!
stores.yaml:29: a document has no `kind`: what it is is not known!
stores.yaml:32: a document is not a mapping: what it is is not known!
"""),
    "kustomize": (
        kubernetes,
        {
            "base/cms.yaml": BASE, "base/kustomization.yaml": "resources: [cms.yaml]\nconfigMapGenerator: [{name: merged, literals: [OLD=1, KEPT=1]}]\nsecretGenerator: [{name: passwords, literals: [SECRET=base]}]\n",
            "live/kustomization.yaml": KUSTOMIZATION, "live/settings.env": "S=1\nT='2'\n", "live/file.txt": "text", "live/passwords.env": "SECRET=live\n",
            "live/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cms}\nspec: {template: {spec: {containers: [{name: directus, env: [{name: A, value: patched}]}]}}}\n",
            "component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigMapGenerator: [{name: settings, literals: [C=1]}]\n",
        },
        """\
live/kustomization.yaml#Deployment/live-cms-x/directus (KUBERNETES) at base/cms.yaml:9:11-13:1
  C='1' at component/kustomization.yaml:3:52-53 (ConfigMap settings, via 12:21-53)
  S='1' at live/settings.env:1:3-4 (ConfigMap settings, via 12:21-53)
  T='2' at live/settings.env:2:4-5 (ConfigMap settings, via 12:21-53)
  file.txt='text' at live/file.txt:1:1-1 (ConfigMap settings, via 12:21-53)
  named='text' at live/file.txt:1:1-1 (ConfigMap settings, via 12:21-53)
  LITERAL='one' at live/kustomization.yaml:14:24-27 (ConfigMap settings, via 12:21-53)
  QUOTED='two' at live/kustomization.yaml:14:38-41 (ConfigMap settings, via 12:21-53)
  SECRET='live' at live/passwords.env:1:8-12 (Secret passwords, via 12:55-85)
  OLD='2' at live/kustomization.yaml:15:59-60 (ConfigMap merged, via 12:87-117)
  KEPT='1' at base/kustomization.yaml:2:60-61 (ConfigMap merged, via 12:87-117)
  NEW='1' at live/kustomization.yaml:15:52-53 (ConfigMap merged, via 12:87-117)
  A='patched' at live/patch.yaml:4:79-86 (env)
  JSON='patched' at live/kustomization.yaml:21:92-99 (env)
  INLINE='inline' at live/kustomization.yaml:27:90-96 (env)
  open: `gone.yaml`, which the kustomization names, is not in the repository
  open: `../none`, which the kustomization names, is not in the repository
  open: `vars` of `live/kustomization.yaml` is not followed
  unread: a patch of the kustomization is not readable
  open: `gone.env` is not in the repository
  open: `gone.txt` is not in the repository
  image directus/directus:12.4.1 at live/kustomization.yaml:7:44-50
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at live/kustomization.yaml:7:44-50
  replicas 3
  hints live, live
  consumed base/cms.yaml, base/kustomization.yaml, component/kustomization.yaml, live/file.txt, live/kustomization.yaml, live/passwords.env, live/patch.yaml, live/settings.env
""",
    ),
    "values of a chart for Directus": (helm, {"chart/Chart.yaml": "name: directus\nappVersion: 11.0.0\n", "chart/values.yaml": VALUES}, """\
chart/values.yaml (HELM) at chart/values.yaml:1:1-23:1
  SECRET='chart-secret' at 4:9-21 (values key secret)
  ADMIN_EMAIL='a@acme.com' at 3:16-26 (values key admin.email)
  PUBLIC_URL='https://cms.acme.com' at 6:14-34 (values key directus.publicUrl)
  PLAIN='a' at 10:10-11 (env)
  NOTHING='' at 11:12-16 (env)
  LIST? it is not written as one text at 12:9-12 (env)
  OBJECT='b' at 13:19-20 (env)
  OTHER? it is read from the cluster at 14:10-24 (env)
  FILLED? `${X}` is filled in before the manifest is applied, else 'd' at 15:12-19 (env)
  INSIDE='i' at 17:18-19 (env.data)
  LAST='5' at 18:36-37 (extraEnvVars)
  NAMED='n' at 8:30-31 (directus.env)
  FROM? it is read from the cluster at 8:34-84 (directus.env)
  EXTRA='x' at 7:24-25 (directus.extra.env)
  KEY='y' at 7:42-43 (directus.extra.secret)
  open: the chart's templates may set more variables
  image directus/directus:12.4.1 at 1:66-72
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 1:66-72
  replicas 2
  consumed chart/values.yaml
  beside mariadb at 22:10-49
    MARIADB_ROOT_PASSWORD='r' at 22:25-26 (values)
  beside postgresql at 19:13-68
    POSTGRES_PASSWORD='p' at 19:31-32 (values)
    POSTGRES_PASSWORD='q' at 19:52-53 (values)
"""),
    "values of other charts": (
        helm,
        {"chart/Chart.yaml": "name: site\nappVersion: 1.0.0\n", "chart/values.yaml": VALUES_OF_OTHERS, "directus-values.yaml": "image: {tag: 12.1.0}\nconfig: {data: {PUBLIC_URL: x}}\n", "chart/templates/x.yaml": "a: {{ .Values.x }}\n"},
        """\
chart/values.yaml (HELM) at chart/values.yaml:1:1-13:1
  SECRET='a' at 12:26-27 (directus.env)
  KEY='b' at 12:34-35 (directus.env)
  DB_CLIENT='pg' at 12:48-50 (directus.env)
  PUBLIC_URL='x' at 12:64-65 (directus.env)
  open: the chart's templates may set more variables
  consumed chart/values.yaml
chart/values.yaml#controllers/main/app (HELM) at chart/values.yaml:4:12-94
  A='b' at 4:91-92 (env)
  open: the chart's templates may set more variables
  image directus/directus@sha256:x at 4:33-50
  version None of 'latest' (IMAGE_TAG) at 4:33-50
  consumed chart/values.yaml
chart/values.yaml#controllers/main/side (HELM) at chart/values.yaml:7:16-63
  open: the chart's templates may set more variables
  image directus/directus:12.3.0 at 7:37-61
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 7:37-61
  consumed chart/values.yaml
chart/values.yaml#controllers/main/sidecars (HELM) at chart/values.yaml:7:65-100
  open: the chart's templates may set more variables
  image directus/directus:12.2.0 at 7:74-98
  version 12.2.0 of '12.2.0' (IMAGE_TAG) at 7:74-98
  consumed chart/values.yaml
chart/values.yaml#cms (HELM) at chart/values.yaml:9:3-10:1
  open: the chart's templates may set more variables
  image ghcr.io/directus/directus (an empty tag means the chart's appVersion) at 9:42-59
  consumed chart/values.yaml
chart/values.yaml#web (HELM) at chart/values.yaml:10:6-54
  open: the chart's templates may set more variables
  image directus/directus:${TAG} (`${TAG}` is filled in before the manifest is applied) at 10:15-39
  replicas 3
  consumed chart/values.yaml
chart/values.yaml#directus (HELM) at chart/values.yaml:12:11-67
  SECRET='a' at 12:26-27 (env)
  KEY='b' at 12:34-35 (env)
  DB_CLIENT='pg' at 12:48-50 (env)
  PUBLIC_URL='x' at 12:64-65 (env)
  open: the chart's templates may set more variables
  consumed chart/values.yaml
directus-values.yaml (HELM) at directus-values.yaml:1:1-3:1
  PUBLIC_URL='x' at 2:29-30 (config.data)
  open: the chart's templates may set more variables
  image directus/directus:12.1.0 at 1:14-20
  version 12.1.0 of '12.1.0' (IMAGE_TAG) at 1:14-20
  consumed directus-values.yaml
""",
    ),
    "releases": (helm, {"releases.yaml": RELEASES, "helmfile.yaml": HELMFILE, "chart/values.yaml": "image: directus/directus:12.0.0\n", "k/kustomization.yaml": "helmCharts: [{name: directus, releaseName: live, valuesInline: {secret: s}}, {name: directus}, {name: x, valuesInline: {A: b}}]\n"}, """\
chart/values.yaml (HELM) at chart/values.yaml:1:1-2:1
  open: the chart's templates may set more variables
  image directus/directus:12.0.0 at 1:8-32
  version 12.0.0 of '12.0.0' (IMAGE_TAG) at 1:8-32
  consumed chart/values.yaml
releases.yaml#HelmRelease/cms (HELM) at releases.yaml:4:50-96
  ADMIN_EMAIL='a@acme.com' at 4:85-95 (values key adminEmail)
  open: the chart's templates may set more variables
  image directus/directus:12.4.1 at 4:64-70
  version 12.4.1 of '12.4.1' (IMAGE_TAG) at 4:64-70
  consumed releases.yaml
releases.yaml#HelmChart/cms (HELM) at releases.yaml:12:5-15:1
  SECRET='in-text' at 14:15-22 (env)
  open: the chart's templates may set more variables
  image directus/directus:12.3.0 at 12:49-55
  version 12.3.0 of '12.3.0' (IMAGE_TAG) at 12:49-55
  consumed releases.yaml
releases.yaml#Application/cms (HELM) at releases.yaml:22:1-23:1
  PUBLIC_URL='https://x' at 22:12-21 (values key publicURL)
  open: the chart's templates may set more variables
  consumed releases.yaml
helmfile.yaml#cms (HELM) at helmfile.yaml:2:56-64
  KEY='k' at 2:62-63 (values key key)
  open: the chart's templates may set more variables
  consumed helmfile.yaml
helmfile.yaml#cms (HELM) at helmfile.yaml:2:100-110
  ADMIN_EMAIL='a@acme.com' at 2:100-110 (values key admin.email)
  N='v' at 2:225-226 (extraEnvVars)
  open: the chart's templates may set more variables
  consumed helmfile.yaml
helmfile.yaml#other (HELM) at helmfile.yaml:4:44-57
  A='b' at 4:54-55 (env)
  open: the chart's templates may set more variables
  consumed helmfile.yaml
k/kustomization.yaml#live (HELM) at k/kustomization.yaml:1:64-75
  SECRET='s' at 1:73-74 (values key secret)
  open: the chart's templates may set more variables
  consumed k/kustomization.yaml
"""),
}  # fmt: skip
MANY: Final = ("config file",)
"""Projects of services of which only themselves are of interest."""


@pytest.mark.parametrize("name", PROJECTS)
def test_all_that_is_read(tmp_path: Path, name: str) -> None:
    reader, files, expected = PROJECTS[name]
    made = repository(tmp_path, files)
    found = described(reader.read(made), beside=name not in MANY).split("\n")
    assert [*found, *problems(made)] == expected.strip("\n").split("\n")
