# The table of the actions' own error codes in docs/operate.md, from their declarations.
.PHONY: codes
codes: ## write: the table of the actions' error codes in docs/operate.md
	@sh tests/tools/action_codes.sh >build/codes.tmp
	@sed '/^<!-- action codes:/q' docs/operate.md >build/page.tmp
	@cat build/codes.tmp >>build/page.tmp
	@sed -n '/^<!-- end of action codes/,$$p' docs/operate.md >>build/page.tmp
	@cat build/page.tmp >docs/operate.md && rm -f build/page.tmp build/codes.tmp
