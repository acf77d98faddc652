# Views of several orgs.
.PHONY: bench-orgs
bench-orgs: deps ## measure: the view of three orgs beside the slowest of them (simulated), and all accounts paged in flat memory
	@$(MAKE) all $(B)/tests/free_port
	@MODE=$(MODE) exec bench/orgs.sh
