/* rules.c - which objects have rules of their own. */
#include "sandbox/records/rules.h"

static const struct record_rules all[] = {
    { "ContentVersion", content_before_insert, content_before_update, content_after_save, NULL },
    { "Product2", NULL, NULL, product_after_save, NULL },
    { "PricebookEntry", entry_before_insert, entry_before_update, entry_after_save, NULL },
    { "Opportunity", opportunity_before_insert, opportunity_before_update, opportunity_after_save, NULL },
    { "OpportunityLineItem", opportunity_line_before_insert, opportunity_line_before_update, line_after_save,
      opportunity_line_before_delete },
    { "Quote", quote_before_insert, quote_before_update, quote_after_save, NULL },
    { "QuoteLineItem", quote_line_before_insert, quote_line_before_update, line_after_save, quote_line_before_delete },
};

const struct record_rules *rules_of(const struct object *ob)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (same_name(all[i].object, ob->name))
            return &all[i];
    return NULL;
}
