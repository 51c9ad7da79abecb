# Two commands matter: `make run` and `make test`. The others are what these are made of.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --require-hashes
export PORT

.PHONY: run test lint pytest browser assets audit bench screenshots messages requirements clean

run: export DEBUG ?= true
run: $(VENV)/.installed assets
	@$(BIN)/python manage.py run $(if $(filter no,$(DEMO)),--no-demo)

test: lint pytest

lint: export DEBUG := true
lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy crm payments dashboard
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run

pytest: export DEBUG := true
pytest: $(VENV)/.installed-dev assets browser
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --durations=10

# Known weaknesses in what we stand on; needs the package index's advisories.
audit: $(VENV)/.installed-dev
	$(BIN)/pip-audit -r requirements.txt --require-hashes --disable-pip

# One measure (NAME=sign, webhooks, kill, fold, matching, dashboard, search, import) or all of them; see bench/.
bench: export DEBUG := true
bench: $(VENV)/.installed-dev assets
	@$(BIN)/python -m bench $(NAME)

screenshots: export DEBUG := true
screenshots: $(VENV)/.installed-dev assets browser
	@$(BIN)/python -m docs.screenshots

# --- what the above need -------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.13 …")'
	@echo "Making the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what Soutien stands on (a minute or two)"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what tests and linters need"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# The part of plotly.js that our charts use. Without it the dashboard falls back to Dash's own
# bundle, which is larger and works as well.
assets: $(VENV)/.installed
	@test -d node_modules/plotly.js-basic-dist-min || $(MAKE) --no-print-directory node_modules || \
	  echo "plotly.js could not be installed: the dashboard uses Dash's larger bundle"

node_modules: package.json package-lock.json
	@echo "Installing plotly.js"
	@command -v npm >/dev/null || $(PIP) -r requirements-npm.txt
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --no-audit --no-fund --loglevel=error

# Chromium for the tests: the machine's, else Debian's package, else Playwright's own.
browser: $(VENV)/.installed-dev
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium" && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium; \
	else $(BIN)/playwright install chromium; fi

messages:
	$(BIN)/python manage.py makemessages -l fr -l nl --no-obsolete --no-location \
	  --ignore .venv --ignore node_modules --ignore bench --ignore tests
	for language in fr nl; do \
	  msgfmt -o locale/$$language/LC_MESSAGES/django.mo locale/$$language/LC_MESSAGES/django.po; done

requirements:
	for name in requirements requirements-dev requirements-npm; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header $$name.in --output-file $$name.txt; done

clean:
	rm -rf $(VENV) node_modules var
