# You need Go, git and make, and a C compiler for "make race". The targets build all other tools from source, at the
# versions in go.mod and tools/*/go.mod. Run "make" for a list of targets.

.NOTPARALLEL:

# The targets neither use nor change your settings for Terraform, for this provider and for the vendors. Terraform gets
# an empty CLI configuration file. (The variable TERRAFORM, which chooses the CLI, stays set.)
unexport $(filter TF_% TOFU_% OPENTOFU_% OPENLAYER_% VECTARA_% LLMUSERS_%,$(.VARIABLES))

override TF_CLI_CONFIG_FILE := $(CURDIR)/.cache/empty.tfrc
override CHECKPOINT_DISABLE := 1
override GOWORK := off
export TF_CLI_CONFIG_FILE CHECKPOINT_DISABLE GOWORK

# Build without cgo, as for a release: loading the C library is a tenth of the provider's start time.
override CGO_ENABLED := 0
export CGO_ENABLED

# Sets the shell variable $terraform to the CLI that scripts/terraform-cli chooses.
find_cli = mkdir -p .cache && : >.cache/empty.tfrc && terraform=$$(scripts/terraform-cli)

# Builds the tools of one module in tools/, at the versions in its go.mod. Each target that uses the tools calls it
# first. Go's build cache makes a second build fast.
bin := $(CURDIR)/.cache/bin
build_tools = mkdir -p "$(bin)" && GOGC=400 go build -C tools/$(1) $(tool_flags) -o "$(bin)/" $(or $($(1)_tools),tool)

# Compiling the tools without inlining and debug information halves the time. GOGC=400 saves another tenth.
# scripts/terraform-cli has the same flags, so Go compiles common packages once.
tool_flags = -buildvcs=false -gcflags='all=-l -dwarf=false' -ldflags='-s -w'

# The policy engines that the targets build and run.
POLICY_ENGINES ?= opa conftest
policy_tools = $(addprefix github.com/open-policy-agent/,$(POLICY_ENGINES))

modules := . tools/docs tools/lint tools/opentofu tools/picture tools/policy tools/release tools/workflows

GOTESTFLAGS ?=

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'TERRAFORM=<name or path> chooses the CLI. The default is terraform or tofu from PATH,'
	@echo 'or else OpenTofu, built once into .cache/. TERRAFORM=tofu also builds it if PATH has no tofu.'

# The version of Vectara's API that the demo reads: v1 or v2.
API = v2

.PHONY: demo
demo: ## run an access audit against mock servers of both vendors on this machine (API=v1: version 1 of Vectara's API)
	@$(find_cli) && go run ./internal/demo -terraform "$$terraform" -api "$(API)"

.PHONY: build
build: ## build the provider
	go build -o terraform-provider-llmusers .

# The version that "make install" builds and "make release" publishes. Its tag is vVERSION.
VERSION = 0.1.0

.PHONY: install
install: ## build the provider, and install it in your home directory for Terraform and OpenTofu
	@scripts/local-install add "$(VERSION)"

.PHONY: uninstall
uninstall: ## remove the provider that "make install" has installed
	@scripts/local-install remove "$(VERSION)"

# -count=1 bypasses Go's test cache, which does not notice a changed CLI.
.PHONY: test
test: ## run all tests, with the acceptance tests (GOTESTFLAGS adds flags)
	@$(find_cli) && echo "go test ./... with $$terraform" && \
		TF_ACC=1 TF_ACC_TERRAFORM_PATH="$$terraform" go test -count=1 -timeout=15m $(GOTESTFLAGS) ./...

# For a second CLI, after "make test" has run all tests with the first CLI. It leaves out internal/bench, whose test is
# slow, and for which one CLI is enough.
.PHONY: acceptance
acceptance: ## run the acceptance tests, except those of internal/bench
	@$(find_cli) && echo "acceptance tests with $$terraform" && \
		TF_ACC=1 TF_ACC_TERRAFORM_PATH="$$terraform" go test -count=1 -timeout=15m -run='^TestAcc' $(GOTESTFLAGS) $$(go list ./... | grep -v '/internal/bench$$')

policies := examples/policies/opa

