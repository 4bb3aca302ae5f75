# Installs what the examples in Python and TypeScript need, from PyPI and npm. The root
# Makefile includes this file. Once installed, `make clients` is one comparison of dates.

CLIENTS_DIR   := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
CLIENTS_STAMP := $(CLIENTS_DIR)/typescript/node_modules/.installed

.PHONY: clients
clients: $(CLIENTS_STAMP)

$(CLIENTS_STAMP): $(CLIENTS_DIR)/typescript/package-lock.json $(CLIENTS_DIR)/python/requirements.txt
	@command -v npm >/dev/null 2>&1 || { echo "make clients: npm is missing; install Node.js 20 or later" >&2; exit 1; }
	@python3 -m pip --version >/dev/null 2>&1 || { echo "make clients: python3 with pip is missing; install Python 3.11 or later with it" >&2; exit 1; }
	@echo "clients: installing the libraries of the examples"
	@cd $(CLIENTS_DIR)/typescript && npm ci --no-fund --no-audit --loglevel=error
	@rm -rf $(CLIENTS_DIR)/python/packages
	@cd $(CLIENTS_DIR)/python && python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target packages -r requirements.txt
	@touch $@
