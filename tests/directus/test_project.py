"""Which deployments run an export: told by folders alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, strategies as st
from msgspec.structs import replace

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.environment.deployment import Deployment, Platform
from directus_guard.directus.environment.loading import load
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.export import Export
from directus_guard.directus.instance import Instance
from directus_guard.directus.project import Project
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Context, Location
from tests.support.environments import variable

if TYPE_CHECKING:
    from collections.abc import Sequence


def deployment(name: str, context: Context = Context.UNKNOWN) -> Environment:
    return Environment(Deployment(name, Platform.COMPOSE, Location(name)), {}, NEWEST, None, context, "")


def export(name: str, context: Context = Context.UNKNOWN) -> Export:
    return Export(name, Location(f"{name}/permissions.json"), AccessModel(), context=context)


def project(environments: Sequence[Environment | str], exports: Sequence[Export | str]) -> Project:
    return Project(
        tuple(deployment(item) if isinstance(item, str) else item for item in environments),
        exports=tuple(export(item) if isinstance(item, str) else item for item in exports),
    )


def hosts(held: Project) -> dict[str, list[str]]:
    return {item.name: [env.name for env in held.deployments_of(item).environments] for item in held.exports}


def test_the_only_deployment_runs_the_only_export_wherever_they_are() -> None:
    held = project(["docker/prod/compose.yaml#directus"], ["cms/directus-config"])
    assert hosts(held) == {"cms/directus-config": ["docker/prod/compose.yaml#directus"]}
    found = held.deployments_of(held.exports[0])
    assert (found.doubt, found.missing) == ("", "")
    assert held.exports_of(held.environments[0]) == held.exports


def test_an_export_in_the_root_is_like_any_other() -> None:
    assert hosts(project(["compose.yaml#cms"], ["."])) == {".": ["compose.yaml#cms"]}


def test_two_applications_of_one_repository_keep_to_themselves() -> None:
    held = project(["apps/a/compose.yaml", "apps/b/deploy/compose.yaml"], ["apps/a/directus", "apps/b/directus"])
    assert hosts(held) == {
        "apps/a/directus": ["apps/a/compose.yaml"],
        "apps/b/directus": ["apps/b/deploy/compose.yaml"],
    }
    assert not any(held.deployments_of(item).doubt for item in held.exports)


def test_the_deployment_of_another_application_answers_for_nobody_else() -> None:
    held = project(["apps/b/compose.yaml"], ["apps/a/directus", "apps/b/directus"])
    assert hosts(held) == {"apps/a/directus": [], "apps/b/directus": ["apps/b/compose.yaml"]}
    assert "not in the repository" in held.deployments_of(held.exports[0]).missing


def test_every_stage_runs_the_export() -> None:
    stages = ["compose.yaml#directus", "compose.prod.yaml#directus"]
    held = project(stages, ["directus"])
    assert hosts(held) == {"directus": stages}
    assert not held.deployments_of(held.exports[0]).doubt  # alternatives of one folder


def test_candidates_in_several_folders_are_all_judged_and_that_is_said() -> None:
    held = project(["k8s/prod/app.yaml", "k8s/staging/app.yaml"], ["directus"])
    assert hosts(held) == {"directus": ["k8s/prod/app.yaml", "k8s/staging/app.yaml"]}
    assert held.deployments_of(held.exports[0]).doubt


def test_two_exports_beside_one_deployment_may_both_be_its() -> None:
    held = project(["compose.yaml"], ["directus/shop", "directus/blog"])
    assert hosts(held) == {"directus/shop": ["compose.yaml"], "directus/blog": ["compose.yaml"]}
    assert all(held.deployments_of(item).doubt for item in held.exports)
    assert held.exports_of(held.environments[0]) == held.exports


def test_without_any_deployment_nothing_is_seen() -> None:
    held = project([], ["directus"])
    assert hosts(held) == {"directus": []}
    assert held.deployments_of(held.exports[0]).missing


def test_an_example_does_not_answer_for_an_export_in_earnest() -> None:
    held = project([deployment(".env.example", Context.EXAMPLE)], ["directus"])
    assert hosts(held) == {"directus": []}
    assert held.deployments_of(held.exports[0]).missing


def test_an_example_export_takes_no_deployment_from_the_real_one() -> None:
    held = project(["compose.yaml"], ["directus", export("fixtures/directus", Context.EXAMPLE)])
    assert hosts(held) == {"directus": ["compose.yaml"], "fixtures/directus": []}
    assert not held.deployments_of(held.exports[0]).doubt


def test_an_example_project_belongs_together() -> None:
    held = project(
        ["compose.yaml", deployment("examples/shop/compose.yaml", Context.EXAMPLE)],
        ["directus", export("examples/shop/directus", Context.EXAMPLE)],
    )
    assert hosts(held) == {"directus": ["compose.yaml"], "examples/shop/directus": ["examples/shop/compose.yaml"]}
    # … also when its folder was asked for, so that only the deployment counts as meant
    alone = project(["examples/shop/compose.yaml"], [export("examples/shop/directus", Context.EXAMPLE)])
    assert hosts(alone) == {"examples/shop/directus": ["examples/shop/compose.yaml"]}


def test_only_development_is_no_answer_for_production() -> None:
    held = project([deployment("compose.dev.yaml", Context.DEVELOPMENT)], ["directus"])
    found = held.deployments_of(held.exports[0])
    assert [env.name for env in found.environments] == ["compose.dev.yaml"]
    assert "production" in found.missing


def answering(public_url: str, name: str = "compose.yaml") -> Environment:
    asked = Deployment(name, Platform.COMPOSE, Location(name), (variable("PUBLIC_URL", public_url),))
    return Environment(asked, load(asked, NEWEST), NEWEST, None, Context.PRODUCTION, "")


def test_the_deployment_with_the_address_of_the_instance_runs_it() -> None:
    live = replace(export("https://cms.example.com"), live=True)
    ours, other, silent = answering("https://cms.example.com/"), answering("https://shop.example.com"), answering("/")
    told = Instance("https://cms.example.com", Location("x"), silent, export=live)

    def hosts_of(*environments: Environment) -> tuple[tuple[Environment, ...], bool, str]:
        found = Project(environments, instance=told).deployments_of(live)
        return found.environments, bool(found.doubt), found.missing

    assert hosts_of(other, ours, silent) == ((ours,), False, "")
    assert hosts_of(other, silent) == ((silent,), True, "")
    assert hosts_of(other) == ((), True, "no deployment in the repository has this PUBLIC_URL")
    trial = replace(ours, context=Context.DEVELOPMENT)
    assert hosts_of(trial, silent) == ((silent,), True, "")
    assert hosts_of(trial) == ((), True, "no deployment in the repository has this PUBLIC_URL")


FOLDERS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map("/".join)
CONTEXTS = st.sampled_from(list(Context))


@given(st.lists(st.tuples(FOLDERS, CONTEXTS), max_size=5), st.lists(st.tuples(FOLDERS, CONTEXTS), max_size=4))
def test_any_tree_is_told_the_same_in_any_order(
    places: list[tuple[str, Context]], exported: list[tuple[str, Context]]
) -> None:
    environments = [deployment(f"{folder}/{n}.yaml".lstrip("/"), context) for n, (folder, context) in enumerate(places)]
    exports = [export(f"{folder}/x{n}".lstrip("/"), context) for n, (folder, context) in enumerate(exported)]
    held = project(environments, exports)
    backwards = project(environments[::-1], exports[::-1])
    assert {name: set(found) for name, found in hosts(held).items()} == {
        name: set(found) for name, found in hosts(backwards).items()
    }
    for item in held.exports:
        found = held.deployments_of(item)
        assert found.environments or found.missing
        assert all(item in held.exports_of(env) for env in found.environments)
        # a deployment more never takes one away from an export that has no rival
        if len(exports) == 1:
            more = replace(held, environments=(*held.environments, deployment("z/more.yaml")))
            assert more.deployments_of(item).environments
