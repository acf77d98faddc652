/*
 * text_diff.h - a large text that has changed a little, as change events tell it: a unified diff of its lines with the
 * SHA-256 of the whole new text in front (Change Data Capture Developer Guide, "Sending Data Differences").
 */
#ifndef SANDBOX_PUBSUB_TEXT_DIFF_H
#define SANDBOX_PUBSUB_TEXT_DIFF_H

#include "sandbox/base/text.h"

enum { DIFF_FROM = 1000 /* characters that a text must have */ };

/* Appends "--- \n+++ <hash>\n@@ ... @@\n..." to an empty text. False, and nothing is appended, when an org would send
 * the whole: a short text, lengths that differ by more than a half, more than a quarter of all lines changed, or a diff
 * that is longer than the new text. */
bool text_diff(const char *old, size_t old_n, const char *new, size_t new_n, struct text *out);

#endif
