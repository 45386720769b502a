"""Quadlet units and services of systemd: words, quotes, specifiers, drop-ins, and which file beats which."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from hypothesis import given, settings, strategies as st

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.versions import Version
from directus_guard.sources import collect as evidence
from directus_guard.sources.deployments import systemd
from directus_guard.sources.formats import systemd_unit
from tests.support.each import each_case
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CONTAINER = """\
[Unit]
Description=Directus

[Container]
# Image=directus/directus:10
Image=docker.io/directus/directus:11.5.1
ContainerName=cms-staging
Environment=SECRET=abc "ADMIN_EMAIL=a@example.com" 'DB_USER=two words' DB_HOST=%H DB_DATABASE=100%%
Environment=DB_CLIENT=pg \\
  ; a comment in between
  CORS_ENABLED=true LOG_LEVEL="in\\x66o"
EnvironmentFile=./cms.env
EnvironmentFile=%h/other.env
Secret=database,type=env,target=DB_PASSWORD
Secret=key,type=mount
PublishPort=127.0.0.1:8055:8055
PublishPort=9055:8055/tcp
Volume=cms-uploads:/directus/uploads
Volume=./own.env:/directus/.env:ro,Z
PodmanArgs=--env KEY=abc -e "PUBLIC_URL=https://cms.example.com" --env HOME --memory 1g

[Service]
Environment=SECRET=of-the-service
"""


def test_everything_in_its_place(tmp_path: Path) -> None:
    files = {
        "cms/cms.container": CONTAINER,
        "cms/cms.env": "# x\nSECRET='q' # c\nDB_CLIENT\n",
        "cms/own.env": "SECRET='own'\n",
    }
    (found,) = systemd.read(repository(tmp_path, files))
    assert (found.name, found.platform.name, found.hints) == ("cms/cms.container", "SYSTEMD", ("cms", "cms-staging"))
    assert texts(found.variables) == [
        ("SECRET", "'q' # c"), ("DB_CLIENT", None), ("SECRET", "abc"), ("ADMIN_EMAIL", "a@example.com"), ("DB_USER", "two words"),
        ("DB_HOST", None), ("DB_DATABASE", "100%"), ("DB_CLIENT", "pg"), ("CORS_ENABLED", "true"), ("LOG_LEVEL", "info"),
        ("DB_PASSWORD", None), ("KEY", "abc"), ("PUBLIC_URL", "https://cms.example.com"), ("HOME", None),
    ]  # fmt: skip
    assert [cut(tmp_path, item.location) for item in found.variables[:9]] == [
        "'q' # c", "", "abc", "a@example.com", "two words", "%H", "100%%", "pg", "true",
    ]  # fmt: skip
    assert found.version is not None
    assert found.version.version == Version(11, 5, 1)
    assert found.image is not None
    assert cut(tmp_path, found.image.location) == "docker.io/directus/directus:11.5.1"
    assert reasons(found) == ("the environment file `%h/other.env` is not in the repository",)
    assert isinstance(found.config_file, tuple)
    assert texts(found.config_file) == [("SECRET", "own")]
    assert [(port.host, port.published, port.target) for port in found.ports] == [
        ("127.0.0.1", "8055", "8055"), ("", "9055", "8055"),
    ]  # fmt: skip
    assert [(mount.source, mount.target, mount.read_only) for mount in found.mounts] == [
        ("cms-uploads", "/directus/uploads", False), ("./own.env", "/directus/.env", True),
    ]  # fmt: skip
    assert found.consumed == {"cms/cms.container", "cms/cms.env", "cms/own.env"}


@each_case(
    ("value", "found"),
    [
        ("A=b", [("A", "b")]),
        ("A=b B=c", [("A", "b"), ("B", "c")]),
        ('"A=b c" B=d', [("A", "b c"), ("B", "d")]),
        ('A="b c"d', [("A", "b cd")]),
        ("A=it\\'s", [("A", "it's")]),
        ("'A=b\\sc'", [("A", "b c")]),
        ("A=\\x41\\101\\u00e9", [("A", "AA\u00e9")]),
        ("A=$B", [("A", "$B")]),
        ("A=50%% B=%i", [("A", "50%"), ("B", None)]),
        ("1A=b B", []),
        ("A=b \\q C=d", [("A", "b")]),
        ('A=b "C=d', [("A", "b")]),
        ("A=", [("A", "")]),
    ],
)
def test_words_of_a_service(tmp_path: Path, value: str, found: list[tuple[str, str | None]]) -> None:
    text = f"[Service]\nEnvironment={value}\nExecStart=/usr/bin/npx directus start\n"
    (unit,) = systemd.read(repository(tmp_path, {"cms.service": text}))
    assert texts(unit.variables) == found


@each_case(
    ("text", "found"),
    [
        ("A=b", [("A", "b")]), ("A = b ", [("A", "b")]), ("# A=b\n; B=c\nC=d", [("C", "d")]), ('A="b # c"', [("A", "b # c")]),
        ("A=b # c", [("A", "b # c")]), ("A='b'\"c\"", [("A", "bc")]), ("A=b\\\nc", [("A", "bc")]), ("A=it's", [("A", "it's")]),
        ('A="b\nc"', [("A", "b\nc")]), ('A="\\n\\""', [("A", '\\n"')]), ("A=\\b", [("A", "b")]), ("A=$B", [("A", "$B")]),
        ("A=", [("A", "")]), ("nothing", []), ("A=b\r\nC=d\r\n", [("A", "b"), ("C", "d")]), ("export A=b", []),
    ],
)  # fmt: skip
def test_environment_files_of_a_service(text: str, found: list[tuple[str, str]]) -> None:
    assert texts(systemd_unit.environment_file("a.env", text, "x")) == found


def test_a_service_with_its_files(tmp_path: Path) -> None:
    unit = """\
