# Needs Go and npm, and its tests python3; whatever else a target needs, it installs below this folder.
# `make` alone lists the targets.

SHELL         := bash
.SHELLFLAGS   := -euo pipefail -c
.DEFAULT_GOAL := help

GO                ?= go
FUZZTIME          ?= 5m
COVERAGE          ?= 90
TIMEOUT           ?= 45m
# Flags of go test, such as -v or -vet=off.
TESTFLAGS         ?=
DATA              ?=
ACCEPT            ?=
ARGS              ?=
AGAINST           ?=
COMPARE           ?=
BENCH             ?=
GOLANGCI_VERSION  := v2.15.0

# A VERSION given by the caller wins, for builds from an archive without git.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

GOLANGCI          := .bin/golangci-lint-$(GOLANGCI_VERSION)
# The core and its adapters. What tests of one package run of another counts as well.
COVERED_PACKAGES  := ./windows/... ./pipeline/...
GENERATED         := deploy/grafana/provisioning deploy/ebb.example.yaml pipeline/churn/WORDS.md

-include deploy/local/chdb/install.mk
-include deploy/clients/install.mk

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: ## Build bin/ebb.
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-X ebb/cmd/ebb/build.version=$(VERSION)" -o bin/ebb ./cmd/ebb

# The rule of chdb stands in deploy/local/chdb/install.mk.
chdb: ## Install the embedded ClickHouse engine with npm (about 570 MB).

.PHONY: demo
demo: build chdb ## Run the demo: embedded NATS and ClickHouse, simulated customers (ARGS=--dashboard: with pages).
	./bin/ebb demo $(ARGS)

# The rule of clients stands in deploy/clients/install.mk.
clients: ## Install what the examples in Python and TypeScript need.

# Packages begin in this order: what takes longest goes first, or it would run alone
# at the end.
LONGEST := ./cmd/ebb ./sinks/clickhouse/verify ./sinks/clickhouse ./dashboards ./pipeline ./pipeline/jetstream

# So many tests of a package run beside each other, of those that may: they are of whole
# programs, which wait for each other half of the time.
BESIDE ?= 4

.PHONY: test
test: chdb clients ## Run every test.
	$(GO) test -timeout $(TIMEOUT) -parallel $(BESIDE) $(TESTFLAGS) $(LONGEST) ./...

# What a change breaks most often, told at once: no server, no engine; the longest first.
QUICK := ./pipeline/backtest/... ./pipeline/churn ./pipeline/metric ./windows/... ./pipeline/amount ./pipeline/event ./pipeline/format/... ./pipeline/vocabulary \
	./pipeline/customers ./pipeline/section ./pipeline/shard ./pipeline/own ./pipeline/silence ./pipeline/spelling ./pipeline/clock ./pipeline/wire \
	./sinks ./sinks/memory ./cmd/ebb/health ./cmd/ebb/setting ./cmd/ebb/term ./cmd/ebb/status

.PHONY: quick
quick: ## Vet everything and run the tests that need no server (under a minute).
	$(GO) vet ./...
	$(GO) test -vet=off $(QUICK)
	$(GO) test -vet=off ./pipeline -run Script

# The detector makes tests many times slower, and packages that start no goroutine
# have no races: theirs run without it.
SEQUENTIAL := pipeline/amount pipeline/churn pipeline/silence pipeline/simulate pipeline/wire pipeline/spelling \
	sinks/clickhouse/verify cmd/ebbprior

