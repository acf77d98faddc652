# What `make demo` needs besides the programs; tests/demo.sh does the rest.
.PHONY: demo-bins
demo-bins: all $(B)/tests/demo $(B)/tests/demo_page $(B)/tests/free_port ## build: what make demo runs
