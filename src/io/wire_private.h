/*
 * wire_private.h - what the files of wire share: single fields and the records that occur
 * in more than one message.  Not for anybody else.
 */
#ifndef IO_WIRE_PRIVATE_H
#define IO_WIRE_PRIVATE_H

#include <stddef.h>
#include <stdint.h>
#include "domain/node.h"
#include "io/jdoc.h"

/* Most of our answers are one page; a level quieter than this is silence. */
#define WIRE_SILENCE_DBFS (-120.0)
#define WIRE_MAX_SIZE (1LL << 50)		/* no camera has a petabyte */
#define WIRE_MAX_TIME_US 253402300800000000LL	/* the year 10000 */

/* A member's text made harmless: any text; a name for a screen; an id; one of the words listed, else "". */
void wire_text(const struct jdoc *j, const char *key, char *out, size_t out_size);
void wire_name(const struct jdoc *j, const char *key, char *out, size_t out_size);
void wire_id(const struct jdoc *j, const char *key, char out[static ID_BYTES]);
void wire_one_of(const struct jdoc *j, const char *key, const char *words, char *out, size_t out_size);
/* Whether word is in words ("off|on"). */
bool wire_is_one_of(const char *word, const char *words);
int64_t wire_size(const struct jdoc *j, const char *key);	/* never negative, and so that thousands of them can be added up */
int64_t wire_time(const struct jdoc *j, const char *key);	/* of these centuries; 0: not told */
int wire_count(const struct jdoc *j, const char *key, int def);	/* never negative, fits an int */
double wire_real(const struct jdoc *j, const char *key, double min, double max, double def);
bool wire_is_number(const struct jdoc *j, const char *key);

bool wire_read_recording(struct node_recording *out, const struct jdoc *j);
bool wire_read_format(struct node_format *out, const struct jdoc *j);
bool wire_read_audio(struct node_audio *out, const struct jdoc *j);
bool wire_read_lens(struct node_health *out, const struct jdoc *j);

/* wire_pose.c: time_us and pose_json of an event pose, out of any bytes.  False: it is no object (e), nothing is kept. */
bool wire_read_pose(struct node_event *out, const char *text, size_t len, struct err *e);

extern const char wire_thermal_words[], wire_network_words[], wire_lock_words[], wire_level_words[];

#endif
