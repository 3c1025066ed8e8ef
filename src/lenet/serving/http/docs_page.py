"""Makes the page ``GET /docs``: the OpenAPI description, without scripts or other servers.

FastAPI's own page loads scripts from a CDN. That fails offline and under our content policy.
"""

from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
h2 { font-size: 1.05rem; margin: 2rem 0 .2rem; overflow-wrap: anywhere } h2 b { color: #2563c9 }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0 }
td { border-top: 1px solid #8884 }
@media (prefers-color-scheme: dark) { h2 b { color: #8ab4f8 } }
"""


def docs_page(openapi: dict[str, Any]) -> str:
    """Return the HTML of the page for an OpenAPI description."""
    info = openapi["info"]
    routes = [
        _route(path, method, route)
        for path, methods in openapi["paths"].items()
        for method, route in methods.items()
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        '<p>For programs: <a href="openapi.json">openapi.json</a>. '
        'Every error is <code>{"error": "one sentence"}</code>.</p>'
        f"{''.join(routes)}</main></body></html>"
    )


def _route(path: str, method: str, route: dict[str, Any]) -> str:
    text = f"<h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2>"
    text += f"<p>{escape(route.get('description', route.get('summary', '')))}</p>"
    if bodies := route.get("requestBody", {}).get("content"):
        text += f"<p>Body: {', '.join(f'<code>{escape(kind)}</code>' for kind in bodies)}</p>"
    if rows := [_parameter(one) for one in route.get("parameters", ())]:
        head = "<tr><th>Parameter<th>In<th>Type<th>Default</tr>"
        text += f"<table>{head}{''.join(rows)}</table>"
    return text


def _parameter(one: dict[str, Any]) -> str:
    schema = one["schema"]
    kinds = [part.get("type", "") for part in schema.get("anyOf", [schema])]
    kind = " or ".join(name for name in kinds if name and name != "null")
    default = "" if one.get("required") else str(schema.get("default", ""))
    cells = (f"<code>{escape(one['name'])}</code>", one["in"], kind, escape(default))
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells) + "</tr>"
