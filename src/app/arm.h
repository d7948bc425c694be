/*
 * arm.h - is everything ready to roll: each camera of the show, and the archive for all of them, looked at now.  Each line
 * that stands against it names its cure.  Stateless: reads the deck, keeps nothing, stops nothing; rolling anyway is
 * recordall's, which writes down what was not armed (recordall_set_arm).
 */
#ifndef APP_ARM_H
#define APP_ARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/ceilings.h"
#include "domain/ids.h"

struct deck;

#define ARM_LINES 512			/* of all cameras together; past it they are counted only */
#define ARM_WHAT 128
#define ARM_CURE 208

enum arm_verdict { ARM_GOOD, ARM_NOTE, ARM_RED };	/* NOTE: worth knowing, rolls all the same; RED: not armed */
enum arm_check { ARM_LINK, ARM_RECORDER, ARM_CLAIM, ARM_STORAGE, ARM_BATTERY, ARM_HEAT, ARM_LOCK, ARM_CLOCK, ARM_FORMAT, ARM_SOUND,
	ARM_PICTURE, ARM_ARCHIVE, ARM_ROLES };

struct arm_line {
	enum arm_verdict verdict;
	enum arm_check check;
	char what[ARM_WHAT];		/* "storage for 3 min only" */
	char cure[ARM_CURE];		/* "make room on it, or leave it out:  :out 5"; the command last, behind a colon */
};

/* Readings are the node's last word; what it does not tell is -1, "" or false. */
struct arm_node {
	char id[ID_BYTES], name[MAX_NAME_BYTES];
	int number;
	bool counts;			/* a roll of all asks it; else only listed: out, a picture only, not here in this run */
	bool rolls;			/* in our running take, by its own word */
	enum arm_verdict verdict;	/* the worst of its lines */
	int storage_minutes;		/* at its bit rate, or as fast as it writes now */
	int64_t free_bytes;
	bool has_battery, charging;
	int battery_percent, battery_minutes;
	char thermal[16], auto_lock[16];
	bool clock_known;
	int64_t clock_offset_us, clock_bound_us, clock_age_us;
	int width, height;
	double rate;
	bool differs;			/* its format is not the one that most have */
	char claim[ARM_WHAT];		/* "free", "ours", "held by NAME" */
	int first_line, line_count;	/* in arm_sheet.lines; the worst first */
};

struct arm_sheet {			/* big: keep one, on the heap; arm_look() writes it anew */
	int node_count;
	struct arm_node nodes[MAX_NODES];	/* by number */
	int line_count;
	struct arm_line lines[ARM_LINES];
	int show_first, show_count;	/* of them, those of the whole show */
	int asked, armed;		/* cameras that count, and those of them with no red line; those that roll are armed */
	bool is_armed;			/* there are some, all of them are, and no red line is the show's */
	char archive[64];		/* "nas"; "" not known */
	int64_t archive_free_bytes;	/* -1: without limit, or not known */
	bool archive_trouble;		/* it is full, or nothing can be brought there now */
	int archive_minutes;		/* for all cameras together, what is not home yet counted in; -1: not known */
};

void arm_look(const struct deck *deck, struct arm_sheet *out);
/* What stands against this camera in one line, "storage for 3 min only; heat critical"; NULL: the show.  False: nothing red. */
bool arm_why(const struct deck *deck, const char *node, char *out, size_t out_size);
/* The first red line of all in a sentence with its cure; false: everything is armed. */
bool arm_first_red(const struct arm_sheet *s, char *out, size_t out_size);
const char *arm_check_name(enum arm_check check);	/* "storage" ... */

#endif
