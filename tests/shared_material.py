"""Where the reference material beside a checkout lies, if it is there: tests against it are collected only then."""

from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[2] / "shared"
SHARED: Path | None = _BESIDE if (_BESIDE / "DOMAIN.md").exists() else None
