"""Whose an address in code is: Directus', another program's, or not known."""

from __future__ import annotations

from typing import Final

from directus_guard.checks.code._addresses import (
    Whose,
    is_asset,
    is_endpoint,
    is_of_project,
    judge,
    shown,
    whose,
    whose_token,
)
from directus_guard.checks.result import Failure, NotEvaluated, Pass
from directus_guard.checks.shared.titles import deployment_words
from directus_guard.directus.code import Address, Package, Place, TokenInAddress
from directus_guard.directus.project import Project
from directus_guard.finding import Location, Subject
from tests.support.each import each_case
from tests.support.environments import environment, variable

HERE: Final = Location("app.ts", 3)
SDK: Final = Package(".", HERE, depends=True)
PLAIN: Final = Package(".", HERE)
NOTHING: Final = Project(())
DIRECTUS, OTHER, UNKNOWN = Whose.DIRECTUS, Whose.OTHER, Whose.UNKNOWN
FILE: Final = "/assets/0b6f0c3a-5d0e-4a6e-9f3c-1f2e3d4c5b6a"


def running(*urls: str) -> Project:
    """A project with a deployment at each address."""
    return Project(tuple(environment(variable("PUBLIC_URL", url)) for url in urls))


@each_case(
    ("address", "package", "owner"),
    [
        # Of the own host the path decides.
        (Address(path="/items/posts"), PLAIN, DIRECTUS), (Address(path="/directus/users"), PLAIN, DIRECTUS), (Address(path="/assets"), PLAIN, DIRECTUS),
        (Address(path="/users"), SDK, OTHER), (Address(path="/api/posts"), SDK, OTHER), (Address(path="/itemsets"), SDK, OTHER),
        # Names in the place of the host.
        (Address(names=("DIRECTUS_URL",), path="/users"), PLAIN, DIRECTUS), (Address(names=("env.PUBLIC_URL",)), PLAIN, DIRECTUS), (Address(names=("PUBLIC_URL",)), PLAIN, DIRECTUS),
        (Address(names=("MY_PUBLIC_URL",)), PLAIN, UNKNOWN), (Address(names=("base", "process.env['PUBLIC_URL']")), PLAIN, DIRECTUS), (Address(names=("STRAPI_URL",)), SDK, OTHER),
        (Address(names=("base",)), SDK, UNKNOWN), (Address(names=("MAPBOX_URL", "base")), SDK, OTHER), (Address(names=("mapbox", "directus")), SDK, DIRECTUS),
        # Hosts that are named so, that the package or a deployment has, or that the package's files come from.
        (Address("https://directus.acme.com"), PLAIN, DIRECTUS), (Address("https://my-directus.acme.com"), PLAIN, DIRECTUS), (Address("http://localhost:8055"), PLAIN, DIRECTUS),
        (Address("https://directuscms.com"), PLAIN, OTHER), (Address("http://user:pw@DIRECTUS.acme.com"), PLAIN, DIRECTUS),
        (Address("https://cms.acme.com"), Package(".", HERE, hosts=frozenset(["cms.acme.com"])), DIRECTUS), (Address("https://CMS.acme.com"), Package(".", HERE, hosts=frozenset(["cms.acme.com"])), DIRECTUS),
        (Address("https://files.acme.com", path=FILE), SDK, DIRECTUS), (Address("https://files.acme.com", path="/assets/…"), SDK, DIRECTUS), (Address("https://files.acme.com", path="/assets/logo.png"), SDK, UNKNOWN),
        (Address("https://files.acme.com", path=FILE), PLAIN, OTHER), (Address("https://api.mapbox.com", path=FILE), SDK, OTHER), (Address("https://files.acme.com", path="/users"), SDK, OTHER),
        (Address("https://files.acme.com", path="/items/posts"), SDK, UNKNOWN),
    ],
)  # fmt: skip
def test_whose_an_address_is(address: Address, package: Package, owner: Whose) -> None:
    assert whose(address, package, NOTHING) is owner


