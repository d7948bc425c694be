/*
 * alarms.h - the list of alarms: each with its time, its cause and the command that cures, kept until it is seen.
 * Knows no camera and no cause; whoever finds the trouble writes the words.  Tells the bus of what changes.
 */
#ifndef APP_ALARMS_H
#define APP_ALARMS_H

#include <stdbool.h>
#include <stdint.h>
#include "app/bus.h"
#include "base/ceilings.h"
#include "base/clk.h"
#include "domain/ids.h"

#define ALARMS_KEPT 64
#define ALARMS_BRIEF 128

struct alarms_one {
	int64_t time_us;		/* console UTC */
	char node[ID_BYTES];		/* "" = the console itself, or several cameras */
	char text[MAX_TEXT_FIELD];	/* cause and the command that cures */
	char brief[ALARMS_BRIEF];	/* the same in few words */
	bool over;			/* the cause is gone, not yet seen */
};

struct alarms;

struct alarms *alarms_new(struct bus *bus, const struct clk *clk);
void alarms_free(struct alarms *a);
/* cause: any number; with the node it names the trouble.  node NULL: the console itself.  Says EV_ALARM. */
void alarms_add(struct alarms *a, const char *node, int cause, const char *text, const char *brief);
/* Without that news; time_us: when it began, console UTC, 0: now. */
void alarms_put(struct alarms *a, const char *node, int cause, int64_t time_us, const char *text, const char *brief);
/*
 * The same trouble that was over a moment ago stands again, with its first time, as the newest: a camera that flaps
 * fills no list.  False: there is none; nothing happened.
 */
bool alarms_renew(struct alarms *a, const char *node, int cause, const char *text, const char *brief);
/* The same however long ago, as long as nobody has seen it: one alarm for one trouble of one take. */
bool alarms_again(struct alarms *a, const char *node, int cause, const char *text, const char *brief);
/* Says EV_ALARM without keeping it: what is folded into another is news all the same. */
void alarms_say(struct alarms *a, const char *node, const char *text);
/* It stands and is not over: new words.  False: there is none. */
bool alarms_retell(struct alarms *a, const char *node, int cause, const char *text, const char *brief);
/* It is on the list and not over. */
bool alarms_stands(const struct alarms *a, const char *node, int cause);
/* The cause is gone; the alarm stays until it is seen, but says so. */
void alarms_over(struct alarms *a, const char *node, int cause);
/* Taken off the list, seen or not, for another says the same: its time; 0: there was none that stands. */
int64_t alarms_drop(struct alarms *a, const char *node, int cause);
int alarms_count(const struct alarms *a);
const struct alarms_one *alarms_at(const struct alarms *a, int index);	/* oldest first */
/* The newest count of them were seen; -1: all. */
void alarms_seen(struct alarms *a, int count);

#endif
