# Installs the ClickHouse engine library, libchdb, from npm. The root Makefile
# includes this file. Once installed, `make chdb` is one comparison of dates.

CHDB_DIR     := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
CHDB_VERSION := 26.7.3-stable.1
CHDB_SYSTEM  := $(shell uname -s)-$(shell uname -m)

# The lock file holds linux-x64 alone; the other platforms are installed by name,
# at the same version. It is an optional dependency, so that npm passes over it
# there, which is why its presence is checked afterwards.
CHDB_LIB_Linux-x86_64  := lib-linux-x64-gnu
CHDB_LIB_Linux-aarch64 := lib-linux-arm64-gnu
CHDB_LIB_Linux-arm64   := lib-linux-arm64-gnu
CHDB_LIB_Darwin-x86_64 := lib-darwin-x64
CHDB_LIB_Darwin-arm64  := lib-darwin-arm64
CHDB_LIB               := $(CHDB_LIB_$(CHDB_SYSTEM))

CHDB_STAMP := $(CHDB_DIR)/node_modules/.installed-$(CHDB_LIB)-$(CHDB_VERSION)

# Several work trees may share one install by a symbolic link. npm ci would empty
# the folder that it points to, under all who use it, so through a link nothing is
# installed or deleted: the library has to be there.
CHDB_SHARED := $(shell test -L $(CHDB_DIR)/node_modules && echo yes)

.PHONY: chdb
ifeq ($(CHDB_SHARED),yes)
chdb:
	@test -f $(CHDB_DIR)/node_modules/@chdb/$(CHDB_LIB)/libchdb.so || { \
		echo "make chdb: $(CHDB_DIR)/node_modules is a link to $$(readlink $(CHDB_DIR)/node_modules), where the library is missing; run make chdb there, or remove the link" >&2; exit 1; }
else
chdb: $(CHDB_STAMP)
endif

$(CHDB_STAMP): $(CHDB_DIR)/package.json $(CHDB_DIR)/package-lock.json
	@if [ -z "$(CHDB_LIB)" ]; then \
		echo "make chdb: no ClickHouse library for $(CHDB_SYSTEM); set EBB_CLICKHOUSE_ADDR to a ClickHouse server instead" >&2; exit 1; fi
	@command -v npm >/dev/null 2>&1 || { \
		echo "make chdb: npm is missing; install Node.js 20 or later, or set EBB_LIBCHDB to a libchdb you have" >&2; exit 1; }
	@echo "chdb: installing @chdb/$(CHDB_LIB) $(CHDB_VERSION) (about 570 MB on disk)"
	@if [ "$(CHDB_LIB)" = lib-linux-x64-gnu ]; then \
		cd $(CHDB_DIR) && npm ci --loglevel=http; \
	else \
		cd $(CHDB_DIR) && npm install --no-save --no-package-lock --loglevel=http @chdb/$(CHDB_LIB)@$(CHDB_VERSION); \
	fi
	@test -f $(CHDB_DIR)/node_modules/@chdb/$(CHDB_LIB)/libchdb.so || { \
		echo "make chdb: npm did not install @chdb/$(CHDB_LIB); its messages are above" >&2; exit 1; }
	@touch $@
	@echo "chdb: ready"
