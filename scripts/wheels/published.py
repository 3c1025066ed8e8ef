"""Prepares the sources for an index: addresses of the project, and a page whose pictures show.

Only who publishes knows where the repository is, and says it in LENET_REPOSITORY; the release
workflow does. On an index's page, links within the repository lead nowhere and its pictures do not
show, so they become absolute. Without an address the pictures are left out, and of links the words
stay.
"""

import re
from pathlib import Path


def prepare(sources: Path, repository: str) -> None:
    """Change README.md and pyproject.toml in a copy of the sources."""
    readme, project = sources / "README.md", sources / "pyproject.toml"
    text = long_description(readme.read_text(encoding="utf-8"), repository)
    readme.write_text(text, encoding="utf-8")
    lines = [f'{name} = "{address}"\n' for name, address in urls(repository).items()]
    head = "[project.urls]\n"
    text = project.read_text(encoding="utf-8").replace(head, head + "".join(lines), 1)
    project.write_text(text, encoding="utf-8")


def urls(repository: str) -> dict[str, str]:
    """Return the project's addresses by their names on an index's page; none without repository."""
    if not repository:
        return {}
    return {
        "Homepage": repository,
        "Documentation": f"{repository}/tree/HEAD/docs",
        "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{repository}/issues",
        "Security": f"{repository}/blob/HEAD/SECURITY.md",
    }


def long_description(readme: str, repository: str) -> str:
    """Return the README with links that work on a page outside of the repository.

    Examples
    --------
    >>> long_description("![Page](a/page.png) [guide](docs/learn.md#start)", "https://b.c/d")
    '![Page](https://b.c/d/raw/HEAD/a/page.png) [guide](https://b.c/d/blob/HEAD/docs/learn.md#start)'
    >>> long_description("![Page](a/page.png)Read the [guide](docs/learn.md).", "")
    'Read the guide.'
    """

    def absolute(match: re.Match[str]) -> str:
        mark, text, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        if not repository:
            return "" if mark else text
        return f"{mark}[{text}]({repository}/{'raw' if mark else 'blob'}/HEAD/{target})"

    return re.sub(r"(!?)\[([^\[\]]*)\]\(([^()\s]+)\)", absolute, readme)
