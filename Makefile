# The action host. `make demo` shows it working, `make test` proves it; both install what they need.
#   V=1 prints commands, MODE=release|asan|tsan|fuzz chooses the object tree, LONG=1 runs the full test figures.

MODE ?= release
B := build/$(MODE)
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-6s %s\n'
endif
MAKEFLAGS += --no-print-directory

# Everything but these targets needs the libraries, so a bare machine can still say `make deps`.
BARE := $(filter-out deps clean demo test run help,$(or $(MAKECMDGOALS),all))

VERSION := 0.1.0
WARN := -std=c11 -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Werror
OPT_release := -O2 -g -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2 -fPIE
LD_release := -pie -Wl,-z,relro,-z,now
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LD_asan := -fsanitize=address,undefined
OPT_tsan := -O1 -g -fsanitize=thread -fPIE
LD_tsan := -pie -fsanitize=thread
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LD_fuzz := -fsanitize=address,undefined
ifeq ($(MODE),fuzz)
CC := clang
endif

RUNTIME_PKGS := libmicrohttpd jansson libcurl libcrypto
ACTION_PKGS := jansson libpng cairo pangocairo pangoft2 fontconfig libdeflate libjpeg libwebp libqpdf
SANDBOX_PKGS := libmicrohttpd jansson libcurl libcrypto sqlite3 libjwt
TEST_PKGS := cmocka libssl $(RUNTIME_PKGS) $(ACTION_PKGS) $(SANDBOX_PKGS)
ifneq ($(BARE),)
PKG_CFLAGS := $(shell pkg-config --cflags $(sort $(TEST_PKGS)) 2>/dev/null)
RUNTIME_LIBS := $(shell pkg-config --libs $(sort $(RUNTIME_PKGS) $(ACTION_PKGS)) 2>/dev/null) -lm
SANDBOX_LIBS := $(shell pkg-config --libs $(SANDBOX_PKGS) 2>/dev/null) -lm
TEST_LIBS := $(shell pkg-config --libs $(sort $(TEST_PKGS)) 2>/dev/null) -lproj -lm
endif

ALL_CFLAGS = $(OPT_$(MODE)) $(WARN) -D_GNU_SOURCE -DACTIONHOST_VERSION='"$(VERSION)"' -I. -I$(B)/gen $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(LD_$(MODE)) $(LDFLAGS)

# What is built from what. A folder with an action.json is an action; gen_<x>.c in it is a build-time program whose
# output is <x>.c of that action.
ACTIONS := $(patsubst actions/%/action.json,%,$(sort $(wildcard actions/*/action.json)))
TEST_ACTIONS := $(patsubst tests/actions/%/action.json,%,$(sort $(wildcard tests/actions/*/action.json)))
ACTION_GEN := $(wildcard actions/*/gen_*.c)
ACTION_SRC := $(filter-out $(ACTION_GEN),$(wildcard actions/*/*.c))
GEN_SRC := $(foreach g,$(ACTION_GEN),$(B)/gen/$(subst /gen_,/,$(g)))
RUNTIME_SRC := $(filter-out runtime/main.c $(wildcard runtime/*/gen_*.c),$(wildcard runtime/*.c runtime/*/*.c))
SANDBOX_SRC := $(filter-out sandbox/main.c $(wildcard sandbox/*/gen_*.c),$(wildcard sandbox/*.c sandbox/*/*.c))
UNIT_SRC := $(wildcard tests/unit/*/test_*.c)
UNIT := $(notdir $(UNIT_SRC:.c=))
SANDBOX_UNIT := $(patsubst tests/sandbox/%.c,%,$(wildcard tests/sandbox/test_*.c))
RUNNERS := $(patsubst tests/vectors/%.c,%,$(wildcard tests/vectors/*.c))
TOOLS := $(patsubst tests/tools/%.c,%,$(wildcard tests/tools/*.c))
BENCHES := $(patsubst bench/%.c,%,$(wildcard bench/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
RUNTIME_OBJ := $(call obj,$(RUNTIME_SRC))
ACTION_OBJ := $(call obj,$(ACTION_SRC)) $(patsubst $(B)/gen/%.c,$(B)/obj/gen/%.o,$(GEN_SRC))
SANDBOX_OBJ := $(call obj,$(SANDBOX_SRC)) $(B)/obj/gen/sandbox_files.o
TEST_ACTION_OBJ := $(call obj,$(wildcard tests/actions/*/*.c))

