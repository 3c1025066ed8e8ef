"""Completes the names of networks, data sets and recipes in the shell; docs/install.md says how.

Each function is a ``shell_complete`` of click: it gets the beginning of a word and returns what the
word may become. Where a command also takes a path, the shell completes that itself.
"""

from collections.abc import Iterable

from click import Context, Parameter
from click.shell_completion import CompletionItem


def trained(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a network that comes with lenet, or a run folder."""
    from lenet import weights

    return _items(incomplete, [*weights.names(), *_aliases()], "dir")


def trained_or_pictures(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the first word of ``lenet predict``: a network; any word: a picture."""
    from lenet import weights

    if ctx.params.get(param.name or ""):
        return _items(incomplete, [], "file")
    return _items(incomplete, [*weights.names(), *_aliases()], "file")


def model(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a network of ``lenet summary``: its definition, a trained one or a run folder."""
    from lenet import weights
    from lenet.networks import NETWORKS

    return _items(incomplete, [*NETWORKS, *weights.names(), *_aliases()], "dir")


def definition(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the definition of a network."""
    from lenet.names import NETWORK_ALIASES
    from lenet.networks import NETWORKS

    return _items(incomplete, [*NETWORKS, *NETWORK_ALIASES])


def recipe(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a recipe."""
    from lenet.training.recipes import RECIPES

    return _items(incomplete, [*RECIPES, *_aliases()])


def data(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a data set known by name, or a file or folder with data."""
    from lenet.data.catalog import CATALOG

    return _items(incomplete, CATALOG, "file")


def data_to_train(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete what ``lenet train`` takes: data, or "reader"."""
    from lenet.data.catalog import CATALOG

    return _items(incomplete, [*CATALOG, "reader"], "file")


def data_to_fetch(ctx: Context, param: Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete a data set known by name."""
    from lenet.data.catalog import CATALOG

    return _items(incomplete, CATALOG)


def _aliases() -> Iterable[str]:
    from lenet.names import TRAINED_ALIASES

    return TRAINED_ALIASES


def _items(incomplete: str, names: Iterable[str], path: str = "") -> list[CompletionItem]:
    """Return the names that begin so, after a wish for paths of the kind "file" or "dir".

    The wish comes first, because click's script for bash forgets what came before it.
    """
    matching = [one for one in dict.fromkeys(names) if one.startswith(incomplete)]
    paths = [CompletionItem(incomplete, type=path)] if path else []
    return [*paths, *map(CompletionItem, matching)]
