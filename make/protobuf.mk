# Messages of protocol buffers: x.proto in a room becomes gen/<room>/x.pb-c.[ch], included as "<room>/x.pb-c.h". Nothing generated is
# committed, and the host and the sandbox have a definition each.
PROTO := $(wildcard runtime/*/*.proto sandbox/*/*.proto)
proto_obj = $(patsubst %.proto,$(B)/obj/gen/%.pb-c.o,$(filter $(1)/%,$(PROTO)))
RUNTIME_OBJ += $(call proto_obj,runtime)
SANDBOX_OBJ += $(call proto_obj,sandbox)

$(B)/gen/%.pb-c.c $(B)/gen/%.pb-c.h: %.proto
	$(say) PROTO $<
	@mkdir -p $(B)/gen
	$(Q)protoc-c --c_out=$(B)/gen $<
# the header must stand before whoever includes it is compiled for the first time; after that the .d files know
$(filter $(foreach p,$(PROTO),$(B)/obj/$(dir $(p))%),$(RUNTIME_OBJ) $(SANDBOX_OBJ)) \
    $(patsubst %.c,$(B)/obj/%.o,$(wildcard runtime/*.c tests/*/test_*.c tests/*/*/test_*.c tests/fuzz/*.c tests/tools/*.c bench/*.c)) \
    $(patsubst %.proto,$(B)/obj/gen/%.pb-c.o,$(PROTO)): | $(PROTO:%.proto=$(B)/gen/%.pb-c.h)
