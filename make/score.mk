# What the project promises, proved by a command: its speed beside peers, every promise of SECURITY.md, what the program is made of.
.PHONY: bench-peers
bench-peers: deps ## measure: the host beside Fastify with @heroku/applink and bare libmicrohttpd, slice by slice in one run
	@$(MAKE) $(B)/tests/actionhost-bare $(B)/tests/fake_addon $(B)/tests/load $(B)/bench/floor
	@MODE=$(MODE) exec bench/peers.sh

.PHONY: scoreboard
scoreboard: deps ## test: every promise of SECURITY.md by the tests that prove it, row by row (10 minutes); LONG=1 in full, with mutants
	@$(MAKE) tests
	@MODE=$(MODE) exec tests/scoreboard.sh
