# Everything here needs Go, git and make, and the race detector a C compiler: what else is missing is built
# from source, at the versions that go.mod and tools/*/go.mod pin. Run "make" for a list of targets.

.NOTPARALLEL:

# What the targets do must not depend on the settings of whoever runs them, be they for Terraform,
# for this provider or for the vendors, nor change them. Terraform is given an empty configuration
# file instead of the one at home. (TERRAFORM, the CLI to use, is none of these.)
unexport $(filter TF_% TOFU_% OPENTOFU_% OPENLAYER_% VECTARA_% LLMUSERS_%,$(.VARIABLES))

override TF_CLI_CONFIG_FILE := $(CURDIR)/.cache/empty.tfrc
override CHECKPOINT_DISABLE := 1
override GOWORK := off
export TF_CLI_CONFIG_FILE CHECKPOINT_DISABLE GOWORK

# Programs are built as for a release, without C: to load its library takes a tenth of a provider's start.
override CGO_ENABLED := 0
export CGO_ENABLED

# Sets the shell's $terraform to the CLI to use; scripts/terraform-cli says which one that is.
find_cli = mkdir -p .cache && : >.cache/empty.tfrc && terraform=$$(scripts/terraform-cli)

# Linters, policy engines, and what makes releases and the picture, at the versions of tools/*/go.mod.
# They are built before each use, which takes no time when they are there.
bin := $(CURDIR)/.cache/bin
build_tools = mkdir -p "$(bin)" && GOGC=400 go build -C tools/$(1) $(tool_flags) -o "$(bin)/" $(or $($(1)_tools),tool)

# Compiling them is what takes the time, and it takes half of it without inlining and without what
# debuggers need, and a tenth less if the compiler may use more memory. scripts/terraform-cli has the same
# flags, so that common packages are compiled once.
tool_flags = -buildvcs=false -gcflags='all=-l -dwarf=false' -ldflags='-s -w'

# The engines that "make policy-test" runs, and that are built.
POLICY_ENGINES ?= opa conftest
policy_tools = $(addprefix github.com/open-policy-agent/,$(POLICY_ENGINES))

modules := . tools/docs tools/lint tools/opentofu tools/picture tools/policy tools/release tools/workflows

GOTESTFLAGS ?=

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'TERRAFORM=<name or path> chooses the CLI. Without it: terraform or tofu from PATH,'
	@echo 'or else OpenTofu, built once into .cache/, which TERRAFORM=tofu asks for as well.'

# The version of Vectara's API that the demo reads: v1 or v2.
API = v2

.PHONY: demo
demo: ## show the provider at work against mock servers of both vendors, on this machine only (API=v1: the other version of Vectara's)
	@$(find_cli) && go run ./internal/demo -terraform "$$terraform" -api "$(API)"

.PHONY: build
build: ## build the provider
	go build -o terraform-provider-llmusers .

# The version that "make install" builds. "make release" publishes it, and its tag is vVERSION.
VERSION = 0.1.0

.PHONY: install
install: ## build the provider, and install it at home for Terraform and OpenTofu
	@scripts/local-install add "$(VERSION)"

.PHONY: uninstall
uninstall: ## remove what "make install" has installed
	@scripts/local-install remove "$(VERSION)"

# Never from go's test cache, which cannot know that the CLI has changed.
.PHONY: test
test: ## run all tests, with the acceptance tests (GOTESTFLAGS adds flags)
	@$(find_cli) && echo "go test ./... with $$terraform" && \
		TF_ACC=1 TF_ACC_TERRAFORM_PATH="$$terraform" go test -count=1 -timeout=15m $(GOTESTFLAGS) ./...

# For a second CLI, after "make test" has run all tests with a first one.
.PHONY: acceptance
acceptance: ## run the acceptance tests alone
	@$(find_cli) && echo "acceptance tests with $$terraform" && \
		TF_ACC=1 TF_ACC_TERRAFORM_PATH="$$terraform" go test -count=1 -timeout=15m -run='^TestAcc' $(GOTESTFLAGS) ./...

policies := examples/policies/opa

.PHONY: policy-test
policy-test: $(POLICY_ENGINES:%=policy-test-%) ## test the policies in examples/policies with POLICY_ENGINES (opa conftest), on plans of a real CLI as well
	@[ "$$(go test -list='^TestAccPolicyEngines' ./internal/provider | grep -c '^Test')" = 2 ] || { echo 'the tests of plans have other names' >&2; exit 1; }
	@$(find_cli) && echo "$(POLICY_ENGINES): go test of plans with $$terraform" && \
		POLICY_TOOLS="$(bin)" POLICY_ENGINES="$(POLICY_ENGINES)" TF_ACC=1 TF_ACC_TERRAFORM_PATH="$$terraform" \
		go test -count=1 -timeout=15m $(GOTESTFLAGS) -run='^TestAccPolicyEngines' ./internal/provider

