# The reader of bench_client: the Salesforce client without any action and without the libraries of the actions.
$(B)/bench/client_rows: $(B)/obj/bench/rows/client_rows.o $(B)/libruntime.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -Wl,--as-needed $^ $(shell pkg-config --libs $(RUNTIME_PKGS) 2>/dev/null) -lm -o $@
bench-bins: $(B)/bench/client_rows
