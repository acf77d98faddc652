# Takes one guard out at a time and expects the tests to notice.
.PHONY: mutants
mutants: tests
	@tests/mutants/run.sh $(MUTANT)
