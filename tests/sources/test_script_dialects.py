"""Scripts for PowerShell, fish and cmd set variables and start containers like those for a POSIX shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known
from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.repositories import cut, repository

if TYPE_CHECKING:
    from pathlib import Path

SECRET: Final = "548f497daafaca6187e930e80b76c645"
IMAGE: Final = "directus/directus:12.4.1"
SERVICE: Final = f"services:\n  cms:\n    image: {IMAGE}\n    environment:\n      SECRET: {SECRET}\n"


@each_case(
    ("path", "text"),
    [
        ("run.ps1", f'$env:SECRET = "{SECRET}"\nnpx directus start\n'),
        ("run.ps1", f"${{env:SECRET}}='{SECRET}'; npx directus start\n"),
        ("run.ps1", f'$Env:SECRET = "{SECRET}"\r\ndocker run -d `\r\n  -e SECRET `\r\n  {IMAGE}\r\n'),
        ("run.ps1", f"docker run -d `\n  --name cms `\n  -e SECRET={SECRET} `\n  {IMAGE}\n"),
        ("run.ps1", f'$secret = "{SECRET}"\n& docker run -e "SECRET=$secret" {IMAGE}\n'),
        ("run.ps1", f'<#\n Starts Directus\n#>\n$env:SECRET="{SECRET}" # Directus\ndocker run -e "SECRET=$env:SECRET" {IMAGE}\n'),
        ("run.ps1", f'[Environment]::SetEnvironmentVariable("SECRET", "{SECRET}", "Machine")\nnpx directus start\n'),
        ("run.ps1", f'@"\n{SERVICE}"@ | Set-Content -Path docker-compose.yml\ndocker compose up -d\n'),
        ("run.ps1", f"@'\n{SERVICE}'@ | Out-File -Encoding utf8 docker-compose.yml\n"),
        ("run.ps1", f"@'\n{SERVICE}'@ | docker stack deploy -c - cms\n"),
        ("run.ps1", f'Set-Content -Path .env -Value "SECRET={SECRET}" # directus\n'),
        ("run.ps1", f'"SECRET={SECRET}" | Out-File .env # directus\n'),
        ("run.ps1", f'$a = @(\n  "run", "-d",\n  "-e", "SECRET={SECRET}",\n  "{IMAGE}"\n)\n& docker @a\n'),
        ("run.ps1", f'$cms = @{{\n  SECRET = "{SECRET}"\n  KEY = "x"\n}}\ndocker run -e "SECRET=$($cms.SECRET)" {IMAGE}\n'),
        ("run.ps1", f'$cms = @{{ "SECRET" = "{SECRET}"; KEY = "x" }}\ndocker run -e "SECRET=$($cms["SECRET"])" {IMAGE}\n'),
        ("deploy/Start.PS1", f'$env:SECRET = "{SECRET}"\nnpx directus start\n'),
        ("run.fish", f"set -x SECRET {SECRET}\nnpx directus start\n"),
        ("run.fish", f"set -gx SECRET '{SECRET}'\nnpx directus start\n"),
        ("run.fish", f'set --export --global SECRET "{SECRET}"\nnpx directus start\n'),
        ("run.fish", f"set secret {SECRET}\ndocker run -e SECRET=$secret {IMAGE}\n"),
        ("run.fish", f"docker run -d \\\n  -e SECRET={SECRET} {IMAGE}\n"),
        ("run.csh", f"#!/bin/csh\nsetenv SECRET {SECRET}\nnpx directus start\n"),
        ("run.tcsh", f"set secret = {SECRET}\ndocker run -e SECRET=$secret {IMAGE}\n"),
        ("run.bat", f"@echo off\r\nset SECRET={SECRET}\r\nnpx directus start\r\n"),
        ("run.cmd", f'set "SECRET={SECRET}"\ndocker run ^\n  -e SECRET=%SECRET% {IMAGE}\n'),
        ("run.bat", f"docker run ^\r\n -e SECRET={SECRET} ^\r\n {IMAGE}\r\n"),
    ],
)  # fmt: skip
def test_a_secret_is_found_where_it_stands(tmp_path: Path, path: str, text: str) -> None:
    found = [
        one for made in collect(repository(tmp_path, {path: text})).deployments for one in made.variables
        if one.name == "SECRET"
    ]  # fmt: skip
    assert found
    for one in found:
        assert isinstance(one.value, Known)
        assert one.value.text.reveal() == SECRET
        assert (one.location.path, cut(tmp_path, one.location)) == (path, SECRET)


@each_case(
    ("path", "text"),
    [
        ("run.ps1", f"docker run -e SECRET=$env:CMS_SECRET {IMAGE}\n"),
        ("run.ps1", f"$secret = Read-Host\ndocker run -e SECRET=$secret {IMAGE}\n"),
        ("run.ps1", f"$env:SECRET = (Get-Secret cms)\ndocker run -e SECRET {IMAGE}\n"),
        ("run.fish", f"set -x SECRET (pass cms)\ndocker run -e SECRET {IMAGE}\n"),
        ("run.fish", f"docker run -e SECRET=$SECRET {IMAGE}\n"),
        ("run.bat", f"set /p SECRET=Secret?\ndocker run -e SECRET=%SECRET% {IMAGE}\n"),
    ],
)
def test_what_comes_from_outside_is_not_known(tmp_path: Path, path: str, text: str) -> None:
    found = [
        one for made in collect(repository(tmp_path, {path: text})).deployments for one in made.variables
        if one.name == "SECRET"
    ]  # fmt: skip
    assert found
    assert not any(isinstance(one.value, Known) for one in found)


def test_the_script_of_something_else_says_nothing(tmp_path: Path) -> None:
    text = f'$env:SECRET = "{SECRET}"\ndocker run -e SECRET nginx\n'
    assert collect(repository(tmp_path, {"run.ps1": text})).deployments == ()
