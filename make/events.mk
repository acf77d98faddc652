# A subscription without a database: what it hears is printed, or counted.
$(B)/tests/pubsub_hear: $(B)/libruntime.a
