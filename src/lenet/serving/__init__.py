"""Serves the page and an API over HTTP, with networks behind them. Guide: `docs/serve.md`."""
