"""fly.toml: the environment, the image, what is mounted and published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings, strategies as st

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import fly
from tests.support.each import each_case
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FLY = """\
app = "shop-cms"

[build]
image = "directus/directus:11.5.1"

[env]
PUBLIC_URL = 'https://cms.example.com'
SECRET = "not-a-real-one"
CACHE_ENABLED = true
RATE_LIMITER_POINTS = 1_0

[mounts]
source = "data"
destination = "/directus/uploads"

[http_service]
internal_port = 8055
min_machines_running = 2

[[services]]
internal_port = 9000
[[services.ports]]
port = 9443
"""


def test_everything_in_its_place(tmp_path: Path) -> None:
    (found,) = fly.read(repository(tmp_path, {"cms/fly.toml": FLY}))
    assert (found.name, found.platform.name, found.hints, found.replicas) == ("cms/fly.toml", "FLY", ("shop-cms",), 2)
    assert texts(found.variables) == [
        ("PUBLIC_URL", "https://cms.example.com"), ("SECRET", "not-a-real-one"), ("CACHE_ENABLED", "true"), ("RATE_LIMITER_POINTS", "10"),
    ]  # fmt: skip
    assert [cut(tmp_path, item.location) for item in found.variables] == [
        "https://cms.example.com", "not-a-real-one", "true", "1_0",
    ]  # fmt: skip
    assert found.version is not None
    assert found.version.version == Version(11, 5, 1)
    assert found.image is not None
    assert cut(tmp_path, found.image.location) == "directus/directus:11.5.1"
    assert [(port.target, port.published) for port in found.ports] == [
        ("8055", "80"),
        ("8055", "443"),
        ("9000", "9443"),
    ]
    assert [(mount.source, mount.target) for mount in found.mounts] == [("data", "/directus/uploads")]
    assert reasons(found) == ("secrets set with `fly secrets` are not in the repository",)
    assert (found.build_context, found.dockerfile) == (None, None)


@each_case(
    ("fly_toml", "dockerfile", "counts"),
    [
        ('app = "a"\n[env]\nPORT = "8055"\n', "FROM directus/directus:11\n", True),
        ('app = "a"\n[build]\ndockerfile = "deploy/cms"\n', "FROM nginx", True),
        ('app = "a"\n[env]\nSECRET = "x"\nDB_CLIENT = "pg"\n', None, True),
        ('app = "a"\n[processes]\nweb = "npx directus start"\n', None, True),
        ('app = "a"\n[env]\nPORT = "80"\n', "FROM nginx", False),
        ('app = "a"\n[env]\nPORT = "80"\n', None, False),
    ],
)
def test_whose_it_is(tmp_path: Path, fly_toml: str, dockerfile: str | None, counts: bool) -> None:
    files = {"fly.toml": fly_toml, "deploy/cms": "FROM directus/directus:11\n"}
    if dockerfile:
        files["Dockerfile"] = dockerfile
    found = fly.read(repository(tmp_path, files))
    assert bool(found) is counts
    if counts and "[build]" in fly_toml:
        assert (found[0].dockerfile, found[0].build_context) == ("deploy/cms", "")


def test_other_names_and_forms(tmp_path: Path) -> None:
    env = '"env": {"SECRET": "x", "KEY": 1}'
    files = {
        "fly.production.toml": FLY, "fly.json": f'{{"app": "a", {env}}}', "fly.yaml": "app: a\nenv: {SECRET: x, KEY: 1}\n",
        "butterfly.toml": FLY, "fly.lock.toml": "broken",
    }  # fmt: skip
    root = repository(tmp_path, files)
    found = fly.read(root)
    assert [item.name for item in found] == ["fly.json", "fly.production.toml", "fly.yaml"]
    assert texts(found[0].variables) == texts(found[2].variables) == [("SECRET", "x"), ("KEY", "1")]
    assert [problem.path for problem in root.problems] == ["fly.lock.toml"]


def test_files_put_into_the_machine(tmp_path: Path) -> None:
    files = {
        "fly.toml": FLY
        + '[[files]]\nguest_path = "/directus/.env"\nlocal_path = "prod.env"\n'
        + '[[files]]\nguest_path = "/a"\nraw_value = "aGVsbG8="\n'
        + '[[files]]\nguest_path = "/b"\nsecret_name = "B"\n',
        "prod.env": "SECRET=from-file\n",
    }
    (found,) = fly.read(repository(tmp_path, files))
    assert isinstance(found.config_file, tuple)
    assert texts(found.config_file) == [("SECRET", "from-file")]
    assert cut(tmp_path, found.config_file[0].location) == "from-file"
    assert [(item.path, isinstance(item.value, Unknown)) for item in found.files] == [
        ("/directus/.env", False), ("/a", False), ("/b", True),
    ]  # fmt: skip


ANY = st.recursive(
    st.sampled_from(['"directus/directus"', "1", "true", '"x"', "1.5"]),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(inner, max_size=2).map(
            lambda items: "{" + ", ".join(f"k{n} = {item}" for n, item in enumerate(items)) + "}"
        )
    ),
    max_leaves=4,
)
NAMES = [
    "app",
    "build",
    "env",
    "mounts",
    "mount",
    "http_service",
    "services",
    "files",
    "processes",
    "build.image",
    "env.SECRET",
    "env.KEY",
]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), ANY, max_size=6))
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, sections: dict[str, str]) -> None:
    text = "".join(f"{name} = {value}\n" for name, value in sections.items())
    fly.read(repository(tmp_path_factory.mktemp("r"), {"fly.toml": text}))
