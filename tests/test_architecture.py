"""What the linters cannot see: the build's lists, the purity of `mappings`, rules of the house about whole files."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

import pytest

import dev

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("integration", "mappings", "reports", "service", "webhooks")
FORBIDDEN_NAMES = frozenset({"base", "common", "core", "helper", "helpers", "misc", "util", "utils"})
# The standard library without effects. `importlib` and `pkgutil` are for the loaders and the packaged weights only.
PURE = frozenset(
    {"bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "heapq"}
    | {"importlib", "itertools", "json", "math", "operator", "pkgutil", "re", "statistics", "types", "typing"}
    | {"unicodedata", "zoneinfo"}
)
BROAD = frozenset({"Exception", "BaseException"})
# The worker loop and the error handlers of the two doors: there an unexpected error is logged and survived.
# The worker's loop, and where the door and the pages turn any error into an answer.
MAY_CATCH_EVERYTHING = frozenset({"integration/worker.py", "service/page_threads.py", "webhooks/front.py"})


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


# The build


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """Build the wheel from what git knows, as a release would, and list what is in it."""
    checkout, target = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for name in kept_files():
        copy = checkout / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(target)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=checkout, check=True, capture_output=True)
    (built,) = target.glob("*.whl")
    return frozenset(zipfile.ZipFile(built).namelist())


def kept_files() -> list[str]:
    """Name the files that are under version control, or are new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_wheel_holds_every_module_and_data_file_of_the_product(wheel: frozenset[str]) -> None:
    wanted = {name for name in kept_files() if PurePosixPath(name).parts[0] in PRODUCT}
    assert wanted - wheel == set(), "Add the package to `packages` or the file to `package-data` in pyproject.toml."


def test_the_wheel_holds_nothing_that_runs_from_a_checkout_only(wheel: frozenset[str]) -> None:
    tops = {PurePosixPath(name).parts[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PRODUCT)


def test_every_listed_package_exists() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = settings["tool"]["setuptools"]["packages"]
    assert listed == sorted(listed)
    assert [name for name in listed if not (ROOT / name.replace(".", "/") / "__init__.py").exists()] == []


def test_the_wheel_names_its_licence_and_its_command(wheel: frozenset[str]) -> None:
    names = {PurePosixPath(name).name for name in wheel}
    assert {"LICENSE", "entry_points.txt"} <= names


def test_the_declared_dependencies_are_those_that_the_product_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    declared = {re.split(r"[\[<>=; ]", one)[0] for one in (*project["dependencies"], *extras)}
    tops = {name.split(".")[0] for path in sources(*PRODUCT) for name in imported(syntax(path))}
    foreign = tops - sys.stdlib_module_names - set(PRODUCT) - {"_typeshed"}
    known = packages_distributions()
    needed = {known[name][0].lower().replace("_", "-") for name in foreign}
    # SQLAlchemy loads the first by the address of a database, `zoneinfo` the second, a sheet the others by name.
    assert declared - {"psycopg", "tzdata", "xlsxwriter", "pyarrow"} == needed


# The locks and the script that uses them


def test_locks_name_versions_and_hashes_and_nothing_else() -> None:
    assert dev.lock_faults() == []


def test_a_lock_with_an_address_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "LOCKS", tmp_path)
    digest = "0" * 64
    lines = ["--index-url https://packages.example/simple", "flask==3.1.3 \\", f"    --hash=sha256:{digest}", "flask"]
    (tmp_path / "run.lock").write_text("\n".join(lines))
    assert [fault.split(":")[1] for fault in dev.lock_faults()] == ["1", "4"]


def test_the_development_lock_agrees_with_that_of_the_product() -> None:
    product, development = (set(dev.versions(dev.LOCKS / f"{name}.lock")) for name in ("run", "dev"))
    assert product - development == set()


def test_an_old_python_can_read_the_script_far_enough_to_be_told() -> None:
    text = (ROOT / "dev.py").read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 7))
    first = [type(node) for node in tree.body[:3]]
    assert first == [ast.Expr, ast.Import, ast.If]


def test_the_script_needs_only_the_standard_library() -> None:
    names = {name.split(".")[0] for name in imported(syntax(ROOT / "dev.py"))}
    assert names <= sys.stdlib_module_names


# The stations


def test_statements_of_sql_are_made_in_the_store_and_the_inbox_alone() -> None:
    passed_on = {"ArgumentError", "Engine", "SQLAlchemyError", "Session"}
    elsewhere = [path for path in sources("integration", "reports", "service") if path.parent.name != "store"]
    elsewhere = [path for path in elsewhere if "migrations" not in path.parts]
    found = {
        (name_of(path), alias.name)
        for path in elsewhere
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"sqlalchemy", "sqlmodel"}
        for alias in node.names
        if alias.name not in passed_on
    }
    assert found == set()


def test_mappings_imports_only_what_has_no_effects() -> None:
    imports = {(name_of(path), name.split(".")[0]) for path in sources("mappings") for name in imported(syntax(path))}
    assert [(path, name) for path, name in sorted(imports) if name not in PURE | {"mappings"}] == []


def test_no_module_is_named_for_nothing_in_particular() -> None:
    parts = {(name, part) for name in map(name_of, sources(*PRODUCT, "simulator")) for part in Path(name).parts}
    assert [name for name, part in parts if part.removesuffix(".py") in FORBIDDEN_NAMES] == []


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in sources("tests")}
    assert [name_of(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_environment_is_read_in_the_settings_alone() -> None:
    readers = [name_of(path) for path in sources(*PRODUCT) if reads_the_environment(syntax(path))]
    assert readers == ["service/settings.py"]


def reads_the_environment(tree: ast.Module) -> bool:
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return not named.isdisjoint({"environ", "environb", "getenv"})


def test_only_the_outermost_loops_catch_everything() -> None:
    catching = {name_of(path) for path in sources(*PRODUCT) if catches_everything(syntax(path))}
    assert catching <= MAY_CATCH_EVERYTHING


def catches_everything(tree: ast.Module) -> bool:
    caught = [node.type for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in BROAD) for kind in caught)


def test_modules_with_tables_keep_their_annotations_as_values() -> None:
    with_tables = {path: syntax(path) for path in sources(*PRODUCT) if has_tables(syntax(path))}
    assert with_tables
    assert [name_of(path) for path, tree in with_tables.items() if "__future__" in set(imported(tree))] == []


def has_tables(tree: ast.Module) -> bool:
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return any(keyword.arg == "table" for node in classes for keyword in node.keywords)


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in sources(*PRODUCT, "simulator") if not ast.get_docstring(syntax(path))]
    assert silent == [], "Begin the module with one to three sentences."
