"""Reads handwritten numbers: the digits of a picture, their boxes and confidences."""
