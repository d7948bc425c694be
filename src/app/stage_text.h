/*
 * stage_text.h - the headless peer of the screen: guarded lines, JSON Lines or TAP (console.md "Guarded lines").
 */
#ifndef APP_STAGE_TEXT_H
#define APP_STAGE_TEXT_H

#include "app/bus.h"
#include "app/crew.h"
#include "app/reply.h"
#include "app/stage.h"

/* Where the lines go: whole ones, line feeds included.  Copied; must not block. */
struct stage_text_out {
	void (*put)(void *arg, const char *lines, size_t len);
	void *arg;
};

struct stage_text;
/* Prints public events from the bus by itself; bus NULL: replies alone. */
struct stage_text *stage_text_new(const struct stage_text_out *out, bool json, struct bus *bus, struct crew *crew,
    void (*quit)(void *arg, int status), void *arg);
/* Test Anything Protocol: waits and expects are tests, everything else becomes a comment. */
void stage_text_tap(struct stage_text *s);
void stage_text_free(struct stage_text *s);
const struct stage *stage_text_stage(struct stage_text *s);
const struct reply *stage_text_reply(struct stage_text *s);
/* So many lines never reached the reader: said as an alarm among the others. */
void stage_text_lost(struct stage_text *s, unsigned long lines, int64_t now_us);
/* "N passed, N failed" and other plain closing lines (with --json: {"record":"event"...}). */
void stage_text_summary(struct stage_text *s, int passed, int failed);
/* The receipt of a take as a plain line; with --json {"record":"receipt","take":...,"text":...}. */
void stage_text_receipt(struct stage_text *s, const char *take, const char *line);

#endif
