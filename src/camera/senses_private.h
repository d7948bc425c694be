/*
 * senses_private.h - what senses*.c share: one thing sensed, its words, where they come from.
 */
#ifndef CAMERA_SENSES_PRIVATE_H
#define CAMERA_SENSES_PRIVATE_H

#include "base/buf.h"
#include "camera/senses.h"

enum sense_kind { SENSE_POSE, SENSE_GESTURE, SENSE_AUDIO, SENSE_KINDS };

/* One line of a file. */
struct sense {
	int64_t at_us;			/* since the file's beginning */
	enum sense_kind kind;
	char *members;			/* of its data, without braces */
	struct node_audio audio;	/* SENSE_AUDIO */
};

struct sense_list {
	struct sense *items;		/* by time */
	int count;
	int64_t length_us;		/* until it begins anew */
};

const char *senses_name(enum sense_kind kind);

/* senses_file.c.  Blocking.  Poses and levels closer together than the contract allows are left out. */
bool senses_file_read(struct sense_list *out, const char *path, struct err *e);
void senses_file_fini(struct sense_list *list);

/* senses_made.c: the same at the same time, whoever asks.  into_us: since the camera began. */
void senses_made_pose(struct buf *members, int number, int64_t into_us);
void senses_made_gesture(struct buf *members, int number, int64_t into_us);
void senses_made_audio(struct node_audio *out, int number, int64_t into_us);
void senses_audio_members(struct buf *members, const struct node_audio *a);

#endif
