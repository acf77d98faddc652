# Programs of the sandbox's tests that are no cmocka programs: the recorded answers against the sandbox, and what the SOQL suite asks.
ORG_TOOLS := recorded_sandbox soql_check
tests: $(ORG_TOOLS:%=$(B)/tests/%)
$(B)/tests/recorded_sandbox: $(B)/obj/tests/sandbox/recorded_sandbox.o $(B)/obj/tests/sandbox/recorded_setup.o $(B)/obj/tests/sandbox/recorded_lists.o $(B)/obj/tests/sandbox/recorded_queries.o $(B)/obj/tests/sandbox/recorded_ids.o $(B)/libsandbox.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(TEST_LIBS) -o $@
$(B)/tests/soql_check: $(B)/obj/tests/sandbox/soql_check.o $(B)/libsandbox.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(TEST_LIBS) -o $@

# make bench-org: how long the sandbox's org takes, without sockets
.PHONY: bench-org
bench-org: $(B)/bench/org
	@$<
$(B)/bench/org: $(B)/obj/tests/sandbox/bench_org.o $(B)/libsandbox.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(TEST_LIBS) -o $@
