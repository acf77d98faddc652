/* answer.h - the reply of the action: the original five fields, flat scalars for Flow and Agentforce, and every detail.
 */
#ifndef FINANCE_ANSWER_H
#define FINANCE_ANSWER_H

#include "actions/finance_agreement/agreement.h"

/* A new object, NULL when memory is short. */
json_t *answer_build(const struct agreement *a, bool with_schedule);

/* Puts the document's part into a reply that was built before it was stored. False when memory is short. */
bool answer_set_document(json_t *reply, const struct document *document);

/* One sentence about an offer: payments, rate, charge. */
void answer_sentence(const struct offer *offer, const struct money_currency *currency, char out[SENTENCE]);

#endif
