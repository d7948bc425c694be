/*
 * vitals.h - what is wrong with whom: hears the crew's judgement of every member (each 250 ms and on each word),
 * says frozen, not-writing and alarm, and keeps the alarms until they are seen.  Nobody worries about a node
 * that is out of the show.  Many cameras that fall silent at once are one alarm.
 */
#ifndef APP_VITALS_H
#define APP_VITALS_H

#include "app/alarms.h"
#include "app/crew.h"

struct vitals;

struct vitals *vitals_new(struct loop *loop, struct crew *crew, struct bus *bus, const struct clk *clk, const struct opt_set *settings);
void vitals_free(struct vitals *v);
/* An alarm of somebody else's; node NULL: the console itself.  It is over only when seen. */
void vitals_alarm(struct vitals *v, const char *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
/*
 * A trouble of the console's own that lasts, by a number of its finder's, from 0: one alarm while it stands, in new words when it is told again.
 * vitals_trouble_over() when it is gone.
 */
void vitals_trouble(struct vitals *v, int number, const char *format, ...) __attribute__((format(printf, 3, 4)));
void vitals_trouble_over(struct vitals *v, int number);
int vitals_alarm_count(const struct vitals *v);
const struct alarms_one *vitals_alarm_at(const struct vitals *v, int index);	/* oldest first */
/* The newest count of them were seen (those on the screen); -1: all. */
void vitals_seen(struct vitals *v, int count);

#endif
