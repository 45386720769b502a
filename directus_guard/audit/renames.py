"""Files of a change that the base has under another name, as git tells renames: most of their lines are the same.

What is said of a deployment or export names its file. One that only moved is not new with all its findings.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from directus_guard.directus.project import Project
    from directus_guard.finding import Finding
    from directus_guard.sources.files.store import Store

MOST_BYTES: Final = 1 << 20
"""Of a file that are compared."""
MOST_PAIRS: Final = 400
"""Of files with different names that are compared."""
_ALIKE: Final = 0.5
"""The part of the lines that a renamed file shares with the old one (git's own threshold)."""


class Renames(Struct, frozen=True):
    """Names of the change and what the base calls them: files, deployments and exports."""

    names: Mapping[str, str] = {}

    def on_base(self, fingerprint: str) -> str:
        """The fingerprint that a finding has on the base, where its object is named after what moved."""
        check, _, key = fingerprint.partition("|")
        return f"{check}|{self.name_on_base(key)}"

    def name_on_base(self, key: str) -> str:
        """What the base calls a deployment, an export or an object of one."""
        for name, before in self.names.items():
            if key == name or key.startswith((f"{name} ", f"{name}#")):
                return f"{before}{key[len(name) :]}"
        return key


def renames(
    base: tuple[Store, Project, Sequence[Finding]], head: tuple[Store, Project, Sequence[Finding]], live: frozenset[str]
) -> Renames:
    """What moved between two runs: where their files are read from, what was judged, and what was found. `live`: the
    files of the change."""
    come = [path for path in _files(*head[1:]) if path in live and not base[0].has(path)]
    gone = [path for path in _files(*base[1:]) if path not in live] if come else []
    moved = _moved(_lines(base[0], gone), _lines(head[0], come))
    exports = {export.location.path: export.name for export in base[1].exports}
    names = {
        export.name: exports[moved[export.location.path]]
        for export in head[1].exports
        if moved.get(export.location.path) in exports
    }
    return Renames(names | moved)


def _files(project: Project, findings: Iterable[Finding]) -> tuple[str, ...]:
    """The files after which deployments, exports and findings are named."""
    found = [env.deployment.location.path for env in project.environments]
    found += [export.location.path for export in project.exports if not export.live]
    found += [finding.location.path for finding in findings if not finding.live]
    return tuple(dict.fromkeys(found))


def _lines(store: Store, paths: Iterable[str]) -> dict[str, Counter[bytes]]:
    found: dict[str, Counter[bytes]] = {}
    for path in paths:
        try:
            with store.open(path) as file:
                lines = file.read(MOST_BYTES).split(b"\n")
        except OSError:
            continue
        found[path] = Counter(line.strip() for line in lines if line.strip())
    return found


def _moved(gone: dict[str, Counter[bytes]], come: dict[str, Counter[bytes]]) -> dict[str, str]:
    """New paths and the old ones, the most alike first; of files that are equally alike those of one name."""
    pairs = [(old, new) for new in come for old in gone if _name(old) == _name(new)]
    others = [(old, new) for new in come for old in gone if _name(old) != _name(new)]
    pairs += others if len(others) <= MOST_PAIRS else ()
    likeness = {pair: _likeness(gone[pair[0]], come[pair[1]]) for pair in pairs}
    ordered = sorted(pairs, key=lambda pair: (-likeness[pair], _name(pair[0]) != _name(pair[1]), pair))
    found: dict[str, str] = {}
    for old, new in ordered:
        if likeness[old, new] >= _ALIKE and new not in found and old not in found.values():
            found[new] = old
    return found


def _likeness(old: Counter[bytes], new: Counter[bytes]) -> float:
    most = max(old.total(), new.total())
    return (old & new).total() / most if most else 0.0


def _name(path: str) -> str:
    return path.rpartition("/")[2]
