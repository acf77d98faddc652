# The README's table of settings, written by the program itself.
.PHONY: settings
settings: $(B)/actionhost
	@sed '/^<!-- settings:/q' README.md >$(B)/readme.tmp
	@env -i $(B)/actionhost config --markdown >>$(B)/readme.tmp
	@sed -n '/^<!-- end of settings/,$$p' README.md >>$(B)/readme.tmp
	@mv $(B)/readme.tmp README.md
