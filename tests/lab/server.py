"""Running servers of the lab. How a test uses them:

    def test_something(lab: Lab) -> None:          # fixture of tests/conftest.py; such tests are marked `lab` and `real`
        with lab.server(11) as server:             # 10, 11 or 12: started once per test process, cleaned at the end of the block
            server.admin.post("/collections", {...})                    # as administrator; raises what went wrong
            actor = server.actor([row("articles", "read")])             # role, policy, permissions and a user with a token
            answer = server.ask("GET", "/items/articles", token=actor.token)    # any method, any token, None = anonymous
            server.grant_public([row("articles", "read")])              # the same rows for the public

`server.url`, `server.token` (the administrator's), `server.version`, `server.folder` (with `data.db`), `server.log` (what
the server wrote) and `server.mail` (letters it sent) tell the rest. At the end of the block everything that was not there
when the server started is gone, and what was changed or deleted is back: the database is put back as a whole, past the API.

    with lab.server(11, extension) as server:      # another one, with the extension in this folder
    with started(tmp_path / "own", 11, env={"QUERY_LIMIT_MAX": "10"}) as server:    # one of one's own, with its own settings

12 without a licence is the Core edition: 3 seats, 25 collections, 5 flows, and no row with a rule, a validation, a preset
or fewer fields than `*`. 11 has no limits.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from tests.lab.install import LAB, RELEASES, Release, environment, install
from tests.lab.mail import Mailbox, free_port
from tests.lab.postgres import postgres_copy
from tests.support.programs import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

TOKEN: Final = "lab-administrator-token"
PASSWORD: Final = "lab-administrator-password"
EMAIL: Final = "admin@example.com"
_STARTS_WITHIN: Final = 600.0
"""Seconds; 5 on an idle machine, minutes on one that does much else."""
_LEAVE_WITH_PARENT: Final = 'data:text/javascript,process.stdin.resume().on("end",()=>process.exit(1))'
"""The server ends when its standard input does: when this process is gone, however that happened."""


class RefusedError(AssertionError):
    """The administrator was refused: the test is wrong, or the server is."""


def row(collection: str, action: str, **more: Any) -> dict[str, Any]:
    """A permission as the API takes it: everything is allowed unless `permissions`, `validation`, `presets`, `fields` say less."""
    return {
        "collection": collection,
        "action": action,
        "permissions": None,
        "validation": None,
        "presets": None,
        "fields": ["*"],
        **more,
    }


@dataclass(frozen=True, slots=True)
class Actor:
    """A user that is no administrator, with a role and (from 11 on) a policy of its own."""

    id: str
    token: str
    role: str
    policy: str | None
    email: str
    password: str


class Caller:
    """Requests with one token that must succeed; they give the `data` of the answer."""

    def __init__(self, server: Server, token: str | None) -> None:
        self._server = server
        self._token = token

    def get(self, path: str, **params: Any) -> Any:
        return self._data("GET", path, params=params)

    def post(self, path: str, body: object) -> Any:
        return self._data("POST", path, json=body)

    def patch(self, path: str, body: object) -> Any:
        return self._data("PATCH", path, json=body)

    def delete(self, path: str, body: object = None) -> Any:
        return self._data("DELETE", path, json=body)

    def _data(self, method: str, path: str, **more: Any) -> Any:
        answer = self._server.ask(method, path, token=self._token, **more)
        if answer.status_code >= 400:
            raise RefusedError(f"{method} {path}: {answer.status_code} {answer.text[:600]}")
        return answer.json()["data"] if answer.content else None


@dataclass
class Server:
    """A running Directus."""

    release: Release
    url: str
    folder: Path
    """Its project folder: `data.db`, `uploads/`, `extensions/`."""
    process: subprocess.Popen[bytes]
    mail: Mailbox
    client: httpx.Client
    token: str = TOKEN
    admin_role: str = ""
    """The key of the administrator role."""
    admin_policy: str = ""
    """The key of the administrator policy (11 and later)."""
    _count: int = 0
    _put_back: Callable[[], None] = lambda: None

    @property
    def version(self) -> str:
        return self.release.version

    @property
    def major(self) -> int:
        return self.release.major

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    @property
    def admin(self) -> Caller:
        """Requests as administrator that must succeed."""
        return Caller(self, self.token)

    def cli(self, *arguments: str, **more: str) -> None:
        """Run Directus' own command line on this server's database; `more` adds to its settings."""
        command = ["node", str(_directus(self.major)), *arguments]
        settings = _settings(self.folder, 8055, 25) | more
        run = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=300, env=environment(self.release) | settings
        )  # fmt: skip
        if run.returncode:
            raise RefusedError(f"`directus {' '.join(arguments)}` failed:\n{(run.stdout + run.stderr)[-2000:]}")

    def caller(self, token: str | None) -> Caller:
        """Requests with this token (None: none at all) that must succeed."""
        return Caller(self, token)

    def ask(self, method: str, path: str, *, token: str | None = None, **more: Any) -> httpx.Response:
        """Any request, whatever its answer. `more`: what httpx takes (`json`, `params`, `headers`, `files` …)."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        try:
            return self.client.request(method, path, headers=headers, **more)
        except httpx.TransportError as error:
            state = "runs" if self.process.poll() is None else f"has ended with {self.process.returncode}"
            raise RefusedError(f"{method} {path}: {error!r}; the server {state}:\n{self.log[-2000:]}") from error

    def is_admin(self, token: str | None) -> bool:
        """Whether a token is an administrator's, by what only an administrator is served."""
        return self.ask("GET", "/schema/snapshot", token=token).status_code == 200

    # --- principals ---

    def _next(self) -> int:
        self._count += 1
        return self._count

    def policy(self, rows: Sequence[Mapping[str, Any]] = (), **more: Any) -> str:
        """A new policy with these permissions (11 and later); its key."""
        made = self.admin.post("/policies", {"name": f"policy {self._next()}", "app_access": False, **more})
        self.permissions(rows, policy=made["id"])
        return str(made["id"])

    def permissions(self, rows: Sequence[Mapping[str, Any]], **holder: str | None) -> None:
        """Permission rows for a `policy` or (10) a `role`."""
        if rows:
            self.admin.post("/permissions", [{**one, **holder} for one in rows])

    def attach(self, policy: str, *, role: str | None = None, user: str | None = None) -> str:
        """Attach a policy to a role, to a user, or to the public; the key of the attachment."""
        return str(self.admin.post("/access", {"policy": policy, "role": role, "user": user})["id"])

    def role(self, rows: Sequence[Mapping[str, Any]] = (), *, app: bool = False, **more: Any) -> tuple[str, str | None]:
        """A new role with these permissions; its key, and that of its policy (10: None)."""
        name = more.pop("name", None) or f"role {self._next()}"
        if self.major < 11:
            old = self.admin.post("/roles", {"name": name, "app_access": app, "admin_access": False, **more})
            self.permissions(rows, role=old["id"])
            return str(old["id"]), None
        made = self.admin.post("/roles", {"name": name, **more})
        policy = self.policy(rows, app_access=app, name=name)
        self.attach(policy, role=made["id"])
        return str(made["id"]), policy

    def actor(self, rows: Sequence[Mapping[str, Any]] = (), *, app: bool = False, **more: Any) -> Actor:
        """A fresh user with a role that holds exactly these permissions. `more`: fields of the role."""
        role, policy = self.role(rows, app=app, **more)
        return self.member(role, policy)

    def member(self, role: str | None, policy: str | None = None, **more: Any) -> Actor:
        """A fresh user of a role that is there already (None: of none)."""
        number = self._next()
        token, email, password = (
            f"lab-actor-{number}-token",
            f"actor{number}@example.com",
            f"lab-actor-{number}-password",
        )
        user = self.admin.post(
            "/users", {"email": email, "password": password, "token": token, "role": role, "status": "active", **more}
        )
        return Actor(str(user["id"]), token, role or "", policy, email, password)

    def grant_public(self, rows: Sequence[Mapping[str, Any]]) -> str | None:
        """Give rows to the public: by a new policy (its key), on 10 to the role null."""
        if self.major < 11:
            self.permissions(rows, role=None)
            return None
        policy = self.policy(rows)
        self.attach(policy)
        return policy

    # --- putting back ---

    def remember(self, put_back: Callable[[], None]) -> None:
        """Take what is there now as what `clean` leaves. `put_back` makes the database what it is now."""
        self._put_back = put_back
        self.admin_role = str(self.admin.get("/users/me", fields="role")["role"])
        if self.major >= 11:
            (policy,) = self.admin.get("/policies", **{"filter[admin_access][_eq]": "true", "fields": "id"})
            self.admin_policy = str(policy["id"])

    @property
    def minds_keys(self) -> bool:
        """Whether its database refuses a foreign key that is not there: it does not after a data model that could not be applied."""
        nowhere = {"name": "lost", "parent": "00000000-0000-4000-8000-00000000dead"}
        return not self.ask("POST", "/folders", token=self.token, json=nowhere).is_success

    def clean(self) -> None:
        """Make everything what it was, whatever was done to it: past the API, which takes long to delete."""
        flows = [one["id"] for one in self.admin.get("/flows", fields="id", limit=-1)]
        if flows:  # those that run: rows that are gone do not stop them
            self.admin.delete("/flows", flows)
        self._put_back()
        # It still holds permissions, settings and the data model.
        answer = self.ask("POST", "/utils/cache/clear?system", token=self.token)
        assert answer.status_code == 200, answer.text
        for file in (self.folder / "uploads").iterdir():
            file.unlink()
        self.mail.clear()


