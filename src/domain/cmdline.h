/*
 * cmdline.h - one text command taken apart: words, -t TARGETS, --force.
 * Strings are "..." with \" and \\; '#' outside quotes starts a comment.
 */
#ifndef DOMAIN_CMDLINE_H
#define DOMAIN_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/ceilings.h"
#include "base/err.h"

struct cmdline {
	int count;			/* words; words[0] is the verb */
	char *words[MAX_COMMAND_WORDS];
	bool quoted[MAX_COMMAND_WORDS];	/* it stood in quotes: never a keyword */
	int column[MAX_COMMAND_WORDS];	/* 1-based byte column where it began */
	char *target;			/* what followed -t, quotes of names kept; NULL: none */
	bool force;			/* --force was there (and is not among the words) */
	char *rest;			/* the text after the verb as typed, without -t and --force: tag, name, echo */
};

/*
 * text need not end in a line feed.  Free with cmdline_fini() also after failure, when *column says where it
 * went wrong: 1-based, in bytes; the sentence itself does not repeat it.  An empty text is a failure.
 */
bool cmdline_parse(struct cmdline *c, const char *text, int *column, struct err *e);
void cmdline_fini(struct cmdline *c);
/* Words first..last joined by one blank; free() it. */
char *cmdline_join(const struct cmdline *c, int first);
/* A word that means something in the language (verbs, "all", "program", ...): not usable as a label. */
bool cmdline_is_word(const char *text);
/* Bytes of one line before its comment and the blanks at its end. */
size_t cmdline_text_bytes(const char *text, size_t len);
/* UTF-8 without control characters (a tab is none); else *column and the sentence say what stands there. */
bool cmdline_is_clean(const char *text, size_t len, int *column, struct err *e);

#endif
