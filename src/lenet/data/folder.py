"""Reads images from folders that are named after their classes (`lenet.data.folder_layout`)."""

from collections.abc import Collection
from pathlib import Path

from lenet.data.callbacks import DataCallbacks
from lenet.data.class_names import Section, in_class_order
from lenet.data.folder_layout import Classes, find_parts
from lenet.data.found import Found, Labelled


def find_in_folder(root: Path, callbacks: DataCallbacks, known: Collection[str] = ()) -> Found:
    """Find the images of a folder of class folders, and say what is left out.

    Raises
    ------
    LenetError
        There are no images in class folders, or a folder's name cannot be a class's.
    """
    root = root.resolve()
    layout = find_parts(root, known)
    for note in layout.notes:
        callbacks.on_message(f"{root.name}: {note}")
    parts: dict[Section, Labelled] = {}
    for section, classes in layout.parts.items():
        parts[section] = _labelled(classes)
    return Found(root.name, str(root), parts)


def _labelled(classes: Classes) -> Labelled:
    order = in_class_order(classes)
    names = [name for name in order for _ in classes[name]]
    return Labelled([path for name in order for path in classes[name]], names)