_Kind = tuple[int, "Path | None"]


class Lab:
    """The servers of one test process, each started when first asked for."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._stack = ExitStack()
        self._servers: dict[_Kind, Server] = {}
        self._used: set[_Kind] = set()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @contextmanager
    def server(self, major: int, extension: Path | None = None) -> Iterator[Server]:
        """The server of a major version, as its first start left it; what the block makes is gone at its end.

        `extension`: the folder of one that it has; such a server is another one than that without.
        """
        kind = (major, extension)
        if kind in self._used:
            raise RefusedError(f"the server of {major} is in use: its database would be put back below another block")
        if kind not in self._servers:
            self._count += 1
            folder = self.directory / f"{major}-{self._count}"
            self._servers[kind] = self._stack.enter_context(started(folder, major, extension=extension))
        server = self._servers[kind]
        self._used.add(kind)
        try:
            yield server
        finally:
            self._used.remove(kind)
            if server.process.poll() is None and server.minds_keys:
                server.clean()
            else:
                del self._servers[kind]


@contextmanager
def started(
    folder: Path,
    major: int,
    *,
    env: Mapping[str, str] | None = None,
    port: int | None = None,
    extension: Path | None = None,
) -> Iterator[Server]:
    """A server of one's own in a new `folder`, bootstrapped; `env` adds to its settings. Stopped at the end of the block."""
    release = RELEASES[major]
    program = _directus(major)
    _copy_project(major, folder)
    if extension is not None:
        # It imports Directus' own packages, which npm puts beside it.
        copied = shutil.copytree(extension, folder / "extensions" / extension.name)
        (copied / "node_modules").symlink_to(install(major) / "node_modules")
    with Mailbox() as mail:
        chosen = port or free_port()
        settings = _settings(folder, chosen, mail.port) | dict(env or {})
        if settings["DB_CLIENT"] != "sqlite3":
            _bootstrap(release, folder, settings)
        command = ["node", "--import", _LEAVE_WITH_PARENT, str(program), "start"]
        with (folder / "server.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment(release) | settings
            )
        url = f"http://127.0.0.1:{chosen}"
        try:
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
                server = Server(release, url, folder, process, mail, client)
                _wait(server)
                is_file = settings["DB_CLIENT"] == "sqlite3"
                server.remember(_copy(folder / "data.db") if is_file else postgres_copy(settings))
                yield server
        finally:
            _stop(process)


