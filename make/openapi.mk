# The committed copy of the OpenAPI document: what is published, and what a change is compared with.
.PHONY: openapi
openapi: $(B)/actionhost $(B)/tests/openapi_names
	@openapi/refresh.sh $(B)
