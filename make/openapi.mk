# The committed copy of the OpenAPI document: what is published, and what a change is compared with. The table of error codes
# comes from the same declarations, so it is refreshed, too.
.PHONY: openapi docs-files
openapi: $(B)/actionhost $(B)/tests/openapi_names ## write: openapi/actionhost.openapi.json and the table of error codes
	@openapi/refresh.sh $(B)
	@if command -v python3 >/dev/null; then $(MAKE) codes; else echo 'no python3: docs/operate.md keeps its table of error codes'; fi

docs-files: ## write: the packed files of the docs page, from the swagger-ui that openapi/package.json pins
	@cd openapi && npm ci && for f in swagger-ui-bundle.js swagger-ui.css; do \
	    gzip -9nc node_modules/swagger-ui-dist/$$f >docs/$$f.gz; done && \
	    cp node_modules/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt docs/swagger-ui-bundle.LICENSE.txt
