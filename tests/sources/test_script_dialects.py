"""Scripts for PowerShell, fish and cmd set variables and start containers like those for a POSIX shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known
from directus_guard.sources.collect import collect
from directus_guard.sources.inner import dialects
from tests.support.each import each_case
from tests.support.in_memory import in_memory
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


@each_case(
    ("ending", "text", "expected"),
    [
        ("ps1", "<# a\n b #> c <# d", " c <# d"),
        ("ps1", '@"\na\n"@ | Set-Content b.env\n', "cat > b.env <<END_OF_THE_TEXT\na\nEND_OF_THE_TEXT\n"),
        ("ps1", '$t = @"\r\na "b"\r\nc\r\n"@ | Out-File -Encoding utf8 -FilePath b.env -Force\n', 'cat > b.env <<END_OF_THE_TEXT\na "b"\r\nc\r\nEND_OF_THE_TEXT\n'),
        ("ps1", "@'\n'@ | Out-File 'b'; c", "cat > b <<'END_OF_THE_TEXT'\nEND_OF_THE_TEXT"),
        ("ps1", '@"\na\n"@ | docker stack deploy -c - b\n', "docker stack deploy -c - b <<END_OF_THE_TEXT\na\nEND_OF_THE_TEXT\n"),
        ("ps1", '@\'\na\n"@\n\'@ | b c', '@\'\na\n"@\n\'@ | b c'),
        ("ps1", '"a`"b" | Set-Content c', 'echo "a\\"b" > c'),
        ("ps1", '\'a"b\' | Out-File -Append -FilePath c', 'echo \'a"b\' > c'),
        ("ps1", '"a" | Add-Content -NoNewline -Encoding ascii -Path c', 'echo "a" > c'),
        ("ps1", 'Set-Content -Path a -Value "b"', 'echo "b" > a'),
        ("ps1", "Add-Content a 'b'", "echo 'b' > a"),
        ("ps1", 'Out-File -Encoding UTF8 "a" "b"', 'echo "b" > a'),
        ("ps1", "Set-Content a b", "Set-Content a b"),
        ("ps1", '[Environment]::SetEnvironmentVariable("A", "b")', 'export A="b"'),
        ("ps1", "[System.Environment]::setenvironmentvariable( 'A' , 'b' , [System.EnvironmentVariableTarget]::Machine)", "export A='b'"),
        ("ps1", '  $a=@{\n  B = "c"\n  \'D\' = "e"\n}', '\na_B="c"\na_D="e"\n'),
        ("ps1", 'a $($b.C) $( $b["C"] ) $($b[\'D\']) $($env:X.Y) $(b.c)', "a ${b_C} ${b_C} ${b_D} $(${X}.Y) $(b.c)"),
        ("ps1", '$a = @("b", \'c\', $d)', 'a=("b"  \'c\'  $d)'),
        ("ps1", '$a = @(\n "b",\n "c"\n)', 'a=(\n "b" \n "c"\n)'),
        ("ps1", "a 'b' , 'c'", "a 'b'  'c'"),
        ("ps1", "a @b @c-d x@e", 'a "${b[@]}" "${c[@]}"-d x@e'),
        ("ps1", '$env:A = "b"', 'export A="b"'),
        ("ps1", '  ${env:A}="b"', '  export A="b"'),
        ("ps1", "$Env:A=$b", "export A=$b"),
        ("ps1", '$a = "b"', 'a="b"'),
        ("ps1", "  $a='b'", "  a='b'"),
        ("ps1", "$a = b", "$a = b"),
        ("ps1", '$a="b" + $c', 'a="b" + $c'),
        ("ps1", 'a $env:B ${env:C} "$ENV:D"', 'a ${B} ${C} "${D}"'),
        ("ps1", "a `\n b `\r\n c", "a \\\n b \\\r\n c"),
        ("ps1", '"a`nb"', '"a\nb"'),
        ("ps1", '"a`"b`$c``d"', '"a\\"b\\$c\\`d"'),
        ("ps1", "a `b", "a `b"),
        ("fish", "set -x A b", "export A=b"),
        ("fish", "  set -gx A 'b'", "  export A='b'"),
        ("fish", "set --export A b", "export A=b"),
        ("fish", "set -g --export A b", "export A=b"),
        ("fish", "set -l A b", "A=b"),
        ("fish", "set --local --global A b", "A=b"),
        ("fish", "set A b c", "A=b c"),
        ("fish", "set -U A b", "A=b"),
        ("fish", "set -e A", "set -e A"),
        ("fish", "set A", "set A"),
        ("fish", "set -q A b", "set -q A b"),
        ("fish", "a; set A b", "a; set A b"),
        ("fish", "set -xg A $B", "export A=$B"),
        ("fish", "set --erase A b", "set --erase A b"),
        ("fish", "set -fx A b", "export A=b"),
        ("bat", "rem a b\n  REM c\n:: d\n@rem e\nremark f", "\n\n\n\nremark f"),
        ("bat", '  @SET "A=b"', 'export A="b"'),
        ("bat", "set A=b & c", 'export A="b "& c'),
        ("bat", "@set A=b", 'export A="b"'),
        ("bat", "set /p A=b", "set /p A=b"),
        ("bat", "set /a A=1", "set /a A=1"),
        ("bat", "set A=b|c", 'export A="b"|c'),
        ("bat", "setx A b /m", 'export A="b"'),
        ("bat", 'setx A "b"', 'export A="b"'),
        ("bat", "a ^\n b ^ \r\n c", "a \\\n b \\\r\n c"),
        ("bat", "@echo off\n @a", "echo off\na"),
        ("bat", "a@b", "a@b"),
        ("bat", "set A=\r\nb", 'export A=""\r\nb'),
        ("csh", "setenv A b", "export A=b"),
        ("csh", "  setenv A 'b'", "  export A='b'"),
        ("csh", "setenv A", "setenv A"),
        ("csh", "set a = b", "a=b"),
        ("csh", "set a=(b c)", "a=(b c)"),
        ("csh", "set a", "set a"),
        ("csh", "  set a= b", "  a=b"),
        ("csh", "unset a", "unset a"),
        ("PS1", "$a='b'", "a='b'"),
        ("psm1", "$a='b'", "a='b'"),
        ("cmd", "set A=b", 'export A="b"'),
        ("tcsh", "set a = b", "a=b"),
    ],
)  # fmt: skip
def test_the_same_commands_for_a_posix_shell(ending: str, text: str, expected: str) -> None:
    path = f"b/Run.{ending}"
    (made,) = dialects.files(in_memory({path: text}), path)
    assert (made.path, made.holder, made.text) == (f"{path}/run.sh", path, expected)


MESSAGE: Final = """MIME-Version: 1.0
content-type: Multipart/mixed; boundary="b"

--b
Content-Type: text/cloud-config

#cloud-config
a: b
--b
Content-Type: text/x-shellscript

#!/bin/sh
c

--b
Content-Type: text/plain

d
--b--
"""


@each_case(
    ("text", "expected"),
    [
        (MESSAGE, {"m/1.yaml": "#cloud-config\na: b", "m/2.sh": "#!/bin/sh\nc\n"}),
        (MESSAGE.replace("\n", "\r\n"), {"m/1.yaml": "#cloud-config\r\na: b\r", "m/2.sh": "#!/bin/sh\r\nc\r\n\r"}),
        ("#cloud-config\na: b\n", {"m/cloud-config.yaml": "#cloud-config\na: b\n"}),
        (f"a\n{MESSAGE}", {"m/cloud-config.yaml": f"a\n{MESSAGE}"}),
        (f"{'A: b' * 100}\n{MESSAGE}", {"m/cloud-config.yaml": f"{'A: b' * 100}\n{MESSAGE}"}),
    ],
)
def test_data_for_a_machine(text: str, expected: dict[str, str]) -> None:
    assert {one.path: one.text for one in dialects.files(in_memory({"m": text}), "m")} == expected
