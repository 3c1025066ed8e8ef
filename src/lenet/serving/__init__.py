"""The HTTP service: the page and an API, with networks behind them. Guide: `docs/serve.md`."""
