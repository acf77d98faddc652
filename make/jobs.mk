# Processes that work on a queue and are killed; figures of the queue alone.
$(B)/tests/jobs_crash: $(B)/libruntime.a
.PHONY: bench-jobs
bench-jobs: $(B)/bench/bench_jobs ## measure: the queue of jobs on SQLite and PostgreSQL, beside the disk
	@$<
.PHONY: bench-quotes
bench-quotes: deps ## measure: quotes by us and by the published samples against the modelled org (simulated seconds)
	@$(MAKE) all
	@MODE=$(MODE) exec bench/quotes.sh