# A test of a policy takes longer than OPA's limit, five seconds, on a machine that is busy.
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
race: ## run all tests but the acceptance tests with the race detector
	CGO_ENABLED=1 go test -race -timeout=10m $(GOTESTFLAGS) ./...

# How long each fuzz test looks for an input that breaks it.
FUZZTIME ?= 10s

.PHONY: fuzz
fuzz: ## run each fuzz test for FUZZTIME
	@for package in $$(grep -l '^func Fuzz' internal/*/*_test.go | xargs -n 1 dirname | sort -u); do \
		for test in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\)(.*/\1/p' $$package/*_test.go); do \
			echo "$$test in $$package for $(FUZZTIME)" && \
			go test -run='^$$' -fuzz="^$$test\$$" -fuzztime=$(FUZZTIME) $(GOTESTFLAGS) ./$$package || exit 1; \
		done; \
	done

# Two outputs of -count=10 are what benchstat compares.
.PHONY: bench
bench: ## run the Go benchmarks (GOTESTFLAGS adds flags)
	go test -run='^$$' -bench=. -benchmem -timeout=60m $(GOTESTFLAGS) ./...

# What bench-peers measures: peers, small, latency, throttled, limit, growth, first-plan or second-plan. BENCHFLAGS adds flags, such as
# -also=../before, the checkout of another commit to measure beside this one; -help lists them.
TABLE ?= peers

.PHONY: bench-peers
bench-peers: ## measure the provider beside other ways to the same users (TABLE=small, latency, throttled, limit, growth, first-plan or second-plan: other measurements)
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
lint: ## run the linters of .golangci.yml, with all that go vet has
	@$(call build_tools,lint)
	"$(bin)/golangci-lint" run
	cd tools/docs && "$(bin)/golangci-lint" run

# Those of GitHub alone: actionlint knows no other. A test reads the one of GitLab.
github_workflows = $(filter-out %.gitlab-ci.yml,$(wildcard .github/workflows/*.yml examples/workflows/*.yml))

.PHONY: lint-workflows
lint-workflows: ## check .github/workflows and examples/workflows
	@$(call build_tools,workflows)
	"$(bin)/actionlint" $(github_workflows)

# The licences of what is linked into a release's programs. What only tests and tools use is not
# passed on to anybody.
.PHONY: licences
licences: ## fail if the provider is made of something under a licence that tools/lint/licences.json lacks
	@$(call build_tools,lint)
	@linked=$$(for os in darwin freebsd linux windows; do \
			GOOS=$$os go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}' . || exit 1; \
		done) && linked=$$(printf '%s\n' $$linked | sort -u) && \
		go list -m -json $$linked | "$(bin)/go-licence-detector" -includeIndirect -rules tools/lint/licences.json && \
		echo "licences of $$(printf '%s\n' $$linked | wc -l) modules are fine"

# Where govulncheck finds the known vulnerabilities. It is a service on the internet, unless this is
# a file:// URL with a copy of it.
VULNDB = https://vuln.go.dev

.PHONY: vulncheck
vulncheck: ## look for known vulnerabilities in what the provider calls (asks VULNDB, on the internet)
	@$(call build_tools,lint)
	"$(bin)/govulncheck" -db '$(VULNDB)' ./...

.PHONY: release-check
release-check: ## check .goreleaser.yml, and that CHANGELOG.md has notes for a release
	@$(call build_tools,release)
	"$(bin)/goreleaser" check
	@scripts/release-notes Unreleased >/dev/null

# "host" builds for this machine's platform alone.
PLATFORMS =

.PHONY: snapshot
snapshot: ## build what a release of this commit would have into dist/, and publish nothing (PLATFORMS=host: of one platform)
	@$(call build_tools,release)
	@PATH="$(bin):$$PATH" scripts/snapshot $(PLATFORMS)

.PHONY: snapshot-install
snapshot-install: ## install the provider from dist/, as a user would, and plan with it against mock servers
	@$(find_cli) && go run ./internal/demo -terraform "$$terraform" \
		-archive "$$(echo dist/*_$$(go env GOOS)_$$(go env GOARCH).zip)"

.PHONY: release
release: ## publish the release of the tag that is checked out; for .github/workflows/release.yml
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
picture: ## draw what "make demo" prints into .github/demo.svg, for the README
	@$(call build_tools,picture)
	@$(find_cli) && TERRAFORM="$$terraform" PATH="$(bin):$$PATH" scripts/picture .github/demo.svg

.PHONY: download
download: ## fetch the sources of everything that the other targets build
	@for module in $(modules); do echo "go mod download in $$module" && go mod download -C $$module || exit 1; done

# All but what draws the picture, which is seldom needed.
.PHONY: tools
tools: ## build ahead of time what the other targets need
	go build -C tools/docs -o /dev/null tool
	@$(foreach tools,lint policy release workflows,$(call build_tools,$(tools)) &&) :
	@$(find_cli) && echo "CLI: $$terraform"

.PHONY: clean
clean: ## remove what the targets have built, OpenTofu included
	rm -rf .cache dist terraform-provider-llmusers
