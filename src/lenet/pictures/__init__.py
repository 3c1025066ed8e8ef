"""Preprocesses any picture into the input of a network. Nothing here depends on a data set."""
