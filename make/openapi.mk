# The committed copy of the OpenAPI document: what is published, and what a change is compared with. The table of error codes
# comes from the same declarations, so it is refreshed, too.
.PHONY: openapi
openapi: $(B)/actionhost $(B)/tests/openapi_names
	@openapi/refresh.sh $(B)
	@if command -v python3 >/dev/null; then $(MAKE) codes; else echo 'no python3: docs/operate.md keeps its table of error codes'; fi

# The files of the docs page, embedded. docs-files makes the packed copies anew from the swagger-ui that openapi/package.json pins.
DOCS_FILES := $(sort $(wildcard openapi/docs/*))
RUNTIME_OBJ += $(B)/obj/gen/docs_files.o
$(B)/gen/docs_files.c: $(B)/tool/runtime/web/gen_docs $(DOCS_FILES)
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)$(B)/tool/runtime/web/gen_docs $(DOCS_FILES) >$@.tmp && mv $@.tmp $@

.PHONY: docs-files
docs-files:
	@cd openapi && npm ci && for f in swagger-ui-bundle.js swagger-ui.css; do \
	    gzip -9nc node_modules/swagger-ui-dist/$$f >docs/$$f.gz; done && \
	    cp node_modules/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt docs/swagger-ui-bundle.LICENSE.txt
