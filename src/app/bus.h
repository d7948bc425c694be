/*
 * bus.h - news inside the program: one publisher says, many hear.  Sinks may come and go while being called.
 * Loop thread only.  An event's pointers are valid during the call.
 */
#ifndef APP_BUS_H
#define APP_BUS_H

#include <stdint.h>
#include "domain/event.h"
#include "domain/node.h"

struct bus;
struct bus_event {
	enum event_kind kind;
	const char *node;		/* id or NULL */
	const char *text;		/* free text for people, or NULL */
	int64_t time_us;		/* console UTC; 0: filled in by bus_say */
	const void *data;		/* by kind: NODE_EVENT struct node_event, CLOCK_SAMPLE struct offset_estimate,
					 * LEDGER_CHANGED struct ledger_line, ... or NULL */
};
typedef void bus_fn(void *arg, const struct bus_event *ev);

struct bus *bus_new(void);
void bus_free(struct bus *b);
/* EV_KINDS as kind: everything. */
void bus_listen(struct bus *b, enum event_kind kind, bus_fn *fn, void *arg);
void bus_unlisten(struct bus *b, bus_fn *fn, void *arg);	/* all of this pair */
void bus_say(struct bus *b, const struct bus_event *ev);
/* Short form without data. */
void bus_tell(struct bus *b, enum event_kind kind, const char *node, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
