# SPDX-License-Identifier: Apache-2.0
"""What every source file of the project keeps to: sizes, names, first lines, and what may stand in it."""

import ast
import re
import statistics
from pathlib import Path

from tests.structure import source

SPDX = "# SPDX-License-Identifier: Apache-2.0"
MODULES = source.python_files("magnum_lite")
TESTS = [path for path in source.python_files("tests") if path.name != "__init__.py"]
ALL = [*MODULES, *source.python_files("tools"), *TESTS]

BANNED_MODULES = re.compile(r"^(utils?|common|helpers?|misc|managers?|handlers?)$")
BANNED_WORDS = frozenset(
    {"bay", "bays", "baymodel", "ctx", "sess", "mesos", "swarm", "x509keypair", "minion", "minions"}
)
MARKS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
EMBEDDED = re.compile(r"^(#!/|\[Unit\]|\[Service\]|apiVersion:|heat_template_version:|resources:\s*$)", re.MULTILINE)
GLOBAL_CONFIGURATION = re.compile(r"\bcfg\.CONF\b|import CONF\b")
PATCHES = re.compile(r"\bmock\.patch|import patch\b|monkeypatch\.setattr")


def test_every_file_opens_with_its_licence() -> None:
    without = [source.name_of(path) for path in ALL if not path.read_text().startswith(SPDX)]

    assert without == []


def test_every_module_says_in_one_sentence_what_it_is_about() -> None:
    silent = [source.name_of(path) for path in ALL if not _opening(path).endswith((".", ":"))]

    assert silent == []


def _opening(path: Path) -> str:
    return (ast.get_docstring(source.tree(path)) or "").partition("\n\n")[0]


def test_modules_stay_short() -> None:
    sizes = {source.name_of(path): len(path.read_text().splitlines()) for path in MODULES if path.stat().st_size}
    too_long = {name: size for name, size in sizes.items() if size > 400}

    assert too_long == {}
    assert statistics.median(sizes.values()) <= 100
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= 250


def test_functions_stay_short() -> None:
    sizes = {
        f"{source.name_of(path)}:{node.lineno} {node.name}": source.lines_of(node)
        for path in MODULES
        if "migrations" not in path.parts
        for node in source.functions(path)
    }
    too_long = {name: size for name, size in sizes.items() if size > 50}

    assert too_long == {}
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= 25


def test_no_module_is_named_for_a_sort_of_code() -> None:
    named = [source.name_of(path) for path in ALL if any(BANNED_MODULES.match(part) for part in _parts(path))]

    assert named == []


def _parts(path: Path) -> list[str]:
    return [part.removesuffix(".py") for part in path.relative_to(source.ROOT).parts]


def test_names_use_the_words_of_the_glossary() -> None:
    banned = [
        f"{source.name_of(path)}: {name}"
        for path in MODULES
        for name in _identifiers(path)
        if BANNED_WORDS.intersection(name.lower().split("_"))
    ]

    # Heat's resource names are a public API and speak of minions; they are values there, not names of ours.
    assert banned == []


def _identifiers(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(source.tree(path)):
        if isinstance(node, source.Function | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def test_nothing_is_left_to_do_later() -> None:
    marked = [source.name_of(path) for path in source.text_files() if MARKS.search(path.read_text())]

    assert marked == []


def test_files_of_other_languages_lie_on_disk_and_not_in_strings() -> None:
    embedded = [
        f"{source.name_of(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EMBEDDED.search(node.value)
    ]

    assert embedded == []


def test_the_global_configuration_is_known_to_commands_only() -> None:
    users = [
        source.name_of(path)
        for path in MODULES
        if "cmd" not in path.relative_to(source.ROOT).parts
        and re.search(r"\bcfg\.CONF\b|import CONF\b", path.read_text())
    ]

    assert users == []


def test_shell_scripts_of_nodes_do_one_short_job() -> None:
    scripts = [path for path in (source.ROOT / "magnum_lite").rglob("*") if path.is_file() and _is_shell(path)]
    careless = [source.name_of(path) for path in scripts if "set -eu" not in path.read_text()]
    too_long = [source.name_of(path) for path in scripts if len(path.read_text().splitlines()) > 60]

    assert careless == []
    assert too_long == []


def _is_shell(path: Path) -> bool:
    with path.open("rb") as file:
        return re.match(rb"#! ?/(usr/)?bin/(env )?(ba)?sh", file.readline()) is not None


def test_tests_use_real_things_instead_of_patches() -> None:
    patching = [
        source.name_of(path)
        for path in TESTS
        if not {"agent", "structure"}.intersection(path.parts) and PATCHES.search(path.read_text())
    ]

    assert patching == []
