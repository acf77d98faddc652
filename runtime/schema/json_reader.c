/* json_reader.c - JSON text into a tree; the table from the library's texts to words of JSON. */
#include "runtime/schema/json_reader.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/chars.h"

enum { SHOWN = 24 /* characters of a number or of a place in the text */ };

/* What is said of one of the library's texts (jansson 2.14, load.c). */
static const struct phrase {
    const char *theirs; /* how its text begins */
    const char *ours;
    bool grammar; /* the text is no JSON; else it is JSON that is not taken here */
    bool number;  /* what is said is said of the number that ends where it stopped */
} phrases[] = {
    { "real number overflow", "is too large for a number", false, true },
    { "too big integer", "is too large for a number", false, true },
    { "too big negative integer", "is too small for a number", false, true },
    { "\\u0000 is not allowed", "\\u0000 cannot be part of a text here", false, false },
    { "NUL byte in object key", "\\u0000 cannot be part of a member's name", false, false },
    { "duplicate object key", "a member stands twice in one object", false, false },
    { "maximum parsing depth", "it is nested too deeply", false, false },
    { "unable to decode byte", "it holds a byte that is not UTF-8", true, false },
    { "premature end of input", "it ends in the middle of a text", true, false },
    { "unexpected newline", "a line ends within a text; write \\n there", true, false },
    { "control character", "a text holds a control character; write it as \\u and four hexadecimal digits", true,
      false },
    { "invalid escape", "a text has an escape that JSON does not have (\\u needs four hexadecimal digits)", true,
      false },
    { "invalid Unicode escape", "a text has a \\u without four hexadecimal digits", true, false },
    { "invalid Unicode", "a text has one half of a surrogate pair (\\uD800 to \\uDFFF)", true, false },
    { "string or '}' expected", "a member's name in double quotes or a } is missing", true, false },
    { "':' expected", "the : behind a member's name is missing", true, false },
    { "invalid token", "here stands something that JSON does not have", true, false },
    { "unexpected token", "a value is missing", true, false },
    { "']' expected", "a , or ] is missing", true, false },
    { "'}' expected", "a , or } is missing", true, false },
    { "'[' or '{' expected", "it must be an object, beginning with {", true, false },
    { "end of file expected", "more follows behind its end", true, false },
};

static bool number_char(char c)
{
    return char_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* The number that ends at `end`; a long one is shown by its beginning. */
static void show_number(struct span text, size_t end, char out[SHOWN + 4])
{
    size_t from = end;
    while (from > 0 && number_char(text.p[from - 1]))
        from--;
    size_t n = end - from, shown = n <= SHOWN ? n : SHOWN;
    memcpy(out, text.p + from, shown);
    copy_text(out + shown, 4, n <= SHOWN ? "" : "...");
}

/* Where it stopped, when the library says that: " near 'word'" or " near end of file". */
static void add_place(const char *theirs, char *words)
{
    const char *near = strstr(theirs, " near ");
    size_t n = strlen(words);
    if (near && strcmp(near, " near end of file") == 0)
        snprintf(words + n, JSON_WORDS - n, ", at its end");
    else if (near)
        snprintf(words + n, JSON_WORDS - n, ", near %.*s", SHOWN + 2, near + 6);
}

void json_words(const json_error_t *why, struct span text, char words[JSON_WORDS], bool *grammar)
{
    char number[SHOWN + 4] = "";
    *grammar = true;
    snprintf(words, JSON_WORDS, "it breaks a rule of JSON");
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        const struct phrase *p = &phrases[i];
        if (strncmp(why->text, p->theirs, strlen(p->theirs)) != 0)
            continue;
        *grammar = p->grammar;
        if (p->number) {
            show_number(text, (size_t)why->position <= text.n ? (size_t)why->position : 0, number);
            snprintf(words, JSON_WORDS, "%s %s", number[0] ? number : "a number", p->ours);
            return;
        }
        snprintf(words, JSON_WORDS, "%s", p->ours);
        break;
    }
    add_place(why->text, words);
}

json_t *json_read(struct span text, struct err *e)
{
    json_error_t why;
    char words[JSON_WORDS];
    bool grammar;
    /* jansson 2.14 passes over NUL bytes behind a number or a word */
    if (text.n && memchr(text.p, '\0', text.n)) {
        err_set(e, 400, "invalid_json", "The body is not JSON: it holds a NUL byte.");
        return NULL;
    }
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &why);
    if (root)
        return root;
    json_words(&why, text, words, &grammar);
    err_set(e, 400, "invalid_json", "The body is %s: %s, line %d column %d.",
            grammar ? "not JSON" : "JSON that is not taken here", words, why.line, why.column);
    return NULL;
}
