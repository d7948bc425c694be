/*
 * rushes_archive.c - where files are brought: the archive of the Sphere, looked at every few seconds, and changed while all
 * goes on.  Owns the target.  Never writes a file there itself, and never moves one from one archive to another.
 */
#include "app/rushes_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/haul_anchor.h"
#include "io/s3.h"

#define LOOK_US 5000000
#define LOOK_SOON_US 2000000		/* while something is wrong */
#define SILENT_US 10000000

/* ---- What it is ---- */

static bool
is_object_storage(const char *text)
{
	return str_has_prefix(text, "s3:");
}

const char *
rushes_archive(const struct rushes *r)
{
	return r->archive.text;
}

/* "nas" of /mnt/nas, "s3 BUCKET". */
static void
short_name(const char *text, char *out, size_t out_size)
{
	const char *from = text, *slash;
	size_t len;

	if (is_object_storage(text)) {
		snprintf(out, out_size, "s3 %.*s", (int)strcspn(text + 5, "/?"), text + 5);
		return;
	}
	for (len = strlen(text); len > 1 && text[len - 1] == '/'; len--)
		;
	slash = memrchr(text, '/', len);
	if (slash != NULL && len > 1)
		from = slash + 1;
	str_clean(out, out_size, from, len - (size_t)(from - text), 24);
}

void
rushes_room(const struct rushes *r, struct rushes_room *out)
{
	const struct rushes_archive *a = &r->archive;

	*out = (struct rushes_room){ .free_bytes = a->free_bytes, .is_known = a->is_known, .is_full = r->is_full,
		.trouble = rushes_archive_trouble(r) };
	short_name(a->text, out->name, sizeof out->name);
}

const char *
rushes_archive_trouble(const struct rushes *r)
{
	return r->archive.trouble.kind != ERR_NONE ? r->archive.trouble.text : "";
}

/* Where keys are when the environment has none: the setting, else the user's own files. */
static bool
keys_file(const struct rushes *r, char *out, size_t out_size)
{
	const char *said = opt_text(r->settings, "s3-keys"), *conf = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (strcmp(said, "auto") != 0)
		return str_copy(out, out_size, said);
	if (conf != NULL && conf[0] == '/')
		snprintf(out, out_size, "%s/livedirector/s3-keys", conf);
	else if (home != NULL)
		snprintf(out, out_size, "%s/.config/livedirector/s3-keys", home);
	else
		return false;
	return true;
}

static struct haul_target *
open_target(const struct rushes *r, const char *text, struct err *e)
{
	char keys[4096];
	const bool has_keys = keys_file(r, keys, sizeof keys);
	struct haul_target *t = haul_target_new(r->loop, text, sphere_folder(r->sphere), has_keys ? keys : NULL, e);

	if (t != NULL)
		haul_target_own(t, sphere_manifest(r->sphere)->sphere);
	return t;
}

/* ---- It is looked at ---- */

/* Whoever keeps the alarms: "" while all is well. */
void
rushes_tell_archive(struct rushes *r)
{
	const struct rushes_archive *a = &r->archive;

	bus_tell(r->bus, EV_ARCHIVE_STATE, NULL, "%s", a->trouble.kind != ERR_NONE ? a->trouble.text : r->is_full ? "it has no room for what is to come home" : "");
}

static void
tell_room(const struct rushes *r, rushes_archive_fn *done, void *arg)
{
	const struct err ok = { .kind = ERR_NONE };
	struct rushes_room room;
	char text[1400], free_text[16];

	rushes_room(r, &room);
	str_bytes(free_text, sizeof free_text, room.free_bytes);
	if (room.trouble[0] != '\0')
		snprintf(text, sizeof text, "files go to %s: %s", r->archive.text, room.trouble);
	else if (!room.is_known)
		snprintf(text, sizeof text, "files go to %s", r->archive.text);
	else
		snprintf(text, sizeof text, "files go to %s, %s free%s", r->archive.text, free_text,
		    room.is_full ? ": too little for what waits" : "");
	done(arg, &ok, text);
}

void
rushes_tell_room(struct rushes *r, rushes_archive_fn *done, void *arg)
{
	struct rushes_archive *a = &r->archive;

	if (a->target != NULL && a->change == NULL && !a->is_known && a->trouble.kind == ERR_NONE && a->curious_count < RUSHES_CURIOUS)
		a->curious[a->curious_count++] = (struct rushes_curious){ done, arg };
	else
		tell_room(r, done, arg);
}

static void
tell_curious(struct rushes *r)
{
	struct rushes_archive *a = &r->archive;
	struct rushes_curious told[RUSHES_CURIOUS];
	const int count = a->curious_count;

	memcpy(told, a->curious, sizeof told);
	a->curious_count = 0;
	for (int i = 0; i < count; i++)
		tell_room(r, told[i].done, told[i].arg);
}

