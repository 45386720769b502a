"""Which file of the repository is at a path of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.sources.deployments import dockerfile
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    ".env": "A=root\n",
    "own.env": "A=own\n",
    "conf/.env": "A=conf\n",
    "conf/x.env": "A=x\n",
    "conf/deep/.env": "A=deep\n",
    "one/a.env": "A=a\n",
    "two/.env": "A=two\n",
    "two/x": "\n",
}
GONE = "`gone/.env`, which the Dockerfile copies, is not in the repository"


@each_case(
    ("instructions", "found"),
    [
        # one file
        ("COPY .env .env", "root"), ("COPY .env ./", "root"), ("COPY .env .", "root"), ("COPY own.env .env", "own"), ("COPY own.env /directus/.env", "own"), ("COPY own.env ./", None), ("COPY own.env /directus/.env/", None), ("COPY own.env /other/.env", None), ("COPY ./own.env ./.env", "own"), ("COPY /own.env .env", "own"),
        ("ADD .env .env", "root"), ("COPY gone/.env .env", GONE), ("COPY gone/.env ./", GONE), ("COPY gone/x ./", None), ("COPY ../.env .env", None),
        # folders
        ("COPY . .", "root"), ("COPY . /directus", "root"), ("COPY conf .", "conf"), ("COPY conf/ /directus/", "conf"), ("COPY conf /directus", "conf"), ("COPY conf /", None), ("COPY conf/deep /directus/", "deep"), ("COPY one .", None), ("COPY conf/deep /", None), ("COPY . /", None),
        # several sources, wildcards
        ("COPY conf one .", "conf"), ("COPY two conf .", "conf"), ("COPY conf two .", "two"), ("COPY own.env .env ./", "root"), ("COPY conf/.e* ./", "conf"), ("COPY conf/*.env ./", "conf"), ("COPY conf/x.* .env", "x"), ("COPY conf/?.env .env", "x"), ("COPY *.env .env", None), ("COPY */.env ./", None), ("COPY gone/* ./", None), ("COPY conf/[.]env ./", "conf"),
        # the last one decides
        ("COPY .env .env\nCOPY own.env .env", "own"), ("COPY own.env .env\nCOPY conf/x.env x.env", "own"), ("COPY . .\nCOPY conf/deep/.env ./", "deep"), ("COPY .env .env\nCOPY one .", "root"),
        # folders of the image
        ("WORKDIR /srv\nCOPY .env .env", "root"), ("WORKDIR /srv\nCOPY .env /directus/.env", None), ("WORKDIR sub\nCOPY own.env ../.env\nWORKDIR ..", "own"), ("WORKDIR /srv\nCOPY own.env .env\nCOPY .env /directus/.env", "own"), ("COPY .env /directus/../directus/.env", "root"),
        # left out
        ("COPY --exclude=.env . .", None), ("COPY --exclude=*.env . .", None), ("COPY --exclude=conf/.env conf .", None), ("COPY --exclude=x . .", "root"), ("COPY --chown=a:b --chmod=600 .env .env", "root"),
        # written by commands
        ("RUN echo A=run > .env", "run"), ("RUN echo A=run > /directus/.env", "run"), ("RUN echo A=run > /other/.env", "a RUN instruction may write `/directus/.env`"), ("COPY .env .env\nRUN echo B=run >> .env", "root"), ("RUN cd /x && echo A=run > .env", "a RUN instruction may write `/directus/.env`"), ("COPY .env .env\nRUN rm .env", None), ("COPY .env .env\nRUN unlink .env", None),
        ("COPY .env .env\nRUN cat .env", "root"), ("COPY .env .env\nRUN cat x.env.y", "root"), ("COPY .env .env\nRUN sed -i /x/d .env", "a RUN instruction may write `/directus/.env`"), ("RUN rm .env\nCOPY .env .env", "root"),
        *((f"COPY .env .env\nRUN {program} x .env", "a RUN instruction may write `/directus/.env`") for program in ("cp", "mv", "tee", "ln", "install", "touch", "curl", "wget", "envsubst", "dotenv", "truncate")),
        # other stages
        ("FROM node AS b\nCOPY own.env /x/.env\nFROM directus/directus\nCOPY --from=b /x/.env .env", "own"), ("FROM node AS b\nCOPY own.env /x/.env\nFROM directus/directus\nCOPY --from=B /x .", "own"), ("FROM node AS b\nCOPY own.env /x/.env\nFROM directus/directus\nCOPY --from=1 /x/.env .", "own"),
        ("FROM node AS b\nFROM directus/directus\nCOPY --from=b /x/.env .", None), ("COPY --from=acme/conf /x/.env .", "it is copied from another image"), ("COPY --from=acme/conf /x .", None), ("COPY --from=7 /x/.env .", "it is copied from another image"), ("COPY --from=acme/conf .env .", None),
        ("FROM directus/directus AS b\nCOPY own.env .env\nFROM b", "own"), ("COPY own.env .env\nFROM node", None), ("FROM directus/directus AS b\nCOPY own.env .env\nFROM b\nCOPY .env .", "root"),
    ],
)  # fmt: skip
def test_what_is_at_the_place_of_the_own_file(tmp_path: Path, instructions: str, found: str | None) -> None:
    text = f"FROM directus/directus:12.4.1\n{instructions}\nCMD npx directus start\n"
    made = dockerfile.describe(repository(tmp_path, {**FILES, "Dockerfile": text}), "Dockerfile", "")
    assert made is not None
    held = made.config_file
    if isinstance(held, Unknown):
        assert held.reason == found
    else:
        texts = [one.value.text.reveal() for one in held or () if isinstance(one.value, Known)]
        assert (texts[0] if texts else None) == found


@each_case(
    ("files", "found"),
    [
        ({"docker/Dockerfile": "COPY own.env .env"}, "own"), ({"docker/Dockerfile": "COPY own.env .env", "docker/own.env": "A=near\n"}, "near"), ({"docker/Dockerfile": "COPY own.env conf ./\nCOPY own.env .env"}, "own"), ({"docker/Dockerfile": "COPY own.env gone ./\nCOPY own.env .env", "docker/own.env": "A=near\n"}, "near"),
        ({"Dockerfile": "COPY . .", ".dockerignore": ".env\n"}, None), ({"Dockerfile": "COPY . .", ".dockerignore": "*.env\n!.env\n"}, "root"), ({"docker/Dockerfile": "COPY own.env .env", ".dockerignore": "own.env\n"}, None),
    ],
)  # fmt: skip
def test_the_folder_that_an_image_is_built_from(tmp_path: Path, files: dict[str, str], found: str | None) -> None:
    written = {
        path: f"FROM directus/directus\n{text}\n" if "Dockerfile" in path else text for path, text in files.items()
    }
    (made,) = dockerfile.read(repository(tmp_path, {**FILES, **written}))
    held = made.config_file
    texts = [one.value.text.reveal() for one in held if isinstance(one.value, Known)] if isinstance(held, tuple) else []
    assert (texts[0] if texts else None) == found
