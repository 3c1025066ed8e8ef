"""Strings of digits in an image: the field, and what is written in it."""