def _copy(path: Path) -> Callable[[], None]:
    """A copy of a SQLite file beside it; what writes it into the file, which other processes may have open."""
    kept = path.with_suffix(".before")

    def write(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)

    write(path, kept)
    return partial(write, kept, path)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _wait(server: Server) -> None:
    """Until the server answers; a server that ends instead is an error with its last words."""
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until:
        if server.process.poll() is not None:
            break
        try:
            if server.client.get("/server/ping", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RefusedError(f"Directus {server.version} did not start:\n{server.log[-3000:]}")


def _directus(major: int) -> Path:
    return install(major) / "node_modules" / "directus" / "cli.js"


def _settings(folder: Path, port: int, mail_port: int) -> dict[str, str]:
    return {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "KEY": "00000000-0000-4000-8000-00000000000b",
        # No comma: 10 would read it as a list, and sign nothing.
        "SECRET": "a-secret-of-the-lab-which-listens-on-loopback-only",
        "DB_CLIENT": "sqlite3",
        "DB_FILENAME": str(folder / "data.db"),
        "ADMIN_EMAIL": EMAIL,
        "ADMIN_PASSWORD": PASSWORD,
        "ADMIN_TOKEN": TOKEN,
        "TELEMETRY": "false",
        # Five registrations a minute are fewer than the cases make.
        "RATE_LIMITER_REGISTRATION_ENABLED": "false",
        "LOG_STYLE": "raw",
        # A busy machine is no reason to refuse requests.
        "PRESSURE_LIMITER_ENABLED": "false",
        # Each password would cost a fifth of a second of CPU, and each login wait half a second.
        "HASH_MEMORY_COST": "1024",
        "HASH_TIME_COST": "2",
        "HASH_PARALLELISM": "1",
        "LOGIN_STALL_TIME": "0",
        "REGISTER_STALL_TIME": "0",
        "EMAIL_VERIFY_SETUP": "false",
        "EMAIL_TRANSPORT": "smtp",
        "EMAIL_SMTP_HOST": "127.0.0.1",
        "EMAIL_SMTP_PORT": str(mail_port),
        "EMAIL_SMTP_IGNORE_TLS": "true",
    }


def _bootstrap(release: Release, folder: Path, settings: Mapping[str, str]) -> None:
    """Make the tables and the administrator."""
    command = ["node", str(_directus(release.major)), "bootstrap"]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=600, env=environment(release) | dict(settings)
    )  # fmt: skip
    if run.returncode:
        raise RefusedError(f"`directus bootstrap` of {release.version} failed:\n{(run.stdout + run.stderr)[-3000:]}")


def _copy_project(major: int, folder: Path) -> None:
    """A project folder whose database is bootstrapped: that is done once for each version, and then copied."""
    release = RELEASES[major]
    ready = LAB / f"project-{release.version}"
    with once(ready) as fresh:
        if fresh:
            for name in ("uploads", "extensions"):
                (ready / name).mkdir(exist_ok=True)
            # Without one, Directus refuses extensions.
            (ready / "package.json").write_text('{"name": "lab", "private": true}', encoding="utf-8")
            _bootstrap(release, ready, _settings(ready, 8055, 25))
    shutil.copytree(ready, folder, ignore=shutil.ignore_patterns(".complete"))
