"""How a process ends: by signals, with its children, and what a killed one leaves behind."""
