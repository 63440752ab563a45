# `make run` opens the school, `make test` proves the program; each installs what it needs.
# Everything else is in ./setup, tests/run and meson.build.

.PHONY: all run test bench clean

all:
	@./setup packages
	@./setup build build

run: all
	@./setup model || echo "==> No model: the school teaches from the authored course alone." >&2
	@build/lyceum check courses/build-a-mind
	@exec build/lyceum serve

test:
	@./setup packages test
	@tests/run

bench: all
	@./setup model
	@bench/run
	@bench/compare

clean:
	rm -rf build build-clang build-sanitize build-fuzz