/* A folder that is not there keeps what is on the cameras there; it is told once each way. */
static void
set_trouble(struct rushes *r, const struct err *e)
{
	struct rushes_archive *a = &r->archive;
	const bool was_well = a->trouble.kind == ERR_NONE;

	if (e->kind == ERR_NONE && was_well)
		return;
	if (e->kind == ERR_NONE)
		bus_tell(r->bus, EV_NOTICE, NULL, "the archive %s is at hand again", a->text);
	else if (was_well)
		bus_tell(r->bus, EV_NOTICE, NULL, "%s; nothing is brought there meanwhile, it goes on by itself", e->text);
	a->trouble = *e;
	rushes_tell_archive(r);
	rushes_look_soon(r);
}

static void
on_room(void *arg, int64_t free_bytes, const struct err *e)
{
	struct rushes *r = arg;
	struct rushes_archive *a = &r->archive;
	const bool could_land = a->can_land;

	a->asked_us = 0;
	a->can_land = e->kind == ERR_NONE;
	if (a->can_land) {
		a->free_bytes = free_bytes;
		a->is_known = true;
	}
	set_trouble(r, e);
	if (a->can_land && !could_land)
		rushes_look_soon(r);
	tell_curious(r);
}

static void
on_timer(void *arg)
{
	struct rushes *r = arg;
	struct rushes_archive *a = &r->archive;
	const int64_t now_us = loop_now_us(r->loop);
	struct err e = { .kind = ERR_NONE };

	if (a->target == NULL || a->change != NULL)
		return;
	if (a->asked_us == 0) {
		a->asked_us = now_us;
		haul_target_room(a->target, on_room, r);
	} else if (now_us - a->asked_us >= SILENT_US) {
		err_set(&e, ERR_DISK, "the archive %.160s does not answer", a->text);
		a->can_land = false;
		set_trouble(r, &e);
	}
	loop_timer_start(r->loop, a->timer, a->trouble.kind != ERR_NONE || r->is_full ? LOOK_SOON_US : LOOK_US, 0);
	if (a->trouble.kind != ERR_NONE)
		tell_curious(r);
}

/* Its own folder is always there, as is where files for object storage land first. */
static void
install(struct rushes *r, struct haul_target *target, const char *text)
{
	struct rushes_archive *a = &r->archive;

	str_copy(a->text, sizeof a->text, text);
	a->target = target;
	a->asked_us = 0;
	a->is_known = false;
	a->can_land = (target == NULL && is_object_storage(text)) || (target != NULL && haul_target_anchor(target) == NULL);
	loop_timer_start(r->loop, a->timer, 0, 0);
}

void
rushes_archive_open(struct rushes *r)
{
	struct rushes_archive *a = &r->archive;
	const char *text = sphere_manifest(r->sphere)->archive_target;

	a->timer = loop_timer_new(r->loop, on_timer, r);
	install(r, open_target(r, text, &a->trouble), text);
	if (a->target != NULL)
		return;
	bus_tell(r->bus, EV_NOTICE, NULL, "the archive %s cannot be had: %s", text, a->trouble.text);
	rushes_tell_archive(r);
}

void
rushes_archive_close(struct rushes *r)
{
	struct rushes_archive *a = &r->archive;

	rushes_copies_stop(r, true);
	if (a->change != NULL) {
		a->change->rushes = NULL;
		haul_target_free(a->change->target);
		a->change->target = NULL;
		if (!a->change->is_writing)
			free(a->change);
	}
	haul_target_free(a->target);
	loop_timer_free(r->loop, a->timer);
}

/* ---- Which take goes where ---- */

/* Something of it is home, or there is nothing to bring. */
static bool
is_settled(const struct take *t)
{
	int parts = 0;

	for (int i = 0; i < t->device_count; i++) {
		parts += t->devices[i].part_count;
		for (int k = 0; k < t->devices[i].part_count; k++)
			if (t->devices[i].parts[k].state == TAKE_FETCHED || t->devices[i].parts[k].state == TAKE_VERIFIED)
				return true;
	}
	return parts == 0 && take_is_over(t);
}

void
rushes_archive_bind(struct rushes *r, const struct take *t)
{
	const struct rushes_archive *a = &r->archive;
	char archive[sizeof t->archive] = "";

	if (a->change != NULL || is_settled(t) || (a->target == NULL && !is_object_storage(a->text)))
		return;
	if (a->target != NULL && haul_target_anchor(a->target) != NULL)
		haul_target_archive(a->target, t->take, archive, sizeof archive);
	if (strcmp(archive, t->archive) == 0)
		return;
	rushes_forget_take(r, t->take);
	recordall_set_archive(r->recordall, t->take, archive);
}

