"""Dockerfiles: variables, base images, and the environment file that ends up in the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings, strategies as st

from directus_guard.directus.environment.deployment import Unknown, VersionOrigin
from directus_guard.directus.versions import Version
from directus_guard.sources.deployments import dockerfile
from tests.support.each import each_case
from tests.support.repositories import cut, fallback, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.sources.deployments.dockerfile import DockerfileFacts


def describe(root: Path, text: str, context: str | None = None, **files: str) -> DockerfileFacts:
    named = {name.replace("__", "/").replace("dot_", "."): content for name, content in files.items()}
    facts = dockerfile.describe(repository(root, {"Dockerfile": text, **named}), "Dockerfile", context)
    assert facts is not None
    return facts


def config(facts: DockerfileFacts | Deployment) -> dict[str, str | None]:
    assert isinstance(facts.config_file, tuple)
    return dict(texts(facts.config_file))


def test_a_program_about_dockerfiles_is_none(tmp_path: Path) -> None:
    text = "FROM directus/directus:11.5.1\nENV PUBLIC_URL=https://cms.example.com\n"
    held = repository(
        tmp_path, {"tools/dockerfile.py": text, "docs/Dockerfile.md": text, "Dockerfile.production": text}
    )
    assert [found.name for found in dockerfile.read(held)] == ["Dockerfile.production"]


# --- ENV and ARG -----------------------------------------------------------------------------------------------------


def test_both_forms_of_env_with_their_places(tmp_path: Path) -> None:
    facts = describe(
        tmp_path,
        "FROM directus/directus:11.5.1\n"
        'ENV A=one B="two words" C=\'3\' D=fo\\ ur \\\n# a comment\n    é="ü"\n'
        "ENV OLD the whole  line\n"
        "env E=${A}x F=$NOBODY\n",
    )
    assert texts(facts.variables) == [
        ("A", "one"), ("B", "two words"), ("C", "3"), ("D", "fo ur"), ("é", "ü"),
        ("OLD", "the whole  line"), ("E", "onex"), ("F", None),
    ]  # fmt: skip
    assert [cut(tmp_path, item.location) for item in facts.variables] == [
        "one", "two words", "3", "fo\\ ur", "ü", "the whole  line", "${A}x", "$NOBODY",
    ]  # fmt: skip


def test_one_instruction_sees_the_environment_before_it(tmp_path: Path) -> None:
    facts = describe(tmp_path, "FROM scratch\nENV A=old\nENV A=new B=$A\n")
    assert texts(facts.variables) == [("A", "old"), ("A", "new"), ("B", "old")]


def test_a_build_argument_is_unknown_with_its_default_as_fallback(tmp_path: Path) -> None:
    facts = describe(tmp_path, "ARG G=global\nFROM directus/directus:11\nARG S=weak\nARG G\nENV SECRET=$S URL=$G/x\n")
    assert [fallback(item) for item in facts.variables] == ["weak", "global/x"]


def test_env_beats_an_argument_of_its_name(tmp_path: Path) -> None:
    facts = describe(tmp_path, "FROM scratch\nENV S=env\nARG S=arg\nENV T=$S\n")
    assert texts(facts.variables)[-1] == ("T", "env")


def test_variables_that_double_each_other_stay_small(tmp_path: Path) -> None:
    lines = ["FROM scratch", "ENV A0=xxxxxxxxxx", *(f"ENV A{n}=$A{n - 1}$A{n - 1}" for n in range(1, 60))]
    facts = describe(tmp_path, "\n".join(lines))
    assert isinstance(facts.variables[-1].value, Unknown)


# --- images and versions ---------------------------------------------------------------------------------------------


def test_the_base_image_is_followed_through_the_stages(tmp_path: Path) -> None:
    facts = describe(
        tmp_path,
        "FROM node:22 AS build\nENV ONLY=there\n"
        "FROM --platform=linux/amd64 directus/directus:11.5.1@sha256:0123 AS base\nENV A=1\n"
        "FROM BASE\nENV B=2\n",
    )
    assert facts.is_directus
    assert facts.image is not None
    assert cut(tmp_path, facts.image.location) == "directus/directus:11.5.1@sha256:0123"
    assert facts.version is not None
    assert facts.version.version == Version(11, 5, 1)
    assert texts(facts.variables) == [("A", "1"), ("B", "2")]


def test_the_default_of_an_argument_names_the_version(tmp_path: Path) -> None:
    facts = describe(tmp_path, "ARG TAG=11.5.1\nFROM directus/directus:${TAG}\n")
    assert facts.image is not None
    assert (facts.image.reference, facts.image.from_fallback) == ("directus/directus:11.5.1", True)
    assert facts.image.unknown
    assert facts.version is not None
    assert (facts.version.version, facts.version.origin) == (Version(11, 5, 1), VersionOrigin.BUILD_ARGUMENT)


@each_case(
    ("lines", "directus"),
    [
        ('FROM node:22\nCMD ["npx", "directus", "start"]', True),
        ("FROM node:22\nCMD npx directus bootstrap && npx directus start", True),
        ("FROM node:22\nCMD node /directus/cli.js start", True),
        ("FROM acme/directus-cms", True),
        ("FROM acme/cms\nENV SECRET=x DB_CLIENT=pg", True),
        ("FROM node:22\nCOPY directus-client .\nCMD node server.js", False),
        ("FROM directus/directus AS x\nFROM nginx\nCOPY --from=x /a /b", False),
    ],
)
def test_what_is_a_directus(tmp_path: Path, lines: str, directus: bool) -> None:
    assert describe(tmp_path, lines).is_directus is directus


def test_a_package_installed_by_a_command_names_the_version(tmp_path: Path) -> None:
    facts = describe(tmp_path, "FROM node:22\nRUN npm i \\\n  directus@11.4.0 pg\nCMD directus start\n")
    assert facts.version is not None
    assert facts.version.version == Version(11, 4, 0)
    assert cut(tmp_path, facts.version.location) == "11.4.0"


# --- the environment file --------------------------------------------------------------------------------------------

ENV = "SECRET=abc # comment\nKEY='k'\n"
READ = {"SECRET": "abc", "KEY": "k"}


@each_case(
    "lines",
    [
        "COPY .env ./",
        "COPY .env /directus",
        "COPY .env /directus/.env",
        "COPY --chown=node:node --link .env .env",
        'COPY [".env", "./"]',
        "COPY package.json .env /directus/",
        "COPY . .",
        "ADD . /directus",
        "COPY . /",  # then /.env, not Directus' own: see below
        "COPY .env* ./",
        "COPY /.env .",
        "WORKDIR /srv\nCOPY .env /directus/.env\nWORKDIR /directus",
        "WORKDIR /srv/app\nCOPY .env .",
        "WORKDIR /srv\nWORKDIR app\nCOPY .env /srv/app/.env",
        "ENV HOME_OF=/srv\nWORKDIR $HOME_OF\nCOPY .env $HOME_OF/.env",
        "ENV CONFIG_PATH=/etc/d.env\nCOPY .env /etc/d.env",
        "RUN rm -f .env\nCOPY .env .",
        "RUN --mount=type=cache,target=/x npm ci\nCOPY .env .",
    ],
)
def test_copied_to_where_directus_looks(tmp_path: Path, lines: str) -> None:
    facts = describe(tmp_path, f"FROM directus/directus:11.5.1\n{lines}\n", dot_env=ENV)
    if lines == "COPY . /":
        assert facts.config_file is None
        return
    assert config(facts) == READ
    assert isinstance(facts.config_file, tuple)
    assert [cut(tmp_path, item.location) for item in facts.config_file] == ["abc", "k"]
    assert facts.consumed == {"Dockerfile", ".env"}


def test_of_several_files_of_a_pattern_the_one_with_the_name_counts(tmp_path: Path) -> None:
    dockerfile = "FROM directus/directus:11.5.1\nCOPY .env* ./\n"
    assert config(describe(tmp_path, dockerfile, dot_env=ENV, dot_env_dot_example="SECRET=other\n")) == READ


@each_case(
    "lines",
    [
        "COPY .env /app/.env",
        "COPY package.json ./",
        "WORKDIR /srv\nCOPY .env /directus/.env",
        "COPY .env .\nRUN rm .env",
        "COPY .env .env.local",
        "COPY src .",
        "RUN echo hello",
        "COPY --exclude=.env . .",
    ],
)
def test_not_copied_there(tmp_path: Path, lines: str) -> None:
    files = {"Dockerfile": f"FROM directus/directus:11.5.1\n{lines}\n", ".env": ENV, "package.json": "{}", "src/a": ""}
    facts = dockerfile.describe(repository(tmp_path, files), "Dockerfile")
    assert facts is not None
    assert facts.config_file is None


@each_case(
    "lines",
    [
        "COPY prod.env .env",  # not in the repository
        "RUN echo SECRET=$X > .env",
        "RUN cp .env.example .env",
        "ARG STAGE=dev\nCOPY .env.$STAGE .env",
        "ADD https://example.com/x .env",
        "ENV CONFIG_PATH=/elsewhere.env",
        "ARG P\nENV CONFIG_PATH=$P",
        "COPY --from=acme/config /files/.env .env",
    ],
)
def test_not_knowable(tmp_path: Path, lines: str) -> None:
    facts = describe(tmp_path, f"FROM directus/directus:11.5.1\n{lines}\n", dot_env=ENV)
    assert isinstance(facts.config_file, Unknown)


def test_copied_through_stages(tmp_path: Path) -> None:
    facts = describe(
        tmp_path,
        "FROM node:22 AS build\nWORKDIR /app\nCOPY cms/ ./\nRUN npm run build\n"
        "FROM directus/directus:11.5.1\nCOPY --from=build --chown=node /app /directus\n",
        cms__dot_env=ENV,
    )
    assert config(facts) == READ
    assert facts.consumed == {"Dockerfile", "cms/.env"}


def test_dockerignore_keeps_it_out(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM directus/directus\nCOPY . .\n",
        ".env": ENV,
        ".dockerignore": "# c\n**/.env*\n!x/.env\n",
    }
    facts = dockerfile.describe(repository(tmp_path, files), "Dockerfile")
    assert facts is not None
    assert facts.config_file is None


def test_dockerignore_beside_the_dockerfile_wins(tmp_path: Path) -> None:
    files = {
        "docker/prod.Dockerfile": "FROM directus/directus\nCOPY . .\n", ".env": ENV, ".dockerignore": "*",
        "docker/prod.Dockerfile.dockerignore": "*\n!.env\n",
    }  # fmt: skip
    facts = dockerfile.describe(repository(tmp_path, files), "docker/prod.Dockerfile", "")
    assert facts is not None
    assert config(facts) == READ


def test_the_context_is_where_the_copied_files_are(tmp_path: Path) -> None:
    files = {"docker/Dockerfile": "FROM directus/directus\nCOPY cms/.env cms/x ./\n", "cms/.env": ENV, "cms/x": ""}
    facts = dockerfile.describe(repository(tmp_path, files), "docker/Dockerfile")
    assert facts is not None
    assert config(facts) == READ


def test_a_here_document_is_the_file(tmp_path: Path) -> None:
    facts = describe(tmp_path, "FROM directus/directus\nCOPY <<-'EOF' .env\n\tSECRET=$abc\n\tKEY=k\n\tEOF\nENV A=b\n")
    assert config(facts) == {"SECRET": "$abc", "KEY": "k"}
    assert isinstance(facts.config_file, tuple)
    assert [cut(tmp_path, item.location) for item in facts.config_file] == ["$abc", "k"]
    assert texts(facts.variables) == [("A", "b")]


def test_variables_in_a_here_document_are_replaced(tmp_path: Path) -> None:
    facts = describe(tmp_path, "FROM directus/directus\nCOPY <<EOF /directus/.env\nSECRET=$abc\nKEY=k\nEOF\n")
    assert config(facts) == {"SECRET": None, "KEY": "k"}


def test_the_working_folder_of_an_unknown_base_image(tmp_path: Path) -> None:
    facts = describe(tmp_path, "FROM acme/cms\nCOPY .env .\nENV SECRET=1 DB_CLIENT=pg\n", dot_env=ENV)
    assert config(facts) == READ


# --- deployments -----------------------------------------------------------------------------------------------------


def test_a_deployment_for_each_dockerfile_of_a_directus(tmp_path: Path) -> None:
    files = {
        "Dockerfile": "FROM directus/directus:11.5.1\nENV A=b\n",
        "cms/Dockerfile.dev": "FROM directus/directus:latest\n",
        "cms/prod.dockerfile": "FROM node\nCMD directus start\n",
        "web/Dockerfile": "FROM nginx\n# directus\n",
        "Dockerfile.dockerignore": "directus",
        "odd/Dockerfile": "directus?",
    }
    found = dockerfile.read(repository(tmp_path, files))
    assert [item.name for item in found] == ["Dockerfile", "cms/Dockerfile.dev", "cms/prod.dockerfile"]
    assert all(item.gaps for item in found)


def test_escape_directive_and_windows_line_ends(tmp_path: Path) -> None:
    facts = describe(tmp_path, "# escape=`\r\nFROM directus/directus:11\r\nENV A=c:\\x `\r\n  B=2\r\n")
    assert texts(facts.variables) == [("A", "c:\\x"), ("B", "2")]
    assert [cut(tmp_path, item.location) for item in facts.variables] == ["c:\\x", "2"]


def test_a_byte_order_mark(tmp_path: Path) -> None:
    assert describe(tmp_path, "\ufeffFROM directus/directus:11.5.1\n").version is not None


def test_many_stages_copying_from_each_other_end(tmp_path: Path) -> None:
    lines = ["FROM directus/directus AS s0", "COPY x/.env .env"]
    for number in range(1, 150):
        lines.append(f"FROM directus/directus AS s{number}")
        lines += [f"COPY --from=s{number - 1} /a{n} /directus/" for n in range(20)]
        lines.append(f"COPY --from=s{number - 1} /directus/ /directus/")
    root = repository(tmp_path, {"Dockerfile": "\n".join(lines)})
    assert dockerfile.read(root)
    assert root.problems


LINE = st.sampled_from(
    ["FROM directus/directus:1", "FROM a AS b", "FROM b", "FROM", "FROM $X AS", "ARG", "ARG A=$B", "ENV", "ENV A", "ENV =", "ENV A='",
     "ENV A=${B:-${C", "COPY", "COPY .env", "COPY .env .", "COPY --from=b / /directus", 'COPY ["a"', "COPY ../x [", "COPY <<E .env", "E",
     "WORKDIR", "WORKDIR ../..", "RUN rm .env \\", "RUN <<E", "CMD [", "\\", "# escape=`", "\ufeff", "ADD . /", "COPY *[ .env"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(LINE | st.text(max_size=20), max_size=15))
def test_nothing_raises(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    root = tmp_path_factory.mktemp("r")
    text = "\n".join(lines).encode("utf-8", "replace").decode()
    for item in dockerfile.read(repository(root, {"Dockerfile": f"{text}\n# directus", ".env": ENV})):
        for variable in item.variables:
            assert variable.location.line >= 1
            assert variable.location.column >= 1


WRITTEN = "1cf1d2be1bcc5a33bfd2ae03b1cc17f6"


@each_case(
    "text",
    [
        f'RUN echo "SECRET={WRITTEN}" > /directus/.env\n',
        f"RUN echo SECRET={WRITTEN} >> .env\n",
        f"RUN echo 'DB_CLIENT=pg' > .env && echo 'SECRET={WRITTEN}' >> .env\n",
        f"RUN set -eux; \\\n    cd /directus; \\\n    # the server's own file\n    echo SECRET={WRITTEN} > .env\n",
        f'RUN printf "DB_CLIENT=pg\\nSECRET={WRITTEN}\\n" > .env\n',
        f"RUN printf 'SECRET=%s\\n' {WRITTEN} | tee .env\n",
        f"RUN cat <<EOF > .env\nDB_CLIENT=pg\nSECRET={WRITTEN}\nEOF\n",
        f"RUN cat > .env <<-'EOF'\n\tDB_CLIENT=pg\n\tSECRET={WRITTEN}\n\tEOF\n",
        f"RUN <<EOF\ncd /directus\necho SECRET={WRITTEN} > .env\nEOF\n",
        f"COPY <<EOF /directus/.env\nSECRET={WRITTEN}\nEOF\n",
        f"RUN --mount=type=cache,target=/tmp/x echo SECRET={WRITTEN} > .env\n",
        f"RUN sed -i 's/^SECRET=.*/SECRET={WRITTEN}/' .env\n",
        f"COPY base.env .env\nRUN echo SECRET={WRITTEN} >> .env\n",
    ],
)
def test_a_line_that_is_written_into_the_image(tmp_path: Path, text: str) -> None:
    files = {"Dockerfile": f"FROM directus/directus:12.4.1\n{text}", "base.env": "DB_CLIENT=pg\n"}
    (made,) = dockerfile.read(repository(tmp_path, files))
    assert isinstance(made.config_file, tuple)
    (found,) = [one for one in made.config_file if one.name == "SECRET"]
    assert (found.location.path, cut(tmp_path, found.location)) == ("Dockerfile", WRITTEN)
    assert [one.name for one in made.config_file if one.name == "DB_CLIENT"] == ["DB_CLIENT"] * (
        "DB_CLIENT" in text or "base" in text
    )


def test_a_line_that_is_written_in_an_earlier_stage(tmp_path: Path) -> None:
    text = f"FROM alpine AS made\nWORKDIR /out\nRUN echo SECRET={WRITTEN} > env\nFROM directus/directus:12\nCOPY --from=made /out/env .env\n"
    (made,) = dockerfile.read(repository(tmp_path, {"Dockerfile": text}))
    assert config(made) == {"SECRET": WRITTEN}


@each_case(
    "text",
    [
        "RUN echo SECRET=$SECRET > .env\n",
        "RUN --mount=type=secret,id=env cat /run/secrets/env > .env\n",
        'RUN echo "SECRET=$(cat /run/secrets/s)" > .env\n',
        "RUN envsubst < env.template > .env\n",
    ],
)
def test_what_a_command_makes_is_not_known(tmp_path: Path, text: str) -> None:
    (made,) = dockerfile.read(repository(tmp_path, {"Dockerfile": f"FROM directus/directus:12\n{text}"}))
    assert isinstance(made.config_file, Unknown)


def test_a_line_that_is_written_and_a_file_that_is_not_here(tmp_path: Path) -> None:
    text = f"FROM directus/directus:12\nCOPY prod.env .env\nRUN echo SECRET={WRITTEN} >> .env\n"
    (made,) = dockerfile.read(repository(tmp_path, {"Dockerfile": text}))
    assert config(made) == {"SECRET": WRITTEN}
    assert any("prod.env" in reason for reason in reasons(made))