.PHONY: all deps demo run test tests bench bench-cards asan tsan fuzz format tidy clean help new-action FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(B)/actionhost $(B)/sandbox

deps:
	@./deps.sh

-include $(sort $(wildcard make/*.mk))

# ---- objects and libraries ----
$(B)/obj/%.o: %.c
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@
$(B)/obj/gen/%.o: $(B)/gen/%.c
	$(say) CC $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -I$(dir $*) -MMD -MP -c $< -o $@

define archive
	$(say) AR $@
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)
endef
$(B)/libruntime.a: $(RUNTIME_OBJ) ; $(archive)
$(B)/libactions.a: $(ACTION_OBJ) ; $(archive)
$(B)/libsandbox.a: $(SANDBOX_OBJ) ; $(archive)

# ---- generated code ----
# Build-time programs are never sanitized: their leaks are of no interest.
$(B)/tool/%: %.c
	$(say) TOOL $<
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 $(WARN) -D_GNU_SOURCE -I. $< -o $@ -lm

# actions/<x>/<y>.c from actions/<x>/gen_<y>.c, remade when any data file of the folder changes
define action_gen
$(B)/gen/$(subst /gen_,/,$(1)): $(B)/tool/$(basename $(1)) $(wildcard $(dir $(1))*.csv $(dir $(1))*.tsv $(dir $(1))*.json $(dir $(1))data/*)
	$$(say) GEN $$@
	@mkdir -p $$(@D)
	$$(Q)$$< $(dir $(1)) >$$@.tmp && mv $$@.tmp $$@
endef
$(foreach g,$(ACTION_GEN),$(eval $(call action_gen,$(g))))

# The registry: embedded declarations and the table of actions. Written only when it differs.
$(B)/gen/registry.c: FORCE $(B)/tool/runtime/declare/gen_registry
	@mkdir -p $(@D)
	$(Q)$(B)/tool/runtime/declare/gen_registry openapi/host.json $(ACTIONS:%=actions/%) >$@.tmp
	@cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(B)/gen/registry_test.c: FORCE $(B)/tool/runtime/declare/gen_registry
	@mkdir -p $(@D)
	$(Q)$(B)/tool/runtime/declare/gen_registry openapi/host.json $(ACTIONS:%=actions/%) $(TEST_ACTIONS:%=tests/actions/%) >$@.tmp
	@cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
# A host with nothing but the test actions: what the benches measure is then the host itself.
$(B)/gen/registry_bare.c: FORCE $(B)/tool/runtime/declare/gen_registry
	@mkdir -p $(@D)
	$(Q)$(B)/tool/runtime/declare/gen_registry openapi/host.json $(TEST_ACTIONS:%=tests/actions/%) >$@.tmp
	@cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@

# The sandbox's object descriptions and sample records, embedded
$(B)/gen/sandbox_files.c: $(B)/tool/sandbox/base/gen_files $(wildcard sandbox/objects/*.json sandbox/seed/*)
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)$(B)/tool/sandbox/base/gen_files $(sort $(wildcard sandbox/objects/*.json sandbox/seed/*)) >$@.tmp && mv $@.tmp $@

# ---- programs ----
LINK = $(say) LINK $@; mkdir -p $(@D)
$(B)/actionhost: $(B)/obj/runtime/main.o $(B)/obj/gen/registry.o $(B)/libruntime.a $(B)/libactions.a
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) $(B)/libruntime.a $(B)/libactions.a $(B)/libruntime.a $(RUNTIME_LIBS) -o $@
$(B)/sandbox: $(B)/obj/sandbox/main.o $(B)/libsandbox.a
	$(say) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(SANDBOX_LIBS) -o $@
$(B)/tests/actionhost-test: $(B)/obj/runtime/main.o $(B)/obj/gen/registry_test.o $(TEST_ACTION_OBJ) $(B)/libruntime.a $(B)/libactions.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) $(B)/libruntime.a $(B)/libactions.a $(B)/libruntime.a $(RUNTIME_LIBS) -o $@
$(B)/tests/actionhost-bare: $(B)/obj/runtime/main.o $(B)/obj/gen/registry_bare.o $(TEST_ACTION_OBJ) $(B)/libruntime.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) $(B)/libruntime.a $(RUNTIME_LIBS) -o $@
$(foreach u,$(UNIT_SRC),$(eval $(B)/tests/$(notdir $(u:.c=)): $(call obj,$(u))))
$(UNIT:%=$(B)/tests/%): $(B)/obj/gen/registry.o $(B)/libruntime.a $(B)/libactions.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) $(B)/libruntime.a $(B)/libactions.a $(B)/libruntime.a $(TEST_LIBS) -o $@
$(RUNNERS:%=$(B)/tests/%): $(B)/tests/%: $(B)/obj/tests/vectors/%.o $(B)/obj/gen/registry.o $(B)/libruntime.a $(B)/libactions.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) $(B)/libruntime.a $(B)/libactions.a $(B)/libruntime.a $(TEST_LIBS) -o $@
$(TOOLS:%=$(B)/tests/%): $(B)/tests/%: $(B)/obj/tests/tools/%.o
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(TEST_LIBS) -o $@
$(SANDBOX_UNIT:%=$(B)/tests/%): $(B)/tests/%: $(B)/obj/tests/sandbox/%.o $(B)/libsandbox.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(TEST_LIBS) -o $@
$(BENCHES:%=$(B)/bench/%): $(B)/bench/%: $(B)/obj/bench/%.o $(B)/obj/gen/registry.o $(B)/libruntime.a $(B)/libactions.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) $(B)/libruntime.a $(B)/libactions.a $(B)/libruntime.a $(TEST_LIBS) -o $@
$(FUZZ:%=$(B)/fuzz/%): $(B)/fuzz/%: $(B)/obj/tests/fuzz/%.o $(B)/libruntime.a $(B)/libactions.a
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) -fsanitize=fuzzer $(ALL_LDFLAGS) $(filter %.o,$^) $(B)/libruntime.a $(B)/libactions.a $(B)/libruntime.a $(TEST_LIBS) -o $@

# ---- what people call ----
demo: deps
	@$(MAKE) all
	@MODE=$(MODE) exec tests/demo.sh
run: deps
	@$(MAKE) all
	@MODE=$(MODE) exec tests/run-local.sh
test: deps
	@$(MAKE) tests bench-bins
	@MODE=$(MODE) exec tests/run.sh
TEST_BINS := $(addprefix $(B)/tests/,$(UNIT) $(SANDBOX_UNIT) $(RUNNERS) $(TOOLS) actionhost-test actionhost-bare)
tests: all $(TEST_BINS)
asan tsan: deps
	@$(MAKE) MODE=$@ tests
	@MODE=$@ tests/run.sh
fuzz: deps
	@$(MAKE) MODE=fuzz fuzz-bins
	@tests/fuzz/run.sh
fuzz-bins: $(FUZZ:%=$(B)/fuzz/%)
bench: deps
	@$(MAKE) tests bench-bins
	@MODE=$(MODE) bench/run.sh
bench-cards: deps
	@$(MAKE) all bench-bins
	@MODE=$(MODE) bench/cards.sh
bench-bins: $(BENCHES:%=$(B)/bench/%)
# through the environment and unexpanded: a quote or a dollar sign in the name is the script's to refuse
unexport NAME
new-action: export ACTION_NAME = $(value NAME)
new-action: ; @actions/new.sh "$$ACTION_NAME"
SOURCES = $(shell git ls-files '*.c' '*.h')
format: ; @clang-format -i $(SOURCES)
tidy: $(B)/gen/registry.c $(GEN_SRC) $(B)/gen/sandbox_files.c
	@clang-tidy --quiet $(filter-out %.h,$(SOURCES)) -- $(ALL_CFLAGS)
compile_commands.json: export CDB_FLAGS = $(ALL_CFLAGS)
compile_commands.json: FORCE
	@flags=$$(printenv CDB_FLAGS | sed 's/["\\]/\\&/g'); sep='['; for f in $(filter-out %.h,$(SOURCES)); do \
	    printf '%s\n{"directory":"%s","file":"%s","command":"cc %s -c %s"}' "$$sep" "$(CURDIR)" "$$f" "$$flags" "$$f"; sep=,; done >$@; echo ']' >>$@
clean: ; @rm -rf build compile_commands.json
help: ; @sed -n '1,3p' Makefile; grep -E '^[a-z-]+( [a-z-]+)*:' Makefile | cut -d: -f1

DEPS := $(RUNTIME_OBJ:.o=.d) $(ACTION_OBJ:.o=.d) $(SANDBOX_OBJ:.o=.d) $(shell find $(B)/obj -name '*.d' 2>/dev/null)
-include $(sort $(DEPS))