@each_case(
    ("urls", "host", "owner"),
    [
        (("https://cms.acme.com",), "https://cms.acme.com", DIRECTUS),
        (("https://cms.acme.com:8443/admin",), "https://cms.acme.com:8443", DIRECTUS),
        (("https://cms.acme.com",), "https://cms.acme.com:8443", OTHER),
        (("https://user@cms.acme.com",), "https://cms.acme.com", DIRECTUS),
        (("https://[broken", "https://CMS.acme.com"), "https://cms.acme.com", DIRECTUS),
        # Names of the machine itself are everybody's.
        (("http://localhost:1234",), "http://localhost:1234", OTHER),
        (("/",), "https://cms.acme.com", OTHER),
    ],
)
def test_the_hosts_of_deployments(urls: tuple[str, ...], host: str, owner: Whose) -> None:
    assert whose(Address(host, path="/users"), PLAIN, running(*urls)) is owner


@each_case(
    ("known", "host", "owner"),
    [
        # Where no host of Directus is known, a token is taken for one of Directus.
        ((), "https://api.shop.com", DIRECTUS),
        (("localhost:8055",), "https://api.shop.com", DIRECTUS),
        (("cms.acme.com",), "https://cms.acme.com", DIRECTUS),
        (("cms.acme.com",), "https://staging.acme.com", UNKNOWN),
        (("cms.acme.com", "cms.shop.com"), "https://staging.shop.com", UNKNOWN),
        (("cms.acme.com:8443",), "https://staging.acme.com:9000", UNKNOWN),
        (("cms.acme.com",), "https://staging.acme.com:9000", UNKNOWN),
        (("cms.acme.com",), "https://staging.acme.org", OTHER),
        (("cms.acme.com",), "https://api.shop.com", OTHER),
        # A country's `co.uk` is the name of no owner.
        (("cms.acme.co.uk",), "https://staging.acme.co.uk", UNKNOWN),
        (("cms.acme.co.uk",), "https://cms.shop.co.uk", OTHER),
        (("cms.acme.co.uk:8443",), "https://cms.shop.co.uk", OTHER),
        (("a.b.acme.co.uk",), "https://c.d.acme.co.uk", UNKNOWN),
        (("cms.acme.com",), "https://api.github.com", OTHER),
    ],
)
def test_whose_a_token_is(known: tuple[str, ...], host: str, owner: Whose) -> None:
    package = Package(".", HERE, hosts=frozenset(known), depends=True)
    assert whose_token(Address(host, path="/items/posts"), package, NOTHING) is owner


def test_a_name_says_whose_a_token_is() -> None:
    package = Package(".", HERE, hosts=frozenset(["cms.acme.com"]))
    assert whose_token(Address(names=("STRAPI_URL",)), package, NOTHING) is OTHER
    assert whose_token(Address(names=("STRAPI_URL",)), PLAIN, NOTHING) is OTHER
    assert whose_token(Address(names=("DIRECTUS_URL",)), package, NOTHING) is DIRECTUS


@each_case(
    ("address", "project", "ours"),
    [
        (Address("https://directus.acme.com", path="/x"), NOTHING, True),
        (Address("https://cms.acme.com", path="/x"), running("https://cms.acme.com"), True),
        (Address("https://cms.acme.com", path="/x"), Project((), packages=(Package(".", HERE, hosts=frozenset(["cms.acme.com"])),)), True),
        (Address("https://cms.acme.com", path="/items/posts"), running("/"), True),
        (Address("https://cms.acme.com", path="/schema/snapshot"), running("/"), True),
        (Address("https://cms.acme.com", path="/flows/trigger/x"), Project((), packages=(PLAIN,)), True),
        (Address("https://cms.acme.com", path="/users"), running("/"), False),
        (Address("https://cms.acme.com", path="/api/items/posts"), running("/"), False),
        (Address("https://cms.acme.com", path="/items/posts"), NOTHING, False),
        (Address("https://api.stripe.com", path="/items/posts"), running("/"), False),
    ],
)  # fmt: skip
def test_which_addresses_are_of_the_project(address: Address, project: Project, ours: bool) -> None:
    assert is_of_project(address, project) is ours


@each_case(
    ("path", "endpoint", "asset"),
    [
        ("", True, False), ("/", True, False), ("…", True, False), ("/…", True, False), ("/…/", True, False), ("/items/posts", True, False), ("/users", True, False), ("/api/items", True, False), ("/utils/hash", True, False),
        ("/itemset", False, False), ("/assets/x", False, True), ("/assets", False, True), ("/assetstore", False, False), ("~", False, False), ("/~", False, False),
    ],
)  # fmt: skip
def test_what_a_path_is(path: str, endpoint: bool, asset: bool) -> None:
    assert is_endpoint(Address(path=path)) is endpoint
    assert is_asset(Address(path=path)) is asset
    # A name that says so is enough, unless the path is another endpoint.
    assert is_asset(Address(names=("base", "ASSET_URL"), path=path)) is (
        asset or path not in ("/items/posts", "/users", "/api/items", "/utils/hash")
    )


