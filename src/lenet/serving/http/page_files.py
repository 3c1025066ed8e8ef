"""Serves the page, as built from ``web/`` into the package: ``GET /`` and its assets."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOLDER = Path(__file__).parents[2] / "page"

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>lenet</title>
<p>The page is not built. Run <code>npm run build</code> in <code>web/</code>. The
<a href="docs">API</a> works without it.</p></html>
"""


def add_page(app: FastAPI, folder: Path = _FOLDER) -> None:
    """Serve ``index.html`` and the files in ``assets``.

    The folder is not mounted at ``/``: a mount takes every path, so a wrong method on a path of the
    API would give 404 instead of 405.
    """
    index = folder / "index.html"

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> Response:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    app.mount("/assets", _Assets(directory=folder / "assets", check_dir=False), name="assets")


class _Assets(StaticFiles):
    """Files that browsers may keep, because their names change with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
