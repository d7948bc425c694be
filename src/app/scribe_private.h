/*
 * scribe_private.h - what scribe.c (journals, manifest, takes), scribe_again.c (files the disk refused) and
 * scribe_news.c (bus -> lines) share.
 * Nobody else includes it.
 */
#ifndef APP_SCRIBE_PRIVATE_H
#define APP_SCRIBE_PRIVATE_H

#include "app/scribe.h"
#include "base/list.h"
#include "base/map.h"
#include "io/jdoc.h"

/* One node as the journals know it: a line is written when it differs. */
struct scribe_node {
	char id[ID_BYTES];
	bool is_seen;
	int number;
	char device_name[MAX_NAME_BYTES], model[MAX_NAME_BYTES];
	enum health_link link;
	bool frozen;
	bool has_recording; struct node_recording recording;
	char thermal[NODE_WORD], network[NODE_WORD];
	bool has_battery, charging; double battery;
	bool has_storage; int64_t free_bytes;
	bool has_audio, muted; int64_t clips, clips_told_us;
	bool has_camera; struct node_health camera;	/* camera, zoom, format, lens only */
	bool alive; int64_t alive_us;			/* the capture-alive window that is open */
	bool clock_dirty;
	int64_t sample_us;		/* the sample that was written last */
	struct offset_estimate clock; char epoch[ID_BYTES]; int64_t clock_us;	/* the estimate that was, and when */
};

#define SCRIBE_SPANS 16

/* Outlives the scribe: answers of the disk may come after it. */
struct scribe_mood {
	int refs;
	struct bus *bus;		/* NULL: the scribe is gone */
	char *failing;			/* the journal, or the path of the whole file, that failed first; NULL: none */
	bool *refused;			/* scribe_watch()'s; NULL: nobody asks */
};

struct scribe {
	struct loop *loop;
	struct diskq *queue;
	struct sphere *sphere;
	struct crew *crew;
	struct bus *bus;
	const struct clk *clk;
	char run[37];
	struct journal *journals[SCRIBE_COUNT];
	struct scribe_mood *mood;
	struct loop_timer *manifest_timer;
	bool manifest_dirty, rehearses;
	struct list manifest_waiters;
	struct list agains;		/* scribe_again.c's */
	struct loop_timer *again_timer;
	const char *(*state)(void *arg, const char *node);
	void *state_arg;
	struct map *nodes;		/* id -> struct scribe_node */
	struct loop_timer *clock_timer;
	bool clock_waiting;
	struct { char take[TAKE_BYTES]; int64_t from_us, to_us; } spans[SCRIBE_SPANS];	/* of the newest takes; to_us 0: rolls */
	int span_next;
};

/* scribe.c: replaces a file; the disk's mood is heard. */
void scribe_replace(struct scribe *s, const char *path, const char *text, diskq_done_fn *done, void *arg);

/* scribe.c: a line of a flood, its members as text (io/journal.h). */
void scribe_add_flood(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, const char *members);

/* scribe_again.c */
void scribe_again_open(struct scribe *s);
void scribe_again_close(struct scribe *s);
/* Replaces the file, and tries again until that worked.  Before a newer text of it is sent: forget. */
void scribe_again_replace(struct scribe *s, const char *path, const char *text);
void scribe_again_forget(struct scribe *s, const char *path);

/* scribe_news.c */
void scribe_news_open(struct scribe *s);
void scribe_news_close(struct scribe *s);
struct scribe_node *scribe_node_of(struct scribe *s, const char *id);
struct jdoc *scribe_line(const char *node);		/* {"node":...} */
void scribe_text_or_null(struct jdoc *j, const char *key, const char *text);	/* "" is null */
void scribe_int_or_null(struct jdoc *j, const char *key, int64_t value, bool is_known);
void scribe_put(struct scribe *s, enum scribe_journal which, const char *type, int64_t time_us, struct jdoc *line);
/* The instant of a node's event on the console's timeline; 0, which is now, when it was not told. */
int64_t scribe_event_time(const struct scribe *s, const char *node, const struct node_event *ev);

/* scribe_clock.c */
void scribe_clock_open(struct scribe *s);
void scribe_clock_close(struct scribe *s);
void scribe_clock_hear(struct scribe *s, const struct bus_event *ev);

/* scribe_camera.c */
void scribe_camera_compare(struct scribe *s, struct scribe_node *n, const struct node_health *h);
void scribe_camera_flip(struct scribe *s, const char *node, const struct node_event *ev);
void scribe_camera_zoom(struct scribe *s, const char *node, const struct node_event *ev);
void scribe_camera_format(struct scribe *s, const char *node, const struct node_event *ev);
void scribe_camera_lens(struct scribe *s, const char *node, const struct node_event *ev);

/* scribe_health.c */
void scribe_health_recording(struct scribe *s, struct scribe_node *n, const struct node_recording *r, const char *command_id);
void scribe_health_audio(struct scribe *s, struct scribe_node *n, const struct node_audio *a);
void scribe_health_compare(struct scribe *s, struct scribe_node *n, const struct node_health *h);
void scribe_health_alive(struct scribe *s, struct scribe_node *n, const struct crew_member *m);

#endif