def test_how_an_address_is_shown() -> None:
    assert shown(Address("https://cms.acme.com", path="/items")) == "https://cms.acme.com/items"
    assert shown(Address("https://x.com", ("env.URL ?? 'https://x.com'",), "/a")) == "${env.URL}/a"
    assert shown(Address(names=("(a)",), path="/a")) == "${…}/a"
    assert len(shown(Address(path=f"/{'a' * 300}"))) == 100


def test_each_address_of_a_package_is_judged() -> None:
    def token(address: Address | None, line: int) -> TokenInAddress:
        return TokenInAddress(Location("app.ts", line), address, Place.CALL)

    failure = Failure(Subject("x", "x"), HERE, "m", "e", "a")
    unknown, ours = (
        Address("https://files.acme.com", path="/items/a"),
        Address("https://directus.acme.com", path="/items/b"),
    )
    found = (
        token(None, 1),
        token(Address("https://a.b"), 2),
        token(unknown, 3),
        token(Address(path="/x"), 4),
        token(ours, 5),
    )
    package = Package(".", HERE, depends=True, addresses=found, unread=(Location("b.ts"),))

    def wanted(_: object, address: Address) -> bool:
        return address.path != ""

    reasons = [
        NotEvaluated("it is not known which address this query belongs to", Location("app.ts", 1)),
        NotEvaluated("it is not known whether `https://files.acme.com/items/a` is Directus", Location("app.ts", 3)),
        failure,
        NotEvaluated("this code could not be read or parsed", Location("b.ts")),
    ]
    for loose in (True, False):
        answers = list(judge(Project((), packages=(package, PLAIN)), wanted, lambda *_: failure, loose=loose))
        assert answers == [*((package, reason) for reason in reasons[not loose :]), (PLAIN, Pass())]


def test_a_deployment_in_a_sentence() -> None:
    assert deployment_words("compose.yaml") == "`compose.yaml`"
    assert deployment_words("compose.yaml#shop") == "`shop` in `compose.yaml`"
    assert deployment_words("compose.yaml#shop#2") == "`shop#2` in `compose.yaml`"


@each_case("name", [
    "mapbox", "contentful", "storyblok", "strapi", "sanity", "facebook", "instagram", "graphapi", "graph_api", "wechat", "weixin", "google", "github", "gitlab", "stripe", "shopify", "supabase", "firebase", "spotify", "twitch", "twitter", "slack", "linkedin", "cesium",
    "maptiler", "auth0", "mercadolibre", "mercadolivre", "keycloak", "prismic", "wordpress", "algolia", "openai",
])  # fmt: skip
def test_names_of_other_programs(name: str) -> None:
    assert whose(Address(names=(f"{name.upper()}_URL",)), SDK, NOTHING) is OTHER
    assert whose(Address(f"https://{name.replace('_', '')}.acme.com", path=FILE), SDK, NOTHING) is OTHER
    assert not is_of_project(Address(f"https://{name.replace('_', '')}.acme.com", path="/items/a"), running("/"))


@each_case("name", [
    "items", "files", "users", "graphql", "folders", "collections", "fields", "relations", "roles", "policies", "permissions", "revisions", "activity", "flows", "operations", "panels", "dashboards", "presets", "notifications", "shares", "server", "utils", "schema",
    "versions", "comments", "translations", "websocket",
])  # fmt: skip
def test_endpoints_of_directus(name: str) -> None:
    assert is_endpoint(Address(path=f"/api/{name}/x"))
    assert is_endpoint(Address(path=f"/{name}"))
    assert not is_endpoint(Address(path=f"/{name}x"))


@each_case("path", ["/items/x", "/assets/x", "/schema/snapshot", "/schema/diff", "/schema/apply", "/flows/trigger/x", "/server/specs/oas"])  # fmt: skip
def test_paths_that_programs_request(path: str) -> None:
    assert is_of_project(Address("https://cms.acme.com", path=path), running("/"))
    assert not is_of_project(Address("https://cms.acme.com", path=f"/x{path}"), running("/"))
