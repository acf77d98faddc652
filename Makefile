# The action host. `make demo` shows it working, `make test` proves it; both install what they need.
#   V=1 prints commands, MODE=release|debug|asan|tsan|fuzz chooses the object tree, LONG=1 runs the full test figures.

# All cores, unless the caller says how many; what $(MAKE) starts shares them. Make 4.3 shows neither its own -j here nor that of
# its parent, but its command line wins over this line, and the environment tells what a parent gave.
ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS) $(shell printenv MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-print-directory

ifneq ($(word 2,$(MAKECMDGOALS)),)
# Several goals are made one after the other, so that `make clean all` cleans first and no bench runs beside a test.
.NOTPARALLEL:
.PHONY: $(sort $(MAKECMDGOALS))
$(sort $(MAKECMDGOALS)): ; @$(MAKE) $@
else # to the end of this file

MODE ?= release
B := build/$(MODE)
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-6s %s\n'
endif

# Everything but these targets needs the libraries, so a bare machine can still say `make deps`.
BARE := $(filter-out deps clean demo test run help,$(or $(MAKECMDGOALS),all))

VERSION := 0.1.0
WARN := -std=c11 -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Werror
OPT_release := -O2 -g -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2 -fPIE
LD_release := -pie -Wl,-z,relro,-z,now
OPT_debug := -O0 -g3 -DDEBUG_BUILD
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LD_asan := -fsanitize=address,undefined
OPT_tsan := -O1 -g -fsanitize=thread -fPIE
LD_tsan := -pie -fsanitize=thread
OPT_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LD_fuzz := -fsanitize=address,undefined
ifeq ($(MODE),fuzz)
CC := clang
endif
$(if $(OPT_$(MODE)),,$(error MODE is "$(MODE)": release, debug, asan, tsan and fuzz are known))

RUNTIME_PKGS := libmicrohttpd jansson libcurl libcrypto libssl sqlite3 libpq libnghttp2 libprotobuf-c avro-c
ACTION_PKGS := jansson libpng cairo pangocairo pangoft2 fontconfig libdeflate libjpeg libwebp librsvg-2.0 libqpdf
SANDBOX_PKGS := libmicrohttpd jansson libcurl libcrypto sqlite3 libjwt libnghttp2 libprotobuf-c avro-c
TEST_PKGS := cmocka $(RUNTIME_PKGS) $(ACTION_PKGS) $(SANDBOX_PKGS)
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
# Rooms are folders: a part has files of its own and files in rooms. gen_<x>.c and main.c are programs.
parts = $(foreach f,$(wildcard $(1)/*.c $(1)/*/*.c),$(if $(filter main.c gen_%,$(notdir $(f))),,$(f)))
RUNTIME_SRC := $(call parts,runtime)
SANDBOX_SRC := $(call parts,sandbox)
# A test's program is named by the file alone, wherever its room is.
UNIT_SRC := $(wildcard tests/unit/test_*.c tests/unit/*/test_*.c)
SANDBOX_UNIT_SRC := $(wildcard tests/sandbox/test_*.c tests/sandbox/*/test_*.c)
names = $(basename $(notdir $(1)))
UNIT := $(call names,$(UNIT_SRC))
SANDBOX_UNIT := $(call names,$(SANDBOX_UNIT_SRC))
$(if $(filter-out $(words $(UNIT) $(SANDBOX_UNIT)),$(words $(sort $(UNIT) $(SANDBOX_UNIT)))),$(error two tests have the same file name))
RUNNERS := $(patsubst tests/vectors/%.c,%,$(wildcard tests/vectors/*.c))
TOOLS := $(patsubst tests/tools/%.c,%,$(wildcard tests/tools/*.c))
ORG_TOOLS := recorded_sandbox soql_check
BENCHES := $(patsubst bench/%.c,%,$(wildcard bench/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
RUNTIME_OBJ := $(call obj,$(RUNTIME_SRC)) $(B)/obj/gen/docs_files.o $(B)/obj/gen/pages_files.o
ACTION_OBJ := $(call obj,$(ACTION_SRC)) $(patsubst $(B)/gen/%.c,$(B)/obj/gen/%.o,$(GEN_SRC))
SANDBOX_OBJ := $(call obj,$(SANDBOX_SRC)) $(B)/obj/gen/sandbox_files.o
TEST_ACTION_OBJ := $(call obj,$(wildcard tests/actions/*/*.c))

.PHONY: all deps demo run test tests bench bench-bins bench-cards bench-org asan tsan debug format tidy clean help new-action FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(B)/actionhost $(B)/sandbox ## build: host and sandbox, into build/MODE (what `make` alone does); installs nothing

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
# What tells the version is made anew when VERSION changes.
$(call obj,$(shell grep -ls ACTIONHOST_VERSION runtime/main.c $(RUNTIME_SRC) $(UNIT_SRC))): Makefile

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
tool = $(B)/tool/$(basename $(wildcard $(1)/$(2).c $(1)/*/$(2).c))
GEN_REGISTRY := $(call tool,runtime,gen_registry)
GEN_DOCS := $(call tool,runtime,gen_docs)
GEN_FILES := $(call tool,sandbox,gen_files)

# actions/<x>/<y>.c from actions/<x>/gen_<y>.c, remade when any data file of the folder changes
define action_gen
$(B)/gen/$(subst /gen_,/,$(1)): $(B)/tool/$(basename $(1)) $(wildcard $(dir $(1))*.csv $(dir $(1))*.tsv $(dir $(1))*.json $(dir $(1))data/*)
	$$(say) GEN $$@
	@mkdir -p $$(@D)
	$$(Q)$$< $(dir $(1)) >$$@.tmp && mv $$@.tmp $$@
endef
$(foreach g,$(ACTION_GEN),$(eval $(call action_gen,$(g))))

# The registry: embedded declarations and the table of actions. Written only when it differs, by a file of this process alone, as
# two makes may look at the same time.
define registry
	@mkdir -p $(@D)
	$(Q)new=$@.$$$$ && $(GEN_REGISTRY) openapi/host.json $(1) >$$new || { rm -f $$new; exit 1; }; \
	    if cmp -s $$new $@; then rm $$new; else mv $$new $@; fi
endef
$(B)/gen/registry.c: FORCE $(GEN_REGISTRY) ; $(call registry,$(ACTIONS:%=actions/%))
$(B)/gen/registry_test.c: FORCE $(GEN_REGISTRY) ; $(call registry,$(ACTIONS:%=actions/%) $(TEST_ACTIONS:%=tests/actions/%))
# A host with nothing but the test actions: what the benches measure is then the host itself.
$(B)/gen/registry_bare.c: FORCE $(GEN_REGISTRY) ; $(call registry,$(TEST_ACTIONS:%=tests/actions/%))

# Files that a program carries in itself: the sandbox's object descriptions and sample records, the docs page of the host
define embed
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)$< $(1) $(filter-out $<,$^) >$@.tmp && mv $@.tmp $@
endef
$(B)/gen/sandbox_files.c: $(GEN_FILES) $(sort $(wildcard sandbox/objects/*.json sandbox/seed/* sandbox/seed-partner/* sandbox/seed-third/*)) ; $(call embed)
$(B)/gen/docs_files.c: $(GEN_DOCS) $(sort $(wildcard openapi/docs/*)) runtime/pages/assets/pages.css ; $(call embed,runtime/web/docs_page.h docs)
$(B)/gen/pages_files.c: $(GEN_DOCS) $(sort $(wildcard runtime/pages/assets/*)) ; $(call embed,runtime/pages/assets.h pages)

# ---- programs ----
# link LIBRARIES: $@ from the objects and archives before it. The runtime calls actions and actions call the runtime, so that the
# archives are one group.
define link
	$(say) LINK $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(1) -o $@
endef
HOST := $(B)/obj/gen/registry.o $(B)/libruntime.a $(B)/libactions.a
MAIN := $(B)/obj/runtime/main.o $(B)/libruntime.a
$(B)/actionhost: $(MAIN) $(HOST) ; $(call link,$(RUNTIME_LIBS))
$(B)/sandbox: $(B)/obj/sandbox/main.o $(B)/libsandbox.a ; $(call link,$(SANDBOX_LIBS))
$(B)/tests/actionhost-test: $(MAIN) $(B)/obj/gen/registry_test.o $(TEST_ACTION_OBJ) $(B)/libactions.a ; $(call link,$(RUNTIME_LIBS))
$(B)/tests/actionhost-bare: $(MAIN) $(B)/obj/gen/registry_bare.o $(TEST_ACTION_OBJ) ; $(call link,$(RUNTIME_LIBS))
$(foreach t,$(UNIT_SRC) $(SANDBOX_UNIT_SRC),$(eval $(B)/tests/$(call names,$(t)): $(call obj,$(t))))
# one_test.o: one test of a program alone, CMOCKA_TEST=name build/release/tests/test_guard
$(UNIT:%=$(B)/tests/%): $(HOST) $(B)/obj/tests/one_test.o ; $(call link,$(TEST_LIBS))
$(SANDBOX_UNIT:%=$(B)/tests/%): $(B)/libsandbox.a $(B)/obj/tests/one_test.o ; $(call link,$(TEST_LIBS))
$(RUNNERS:%=$(B)/tests/%): $(B)/tests/%: $(B)/obj/tests/vectors/%.o $(HOST) ; $(call link,$(TEST_LIBS))
$(TOOLS:%=$(B)/tests/%): $(B)/tests/%: $(B)/obj/tests/tools/%.o ; $(call link,$(TEST_LIBS))
$(ORG_TOOLS:%=$(B)/tests/%): $(B)/tests/%: $(B)/obj/tests/sandbox/%.o $(B)/libsandbox.a ; $(call link,$(TEST_LIBS))
$(B)/tests/recorded_sandbox: $(patsubst %,$(B)/obj/tests/sandbox/recorded_%.o,setup lists queries ids message bulk csv)
$(BENCHES:%=$(B)/bench/%): $(B)/bench/%: $(B)/obj/bench/%.o $(HOST) ; $(call link,$(TEST_LIBS))
$(B)/bench/org: $(B)/obj/tests/sandbox/bench_org.o $(B)/libsandbox.a ; $(call link,$(TEST_LIBS))
# The reader of bench_client: the Salesforce client without any action and without the libraries of the actions.
ROWS_LIBS = -Wl,--as-needed $(shell pkg-config --libs $(RUNTIME_PKGS) 2>/dev/null) -lm
$(B)/bench/client_rows: $(B)/obj/bench/rows/client_rows.o $(B)/libruntime.a ; $(call link,$(ROWS_LIBS))

# ---- what people call: `## group: text` is the line of `make help` ----
deps: ## begin: installs the Debian packages that are missing
	@./deps.sh
demo: deps ## begin: runs every action on sample data; pictures and documents go to build/demo
	@mkdir -p build && printf 'Building ... ' && $(MAKE) demo-bins >build/demo.log 2>&1 || { echo failed; cat build/demo.log; exit 1; }
	@MODE=$(MODE) exec tests/demo.sh
run: deps ## begin: sandbox and host in the foreground on loopback, docs page on; Ctrl-C stops both
	@$(MAKE) all
	@MODE=$(MODE) exec tests/run-local.sh
# through the environment and unexpanded: a quote or a dollar sign in the name is the script's to refuse
unexport NAME KIND
new-action: export ACTION_NAME = $(value NAME)
new-action: export ACTION_KIND = $(value KIND)
new-action: ## begin: scaffolds actions/NAME and its test; NAME=shipping_options, for a job also KIND=job
	@actions/new.sh "$$ACTION_NAME" "$$ACTION_KIND"

debug: ## build: programs and tests in build/debug: no optimizer, cores and debuggers allowed in workers
	@$(MAKE) MODE=debug tests
compile_commands.json: export CDB_FLAGS = $(ALL_CFLAGS)
compile_commands.json: FORCE ## build: how each file is compiled, for editors and clang tools
	@flags=$$(printenv CDB_FLAGS | sed 's/["\\]/\\&/g'); sep='['; for f in $(filter-out %.h,$(SOURCES)); do \
	    printf '%s\n{"directory":"%s","file":"%s","command":"cc %s -c %s"}' "$$sep" "$(CURDIR)" "$$f" "$$flags" "$$f"; sep=,; done >$@; echo ']' >>$@
clean: ## build: removes build and compile_commands.json
	@rm -rf build compile_commands.json

test: deps ## test: every test; the last line is N passed, N failed, N skipped (tests/README.md says how to run one)
	@$(MAKE) tests bench-bins
	@MODE=$(MODE) exec tests/run.sh
TEST_BINS := $(addprefix $(B)/tests/,$(UNIT) $(SANDBOX_UNIT) $(RUNNERS) $(TOOLS) $(ORG_TOOLS) actionhost-test actionhost-bare)
tests: all $(TEST_BINS) ## test: builds all tests and vector runners, runs none
asan: deps ## test: every test with AddressSanitizer and UndefinedBehaviorSanitizer
tsan: deps ## test: every test with ThreadSanitizer
asan tsan:
	@$(MAKE) MODE=$@ tests
	@MODE=$@ tests/run.sh

bench: deps ## measure: the host and each action beside floors measured in the same run
	@$(MAKE) tests bench-bins
	@MODE=$(MODE) bench/run.sh
bench-cards: deps ## measure: cards drawn by us and by npm peers in turns
	@$(MAKE) all bench-bins
	@MODE=$(MODE) bench/cards.sh
bench-org: $(B)/bench/org ## measure: how long the sandbox's org takes, without sockets
	@$<
bench-bins: $(BENCHES:%=$(B)/bench/%) $(B)/bench/client_rows ## measure: builds the benches, runs none

SOURCES = $(shell git ls-files '*.c' '*.h')
format: ## check: clang-format over every C file
	@clang-format -i $(SOURCES)
tidy: compile_commands.json $(B)/gen/registry.c $(GEN_SRC) $(B)/gen/sandbox_files.c $(B)/gen/docs_files.c $(B)/gen/pages_files.c ## check: clang-tidy over every C file
	@printf '%s\n' $(filter-out %.h,$(SOURCES)) | xargs -P "$$(nproc)" -n 8 clang-tidy --quiet -p .
help: ## begin: this list
	@sed -n '1,2s/^# *//p' Makefile; cat Makefile make/*.mk | awk -f make/help.awk

DEPS := $(RUNTIME_OBJ:.o=.d) $(ACTION_OBJ:.o=.d) $(SANDBOX_OBJ:.o=.d) $(shell find $(B)/obj -name '*.d' 2>/dev/null)
-include $(sort $(DEPS))
endif
