.PHONY: dev test ci generate

dev: ## the whole main job on this machine
	go run ./cmd/soglia dev

test: ## what runs with Go alone
	go test ./...

ci: ## what must be green before anything lands
	.ci/run

generate: ## schema and docs/configuration.md from the structs of config
	go generate ./config
