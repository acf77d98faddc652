# What the project promises, proved by a command: its speed beside peers, every promise of SECURITY.md, what the program is made of.
.PHONY: bench-peers
bench-peers: deps ## measure: the host beside Fastify with @heroku/applink and bare libmicrohttpd, slice by slice in one run
	@$(MAKE) $(B)/tests/actionhost-bare $(B)/tests/fake_addon $(B)/tests/load $(B)/bench/floor
	@MODE=$(MODE) exec bench/peers.sh

.PHONY: scoreboard
scoreboard: deps ## test: every promise of SECURITY.md by the tests that prove it, row by row (10 minutes); LONG=1 in full, with mutants
	@$(MAKE) tests
	@MODE=$(MODE) exec tests/scoreboard.sh

# What the program is made of, and what guards it has: of the finished program, whatever the flags were meant to do.
.PHONY: sbom hardening
sbom: $(B)/actionhost ## check: the bill of materials of the program as it is here, CycloneDX 1.5: build/MODE/actionhost.cdx.json
	@make/sbom.sh $< $(VERSION) >$<.cdx.tmp || { rm -f $<.cdx.tmp; exit 1; }
	@mv $<.cdx.tmp $<.cdx.json && echo $<.cdx.json
hardening: $(B)/actionhost ## check: position-independent, relocations read-only, stack not executable and guarded, calls fortified, no library path
	@make/hardening.sh $<
