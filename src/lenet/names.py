"""Lists other names by which users know the networks; every command takes them.

The literature calls the network of 1998 LeNet-5, and readers of the textbook know its network by
the textbook's short name, d2l ("Dive into Deep Learning").
"""

NETWORK_ALIASES = {"lenet5": "lecun1998", "lenet-5": "lecun1998", "d2l": "lenet"}
"""Names of definitions (`lenet.networks.NETWORKS`)."""

TRAINED_ALIASES = {"lenet5": "lecun1998", "lenet-5": "lecun1998", "d2l": "chapter"}
"""Names of recipes and of the trained networks that ship with the package."""
