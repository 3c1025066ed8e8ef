# A menu; the work is in scripts/.

.PHONY: all test test-all lint bench clean help

all: ## set up, fetch Fashion-MNIST, train the chapter's LeNet, write its report
	@scripts/chapter.sh

test: ## set up and run the linters, the type checker and the fast tests, in three minutes
	@scripts/test.sh

test-all: test ## then the slow tests, the page in a browser, attacks, sanitizers: ten minutes
	@scripts/test.sh --slow

lint: ## the linters and the type checker alone
	@scripts/lint.sh

bench: ## measure the README's tables again: ten seeds and the engine, three minutes
	@scripts/setup.sh dev
	@.venv/bin/python benchmarks/chapter.py
	@.venv/bin/python benchmarks/engine.py

clean: ## remove the virtual environment and the runs; fetched data stays in the cache
	@rm -rf .venv runs

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12