[Service]
WorkingDirectory=/srv/cms
Environment=SECRET=unit NODE_ENV=production DEBUG=1
EnvironmentFile=-/etc/cms/cms.env
EnvironmentFile=/etc/cms/absent.env
PassEnvironment=KEY
UnsetEnvironment=DEBUG
ExecStart=/usr/bin/npm run start
"""
    files = {
        "rootfs/etc/systemd/system/cms.service": unit, "rootfs/etc/cms/cms.env": "SECRET=file\n", "rootfs/srv/cms/.env": "SECRET=own\n",
        "rootfs/srv/cms/package.json": '{"scripts": {"start": "directus start"}}',
    }  # fmt: skip
    (found,) = systemd.read(repository(tmp_path, files))
    assert texts(found.variables) == [("SECRET", "unit"), ("NODE_ENV", "production"), ("SECRET", "file"), ("KEY", None)]
    assert isinstance(found.config_file, tuple)
    assert texts(found.config_file) == [("SECRET", "own")]
    assert reasons(found) == ("the environment file `/etc/cms/absent.env` is not in the repository",)


def test_a_service_that_runs_a_container(tmp_path: Path) -> None:
    """It is one deployment: the command line tells what the container gets, `-e NAME` hands on what the service has."""
    unit = """\
[Service]
Environment=SECRET=handed-on KEY=not-handed-on "DB_USER=two words"
ExecStartPre=-/usr/bin/docker rm -f cms
ExecStart=/usr/bin/docker run --rm --name cms -e SECRET --env DB_USER -e PUBLIC_URL=https://cms.example.com \\
  -p 127.0.0.1:8055:8055 directus/directus:11.5.1
