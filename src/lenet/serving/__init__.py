"""The HTTP service: networks behind a page and an API. `docs/serving.md` is its guide."""
