# Every habit in one word. The work is done by tools/setup.py, which needs no make:
# on Windows, `python tools/setup.py run` and so on.
PYTHON ?= $(shell command -v python3 || command -v python)
ARGS ?=
COMMANDS = help install run run-https demo test lint bench bench-http screenshots lock release offline clean

.PHONY: $(COMMANDS)
$(COMMANDS):
	@$(PYTHON) tools/setup.py $@ $(ARGS)
