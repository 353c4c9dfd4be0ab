"""The simulator is no part of the product: neither knows the other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("integration", "mappings", "reports", "service", "webhooks")


def imported(file: Path) -> set[str]:
    """The packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("file", sorted((ROOT / "simulator").rglob("*.py")), ids=lambda file: file.stem)
def test_the_simulator_imports_nothing_of_the_product(file: Path) -> None:
    assert not imported(file).intersection(PRODUCT)


@pytest.mark.parametrize("package", PRODUCT)
def test_the_product_imports_nothing_of_the_simulator(package: str) -> None:
    assert not [file for file in (ROOT / package).rglob("*.py") if "simulator" in imported(file)]
