"""Prints what the commands give: lines, tables, progress."""
