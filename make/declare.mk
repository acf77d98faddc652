# What action.json may say, and whether ours say it well. `make` tells the faults of a declaration, all at once, before anything runs.
all: $(B)/declared
$(B)/declared: $(B)/actionhost
	@env -i $(B)/actionhost actions >/dev/null
	@touch $@

.PHONY: action-json
action-json: $(B)/actionhost ## write: openapi/action.schema.json and the tables of docs/action-json.md
	@env -i $(B)/actionhost actions --schema >$(B)/page.tmp && cp $(B)/page.tmp openapi/action.schema.json
	@page=docs/action-json.md; sed '/^<!-- tables:/q' $$page >$(B)/page.tmp; \
	    env -i $(B)/actionhost actions --markdown >>$(B)/page.tmp; \
	    sed -n '/^<!-- end of tables/,$$p' $$page >>$(B)/page.tmp; \
	    cat $(B)/page.tmp >$$page; rm -f $(B)/page.tmp
