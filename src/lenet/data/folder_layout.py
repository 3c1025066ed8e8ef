"""Finds the classes in a folder of pictures, and its parts: training, validation, test."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from lenet.data.class_names import Section, class_name, is_plain_section, section_of
from lenet.data.image_tree import Folder, scan
from lenet.errors import LenetError

_WRAPPINGS = 2  # folders around the classes, as an archive has them
_NAMED_AT_MOST = 5

_SECTIONS: tuple[Section, ...] = ("train", "validation", "test")

Classes = dict[str, list[Path]]


@dataclass
class Layout:
    """The pictures of each class in each part; a folder without parts is ``train`` alone.

    `notes` says what was left out, and why, in a sentence each.
    """

    parts: dict[Section, Classes]
    notes: list[str] = field(default_factory=list[str])


def find_parts(root: Path, known: Collection[str] = ()) -> Layout:
    """Find the parts and the classes of a folder.

    Accepted are ``CLASS/image``, ``train/CLASS/image`` with ``test`` and ``validation`` next to
    ``train``, and ``CLASS/train/image``; up to two folders may lie around them. The parts have the
    names that `section_of` knows.

    Parameters
    ----------
    known
        Names that are classes, even if the only folder has one of them.

    Raises
    ------
    LenetError
        There are no pictures in class folders, all folders have names of parts, two folders could
        be the same part, or a folder's name cannot be a class's.
    """
    top = scan(root)
    notes: list[str] = []
    inner = _unwrapped(top, known, notes)
    sections = _sections(inner, notes)
    if sections is None:
        parts = _sections_within(inner) or {"train": _classes(inner, notes)}
    else:
        parts = dict[Section, Classes]()
        for section in sorted(sections, key=_SECTIONS.index):
            names = {*known, *parts.get("train", ())}
            folder = _unwrapped(sections[section], names, notes, within_part=True)
            parts[section] = _classes(folder, notes)
    names = {name for classes in parts.values() for name in classes}
    if not names:
        raise LenetError(_nothing(root, top))
    if all(section_of(name) and name not in known for name in names):
        raise LenetError(
            f"{root} holds {_listed(sorted(names))} only, which are names of parts and not of "
            "classes; put the pictures of each class in a folder of its own, as in "
            "train/CLASS/image.png"
        )
    if others := top.all_others():
        kinds = ", ".join(sorted(suffix or "no suffix" for suffix in others))
        notes.append(f"skipped files that are not pictures: {others.total():,} ({kinds})")
    return Layout(parts, notes)


def _unwrapped(
    folder: Folder, known: Collection[str], notes: list[str], within_part: bool = False
) -> Folder:
    """Enter folders that lie around the classes alone."""
    for _ in range(_WRAPPINGS):
        filled = folder.filled
        if len(filled) != 1 or not filled[0].filled or filled[0].name in known:
            break
        if not within_part and section_of(filled[0].name):
            break  # a part without the others
        _note_loose(folder, notes)
        folder = filled[0]
    return folder


def _sections(folder: Folder, notes: list[str]) -> dict[Section, Folder] | None:
    """Return the parts that lie in a folder; None if its folders are classes."""
    candidates: dict[Section, list[Folder]] = {}
    for inner in folder.filled:
        section = section_of(inner.name)
        if section and inner.filled:
            candidates.setdefault(section, []).append(inner)
    if not candidates:
        return None
    others = [inner for inner in folder.filled if section_of(inner.name) is None]
    if len(candidates) == 1:
        # A class may be called "train": it then holds pictures, or what the other classes hold.
        (alone,) = candidates.values()
        below = [inner.name for inner in alone[0].filled]
        alike = [inner for inner in others if [one.name for one in inner.filled] == below]
        if alone[0].images or len(alike) > 1 or ("train" not in candidates and others):
            return None
    chosen: dict[Section, Folder] = {}
    for section, found in sorted(candidates.items(), key=lambda one: _SECTIONS.index(one[0])):
        chosen[section] = _best(folder, section, found)
    unread = [inner for inner in folder.filled if inner not in chosen.values()]
    listed = [f"{inner.name}/ ({_pictures(inner.total)})" for inner in unread]
    if folder.images:
        listed.append(f"{_pictures(len(folder.images))} in no folder")
    if listed:
        names = " and ".join(f"{inner.name}/" for inner in chosen.values())
        notes.append(f"not read, because it lies next to {names}: {_listed(listed)}")
    return chosen


def _best(folder: Folder, section: Section, found: list[Folder]) -> Folder:
    """Return the folder whose name is most plainly that of the part."""
    plain = [inner for inner in found if inner.name.casefold() in (section, "val")]
    plain = plain or [inner for inner in found if is_plain_section(inner.name)] or found
    if len(plain) > 1:
        names = _listed([f"{inner.name}/" for inner in plain])
        raise LenetError(
            f"{folder.path}: {names} may each be the {section} part; "
            f"put their classes together in one folder called {section}"
        )
    return plain[0]


def _classes(folder: Folder, notes: list[str]) -> Classes:
    found: Classes = {}
    for inner in folder.filled:
        name = class_name(inner.name, str(folder.path))
        found[name] = sorted(found.get(name, []) + inner.all_images())
    _note_loose(folder, notes)
    for inner in folder.folders:
        if not inner.total:
            held: Counter[str] = inner.all_others()
            kinds = ", ".join(sorted(suffix or "no suffix" for suffix in held))
            why = (
                f"holds no pictures, but {held.total():,} others ({kinds})" if held else "is empty"
            )
            notes.append(f"no class: {inner.name}/, which {why}")
    return found


def _sections_within(folder: Folder) -> dict[Section, Classes] | None:
    """Return the parts of ``CLASS/train/image``, if every class is divided like this."""
    parts: dict[Section, Classes] = {}
    for inner in folder.filled:
        name = class_name(inner.name, str(folder.path))
        if inner.images or "train" not in [section_of(one.name) for one in inner.filled]:
            return None
        for one in inner.filled:
            section = section_of(one.name)
            if section is None or name in parts.get(section, ()):
                return None
            parts.setdefault(section, {})[name] = one.all_images()
    return parts if len(folder.filled) > 1 else None


def _note_loose(folder: Folder, notes: list[str]) -> None:
    if folder.images:
        notes.append(f"not read: {_pictures(len(folder.images))} in {folder.name}/, in no class")


def _nothing(root: Path, top: Folder) -> str:
    sentence = (
        f"{root} holds no images in class folders; expected {root.name}/CLASS/image.png or "
        f"{root.name}/train/CLASS/image.png"
    )
    files = sorted(
        path.name
        for path in root.iterdir()
        if path.name.lower().endswith((".npz", ".csv", ".csv.gz")) and path.is_file()
    )
    if files:
        return f"{sentence}; to use {files[0]}, name that file"
    sections = [folder.name for folder in top.filled if section_of(folder.name)]
    if sections:
        return f"{sentence}; {sections[0]}/ holds pictures, but no class folders"
    return sentence


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


def _listed(words: list[str]) -> str:
    more = len(words) - _NAMED_AT_MOST
    return ", ".join(words[:_NAMED_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")