void
rushes_folder(const struct rushes *r, const struct take *t, char *out, size_t out_size)
{
	char relative[64];

	if (t->archive[0] == '/') {
		str_copy(out, out_size, t->archive);
		return;
	}
	snprintf(relative, sizeof relative, "takes/%.16s", t->take);
	sphere_path(r->sphere, out, out_size, relative);
}

bool
rushes_archive_landing(const struct rushes *r, const struct take *t, struct rushes_landing *out)
{
	const struct rushes_archive *a = &r->archive;
	char today[sizeof t->archive] = "", *slash;

	rushes_folder(r, t, out->folder, sizeof out->folder);
	out->anchor[0] = '\0';
	if (t->archive[0] != '/')
		return a->change == NULL || is_settled(t);
	str_copy(today, sizeof today, t->archive);
	slash = strrchr(today, '/');
	*slash = '\0';			/* the folder of the Sphere, where its mark is */
	haul_anchor_path(today, out->anchor, sizeof out->anchor);
	if (a->target != NULL)
		haul_target_archive(a->target, t->take, today, sizeof today);
	return strcmp(today, t->archive) != 0 || a->can_land;
}

/* ---- Another one ---- */

static void
change_end(struct rushes_change *c, const struct err *e)
{
	struct rushes *r = c->rushes;

	if (r != NULL) {
		r->archive.change = NULL;
		loop_timer_start(r->loop, r->archive.timer, 0, 0);
		rushes_look_soon(r);
		if (c->done != NULL)
			c->done(c->arg, e, c->sentence);
	}
	free(c);
}

static void
change_durable(void *arg, const struct err *e)
{
	struct rushes_change *c = arg;
	struct rushes *r = c->rushes;

	if (r != NULL && e->kind == ERR_NONE) {
		rushes_copies_stop(r, true);
		haul_target_free(r->archive.target);
		r->archive.trouble.kind = ERR_NONE;
		install(r, c->target, c->text);
		r->archive.can_land = true;
		r->archive.is_known = c->free_bytes >= 0;
		r->archive.free_bytes = c->free_bytes;
	} else if (r != NULL) {
		haul_target_free(c->target);
		str_copy(sphere_manifest(r->sphere)->archive_target, sizeof c->was, c->was);
	}
	change_end(c, e);
}

static void
say_room(struct rushes_change *c, const struct err *e)
{
	char where[200], room[48] = "", free_text[16];

	haul_target_archive(c->target, "", where, sizeof where);
	where[strcspn(where, "?")] = '\0';
	if (strlen(where) > 0 && where[strlen(where) - 1] == '/')
		where[strlen(where) - 1] = '\0';
	if (c->free_bytes >= 0) {
		str_bytes(free_text, sizeof free_text, c->free_bytes);
		snprintf(room, sizeof room, "%s free%s", free_text, haul_target_is_remote(c->target) ? " where they land first" : "");
	}
	snprintf(c->sentence, sizeof c->sentence, "files go to %s%s%s%s%.100s", where, room[0] != '\0' ? ", " : "", room,
	    e->kind != ERR_NONE ? "; it does not answer now, and is tried again: " : "", e->kind != ERR_NONE ? e->text : "");
}

/* Only of object storage: that it does not answer may pass. */
static void
on_begun(void *arg, int64_t free_bytes, const struct err *e)
{
	struct rushes_change *c = arg;
	struct manifest *m = sphere_manifest(c->rushes->sphere);

	if (e->kind != ERR_NONE && e->kind != ERR_NETWORK) {
		haul_target_free(c->target);
		change_end(c, e);
		return;
	}
	c->free_bytes = free_bytes;
	say_room(c, e);
	str_copy(c->was, sizeof c->was, m->archive_target);
	str_copy(m->archive_target, sizeof m->archive_target, c->text);
	c->is_writing = true;
	scribe_manifest(c->rushes->scribe, change_durable, c);
}

bool
rushes_set_archive(struct rushes *r, const char *text, rushes_archive_fn *done, void *arg, struct err *e)
{
	struct haul_target *target;
	struct rushes_change *c;

	if (strlen(text) >= sizeof c->text)
		return err_set(e, ERR_USAGE, "the archive's name is too long");
	if (r->archive.change != NULL)
		return err_set(e, ERR_REFUSED, "the archive is being changed to %.160s; wait for that", r->archive.change->text);
	target = open_target(r, text, e);
	if (target == NULL)
		return false;
	c = xcalloc(1, sizeof *c);
	c->rushes = r;
	c->target = target;
	c->done = done;
	c->arg = arg;
	str_copy(c->text, sizeof c->text, text);
	r->archive.change = c;
	haul_target_begin(target, on_begun, c);
	tell_curious(r);		/* no look answers before the change is over */
	return true;
}
