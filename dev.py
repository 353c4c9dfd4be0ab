#!/usr/bin/env python3
"""Set up, demonstrate, test and check Tieline. Needs git and Python 3.11 with its `venv` module, nothing else.

Only the standard library is imported, and older Pythons can read the file, so that they can say what is wrong.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("Tieline needs Python 3.11 or newer; this is Python %d.%d (%s)." % (*sys.version_info[:2], sys.executable))

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
STAMP = VENV / "locked"
LOCKS = ROOT / "requirements"
COVERAGE = ROOT / "coverage.json"
# Every branch of these is tested, by their own tests: they decide, and they let in.
FULLY_COVERED = ("mappings", "webhooks")
NO_BROWSER = 3

BROWSER_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
PLAYWRIGHT_CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
PLAYWRIGHT_BROWSERS = (
    "chromium_headless_shell-*/*/headless_shell",
    "chromium_headless_shell-*/*/chrome-headless-shell",
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/*/Chromium.app/Contents/MacOS/Chromium",
)

# What the demo and the container image install beside the product itself.
IMAGE_EXTRAS = ("postgres", "images", "pdf", "xlsx")
# A lock names versions and hashes and nothing else: no address, no option, no path.
LOCK_LINE = re.compile(
    r"[a-z0-9][a-z0-9.\-]*(\[[a-z0-9,\-]+\])?==[0-9][0-9a-z.+!]*( ; [a-zA-Z0-9_.'\"<>=!() ,\-]+)? \\"
    r"|    --hash=sha256:[0-9a-f]{64}( \\)?"
)
COMPILE = ("--quiet", "--universal", "--generate-hashes", "--no-annotate", "--no-header", "--no-build")


def main(arguments: Sequence[str]) -> int:
    parsed, rest = parser().parse_known_args(arguments)
    if rest and parsed.command not in ("test", "bench"):
        parser().error(f"unknown arguments: {' '.join(rest)}")
    if parsed.command == "demo":
        return demo(check=parsed.check, browser=parsed.browser)
    if parsed.command == "test":
        return test(rest, browser=parsed.browser)
    if parsed.command == "bench":
        set_up("dev")
        return run(PYTHON, "-m", "bench", *rest)
    if parsed.command == "lock":
        return lock(upgrade=parsed.upgrade)
    return check()


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="dev.py", description="Set up, demonstrate, test and check Tieline.")
    commands = top.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="start Tieline beside a simulated Jira site and open the dashboard")
    demo.add_argument("--check", action="store_true", help="run without a browser; succeed if the figures are right")
    demo.add_argument("--no-browser", dest="browser", action="store_false", help="print the address, open nothing")
    test = commands.add_parser("test", help="run every test; further arguments go to pytest")
    test.add_argument("--without-browser", dest="browser", action="store_false", help="leave out the browser tests")
    commands.add_parser("check", help="formatter, linter, types, imports, locks")
    commands.add_parser("bench", help="measure the product beside its limits")
    lock = commands.add_parser("lock", help="write the locks from pyproject.toml")
    lock.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")
    return top


# The commands


def demo(*, check: bool, browser: bool) -> int:
    set_up("run")
    flags = [*(["--check"] if check else []), *([] if browser else ["--no-browser"])]
    # The demo takes this process over, and with it every signal that would end it.
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "simulator.demo", *flags])


def test(pytest_arguments: Sequence[str], *, browser: bool) -> int:
    """Run the tests: those of the fully covered packages apart, for measuring would slow all others down."""
    set_up("dev")
    chosen = [] if browser else ["-m", "not browser"]
    if browser and not provide_browser():
        say(
            "No browser was found and none could be installed, so the tests of the pages cannot run. Install Chromium"
            " or name one in $CHROMIUM, or leave these tests out with --without-browser."
        )
        return NO_BROWSER
    if pytest_arguments:
        return run(PYTHON, "-m", "pytest", *chosen, *pytest_arguments)
    tests: tuple[str | Path, ...] = (PYTHON, "-m", "pytest", "-n", "2", "--dist", "worksteal", *chosen)
    covered = [f"tests/{package}" for package in FULLY_COVERED]
    COVERAGE.unlink(missing_ok=True)
    failed = run(*tests, "--cov", "--cov-report", f"json:{COVERAGE}", *covered)
    failed = run(*tests, *(f"--ignore={folder}" for folder in covered)) or failed
    gaps = uncovered() if COVERAGE.exists() else 1
    return failed or gaps


def uncovered() -> int:
    """Name each line and branch of the fully covered packages that none of their own tests went through."""
    files = json.loads(COVERAGE.read_text(encoding="utf-8"))["files"]
    gaps = [
        f"{name}: line {', '.join(map(str, file['missing_lines'])) or '-'}; branch"
        f" {', '.join(f'{here}->{there}' for here, there in file['missing_branches']) or '-'}"
        for name, file in sorted(files.items())
        if file["missing_lines"] or file["missing_branches"]
    ]
    for gap in gaps:
        say(f"not covered by its own tests: {gap}")
    return 1 if gaps else 0


def check() -> int:
    set_up("dev")
    tools: dict[str, Sequence[str | Path]] = {
        "lint": (BIN / "ruff", "check", "."),
        "format": (BIN / "ruff", "format", "--check", "."),
        "types": (BIN / "mypy",),
        "imports": (BIN / "lint-imports", "--no-logo"),
        "image": (BIN / "hadolint", "Dockerfile"),
    }
    failed = [name for name, command in tools.items() if run(*command)]
    faults = lock_faults() or outdated_locks()
    for fault in faults:
        say(fault)
    failed += ["locks"] if faults else []
    say(f"check failed: {', '.join(failed)}" if failed else "check passed")
    return 1 if failed else 0


def lock(*, upgrade: bool) -> int:
    set_up("dev")
    for name in ("run", "dev"):
        compile_lock(name, LOCKS, ["--upgrade"] if upgrade else [])
    return 0


# The locks


def lock_faults() -> list[str]:
    return [
        f"{path.name}:{number}: only versions and hashes belong here: {line}"
        for path in sorted(LOCKS.glob("*.lock"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if not LOCK_LINE.fullmatch(line)
    ]


def outdated_locks() -> list[str]:
    """Compile each lock again with its own versions preferred: what changes then no longer fits pyproject.toml."""
    with tempfile.TemporaryDirectory() as folder:
        copies = Path(shutil.copytree(LOCKS, Path(folder) / "requirements"))
        for name in ("run", "dev"):
            compile_lock(name, copies, [])
        return [
            f"requirements/{name}.lock does not fit pyproject.toml: run `python3 dev.py lock`"
            for name in ("run", "dev")
            if versions(copies / f"{name}.lock") != versions(LOCKS / f"{name}.lock")
        ]


def versions(path: Path) -> list[str]:
    """Give the lines without the hashes: a publisher may add files to a version that is already out."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(" ")]


