# Fuzz entries without a fuzzer: they replay their corpus and every input that once found something, in each mode.
FUZZ_REPLAY := $(patsubst fuzz_%,$(B)/tests/replay_%,$(FUZZ))
tests: $(FUZZ_REPLAY)
$(FUZZ_REPLAY): $(B)/tests/replay_%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/replay.o $(B)/libruntime.a $(B)/libactions.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) $(B)/libruntime.a $(B)/libactions.a $(B)/libruntime.a $(TEST_LIBS) -o $@
