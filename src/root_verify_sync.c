/*
 * root_verify_sync.c - `verify --sync TAKE`: tells what was measured of a take's claps, as a table or as one JSON object.
 * Owns nothing but the printing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "app/verify_sync.h"
#include "base/str.h"
#include "io/jdoc.h"
#include "root.h"
#include "root_opts.h"
#include "root_verify.h"

struct syncing {
	const struct root_opts *opts;
	struct loop *loop;
	int status;
};

/* ---- As JSON ---- */

static void
set_us(struct jdoc *j, const char *key, bool known, int64_t us)
{
	if (known)
		jdoc_set_int(j, key, us);
	else
		jdoc_set_null(j, key);
}

static struct jdoc *
json_angle(const struct verify_sync_angle *a)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "node", a->node);
	set_us(j, "number", a->number > 0, a->number);
	jdoc_set_text(j, "label", a->name[0] != '\0' ? a->name : NULL);
	set_us(j, "part", a->part > 0, a->part);
	jdoc_set_int(j, "clockUs", a->clock_us);
	set_us(j, "boundUs", a->bound_us >= 0, a->bound_us);
	set_us(j, "flashUs", a->has_flash, a->flash_us);
	set_us(j, "beepUs", a->has_beep, a->beep_us);
	set_us(j, "frameUs", a->frame_us > 0, a->frame_us);
	jdoc_set_text(j, "why", a->why[0] != '\0' ? a->why : NULL);
	return j;
}

static struct jdoc *
json_clap(const struct verify_sync_clap *c)
{
	struct jdoc *j = jdoc_object(), *angles = jdoc_array();

	jdoc_set_text(j, "name", c->name);
	jdoc_set_int(j, "timeUs", c->at_us);
	set_us(j, "flashApartUs", c->flash_apart_us >= 0, c->flash_apart_us);
	set_us(j, "beepApartUs", c->beep_apart_us >= 0, c->beep_apart_us);
	set_us(j, "frameUs", c->frame_us > 0, c->frame_us);
	jdoc_set_bool(j, "ok", c->is_good);
	for (int i = 0; i < c->angle_count; i++)
		jdoc_set(angles, NULL, json_angle(&c->angles[i]));
	jdoc_set(j, "angles", angles);
	return j;
}

static void
print_json(const struct verify_sync_report *r, bool good)
{
	struct jdoc *j = jdoc_object(), *claps = jdoc_array();
	char *text;

	jdoc_set_bool(j, "ok", good);
	jdoc_set_text(j, "take", r->take);
	for (int i = 0; i < r->clap_count; i++)
		jdoc_set(claps, NULL, json_clap(&r->claps[i]));
	jdoc_set(j, "claps", claps);
	text = jdoc_print(j);
	puts(text);
	free(text);
	jdoc_free(j);
}

/* ---- As a table ---- */

static void
print_ms(bool known, int64_t us)
{
	if (known)
		printf(" %+9.1f", (double)us / 1e3);
	else
		printf(" %9s", "-");
}

static void
print_angle(const struct verify_sync_clap *c, const struct verify_sync_angle *a)
{
	char name[MAX_NAME_BYTES + 16], cut[160];

	snprintf(name, sizeof name, "cam%d%s%s", a->number, a->name[0] != '\0' ? " " : "", a->name);
	str_cut(cut, sizeof cut, name, 22);
	printf("  %s%*s", cut, 22 - str_cells(cut), "");
	print_ms(true, a->clock_us - c->at_us);
	if (a->bound_us >= 0)
		printf(" %8.1f", (double)a->bound_us / 1e3);
	else
		printf(" %8s", "-");
	print_ms(a->has_flash, a->flash_us - c->at_us);
	print_ms(a->has_flash, a->flash_us - a->clock_us);
	print_ms(a->has_beep, a->beep_us - c->at_us);
	print_ms(a->has_beep, a->beep_us - a->clock_us);
	printf("%s%s\n", a->why[0] != '\0' ? "  " : "", a->why);
}

static void
print_clap(const struct verify_sync_report *r, int at)
{
	const struct verify_sync_clap *c = &r->claps[at];
	time_t second = (time_t)(c->at_us / 1000000);
	struct tm utc;

	gmtime_r(&second, &utc);
	printf("take %s, %s %d of %d at %02d:%02d:%02d.%03d UTC (ms)\n", r->take, c->name, at + 1, r->clap_count, utc.tm_hour, utc.tm_min,
	    utc.tm_sec, (int)(c->at_us % 1000000 / 1000));
	printf("  %-22s %9s %8s %9s %9s %9s %9s\n", "", "clock", "bound +-", "flash", "off", "beep", "off");
	for (int i = 0; i < c->angle_count; i++)
		print_angle(c, &c->angles[i]);
	if (c->flash_apart_us >= 0)
		printf("  pictures: at most %.1f ms apart that the clocks do not explain; a frame is %.1f ms: %s\n", (double)c->flash_apart_us / 1e3,
		    (double)c->frame_us / 1e3, c->is_good ? "they agree" : c->is_measured ? "they do not agree" : "not all were measured");
	if (c->beep_apart_us >= 0)
		printf("  sounds: at most %.1f ms apart that the clocks do not explain\n", (double)c->beep_apart_us / 1e3);
}

static void
syncing_done(void *arg, const struct verify_sync_report *r)
{
	struct syncing *w = arg;
	bool good = true;

	for (int i = 0; i < r->clap_count; i++)
		good = good && r->claps[i].is_good;
	if (w->opts->json)
		print_json(r, good);
	for (int i = 0; i < r->clap_count && !w->opts->json; i++)
		print_clap(r, i);
	w->status = good ? ROOT_OK : ROOT_FAILED;
	loop_stop(w->loop);
}

int
root_verify_sync(const struct root_opts *o, struct loop *loop, const char *folder)
{
	struct syncing w = { .opts = o, .loop = loop, .status = ROOT_ENVIRONMENT };
	struct err e = { .kind = ERR_NONE };
	struct verify_sync *s = verify_sync_open(loop, folder, o->sync, syncing_done, &w, &e);

	if (s == NULL) {
		root_complain("%s", e.text);
		return e.kind == ERR_NOT_FOUND ? ROOT_FAILED : root_status_of(&e);
	}
	loop_run(loop);
	verify_sync_close(s);
	return w.status;
}
