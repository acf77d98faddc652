/* accounts.h - the parts of createAccounts: what an account looks like as a row, and the page that sends them. */
#ifndef CREATE_ACCOUNTS_ACCOUNTS_H
#define CREATE_ACCOUNTS_ACCOUNTS_H

#include "runtime/action.h"

#define ACCOUNT_KEY_FIELD "AppLinkKey__c"

enum { ACCOUNTS_MAX = 10000, ACCOUNT_TEXT_SIZE = 80 };

/* What a sample row is made of. */
struct sample_account {
    char name[ACCOUNT_TEXT_SIZE], phone[ACCOUNT_TEXT_SIZE], website[ACCOUNT_TEXT_SIZE];
    const char *city, *country;
};
/* The n-th sample account (1, 2, ...), always the same. Its values go to nobody: the telephone numbers and the domain
 * are reserved for examples. */
void sample_account(int n, struct sample_account *out);

/* Sends the accounts of one page by one Bulk job and reads what became of each; `items` are their numbers. */
enum act_step accounts_page(struct act_call *call, const json_t *input, const json_t *items);

#endif