.PHONY: policy-test
policy-test: $(POLICY_ENGINES:%=policy-test-%) ## test the policies in examples/policies with POLICY_ENGINES (opa conftest), also on plans of a real CLI
	@[ "$$(go test -list='^TestAccPolicyEngines' ./internal/provider | grep -c '^Test')" = 2 ] || { echo 'the tests of plans have other names' >&2; exit 1; }
	@$(find_cli) && echo "$(POLICY_ENGINES): go test of plans with $$terraform" && \
		POLICY_TOOLS="$(bin)" POLICY_ENGINES="$(POLICY_ENGINES)" TF_ACC=1 TF_ACC_TERRAFORM_PATH="$$terraform" \
		go test -count=1 -timeout=15m $(GOTESTFLAGS) -run='^TestAccPolicyEngines' ./internal/provider

# On a busy machine, a test of a policy exceeds OPA's default timeout of five seconds.
.PHONY: policy-test-opa
policy-test-opa:
	@$(call build_tools,policy)
	"$(bin)/opa" fmt --fail --diff $(policies)
	"$(bin)/opa" check --strict $(policies)
	"$(bin)/opa" test --timeout=60s $(policies)
	@echo 'coverage of the policies: 100%?' && "$(bin)/opa" test --timeout=60s --threshold=100 $(policies) >/dev/null

.PHONY: policy-test-conftest
policy-test-conftest:
	@$(call build_tools,policy)
	"$(bin)/conftest" verify --policy $(policies) --data $(policies)/data.yaml

.PHONY: race
race: ## run all tests except the acceptance tests with the race detector
	CGO_ENABLED=1 go test -race -timeout=10m $(GOTESTFLAGS) ./...

# The number of random inputs for each fuzz test. With a time such as 10s instead, Go sometimes fails at its end with
# "context deadline exceeded".
FUZZTIME ?= 10000x

