"""Where templates and migrations are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def _bundled(name: str) -> Path:
    return next(folder for folder in (_PACKAGE / name, _PACKAGE.parent / name) if folder.is_dir())


TEMPLATES = _bundled("templates")
MIGRATIONS = _bundled("migrations")
STATIC = _PACKAGE / "static"
TRANSLATIONS = _PACKAGE / "translations"
