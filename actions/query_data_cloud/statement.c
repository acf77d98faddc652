/* statement.c - see statement.h. */
#include "actions/query_data_cloud/statement.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORD = 24 };

static const char *const writing[] = { "insert", "update",   "delete",  "merge",    "create", "drop",
                                       "alter",  "truncate", "grant",   "revoke",   "call",   "copy",
                                       "exec",   "execute",  "replace", "upsert",   "vacuum", "attach",
                                       "pragma", "begin",    "commit",  "rollback", "lock",   "into" };

static bool no(char *why, size_t size, const char *what)
{
    snprintf(why, size, "%s", what);
    return false;
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

/* Behind a comment, a literal or a quoted name that begins here; `s` itself when none does; NULL = it is not closed. */
static const char *skip_quoted(const char *s)
{
    if (strncmp(s, "--", 2) == 0)
        return s + strcspn(s, "\n");
    if (strncmp(s, "/*", 2) == 0) {
        const char *end = strstr(s + 2, "*/");
        return end ? end + 2 : NULL;
    }
    if (*s != '\'' && *s != '"')
        return s;
    const char *end = strchr(s + 1, *s);
    while (end && end[1] == *s) /* doubled, it is a character */
        end = strchr(end + 2, *s);
    return end ? end + 1 : NULL;
}

/* The next word outside of quotes and comments; *s moves behind it. Returns its length, 0 at the end, -1 when something
 * is not closed. *ended = a semicolon stood before it. */
static int next_word(const char **s, char word[WORD], bool *ended)
{
    while (**s && !is_word_char(**s)) {
        const char *behind = skip_quoted(*s);
        if (!behind)
            return -1;
        *ended = *ended || **s == ';';
        if (*ended && behind != *s && **s != '-' && **s != '/')
            return 1; /* a literal behind a semicolon */
        *s = behind == *s ? *s + 1 : behind;
    }
    size_t n = 0;
    while (is_word_char((*s)[n]))
        n++;
    snprintf(word, WORD, "%.*s", (int)(n < WORD ? n : WORD - 1), *s);
    *s += n;
    return (int)n;
}

bool statement_is_reading(const char *sql, char *why, size_t size)
{
    char word[WORD] = "";
    bool ended = false, first = true;
    int n;
    while ((n = next_word(&sql, word, &ended)) > 0) {
        if (ended)
            return no(why, size, "There is more than one statement. Send one, without anything behind its semicolon.");
        if (first && strcasecmp(word, "select") != 0 && strcasecmp(word, "with") != 0)
            return no(why, size, "Only reading statements are run: begin with SELECT or WITH.");
        if (n == 1 && (word[0] == 'e' || word[0] == 'E') && *sql == '\'')
            return no(why, size,
                      "A literal with backslashes (E'...') can be read in two ways. Write it without the E.");
        first = false;
        for (size_t i = 0; i < sizeof writing / sizeof *writing; i++)
            if (strcasecmp(word, writing[i]) == 0) {
                snprintf(why, size,
                         "The word %s writes. Only reading statements are run; put a column of this name in double "
                         "quotes.",
                         word);
                return false;
            }
    }
    if (n < 0)
        return no(why, size, "A quote or a comment in the statement is not closed.");
    return !first || no(why, size, "There is no statement. Begin with SELECT.");
}