.PHONY: fuzz
fuzz: ## run each fuzz test with FUZZTIME inputs
	@for package in $$(grep -l '^func Fuzz' internal/*/*_test.go | xargs -n 1 dirname | sort -u); do \
		for test in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\)(.*/\1/p' $$package/*_test.go); do \
			echo "$$test in $$package: $(FUZZTIME)" && \
			go test -run='^$$' -fuzz="^$$test\$$" -fuzztime=$(FUZZTIME) $(GOTESTFLAGS) ./$$package || exit 1; \
		done; \
	done

# To compare two versions with benchstat, use GOTESTFLAGS=-count=10.
.PHONY: bench
bench: ## run the Go benchmarks (GOTESTFLAGS adds flags)
	go test -run='^$$' -bench=. -benchmem -timeout=60m $(GOTESTFLAGS) ./...

# The measurement of bench-peers. BENCHFLAGS adds flags. For example, -also=../before also measures another checkout.
# BENCHFLAGS=-help lists the flags.
TABLE ?= peers

.PHONY: bench-peers
bench-peers: ## compare the provider with other ways to read the same users (TABLE=small, latency, throttled, limit, growth, first-plan or second-plan: other measurements)
	@$(find_cli) && go run ./internal/bench -terraform "$$terraform" -table "$(TABLE)" $(BENCHFLAGS)

go_files = git -c safe.directory='*' ls-files --cached --others --exclude-standard '*.go'

.PHONY: fmt
fmt: ## format Go files and examples
	@files=$$($(go_files)) && "$$(go env GOROOT)/bin/gofmt" -l -w $$files
	@if [ -d examples ]; then $(find_cli) && "$$terraform" fmt -recursive examples; fi

.PHONY: fmt-check
fmt-check: ## fail if "make fmt" would change anything
	@files=$$($(go_files)) && "$$(go env GOROOT)/bin/gofmt" -d $$files
	@if [ -d examples ]; then $(find_cli) && "$$terraform" fmt -check -diff -recursive examples; fi

.PHONY: lint
lint: ## run the linters of .golangci.yml, with all checks of go vet
	@$(call build_tools,lint)
	"$(bin)/golangci-lint" run
	cd tools/docs && "$(bin)/golangci-lint" run

# actionlint checks GitHub workflows only. A Go test checks the GitLab workflow.
github_workflows = $(filter-out %.gitlab-ci.yml,$(wildcard .github/workflows/*.yml examples/workflows/*.yml))

.PHONY: lint-workflows
lint-workflows: ## check .github/workflows and examples/workflows
	@$(call build_tools,workflows)
	"$(bin)/actionlint" $(github_workflows)

# Checks only linked modules, since a release does not contain the modules of tests and tools.
.PHONY: licences
licences: ## fail if the provider links a module whose licence tools/lint/licences.json lacks
	@$(call build_tools,lint)
	@linked=$$(for os in darwin freebsd linux windows; do \
			GOOS=$$os go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}' . || exit 1; \
		done) && linked=$$(printf '%s\n' $$linked | sort -u) && \
		go list -m -json $$linked | "$(bin)/go-licence-detector" -includeIndirect -rules tools/lint/licences.json && \
		echo "licences of $$(printf '%s\n' $$linked | wc -l) modules are fine"

# The vulnerability database of govulncheck: a service on the internet, or a file:// URL of a copy.
VULNDB = https://vuln.go.dev

.PHONY: vulncheck
vulncheck: ## find known vulnerabilities in code that the provider calls (reads VULNDB, a service on the internet)
	@$(call build_tools,lint)
	"$(bin)/govulncheck" -db '$(VULNDB)' ./...

.PHONY: release-check
release-check: ## check .goreleaser.yml, and that CHANGELOG.md has notes for a release
	@$(call build_tools,release)
	"$(bin)/goreleaser" check
	@scripts/release-notes Unreleased >/dev/null

# "host" builds for this machine's platform only.
PLATFORMS =

.PHONY: snapshot
snapshot: ## build the files of a release into dist/, without publishing them (PLATFORMS=host: for this platform only)
	@$(call build_tools,release)
	@PATH="$(bin):$$PATH" scripts/snapshot $(PLATFORMS)

.PHONY: snapshot-install
snapshot-install: ## install the provider from dist/, as a user would, and plan with it against mock servers
	@$(find_cli) && go run ./internal/demo -terraform "$$terraform" \
		-archive "$$(echo dist/*_$$(go env GOOS)_$$(go env GOARCH).zip)"

.PHONY: release
release: ## publish a release of the checked-out tag (.github/workflows/release.yml runs this)
	@$(call build_tools,release)
	@PATH="$(bin):$$PATH" scripts/release "$(VERSION)"

.PHONY: mod-check
mod-check: ## fail if "go mod tidy" would change anything
	@for module in $(modules); do echo "go mod tidy -diff in $$module" && go mod tidy -C $$module -diff || exit 1; done

.PHONY: docs
docs: ## write docs/ from the schema, templates/ and examples/
	@rm -rf .cache/docs
	@$(find_cli) && TERRAFORM="$$terraform" scripts/generate-docs .cache/docs
	@rm -rf docs && mv .cache/docs docs

.PHONY: docs-check
docs-check: ## fail if "make docs" would change anything
	@rm -rf .cache/docs
	@$(find_cli) && TERRAFORM="$$terraform" scripts/generate-docs .cache/docs
	@diff -ru docs .cache/docs || { echo 'docs/ is out of date; run "make docs"' >&2; exit 1; }

.PHONY: picture
picture: ## draw the output of "make demo" into .github/demo.svg, for the README
	@$(call build_tools,picture)
	@$(find_cli) && TERRAFORM="$$terraform" PATH="$(bin):$$PATH" scripts/picture .github/demo.svg

.PHONY: download
download: ## download the modules that the other targets need
	@for module in $(modules); do echo "go mod download in $$module" && go mod download -C $$module || exit 1; done

# All tools except those for a release and for the picture.
.PHONY: tools
tools: ## build the tools of .ci/run ahead of time
	go build -C tools/docs -o /dev/null tool
	@$(foreach tools,lint policy workflows,$(call build_tools,$(tools)) &&) :
	@$(find_cli) && echo "CLI: $$terraform"

.PHONY: clean
clean: ## remove everything that the targets have built, including OpenTofu
	rm -rf .cache dist terraform-provider-llmusers
