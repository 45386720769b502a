"""Which files each source reads: the only place that lists file names, and what their text must hold.

`evidence` asks it before it imports a source, and each source asks it for its files. It imports nothing heavy. To add a
source: write its module with `read(repository)`, add a `Source` here and to `MANIFESTS`, and an example to
`tests/sources/test_registry.py`, which drives every pattern through a scan.
"""

from __future__ import annotations

from typing import Final

from directus_guard.sources.files import signs
from directus_guard.sources.files.command_files import JENKINS, RECIPES, SCRIPT_FILES, YAML, scripts
from directus_guard.sources.files.file_set import FileSet, Source

# --- deployments -----------------------------------------------------------------------------------------------------

COMPOSE_FILES: Final = FileSet(
    ("*compose*.yml", "*compose*.yaml", "*compose*.json", "*stack*.yml", "*stack*.yaml", "*swarm*.yml", "*swarm*.yaml")
)
YAML_TEMPLATES: Final = tuple(
    f"*.{ending}.{template}"
    for ending in ("yml", "yaml")
    for template in ("j2", "jinja", "jinja2", "tpl", "tmpl", "template", "erb", "gotmpl", "ctmpl", "envsubst")
)
"""Manifests that a tool fills in: their plain part is read (`templates.py`)."""
JINJA: Final = (".j2", ".jinja", ".jinja2")
"""How the names of the templates end that Ansible fills in."""
COMPOSE_TEMPLATES: Final = tuple(f"*compose*{ending}" for ending in JINJA)
COMPOSE_COPIES: Final = tuple(
    f"*compose*.{ending}{mark}" for ending in ("yml", "yaml") for mark in (".*", "-*", "_*", "~", " *")
)
"""Copies that people keep beside a Compose file, or fill in: `compose.yml.bak`, `compose.yml.example`, `compose.yml.prod`."""
COMPOSE: Final = Source(
    "compose",
    (
        COMPOSE_FILES,
        FileSet(YAML, signs.may_be_compose),
        FileSet(
            (*YAML_TEMPLATES, *COMPOSE_TEMPLATES, *COMPOSE_COPIES),
            lambda text: "services" in text and signs.concerns_directus(text),
        ),
    ),
)
KUBERNETES: Final = Source(
    "kubernetes",
    (
        FileSet(
            (*YAML, *YAML_TEMPLATES), signs.says("apiVersion"), other=("/kustomization.yaml", "/kustomization.yml")
        ),
        FileSet(("*.json",), other=("/package.json", "/tsconfig.json"), holds=signs.may_be_object),
    ),
)
HELM_VALUES: Final = FileSet(
    ("values*.yaml", "values*.yml", "*values.yaml", "*values.yml", "*-values-*.yaml", "*-values-*.yml")
)
CHARTS: Final = FileSet(("chart.yaml", "chart.yml"))
HELMFILES: Final = Source(
    "helm_releases",
    (
        FileSet(("*helmfile*.yaml", "*helmfile*.yml"), signs.says("releases")),
        FileSet(YAML, signs.says("releases"), below=frozenset({"helmfile.d"})),
    ),
)
KUSTOMIZED_CHARTS: Final = FileSet(("kustomization.yaml", "kustomization.yml"), signs.says("helmCharts"))
HELM: Final = Source("helm", (HELM_VALUES, *HELMFILES.files, *KUBERNETES.files, KUSTOMIZED_CHARTS))
"""Values are also written in objects of the cluster: HelmRelease, Application."""
FLY: Final = Source(
    "fly",
    (
        FileSet(
            tuple(
                f"{stem}.{ending}"
                for ending in ("toml", "json", "yaml", "yml")
                for stem in ("fly", "fly.*", "fly-*", "fly_*", "*.fly", "*-fly")
            )
        ),
    ),
)
RENDER: Final = Source(
    "render",
    (
        FileSet(
            ("render.yaml", "render.yml", "render.*.yaml", "render.*.yml", "render-*.yaml", "render-*.yml"),
            signs.says("services"),
        ),
    ),
)
NIXPACKS: Final = FileSet(("nixpacks.toml", "nixpacks.json"))
RAILWAY_FILES: Final = FileSet(("railway.json", "railway.toml", "railway.*.json", "railway.*.toml"))
RAILWAY: Final = Source("railway", (RAILWAY_FILES, NIXPACKS))
HEROKU: Final = Source("heroku", (FileSet(("app.json", "heroku.yml", "heroku.yaml", "procfile")),))
PM2: Final = Source(
    "pm2",
    (
        FileSet(
            tuple(
                f"{stem}.{ending}"
                for stem in ("ecosystem", "ecosystem.*", "ecosystem-*", "pm2", "pm2.*", "pm2-*", "*.pm2", "process", "processes")
                for ending in ("js", "cjs", "mjs", "json", "yml", "yaml")
            ),
            signs.says("apps", "script"),
        ),
    ),
)  # fmt: skip
ECS: Final = Source(
    "ecs",
    (
        FileSet(
            tuple(
                f"{stem}.{ending}"
                for stem in ("*task*def*", "*container*def*", "ecs*", "*-ecs", "*.ecs", "task", "*cloudformation*", "template",
                             "*.cfn", "cfn-*", "stack", "service", "directus*")
                for ending in ("json", "yaml", "yml", "template")
            ),
            signs.says("ontainerDefinitions", "image"),
        ),
        FileSet((*YAML, "*.json", "*.template"), holds=lambda data: b"AWS::ECS::TaskDefinition" in data),
        FileSet(("*.json",), holds=lambda data: b'"containerDefinitions"' in data and signs.may_name_directus(data)),
    ),
)  # fmt: skip
TERRAFORM: Final = Source("terraform", (FileSet(("*.tf", "*.tofu", "*.tf.json", "*.tofu.json")),))
TERRAFORM_STATES: Final = Source(
    "terraform_state",
    (
        FileSet(("*.tfstate", "*.tfstate.*"), signs.concerns_directus),
        FileSet(("*.json",), signs.concerns_directus, holds=signs.is_terraform_output),
    ),
)
PULUMI_PROGRAMS: Final = FileSet(("pulumi.yaml", "pulumi.yml"))
PULUMI_STACKS: Final = FileSet(("pulumi.*.yaml", "pulumi.*.yml"))
PULUMI_CODE: Final = FileSet(("index.ts", "index.js", "__main__.py", "main.go", "program.cs"))
"""Programs of Pulumi in other languages, of which only their configuration is read."""
PULUMI: Final = Source("pulumi", (PULUMI_PROGRAMS,))
TERRAFORM_TEMPLATES: Final = Source("inner.terraform", (FileSet(("*.tftpl",), signs.concerns_directus),))
TERRAFORM_VALUES: Final = FileSet(("*.tfvars", "*.tfvars.json"))
WORKFLOW: Final = Source("workflow", (FileSet(YAML, signs.concerns_directus, below=frozenset({".github"})),))
_APP_SPEC: Final = signs.says("envs", "registry_type")
DIGITALOCEAN: Final = Source(
    "digitalocean",
    (
        FileSet(YAML, _APP_SPEC),
        FileSet(("*app*.json", "*spec*.json"), _APP_SPEC),
        FileSet(("*.json",), _APP_SPEC, below=frozenset({".do"})),
    ),
)
"""An app spec may have any name."""
PLATFORM_SH: Final = Source(
    "platform_sh",
    (
        FileSet((".platform.app.yaml", ".platform.app.yml")),
        FileSet(("applications.yaml", "applications.yml"), below=frozenset({".platform"})),
        FileSet(YAML, below=frozenset({".upsun"})),
    ),
)
ZEROPS: Final = Source(
    "zerops",
    (FileSet(("*zerops*.yml", "*zerops*.yaml", "*import*.yml", "*import*.yaml"), signs.says("zerops", "hostname")),),
)
NOMAD: Final = Source(
    "nomad",
    (
        FileSet(
            ("*.nomad", "*.hcl", "*.nomad.tpl", "*.nomad.tmpl", "*.hcl.tpl", "*.hcl.tmpl"),
            lambda text: "job" in text and signs.concerns_directus(text),
        ),
        FileSet(("*nomad*.json", "*job*.json", "*directus*.json"), signs.says('"Job"', '"TaskGroups"', '"job"')),
    ),
)
SYSTEMD: Final = Source("systemd", (FileSet(("*.container", "*.service")),))
DROP_INS: Final = FileSet(("*.conf",))
"""Of systemd's units, in folders like `cms.container.d`."""
NIX: Final = Source("nixos", (FileSet(("*.nix",), signs.concerns_directus),))
BICEP: Final = Source("bicep", (FileSet(("*.bicep",), signs.concerns_directus),))
APP_RUNNER: Final = (FileSet(("apprunner.yaml", "apprunner.yml")),)
COPILOT: Final = (FileSet(("manifest.yml", "manifest.yaml"), below=frozenset({"copilot"})),)
APP_ENGINE: Final = (
    FileSet(
        tuple(f"{stem}.{ending}" for stem in ("app", "app.*", "app-*", "app_*", "*-app") for ending in ("yaml", "yml")),
        signs.says("runtime"),
    ),
)
AZURE: Final = (
    FileSet(
        YAML, lambda text: "ontainers" in text and signs.says("properties")(text) and signs.concerns_directus(text)
    ),
)
CAPROVER: Final = (FileSet(("captain-definition*",)),)
HOSTS: Final = Source("hosts", (*APP_RUNNER, *COPILOT, *APP_ENGINE, *AZURE, *CAPROVER))
_GCLOUD: Final = signs.says("gcloud", "deploy-cloudrun")
CLOUD_RUN: Final = Source(
    "cloud_run",
    (
        FileSet(SCRIPT_FILES.names, _GCLOUD),
        FileSet(RECIPES.names, _GCLOUD),
        FileSet((*YAML, "*cloudbuild*.json", "package.json"), _GCLOUD),
    ),
)
DOCKER_RUN: Final = Source(
    "docker_run",
    (
        SCRIPT_FILES,
        FileSet(("*",), signs.starts_container, holds=lambda data: data.startswith(b"#!"), bare=True),
        RECIPES,
        FileSet(("*.service",), signs.starts_container),
        FileSet(("package.json", *YAML, *JENKINS), signs.starts_container),
    ),
)
SCRIPTS: Final = Source("script_settings", scripts(signs.sets_variables))
TERRAGRUNT: Final = FileSet(("terragrunt.hcl",))
TERRAFORM_COMMANDS: Final = Source("terraform_inputs", scripts(signs.gives_to_terraform))
DIALECTS: Final = Source(
    "inner.dialects",
    (
        FileSet(("*.ps1", "*.psm1", "*.fish", "*.csh", "*.tcsh", "*.bat", "*.cmd"), signs.concerns_directus),
        FileSet(
            ("*user-data*", "*user_data*", "*userdata*", "*cloud-config*", "*cloud-init*", "*cloud_init*", "*.cfg", "*.bu", "*.butane"),
            signs.concerns_directus,
            other=(".yml", ".yaml"),
            holds=signs.is_cloud_config,
        ),
    ),
)  # fmt: skip
"""Scripts for other shells, and YAML for new machines under names that do not say so."""
INNER_OF_SCRIPTS: Final = Source("inner.shell", scripts(signs.writes_files))
"""Scripts that write manifests, or hand them on."""
INNER_OF_OBJECTS: Final = Source("inner.objects", (FileSet((*YAML, "*.ign"), signs.gives_files),))
"""Files of cloud-init and others that hold files with their paths."""
COMPOSE_COMMANDS: Final = Source("compose_commands", scripts(signs.starts_compose))
BUILDS: Final = Source("image_builds", (*scripts(signs.says("build-arg")), FileSet(YAML, signs.says("build-args"))))
"""What builds an image with arguments, wherever it runs."""
_TASKS: Final = signs.says(
    "docker_container", "podman_container", "docker_swarm_service", "docker_compose", "docker_stack"
)
ANSIBLE: Final = Source("ansible", (FileSet(YAML, lambda text: _TASKS(text) and signs.concerns_directus(text)),))
ANSIBLE_PLAYS: Final = FileSet(YAML, signs.gives_variables)
"""Plays and inventories, which give variables to templates, too."""
_INVENTORY: Final = (
    "hosts",
    "inventory",
    "production",
    "prod",
    "live",
    "staging",
    "stage",
    "development",
    "dev",
    "test",
)
_INVENTORIES: Final = frozenset({"inventory", "inventories"})
ANSIBLE_INVENTORIES: Final = Source(
    "ansible_inventory",
    (
        FileSet((*_INVENTORY, *(f"*{name}*.ini" for name in _INVENTORY)), lambda text: "=" in text),
        FileSet(("*.ini",), lambda text: "=" in text, below=_INVENTORIES),
        FileSet(("*",), lambda text: "=" in text, bare=True, below=_INVENTORIES),
    ),
)
"""Those that are written as INI."""
ANSIBLE_VARIABLES: Final = FileSet(YAML, below=frozenset({"group_vars", "host_vars", "defaults", "vars"}))
MANIFESTS: Final = (
    COMPOSE, KUBERNETES, HELM, FLY, RENDER, RAILWAY, HEROKU, PM2, ECS, TERRAFORM, TERRAFORM_STATES, PULUMI, WORKFLOW, DIGITALOCEAN, PLATFORM_SH,
    ZEROPS, NOMAD, SYSTEMD, CLOUD_RUN, HOSTS, DOCKER_RUN, ANSIBLE, NIX, BICEP,
)  # fmt: skip
"""Sources whose deployments may be built from a Dockerfile or put together from environment files. Each module has
`read(repository)`, and is imported only for a repository that has files for it: most projects need two or three.
"""
DOCKERFILE: Final = Source(
    "dockerfile",
    (
        FileSet(
            ("dockerfile", "dockerfile.*", "dockerfile-*", "*.dockerfile", "containerfile", "containerfile.*"),
            other=(
                ".dockerignore", ".py", ".pyi", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".go", ".rs", ".rb", ".php",
                ".java", ".kt", ".cs", ".sh", ".md", ".rst", ".txt", ".html", ".json", ".yml", ".yaml", ".toml", ".xml",
            ),
        ),
    ),
)  # fmt: skip
"""Without files about Dockerfiles that are none (`dockerfile.py`)."""
DOTENV: Final = Source(
    "dotenv_files",
    (
        FileSet(
            (
                ".env*", "*.env", "*.env.*", "*.env-*", "*.env_*", "*.env *", "*.env~", "env", "env.*", "env-*", "env_*", "*-env", "*_env",
                "dotenv*",
            ),
            other=(
                ".d.ts", ".ts", ".js", ".mjs", ".py", ".yaml", ".yml", ".json", ".toml", ".sh", ".md", ".go", ".rs", ".tf",
                ".j2.yml", ".enc", ".gpg", ".age", ".key", ".vue", ".tsx", ".php", ".rb", ".txt", ".lock",
            ),
        ),
    ),
)  # fmt: skip

