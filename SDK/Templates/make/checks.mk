# Included by the Makefile, which says how PLUGIN is built.
#   make verify   checks it in every way that snowmaker knows
#   make test     plans and applies tests/ on the account emulator and compares the SQL
SNOWMAKER ?= snowmaker
STAGES ?= tests/run.sh

verify: $(PLUGIN)
	$(SNOWMAKER) plugin verify $(PLUGIN)

test: $(PLUGIN)
	SNOWMAKER=$(SNOWMAKER) sh $(STAGES)

clean:
	rm -f $(PLUGIN)

.PHONY: verify test clean
