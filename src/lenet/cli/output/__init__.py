"""What the commands print: lines, tables, progress."""
