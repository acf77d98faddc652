# Processes that work on a queue and are killed; figures of the queue alone.
$(B)/tests/jobs_crash: $(B)/libruntime.a
$(B)/tests/events_crash: $(B)/obj/gen/registry.o $(B)/libruntime.a $(B)/libactions.a
.PHONY: bench-jobs
bench-jobs: $(B)/bench/bench_jobs ## measure: the queue of jobs on SQLite and PostgreSQL, beside the disk
	@$<
.PHONY: bench-quotes
bench-quotes: deps ## measure: quotes by us and by the published samples against the modelled org (simulated seconds)
	@$(MAKE) all
	@MODE=$(MODE) exec bench/quotes.sh
.PHONY: bench-events
bench-events: $(B)/bench/bench_inbox $(B)/actionhost $(B)/sandbox $(B)/tests/free_port $(B)/tests/pubsub_hear ## measure: events decoded, and into the inbox; from a change in the sandbox to its Quote, at ten a second
	@mkdir -p build/test-work/ports; $< 2>/dev/null; inbox=$$?; bench/events-decode.sh; decode=$$?; bench/events.sh && [ $$inbox$$decode = 00 ]