def compile_lock(name: str, folder: Path, options: Sequence[str]) -> None:
    wanted = {
        "run": [*(f"--extra={extra}" for extra in IMAGE_EXTRAS), "--group", "build"],
        "dev": ["--all-extras", "--group", "dev", "--constraint", str(folder / "run.lock")],
    }
    target = ["pyproject.toml", "--python-version", "3.11", "--output-file", str(folder / f"{name}.lock")]
    uv("pip", "compile", *COMPILE, *options, *wanted[name], *target)


# The environment


def set_up(name: str) -> None:
    """Make `.venv` hold exactly what the lock names, and the project itself; do nothing if it already does."""
    if stamp_of(name) in held():
        return
    say(f"Setting up {VENV.name} ...")
    began = time.monotonic()
    make_environment()
    must(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCKS / "bootstrap.lock")
    uv("pip", "sync", "--quiet", "--require-hashes", "--no-build", str(LOCKS / f"{name}.lock"))
    # The lock brought setuptools: the checkout is installed without asking any index.
    uv("pip", "install", "--quiet", "--offline", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    # The development set holds all that the product needs.
    stamps = [stamp_of("dev"), stamp_of("run")] if name == "dev" else [stamp_of("run")]
    STAMP.write_text("\n".join(stamps), encoding="utf-8")
    say(f"Set up in {time.monotonic() - began:.0f} s.")


def stamp_of(name: str) -> str:
    inputs = (LOCKS / "bootstrap.lock", LOCKS / f"{name}.lock", ROOT / "pyproject.toml", Path(__file__).resolve())
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in inputs)).hexdigest()
    return f"{name} {digest} {ROOT}"


