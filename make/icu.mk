# ICU writes the dates of cards as each language does, makes capitals and knows what an emoji is.
ifneq ($(BARE),)
RUNTIME_LIBS += $(shell pkg-config --libs icu-i18n 2>/dev/null)
TEST_LIBS += $(shell pkg-config --libs icu-i18n 2>/dev/null)
endif
# The days that a card would write, one line for each line read: for the comparison with the Intl of Node.
$(B)/tests/card_dates: $(B)/libactions.a