ENV_EXAMPLES: Final = FileSet(
    (
        ".env.example*", ".env.sample*", ".env.template*", ".env.dist*", ".env.*.example", ".env-example", "env.example", "example.env",
        "*.env.example", "env.sample", "env.template", "sample.env", ".env_example", ".example.env",
    ),
    other=(".j2", ".md", ".ts", ".js", ".json", ".yml", ".yaml"),
)  # fmt: skip
"""What people copy to `.env`."""

# --- everything else -------------------------------------------------------------------------------------------------

EXPORTS: Final = Source(
    "exports",
    (
        FileSet(
            (
                "*permission*.json", "*polic*.json", "*access*.json", "*role*.json", "*user*.json", "*flow*.json",
                "*operation*.json", "*setting*.json", "metadata.json", "info.json", "*directus*.json", "__*.json",
            ),
            other=("/package.json", "/tsconfig.json"),
        ),
        FileSet(("*.json",), holds=signs.may_be_export, other=("/package.json", "/tsconfig.json")),
    ),
)  # fmt: skip
SNAPSHOTS: Final = Source(
    "schema_snapshots",
    (FileSet((
        "*snapshot*.json", "*schema*.json", "*collection*.json", "*field*.json", "*relation*.json", "metadata.json",
        "info.json", *YAML,
    )),),
)  # fmt: skip
"""Read near exports only."""
WHOLE_SNAPSHOTS: Final = Source(
    "schema_snapshots",
    (
        FileSet(YAML, signs.is_snapshot, snapshots=True),
        FileSet(("*.json",), holds=signs.begins_snapshot, other=("/package.json",)),
    ),
)
"""Snapshots that tell by their text what they are, wherever they lie."""
PACKAGE: Final = FileSet(("package.json",))
EXTENSIONS: Final = Source("extensions", (FileSet(("package.json",), signs.says("directus:extension")),))
VERSIONS: Final = Source("packages", (PACKAGE,))
NODE_SERVER: Final = Source("node_server", (FileSet(("package.json",), signs.says("directus")),))
CODE_FILES: Final = FileSet(
    (
        "*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.mts", "*.cts", "*.tsx", "*.vue", "*.svelte", "*.astro", "*.html", "*.htm",
        "*.twig", "*.liquid", "*.hbs", "*.handlebars", "*.ejs", "*.erb", "*.njk", "*.mustache", "*.php", "*.py",
    )
)  # fmt: skip
"""Files of code that may ask a Directus."""
CODE_ENVIRONMENT: Final = FileSet((".env*",))
CODE_CLIENTS: Final = FileSet(("package.json", "deno.json"), holds=signs.depends_on_client)
"""Manifests of packages that ask a Directus, also where no code is beside them."""
CODE: Final = Source(
    "code", (CODE_FILES, FileSet(CODE_ENVIRONMENT.names, signs.says("TOKEN", "token", "Token")), CODE_CLIENTS)
)
CODE_CONSTANTS: Final = (
    "*.py", "*.rb", "*.go", "*.php", "*.dart", "*.swift", "*.kt", "*.kts", "*.java", "*.cs", "*.rs", "*.ex", "*.exs", "*.scala",
)  # fmt: skip
"""Files of code in other languages than JavaScript."""
_CLIENT_SETTINGS: Final = (
    "*mcp*.json", "vercel.json", "eas.json", "app.json", "launch.json", "tasks.json", "settings.json", "devcontainer.json",
)  # fmt: skip
_REQUESTS: Final = ("*mcp*.json", "*postman*.json", "*graphql*.json", "*.http", "*.rest")
"""Settings of clients for MCP, HTTP and GraphQL, which may name the host of a Directus without saying so."""
_PROGRAM_SETTINGS: Final = (
    "*config*.json", "*setting*.json", "env*.json", "*constant*.json", "*secret*.json", "*key*.json", "*credential*.json", "*directus*.json",
    "*cms*.json",
)  # fmt: skip
CLIENT_TOKENS: Final = Source(
    "manifest_tokens",
    (
        FileSet(
            (*YAML, "*.toml"),
            lambda text: signs.may_hold_token(text) or (signs.has_escapes(text) and signs.names_directus(text)),
        ),
        FileSet(_CLIENT_SETTINGS, signs.may_hold_token),
        FileSet(_REQUESTS, signs.is_request),
        FileSet(_PROGRAM_SETTINGS, signs.may_hold_token, holds=signs.may_name_directus),
        *(
            FileSet(files.names, signs.may_hold_token, files.other)
            for files in (SCRIPT_FILES, RECIPES, PACKAGE, *DOCKERFILE.files)
        ),
        FileSet(("*",), signs.may_hold_token, holds=lambda data: data.startswith(b"#!"), bare=True),
        FileSet(JENKINS, signs.may_hold_token),
        FileSet(CODE_CONSTANTS, holds=signs.may_name_directus),
    ),
)
"""Manifests, pipelines and scripts that give variables to clients."""
COMMAND_TOKENS: Final = Source("command_tokens", scripts(signs.sends_token))
CODE_MANIFESTS: Final = FileSet(
    ("package.json", "composer.json", "pyproject.toml", "requirements*.txt", "deno.json", "pubspec.yaml")
)
"""Files that say what a package of code depends on."""
CODE_SETTINGS: Final = FileSet(
    (".env*", "*.env", "*.config.js", "*.config.ts", "*.config.mjs", "*.config.mts", "*.config.cjs")
)
"""Files beside code that may name a Directus."""
PROFILES: Final = FileSet(("directus.config.json",))
"""Names the instances of a project; findings about a running one are shown there."""
DATABASES: Final = Source(
    "databases",
    (
        FileSet(
            (
                "*.db", "*.db3", "*.sqlite", "*.sqlite3", "*.db-wal", "*.db3-wal", "*.sqlite-wal", "*.sqlite3-wal",
                "*.sql", "*.sql.gz", "*.dump", "*.dump.gz", "*.pgdump", "*.backup",
            )
        ),
    ),
)  # fmt: skip
