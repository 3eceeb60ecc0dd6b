.PHONY: dev test ci relying-parties generate pages bench million fuzz walls

dev: ## the whole main job on this machine
	go run ./cmd/soglia dev

test: ## what runs with Go alone
	go test ./...

ci: ## what must be green before anything lands
	.ci/run

relying-parties: ## real programs as panels, each with the text that "soglia client snippet" prints (minutes; installs them)
	.ci/relying-parties

generate: ## schema and docs/configuration.md from the structs of config
	go generate ./config

pages: ## docs/pages: a picture of every page (needs Chromium)
	SOGLIA_PAGES=$(CURDIR)/docs/pages SOGLIA_TEST_REQUIRE=chromium go test ./demo -run TestDrawThePages -count=1

bench: ## PostgreSQL, the floor and the server, measured into docs/performance.md (six minutes)
	cd bench && go run ./run -report ../docs/performance.md

million: ## a million people and a million requests, into docs/million.md (half an hour, 45 GB)
	cd bench && go run ./run -soak 1000000 -crowd 1000000 -report ../docs/million.md

fuzz: ## every fuzz target, ten minutes each unless SOGLIA_FUZZTIME says otherwise
	SOGLIA_FUZZTIME=$${SOGLIA_FUZZTIME:-10m} .ci/fuzz

walls: ## what must stay in one place is counted (tools/walls)
	cd tools && go run ./walls ..
