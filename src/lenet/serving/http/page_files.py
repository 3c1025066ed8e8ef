"""The page, as it was built from `web/` into the package: `GET /` and the files it asks for."""

from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_FOLDER = Path(__file__).parent / "page"

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>lenet</title>
<p>The page is not built: it needs <code>npm run build</code> in <code>web/</code>. The service
itself works: <a href="docs">its API</a>.</p></html>
"""


def add_page(app: FastAPI, folder: Path = _FOLDER) -> None:
    """Serve the page: ``index.html``, and beside it ``assets``.

    The folder is not mounted whole: that would take every path, and a wrong method on one of the
    API's would no longer be called so.
    """
    index = folder / "index.html"

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> Response:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    app.mount("/assets", _Assets(directory=folder / "assets", check_dir=False), name="assets")


class _Assets(StaticFiles):
    """Files whose names change with their content: browsers keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if "\0" in path:  # which no file's name may have
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
