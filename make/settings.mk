# The tables of settings in README.md and docs/deploy.md, written by the program itself.
.PHONY: settings
settings: $(B)/actionhost ## write: the tables of settings in README.md and docs/deploy.md
	@for page in README.md docs/deploy.md; do \
	    sed '/^<!-- settings:/q' $$page >$(B)/page.tmp; \
	    env -i $(B)/actionhost config --markdown >>$(B)/page.tmp; \
	    sed -n '/^<!-- end of settings/,$$p' $$page >>$(B)/page.tmp; \
	    cat $(B)/page.tmp >$$page; \
	done; rm -f $(B)/page.tmp
