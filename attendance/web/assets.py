"""The pages' static files: one folder whose URL carries the hash of everything in it.

`/assets/<hash>/js/common/api.js` may be kept by browsers for ever. The hash stands before the path,
so that modules find each other by relative imports and no file is ever mixed with an older one.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, redirect, request, send_from_directory, url_for
from werkzeug.security import safe_join

EXTENSION = "attendance_assets"
FOR_EVER = "public, max-age=31536000, immutable"
# Named here, since Windows lets other programs change what .js is, and browsers then refuse it.
TEXT_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Assets:
    """The folder of static files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._gzipped: dict[Path, bytes] = {}

    @cached_property
    def version(self) -> str:
        """The hash of all files: names and contents."""
        total = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                total.update(path.relative_to(self.folder).as_posix().encode() + b"\0")
                total.update(path.read_bytes())
        return total.hexdigest()[:12]

    @property
    def libraries_present(self) -> bool:
        """Whether the set-up could fetch the libraries of others."""
        return (self.folder / "vendor" / ".installed").is_file()

    def gzipped(self, path: Path) -> bytes:
        """A file, compressed once per process."""
        if path not in self._gzipped:
            self._gzipped[path] = gzip.compress(path.read_bytes(), 9)
        return self._gzipped[path]


def asset(name: str) -> str:
    """The URL of a static file."""
    return url_for("asset_file", version=_assets().version, name=name)


def static_version() -> str:
    """The hash of all static files."""
    return _assets().version


def static_text(name: str) -> str:
    """What a static file of ours says."""
    return (_assets().folder / name).read_text("utf-8")


def libraries_present() -> bool:
    """Whether pages can be shown as they are meant."""
    return _assets().libraries_present


def init_app(app: Flask) -> None:
    """Serve the files, and give templates `asset()`."""
    assert app.static_folder is not None
    assets = app.extensions[EXTENSION] = Assets(Path(app.static_folder))
    app.add_template_global(asset)
    app.add_template_global(libraries_present)

    @app.route("/assets/<version>/<path:name>")
    def asset_file(version: str, name: str) -> Response:
        """A static file. Under an older hash it is served too, and not kept."""
        path = Path(safe_join(str(assets.folder), name) or "")
        if path.suffix in TEXT_TYPES and path.is_file():
            response = _text(assets, path)
        else:
            response = send_from_directory(assets.folder, name)
        current = version == assets.version
        response.headers["Cache-Control"] = FOR_EVER if current else "no-cache"
        return response

    @app.route("/favicon.ico")
    def favicon() -> Any:
        """Where browsers look for a picture of the site without being told."""
        return redirect(asset("icon.svg"), 302)


def _text(assets: Assets, path: Path) -> Response:
    if request.accept_encodings.quality("gzip") > 0:
        response = Response(assets.gzipped(path), mimetype=TEXT_TYPES[path.suffix])
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(path.read_bytes(), mimetype=TEXT_TYPES[path.suffix])
    response.headers["Vary"] = "Accept-Encoding"
    return response


def _assets() -> Assets:
    assets = current_app.extensions[EXTENSION]
    assert isinstance(assets, Assets)
    return assets
