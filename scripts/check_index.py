"""What the index says of each check: all of its declaration but how it judges."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Final

from directus_guard.checks.modules import declared, modules
from directus_guard.directus import features
from directus_guard.directus.features import Feature

if TYPE_CHECKING:
    from directus_guard.checks.declaration import Check

HEAD: Final = '''"""Every check without how it judges: what lists and reports say needs no module of a check. Made by `make generate`."""

# fmt: off

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import (
    EnvironmentCheck,
    ExportCheck,
    ExportMember,
    InstanceCheck,
    ProjectCheck,
    ProjectPart,
)
from directus_guard.checks.modules import ModuleJudge
from directus_guard.directus import features
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from directus_guard.checks.declaration import Check

INDEX: Final[tuple[Check, ...]] = (
'''
_FEATURES: Final = {feature: name for name, feature in vars(features).items() if isinstance(feature, Feature)}


def check_index() -> str:
    """The module `directus_guard/checks/index.py`: one line a check."""
    lines = (f"    {_row(declared(chapter, module))},\n" for chapter, module in modules())
    return f"{HEAD}{''.join(lines)})\n"


def _row(check: Check) -> str:
    judge = f"judge=ModuleJudge({json.dumps(check.chapter)}, {json.dumps(check.module)})"
    given = (f"{name}={_written(getattr(check, name))}" for name in sorted(check.__struct_fields__) if name != "judge")
    return f"{type(check).__name__}({', '.join((*given, judge))})"


def _written(value: object) -> str:
    """A value of a declaration as Python writes it."""
    match value:
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case Feature():
            return f"features.{_FEATURES[value]}"
        case str():
            single = '"' in value and "'" not in value
            return f"'{value}'" if single else json.dumps(value, ensure_ascii=False)
        case tuple():
            return f"({', '.join(map(_written, value))}{',' if len(value) == 1 else ''})"
        case _:
            return repr(value)
