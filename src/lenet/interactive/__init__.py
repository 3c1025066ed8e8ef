"""What Python code and notebooks hold: training, a finished run, the commands as functions."""
