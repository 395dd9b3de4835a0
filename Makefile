# Two commands: `make run` serves the whole product, `make test` runs every test. Both do all the set-up.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
TORCH := torch==2.13.0
# A processor-only torch is enough; where an index of such builds is configured for pip, it is taken.
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

# Where it is set, each of the product's processes would compile every library that it loads, at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint audit setup services clean

run: $(STAMP)
	@$(BIN)/python manage.py serve $(ARGS)

setup: $(STAMP)

$(BIN)/python:
	@echo "[1/3] Creating the environment … / 创建环境……"
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: apt-get install python3.11 python3.11-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(STAMP): requirements.txt | $(BIN)/python
	@echo "[2/3] Installing torch … / 安装 torch……"
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==0.13.9 $(TORCH)
	@echo "[3/3] Installing the pinned requirements … / 安装依赖……"
	@$(call install,requirements.txt)
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(STAMP)
	@echo "Installing what the tests need … / 安装测试依赖……"
	@$(call install,requirements-dev.txt)
	@touch $@

# uv takes seconds where pip takes a minute; pip also knows indexes that only its own configuration names.
define install
$(BIN)/uv pip install --quiet --python $(BIN)/python -r $(1) || $(BIN)/pip install --quiet --disable-pip-version-check -r $(1)
endef

test: $(DEV_STAMP)
	@$(BIN)/python -m tests.services $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Known holes of the pinned packages; says so where the advisory service cannot be reached (2).
audit: $(DEV_STAMP)
	@PATH="$(BIN):$$PATH" $(BIN)/python -m tests.auditing

clean:
	rm -rf $(VENV) staticfiles .pytest_cache .mypy_cache .ruff_cache
