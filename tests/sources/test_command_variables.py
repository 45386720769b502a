"""What the command of a container sets, as it is written: each value with its place."""

from __future__ import annotations

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.finding import Location
from directus_guard.sources import command_line
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import written

SCRIPTS = {
    "d/run.sh": "#!/bin/sh\n# KEY=z\nexport SECRET=s\nexec node cli.js start\n",
    "run2.sh": "source x\nSECRET=$1 directus start\n",
}


@each_case(
    ("command", "expected"),
    [
        (["sh", "-c", "export SECRET=a; node cli.js start"], ["SECRET=a c:a command"]),
        (["sh", "-c", "SECRET=a npx directus start"], ["SECRET=a c:a command"]),
        (["env", "SECRET=a", "directus", "start"], ["SECRET=a c:a command"]),
        (["env SECRET=a directus start"], ["SECRET=a c:a command"]),
        (["sh", "-c", "SECRET=a directus bootstrap; KEY=b directus start"], ["SECRET=<its command sets it> c: command", "KEY=b c:b command"]),
        (["sh", "-c", "export SECRET=a; pm2-runtime x; SECRET=b directus start"], ["SECRET=<its command sets it> c: command"]),
        (["sh", "-c", "export SECRET=$X; directus start"], ["SECRET=<its command sets it> c: command"]),
        (["sh", "-c", "export SECRET=a; $X"], ["SECRET=a c:a command"]),
        (["sh", "-c", ". ./x.env && directus start"], ["its command takes in further variables"]),
        (["doppler", "run", "--", "directus", "start"], ["its command takes in further variables"]),
        (["directus", "start"], []),
        ([], []),
        (["echo SECRET=a"], ["SECRET=<its command sets it> c: command"]),
        (["export NOT_DIRECTUS=a; directus start"], []),
        (["sh", "-c", "directus start; export SECRET=a"], ["SECRET=<its command sets it> c: command"]),
        (["./run.sh"], ["SECRET=s d/run.sh:s command"]),
        (["run2.sh x"], ["SECRET=<its command sets it> c: command", "its command takes in further variables"]),
        (["sh", "-c", "cross-env SECRET=a directus serve"], ["SECRET=a c:a command"]),
        (["a==b SECRET==c start"], []),
        (['sh -c \'export SECRET="a b"; directus start\''], ["SECRET=a b c:a b command"]),
        (["eval", "x"], ["its command takes in further variables"]),
        (["dotenv -e x directus start"], ["its command takes in further variables"]),
        (["./RUN.sh; export SECRET=a; directus start"], ["SECRET=<its command sets it> c: command"]),
        (["X=1; start"], []),
        (["cd /x/run.sh=1"], []),
    ],
)  # fmt: skip
def test_what_a_command_sets(command: list[str], expected: list[str]) -> None:
    files = {"c": "x\ncommand: [" + ", ".join(f"'{word}'" for word in command) + "]\n", **SCRIPTS}
    variables, gaps = command_line.environment(command, Location("c", 2, 1, 2, 9), in_memory(files))
    found = []
    for one in variables:
        value = one.value.text.reveal() if isinstance(one.value, Known) else ""
        value = f"<{one.value.reason}>" if isinstance(one.value, Unknown) else value
        place = written(files[one.location.path], one.location) if isinstance(one.value, Known) else ""
        found.append(f"{one.name}={value} {one.location.path}:{place} {one.origin}")
    assert found + [gap.reason for gap in gaps] == expected
    without, _ = command_line.environment(command, Location("c", 2, 1, 2, 9))
    assert {one.value for one in without} <= {Unknown("its command sets it")}
