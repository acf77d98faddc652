# One test of a cmocka program alone: CMOCKA_TEST=name build/release/tests/test_guard
$(UNIT:%=$(B)/tests/%) $(SANDBOX_UNIT:%=$(B)/tests/%): $(B)/obj/tests/one_test.o
