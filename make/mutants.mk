# Takes one guard out at a time and expects the tests to notice.
.PHONY: mutants
mutants: tests ## test: takes one guard out at a time and expects the tests to notice; MUTANT=pattern takes those alone
	@tests/mutants/run.sh $(MUTANT)