"""
    root = repository(tmp_path, {"etc/cms.service": unit})
    (found,) = evidence.collect(root).deployments
    assert texts(found.variables) == [
        ("SECRET", "handed-on"), ("DB_USER", "two words"), ("PUBLIC_URL", "https://cms.example.com"),
    ]  # fmt: skip
    assert [cut(tmp_path, item.location) for item in found.variables] == [
        "handed-on",
        "two words",
        "https://cms.example.com",
    ]


def test_drop_ins(tmp_path: Path) -> None:
    files = {
        "cms.container": "[Container]\nImage=directus/directus:11.5.1\nEnvironment=SECRET=a KEY=b\n",
        "cms.container.d/20-image.conf": "[Container]\nImage=directus/directus:12.4.1\n",
        "cms.container.d/10-reset.conf": "[Container]\nEnvironment=\nEnvironment=SECRET=c\n",
        "container.d/05-all.conf": "[Container]\nEnvironment=LOG_LEVEL=warn\n",
        "container.d/20-image.conf": "[Container]\nImage=directus/directus:9\n",
        "other.container.d/a.conf": "[Container]\nEnvironment=SECRET=x\n",
    }
    (found,) = systemd.read(repository(tmp_path, files))
    assert texts(found.variables) == [("SECRET", "c")]
    assert cut(tmp_path, found.variables[0].location) == "c"
    assert found.image is not None
    assert found.image.tag == "12.4.1"


@each_case(
    ("files", "image", "dockerfile"),
    [
        ({"cms.container": "[Container]\nImage=cms.image\n", "cms.image": "[Image]\nImage=directus/directus:12.4.1\n"}, "directus/directus:12.4.1", None),
        ({"u/cms.container": "[Container]\nImage=cms.build\n", "u/cms.build": "[Build]\nSetWorkingDirectory=..\n", "Dockerfile": "FROM directus/directus:12.4.1"}, None, "Dockerfile"),
        ({"u/cms.container": "[Container]\nImage=cms.build\n", "u/cms.build": "[Build]\nFile=D\n", "u/D": "FROM directus/directus:12.4.1"}, None, "u/D"),
        ({"cms@.container": "[Container]\nImage=directus/directus:%i\n"}, "directus/directus", None),
        ({"cms.container": "[Container]\nImage=acme/cms\nEnvironment=SECRET=a KEY=b\n"}, "acme/cms", None),
    ],
)  # fmt: skip
def test_images(tmp_path: Path, files: dict[str, str], image: str | None, dockerfile: str | None) -> None:
    (found,) = systemd.read(repository(tmp_path, files))
    assert (found.image.reference if found.image else None) == image
    assert found.dockerfile == dockerfile
    if "cms@.container" in files:
        assert found.image is not None
        assert found.image.unknown == "systemd fills in `%i`"


def test_what_is_handed_on_from_the_machine(tmp_path: Path) -> None:
    text = "[Container]\nImage=directus/directus\nEnvironmentHost=true\nPodmanArgs=--env-file=x.env\n"
    (found,) = systemd.read(repository(tmp_path, {"a.container": text}))
    assert reasons(found) == (
        "an `--env-file` is given to `podman run`",
        "the whole environment of the machine is handed on",
    )


@each_case(
    ("config", "known"), [("./c.env:/cfg/d.env", True), ("./c.env:/cfg/other", False), ("./none:/cfg/d.env", False)]
)
def test_config_path(tmp_path: Path, config: str, known: bool) -> None:
    text = f"[Container]\nImage=directus/directus\nEnvironment=CONFIG_PATH=/cfg/d.env\nVolume={config}\n"
    (found,) = systemd.read(repository(tmp_path, {"a.container": text, "c.env": "KEY=x\n"}))
    assert isinstance(found.config_file, tuple if known else Unknown)


@each_case(
    ("path", "text"),
    [
        ("a.container", "[Container]\nImage=redis\nEnvironment=SECRET=x\n"),
        ("a.service", "[Service]\nExecStart=/usr/bin/node server.js\nEnvironment=SECRET=x\n"),
        ("a.service", "[Unit]\nDescription=directus\n"),
        ("a.container", "\x00\x01"),
    ],
)  # fmt: skip
def test_other_units(tmp_path: Path, path: str, text: str) -> None:
    root = repository(tmp_path, {path: text})
    assert systemd.read(root) == ()
    assert not root.problems


def test_a_unit_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    for name, image in (
        ("a.container", b"redis"),
        ("b.container", b"directus/directus"),
        ("directus.container", b"cms"),
    ):
        (tmp_path / name).write_bytes(b"[Container]\nImage=" + image + b"\nEnvironment=A=\xff\n")
    root = repository(tmp_path, {})
    assert systemd.read(root) == ()
    assert [(problem.path, problem.incomplete) for problem in root.problems] == [
        ("a.container", False), ("b.container", True), ("directus.container", True),
    ]  # fmt: skip


VALUES = st.text(string.ascii_letters + string.digits + " '\"\\%$=#;äß", max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(VALUES, max_size=4))
def test_what_is_quoted_comes_back(values: list[str]) -> None:
    """systemd's own way to write any text: double quotes, with escapes inside and doubled percent signs."""
    written = " ".join(
        '"' + f"N{index}={value}".replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'
        for index, value in enumerate(values)
    )
    (unit,) = [systemd_unit.Unit(systemd_unit.assignments("a", f"[S]\nEnvironment={written}\n"))]
    found = [made for value in unit.all("S", "Environment") for made in systemd_unit.environment(value, "x")]
    assert texts(found) == [(f"N{index}", value) for index, value in enumerate(values)]


@settings(max_examples=150, deadline=None)
@given(st.text("[]SContainer=\"'\\%\n #;x", max_size=80))
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    files = {
        "a.container": f"[Container]\nImage=directus/directus\nEnvironment={text}\n",
        "b.service": text,
        "c.env": text,
    }
    systemd.read(repository(tmp_path_factory.mktemp("r"), files))
    list(systemd_unit.environment_file("c.env", text, "x"))
