/*
 * vitals_private.h - what vitals.c (patients, news), vitals_lost.c (silence, of one or of many), vitals_rec.c
 * (recordings) and vitals_state.c (picture, storage, battery, heat, clones) share.  Nobody else includes it.
 */
#ifndef APP_VITALS_PRIVATE_H
#define APP_VITALS_PRIVATE_H

#include "app/vitals.h"
#include "base/map.h"
#include "domain/take.h"

#define VITALS_MANY 3			/* cameras with one trouble at once are one alarm; two fit the two lines of the screen */
#define VITALS_AT_ONCE_US 5000000	/* no longer apart than words come: one blow */
#define VITALS_NAMED 4			/* of them by name */

enum trouble { TROUBLE_LOST, TROUBLE_STOPPED, TROUBLE_NO_ROLL, TROUBLE_UNSEEN, TROUBLE_NOT_WRITING, TROUBLE_FROZEN, TROUBLE_STORAGE, TROUBLE_BATTERY,
	TROUBLE_WARM, TROUBLE_HOT, TROUBLE_CONFLICT, TROUBLE_HELD, TROUBLE_OTHER, TROUBLE_LOST_MANY,
	TROUBLE_STOPPED_MANY, TROUBLE_ARCHIVE,
	TROUBLE_NUMBERED = 1000 };		/* and all above: vitals_trouble() */

struct patient {			/* one member, as it was when last looked at */
	char node[ID_BYTES];
	unsigned has;			/* 1u << enum trouble: told, and still so */
	int64_t lost_us;		/* monotonic, when it was told LOST last */
	bool is_folded;			/* it is LOST among many: their alarm is its */
	int64_t stopped_us;		/* monotonic, when it was told STOPPED last */
	bool is_stop_folded;		/* the same for STOPPED */
	int64_t rec_since_us;		/* of the recording it is or was last in, node's clock; 0 = none */
	int64_t unwritten_since_us;	/* the recording whose file was told last to stand still; 0 = none */
	bool is_last_minute;		/* its storage will be full within one; that was told */
	char room[48];			/* of its storage, as told last: "DISK FULL in 4 min" */
	int64_t ran_us;			/* that ended by itself, as far as the take knows; -1: not known */
	char cause[MAX_TEXT_FIELD];	/* of that; "" = none was given */
};

struct vitals {
	struct crew *crew;
	struct bus *bus;
	const struct clk *clk;
	struct alarms *alarms;
	struct map *patients;		/* node id -> struct patient */
	struct loop *loop;
	struct loop_timer *lone;	/* runs since the first of many that were lost came back */
	bool is_lone_due;		/* it runs */
};

/* What is wrong in words: short is for the smallest screens, cure the command, or what a hand can do. */
struct vitals_words { const char *brief, *cure; };

/* vitals.c */
struct patient *vitals_patient(struct vitals *v, const char *node);
bool vitals_has(const struct patient *p, enum trouble trouble);
/* Said once, until it was well again.  The format goes on behind the camera's name. */
void vitals_ill(struct vitals *v, const struct crew_member *m, enum trouble trouble, struct vitals_words w, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same, for a trouble of this very recording: as long as nobody has seen its alarm, that one stands again. */
void vitals_ill_again(struct vitals *v, const struct crew_member *m, enum trouble trouble, struct vitals_words w, const char *what);
/* The same trouble, known better now: in new words where it stands. */
void vitals_retold(struct vitals *v, const struct crew_member *m, enum trouble trouble, struct vitals_words w, const char *what);
/* The same trouble, worse now: news once more, in the alarm that stands, or anew where that was seen. */
void vitals_worse(struct vitals *v, const struct crew_member *m, enum trouble trouble, struct vitals_words w, const char *what);
void vitals_well(struct vitals *v, struct patient *p, enum trouble trouble);
void vitals_clock(char *out, size_t out_size, int64_t utc_us);		/* "20:12:31" */
void vitals_name(const struct crew_member *m, char *out, size_t out_size);	/* "5 top" */
void vitals_target(const struct crew_member *m, char *out, size_t out_size);	/* as a command names it: its label, else its number */
void vitals_short_target(const struct crew_member *m, char *out, size_t out_size);	/* its number where it has one */
bool vitals_is_rolling(const struct crew_member *m);

/* The next of so many names behind the others, the first few only. */
void vitals_add_name(char *names, size_t names_size, const struct crew_member *m, int index);

/* vitals_lost.c */
void vitals_check_link(struct vitals *v, struct patient *p, const struct crew_member *m);
/* Those that stay away when the rest of many is back have an alarm each. */
void vitals_lone(void *vitals);		/* the timer */
void vitals_leave_many(struct vitals *v, struct patient *p);

/* vitals_rec.c */
void vitals_stopped_well(struct vitals *v, struct patient *p);	/* it rolls again, or is no worry any more */
void vitals_stopped(struct vitals *v, const struct crew_member *m, const char *told);
void vitals_take_changed(struct vitals *v, const struct take *t);
void vitals_did_not_roll(struct vitals *v, const struct crew_member *m, const char *reason);
void vitals_take_unseen(struct vitals *v, const char *node, const char *take);
void vitals_check_recording(struct vitals *v, struct patient *p, const struct crew_member *m);

/* vitals_state.c */
void vitals_check_state(struct vitals *v, struct patient *p, const struct crew_member *m);

#endif
