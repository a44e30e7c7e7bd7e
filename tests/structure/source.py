# SPDX-License-Identifier: Apache-2.0
"""The project's own files and their syntax trees, as the structure tests read them."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("magnum_lite", "tools", "tests", "etc", "devstack", ".ci", "doc/source", "releasenotes")
TEXT = frozenset({".py", ".sh", ".yaml", ".rst", ".toml", ".cfg", ".ini", ".txt", ".service", ".conf", ".mako", ""})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(folder: str) -> list[Path]:
    """List the Python files below a folder, in order."""
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


def text_files() -> list[Path]:
    """List what people write: code, documents, settings, and what lies at the top."""
    below = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    top = (path for path in ROOT.iterdir() if path.suffix)
    return sorted(path for path in {*below, *top} if path.suffix in TEXT and path.is_file())


@functools.cache
def tree(path: Path) -> ast.Module:
    """Give the syntax tree of a Python file."""
    return ast.parse(path.read_text(), str(path))


def functions(path: Path) -> Iterator[Function]:
    """Walk all functions of a file, methods and inner ones included."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def imported_packages(path: Path) -> set[str]:
    """Give the first names of all that a file imports."""
    nodes = list(ast.walk(tree(path)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in plain | named}


def lines_of(node: Function) -> int:
    """Count the lines of a function from its def to its end."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def name_of(path: Path) -> str:
    """Give the path below the top of the project, for a message."""
    return str(path.relative_to(ROOT))