.PHONY: race
race: chdb clients ## Run the tests of everything concurrent with the race detector.
	@if git grep -nE '^[[:space:]]+(go (func|[a-zA-Z.]+)|[a-zA-Z.]+\.Go)\(' -- $(addsuffix /*.go,$(SEQUENTIAL)); then \
		echo "race: these start goroutines; take their packages out of SEQUENTIAL"; exit 1; fi
	CGO_ENABLED=1 $(GO) test -timeout $(TIMEOUT) -race ./cmd/ebb $$($(GO) list ./... | grep -vE '/($(subst $() $(),|,$(strip $(SEQUENTIAL))))(/|$$)')

# What holds goroutines and locks, without the tests that start whole programs,
# which the detector makes many times longer.
CONCURRENT := ./pipeline ./pipeline/own ./pipeline/jetstream ./pipeline/producer ./sinks/deliver ./sinks/memory ./deploy/local

# Long tests of one goroutine each, in packages that have others. They run without the
# detector in `make test`, and with it in `make race`.
ALONE := IsDeterministic TestOneCutOfManyWindows TestLeapsOfStoreTimesChangeNothing TestLeapsSurviveRestarts TestHolding(SurvivesRestarts|DoesNotDependOnTicks) \
	TestSnapshots(OfEveryFormat|AtThePlacesOfACorpus)GoOn TestWriteCorpus TestSnapshotAnywhere TestScripts TestRowsAreLearnedFromOnce TestAlertBudget(Holds|IsUsed) \
	TestQualityIsTheSameAfterARestore TestShardPublishesItsQuality TestHoldout(HasItsShareInEveryPartition|KeepsItsCustomersAsItGrows) TestTicksDoNotChangeACensus \
	TestOrderDoesNotMatter TestOneRecordBringsAboutManySignals TestAFloodPushesNobodyOut TestAJumpCountsTenYears TestEveryDifferenceIsSaid \
	TestEachWindowIsInOneSeries TestRiskIfBackComesTrue TestSignalsAreInTheLanguage TestTheLargestReportFitsIntoAMessage TestShardsReportOnceAStep \
	TestCorporaLeaveNothingUntried TestChangeBeforeAnImportMakesNothingLate TestWhoIsHeardOfLateHasNotLapsed \
	Test(PendingOutputs|ImportNames|WhatWaitsForALeap)(Are|Is)Bounded

.PHONY: race-core
race-core: chdb
	CGO_ENABLED=1 $(GO) test -timeout $(TIMEOUT) $(TESTFLAGS) -race -skip '$(subst $() $(),|,$(strip $(ALONE)))' $(CONCURRENT)
	CGO_ENABLED=1 $(GO) test $(TESTFLAGS) -race ./pipeline/shard -run 'Capture|Frozen|Snapshot|TestColumnsAreKeptWhereTheyAreRead' # the rest is of one goroutine
	CGO_ENABLED=1 $(GO) test $(TESTFLAGS) -race ./pipeline/replay -run 'Ahead|Import|Survey|Instances' # as above
	CGO_ENABLED=1 $(GO) test $(TESTFLAGS) -race ./pipeline/backtest -run 'TestEngineIsAShard|TestSameSeedSameBytes|TestRowsOfAScript'

.PHONY: check
check: format vet lint generated race ## Run every check: format, vet, lint, generated files, tests, the concurrent ones with the race detector.

.PHONY: format
format:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted; run gofmt -w on:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: lint
lint: $(GOLANGCI) ## Run golangci-lint, at the pinned version.
	$(GOLANGCI) run ./...

$(GOLANGCI):
	@echo "lint: installing golangci-lint $(GOLANGCI_VERSION)"
	@mkdir -p .bin
	GOBIN=$(CURDIR)/.bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@mv .bin/golangci-lint $@

# Built in a module of its own: promtool's has directives that go install refuses.
PROMTOOL_VERSION  := v0.307.0
PROMTOOL          := .bin/promtool-$(PROMTOOL_VERSION)

.PHONY: rules
rules: $(PROMTOOL) ## Check Prometheus rules, and that they fire when they must and not else (builds promtool once: minutes).
	cd deploy/prometheus && ../../$(PROMTOOL) check rules ebb.rules.yaml && ../../$(PROMTOOL) test rules ebb.rules.test.yaml ebb.rules.month.test.yaml

$(PROMTOOL):
	@echo "rules: building promtool $(PROMTOOL_VERSION)"
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && mkdir -p .bin && target=$(CURDIR)/$@ && cd "$$folder" && \
	$(GO) mod init promtool && $(GO) get github.com/prometheus/prometheus/cmd/promtool@$(PROMTOOL_VERSION) && \
	$(GO) build -o "$$target" github.com/prometheus/prometheus/cmd/promtool

HELM_VERSION      := v3.19.0
HELM              := .bin/helm-$(HELM_VERSION)

RENDER            := $(HELM) template ebb deploy/helm/ebb --kube-version 1.31.0 --set image.repository=registry.example/ebb

# What is rendered is held against the types of Kubernetes, in a module of its own.
.PHONY: chart
chart: $(HELM) ## Lint the Helm chart, and hold what it renders against Kubernetes' types (builds helm once: minutes).
	@cd deploy/helm/objects && $(GO) test . && $(GO) build -o $(CURDIR)/.bin/objects .
	$(HELM) lint deploy/helm/ebb --set image.repository=registry.example/ebb
	$(RENDER) | .bin/objects
	$(RENDER) --set replicas=1 --set nats.existingSecret=n --set nats.auth=nkey --set serviceAccount.create=false \
		--set settings.clickhouse.cluster=main --set 'podLabels.team=growth' --set 'podAnnotations.note=a' --set 'image.pullSecrets[0].name=p' \
		--set 'nodeSelector.disk=ssd' --set 'tolerations[0].operator=Exists' --set priorityClassName=high | .bin/objects
	$(RENDER) --set nats.existingSecret=n --set nats.auth=credentials --set clickhouse.existingSecret=c --set caSecret=ca \
		--set serviceMonitor.enabled=true --set 'serviceMonitor.labels.release=p' --set prometheusRule.enabled=true --set 'prometheusRule.labels.release=p' \
		--set grafana.dashboards.enabled=true --set grafana.alerts.enabled=true --set 'serviceAccount.annotations.role=r' \
		--set networkPolicy.enabled=true --set 'networkPolicy.from[0].namespaceSelector.matchLabels.name=monitoring' | .bin/objects

$(HELM):
	@echo "chart: building helm $(HELM_VERSION)"
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && mkdir -p .bin && target=$(CURDIR)/$@ && cd "$$folder" && \
	$(GO) mod init helm && $(GO) get helm.sh/helm/v3/cmd/helm@$(HELM_VERSION) && $(GO) build -o "$$target" helm.sh/helm/v3/cmd/helm

.PHONY: compose
compose: ## Read the compose file by the loader of Docker Compose, strictly, with passwords and without.
	cd deploy/composefile && $(GO) test .

.PHONY: generate
generate: ## Write the generated files again: Grafana provisioning, the example config.
	$(GO) generate ./...

# Compared with the index, so that staged work passes.
.PHONY: generated
generated: generate
	@git diff --exit-code -- $(GENERATED) || { echo "generated files were not current; review and commit them"; exit 1; }
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)); \
	if [ -n "$$new" ]; then echo "generated files are not in git:"; echo "$$new"; exit 1; fi

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME (5m each).
	@$(GO) test -list '^Fuzz' ./... | awk '/^Fuzz/ { names[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, names[i]; n = 0 }' | \
	while read -r package name; do \
		echo "fuzz: $$package $$name for $(FUZZTIME)"; \
		$(GO) test "$$package" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME); \
	done

.PHONY: cover
cover: chdb ## Fail if a package of the core has less than COVERAGE (90) percent statement coverage.
	@profile=$$(mktemp) && trap 'rm -f "$$profile"' EXIT && \
	$(GO) test -timeout $(TIMEOUT) -coverprofile="$$profile" -coverpkg=$$($(GO) list $(COVERED_PACKAGES) | paste -sd, -) $(COVERED_PACKAGES) | sed 's/\tcoverage: .*//' >&2 && \
	awk 'NR > 1 { seen = 1; if (!($$1 in statements)) statements[$$1] = $$2; if ($$3 > 0) hit[$$1] = 1 } \
	END { for (block in statements) { package = block; sub("/[^/]*$$", "", package); all[package] += statements[block]; if (block in hit) covered[package] += statements[block] } \
	for (package in all) { p = 100 * covered[package] / all[package]; printf "%5.1f %% %s\n", p, package; if (p < $(COVERAGE)) low = low " " package } \
	if (!seen) { print "cover: no coverage reported"; exit 1 } \
	if (low) { print "cover: below $(COVERAGE) %:" low; exit 1 } }' "$$profile"

.PHONY: bench
bench: chdb ## Measure this machine: decoder, shard, memory, end to end, lag (about 6 minutes).
	@CGO_ENABLED=0 $(GO) build -trimpath -o bin/ebbbench ./cmd/ebbbench
	@./bin/ebbbench $(BENCH)

.PHONY: independent
independent: build chdb ## Compare figures of the demo with what python3 makes of its raw events (a minute).
	$(GO) run ./cmd/accept independent

.PHONY: accept
accept: independent ## Prove the demo on every DATA/*.csv.gz: as it is, in chaos order, twice, killed (an hour; needs python3).
	$(GO) run ./cmd/accept -data "$(DATA)" $(ACCEPT)

.PHONY: sources
sources: chdb ## Take 20,000 Segment calls and as many CloudEvents of 60 days, and live ones, from a stream, here and at another server, through kills, and compare with ebb replay (three minutes).
	EBB_TEST_SOURCE_EVENTS=20000 $(GO) test -timeout $(TIMEOUT) ./cmd/ebb -run 'TestSourceCountsEveryEventOnce|TestSourcesAbroadThroughKills' -v

.PHONY: compare
compare: build chdb ## Compare every row of the demo on DATA (a file or a folder) with what the commit AGAINST made of it.
	@$(GO) run ./cmd/accept compare -against "$(AGAINST)" -data "$(DATA)" $(COMPARE)

.PHONY: prior
prior: ## Fit the churn model's prior to the logs in DATA and write it into the package.
	$(GO) run ./cmd/ebbprior -data "$(DATA)" -write pipeline/churn/prior_shipped.go

.PHONY: trust
trust: ## Backtest the churn model on every log in DATA, each left out of its own prior (two minutes).
	$(GO) run ./cmd/ebbprior -data "$(DATA)" -json .bench/trust.json

.PHONY: delays
delays: ## Simulate customers who leave, and print how soon that is noticed (five minutes).
	$(GO) run ./cmd/ebbprior -delays

.PHONY: clean
clean: ## Delete what make built, installed and measured here, and demo data.
	rm -rf bin .bin .bench .ebb deploy/local/chdb/node_modules deploy/clients/typescript/node_modules deploy/clients/typescript/built deploy/clients/python/packages