def held() -> list[str]:
    """Read what the environment holds; nothing where it is absent or its Python has gone."""
    if not STAMP.exists() or not environment_works():
        return []
    return STAMP.read_text(encoding="utf-8").splitlines()


def environment_works() -> bool:
    if not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0


def make_environment() -> None:
    STAMP.unlink(missing_ok=True)
    if environment_works():
        return
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_module()
    # A process of its own: it sees the module that was installed just now.
    must(sys.executable, "-m", "venv", "--clear", VENV)


def install_venv_module() -> None:
    """Debian ships Python without the part of `venv` that installs pip."""
    package = "python%d.%d-venv" % sys.version_info[:2]
    if not apt_install(package):
        sys.exit(f"Python's `venv` module is incomplete here. Install it, then try again:  sudo apt install {package}")


def uv(*arguments: str) -> None:
    # Named outright: uv would look for other Pythons, and complain about those that are broken. It would also trust
    # its own list of certificates only, where a company's index has one that the system knows.
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ, "UV_PYTHON": str(PYTHON), "VIRTUAL_ENV": str(VENV)}
    must(BIN / "uv", *arguments, environment=environment)


# The browser


def provide_browser() -> bool:
    """Have what the tests of the pages need: a browser, and the library that drives it in working order."""
    return driver_runs() and (find_browser() is not None or install_browser())


def driver_runs() -> bool:
    """Ask Playwright's driver; minimal Debians lack a library that it needs."""
    for _ in range(2):
        asked = subprocess.run([BIN / "playwright", "--version"], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            return True
        if "libatomic" not in asked.stderr or not apt_install("libatomic1"):
            break
    say(asked.stderr)
    return False


def install_browser() -> bool:
    """Install one from the distribution as root, else Playwright's own build."""
    say("No browser was found: installing Chromium for the tests of the pages ...")
    if apt_install("chromium") and find_browser():
        return True
    return run(BIN / "playwright", "install", "--only-shell", "chromium") == 0 and find_browser() is not None


def find_browser() -> str | None:
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((str(found) for found in browsers()), None)


def browsers() -> Iterator[str | Path]:
    yield from filter(None, map(shutil.which, BROWSER_COMMANDS))
    yield from (path for path in map(Path, MAC_BROWSERS) if path.exists())
    own = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    for cache in [own] if own else PLAYWRIGHT_CACHES:
        for pattern in PLAYWRIGHT_BROWSERS:
            yield from sorted(Path(cache).expanduser().glob(pattern), reverse=True)


# Running things


def apt_install(package: str) -> bool:
    """Install a package of Debian's where that is possible without asking anybody."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wanted = ("install", "-y", "-qq", "--no-install-recommends", package)
    for step in (("update", "-qq"), wanted):
        done = subprocess.run(("apt-get", *step), env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        say(done.stdout + done.stderr)
    return done.returncode == 0


def must(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    if run(*command, environment=environment):
        sys.exit(f"This command failed: {' '.join(map(str, command))}")


def run(*command: str | Path, environment: dict[str, str] | None = None) -> int:
    """Run a command from the root of the checkout; an interrupt is the command's to handle."""
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environment or {})}) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
