# Fuzz entries. With a fuzzer in MODE=fuzz; without one they replay their corpus and every input that once found something, in each mode.
.PHONY: fuzz fuzz-bins
fuzz: deps ## test: each fuzz entry for FUZZ_S seconds (60); what is found goes to build/fuzz-found
	@$(MAKE) MODE=fuzz fuzz-bins
	@tests/fuzz/run.sh
fuzz-bins: $(FUZZ:%=$(B)/fuzz/%) ## test: builds the fuzzers (MODE=fuzz), runs none
$(FUZZ:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/libruntime.a $(B)/libactions.a
	$(call link,-fsanitize=fuzzer $(TEST_LIBS))

FUZZ_REPLAY := $(patsubst fuzz_%,$(B)/tests/replay_%,$(FUZZ))
tests: $(FUZZ_REPLAY)
$(FUZZ_REPLAY): $(B)/tests/replay_%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/replay.o $(B)/libruntime.a $(B)/libactions.a
	$(call link,$(TEST_LIBS))
