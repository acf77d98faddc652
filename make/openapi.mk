# The committed copy of the OpenAPI document: what is published, and what a change is compared with. The table of error codes
# comes from the same declarations, so it is refreshed, too.
.PHONY: openapi docs-files
openapi: $(B)/actionhost $(B)/tests/openapi_names ## write: openapi/actionhost.openapi.json and the table of error codes
	@openapi/refresh.sh $(B)
	@if command -v python3 >/dev/null; then $(MAKE) codes; else echo 'no python3: docs/operate.md keeps its table of error codes'; fi

docs-files: all ## write: the three pictures on top of the docs page, from the sample data (a minute)
	@MODE=$(MODE) openapi/pictures.sh
