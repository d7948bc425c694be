/*
 * root_house.c - builds, wires and tears down what a subcommand needs.
 * Decides nothing about a show: it only knows who needs whom.
 */
#include "root_house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clk.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "app/arm.h"
#include "app/autodirector.h"
#include "app/lookout.h"
#include "app/countdown.h"
#include "app/cuedesk.h"
#include "app/hooks.h"
#include "app/ramps.h"
#include "app/rehearsal.h"
#include "app/settings.h"
#include "io/loop_uv.h"
#include "root.h"
#include "root_fleet.h"

#define POOL_THREADS 4
#define FAREWELL_US 700000LL
#define STOPPING_US 5000000LL		/* for cameras that said they stop, until they said they have, or that they never began */
#define FAREWELL_POLL_US 5000LL

/* ---- Settings ---- */

static bool
house_settings(struct root_house *h, const struct root_opts *o, struct err *e)
{
	h->settings = opt_set_new(settings_table);
	for (int i = 0; i < o->settings.count; i++) {
		const char *text = o->settings.items[i], *equals = strchr(text, '=');
		char *name = xstrndup(text, (size_t)(equals - text));
		bool ok = opt_assign(h->settings, name, equals + 1, e);

		free(name);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- The Sphere's part ---- */

static void
house_torn(void *arg, const char *sentence)
{
	struct root_house *h = arg;

	root_list_add(&h->torn, sentence);
}

/* Takes that a crash or an earlier console left rolling are carried on. */
static void
house_adopt_takes(struct root_house *h)
{
	int count = 0;
	struct take *takes = sphere_load_takes(h->sphere, &count);

	for (int i = 0; i < count; i++)
		recordall_adopt(h->deck.recordall, &takes[i]);
	free(takes);
	h->resumed = recordall_is_rolling(h->deck.recordall);
}

/* The buses as they were, when this console takes a rolling show over; an ended show left no light on. */
static void
house_restore_buses(struct root_house *h)
{
	char path[4096], program[ID_BYTES], preview[ID_BYTES];

	sphere_path(h->sphere, path, sizeof path, "sidecars/cuts.jsonl");
	if (h->resumed && director_read_last(path, program, preview))
		director_restore(h->deck.director, program[0] != '\0' ? program : NULL, preview[0] != '\0' ? preview : NULL);
	sphere_path(h->sphere, path, sizeof path, "sidecars/timebase.jsonl");
	if (h->resumed)
		(void)metro_restore(h->deck.metro, path);
}

/* What the show was going towards when its console ended. */
static void
house_countdown(struct root_house *h)
{
	char path[4096];

	h->deck.countdown = countdown_new(h->deck.scribe, h->bus, h->deck.clk);
	sphere_path(h->sphere, path, sizeof path, "sidecars/markers.jsonl");
	countdown_restore(h->deck.countdown, path);
}

/* A sheet and a rehearsal are the same each time; a show at the desk need not be. */
static uint64_t
house_seed(const struct root_house *h, const struct root_opts *o)
{
	return (uint64_t)(o->sub == ROOT_CONSOLE ? h->begun_utc_us : o->seed);
}

static void
house_name(struct root_house *h, const char *name)
{
	struct manifest *m = sphere_manifest(h->sphere);
	char clean[MAX_NAME_BYTES];

	str_clean(clean, sizeof clean, name, strlen(name), MAX_NAME_CELLS);
	if (strcmp(clean, m->name) == 0)
		return;
	str_copy(m->name, sizeof m->name, clean);
	scribe_manifest(h->deck.scribe, NULL, NULL);
}

static bool
house_not_armed(void *arg, const char *node, char *out, size_t out_size)
{
	return arm_why(&((struct root_house *)arg)->deck, node, out, out_size);
}

/* A path below here is one the user sees; the Sphere keeps it whole. */
static char *
archive_text(const char *text)
{
	char here[4096];

	if (text[0] == '/' || strcmp(text, "takes") == 0 || str_has_prefix(text, "s3:") || getcwd(here, sizeof here) == NULL)
		return xstrdup(text);
	while (text[0] == '.' && text[1] == '/')
		text += 2 + strspn(text + 2, "/");
	return xasprintf("%s/%s", here, text);
}

/* The show goes on without it; what was to go there alone does not. */
static void
house_archived(void *arg, const struct err *e, const char *text)
{
	struct root_house *h = arg;

	(void)text;
	if (e->kind == ERR_NONE)
		return;
	root_complain("--archive: %s", e->text);
	h->archive_refused = true;
	vitals_alarm(h->deck.vitals, NULL, "%s; files go to %s", e->text, rushes_archive(h->deck.rushes));
	if (h->needs_archive)
		loop_stop(h->loop);
}

static bool
house_archive(struct root_house *h, const struct root_opts *o, struct err *e)
{
	char *text = o->archive != NULL ? archive_text(o->archive) : NULL;
	bool ok = true;

	h->needs_archive = o->sub == ROOT_FETCH;
	if (text != NULL && strcmp(text, rushes_archive(h->deck.rushes)) != 0)
		ok = rushes_set_archive(h->deck.rushes, text, house_archived, h, e);
	free(text);
	return ok;
}

static bool
house_hooks(struct root_house *h, const struct root_opts *o, struct err *e)
{
	struct deck *d = &h->deck;
	char *whole = realpath(sphere_folder(h->sphere), NULL);		/* whoever hears of it may be elsewhere */
	const struct hooks_parts parts = { .loop = h->loop, .http = h->http, .crew = h->crew, .bus = h->bus, .vitals = d->vitals,
		.director = d->director, .clk = d->clk, .settings = h->settings,
		.sphere = whole != NULL ? whole : sphere_folder(h->sphere), .is_rehearsal = o->sub == ROOT_REHEARSE };

	d->hooks = hooks_new(&parts);
	free(whole);
	for (int i = 0; i < o->hooks.count; i++)
		if (!hooks_add(d->hooks, o->hooks.items[i], e))
			return false;
	for (int i = 0; i < o->ons.count; i++)
		if (!hooks_add_on(d->hooks, o->ons.items[i], e))
			return false;
	return true;
}

/* With cameras that were started for it: what they are told goes to their process. */
static void
house_rehearsal(struct root_house *h, const struct root_opts *o)
{
	struct deck *d = &h->deck;
	const struct rehearsal_parts parts = { .loop = h->loop, .crew = h->crew, .bus = h->bus, .scribe = d->scribe,
		.recordall = d->recordall, .tell = root_fleet_tell, .arg = o->fleet, .with_cameras = o->with_cameras };

	if (o->fleet == NULL)
		return;
	d->rehearsal = rehearsal_new(&parts);
	for (int i = 0; i < o->fleet->count; i++)
		rehearsal_add(d->rehearsal, o->fleet->ids[i], i + 1);
}

/* Whoever writes to the folder, on top of whoever talks to the cameras. */
static bool
house_show(struct root_house *h, const struct root_opts *o, struct err *e)
{
	struct deck *d = &h->deck;
	struct err claims = { .kind = ERR_NONE };

	if (sphere_notice(h->sphere)[0] != '\0')
		root_list_add(&h->torn, sphere_notice(h->sphere));
	d->scribe = scribe_new(h->loop, h->diskq, h->sphere, h->crew, h->bus, d->clk, house_torn, h, e);
	if (d->scribe == NULL)
		return false;
	d->fanout = fanout_new(h->loop, h->crew, h->bus);
	scribe_watch(d->scribe, &h->disk_refused);
	d->claims = claims_new(h->loop, h->crew, d->fanout, d->scribe, h->sphere, h->bus, h->settings, &claims);
	if (claims.kind == ERR_FORMAT)
		root_list_add(&h->torn, claims.text);
	d->recordall = recordall_new(h->loop, h->crew, d->fanout, h->bus, d->scribe, h->sphere, d->clk, h->settings);
	d->metro = metro_new(h->loop, h->bus, d->scribe, d->clk, h->settings, o->speed);
	d->director = director_new(h->loop, h->crew, d->fanout, h->bus, d->scribe, d->clk, h->settings);
	director_set_clock(d->director, d->metro);
	h->lookout = d->preview != NULL ? lookout_new(d->preview, d->director, h->bus) : NULL;
	d->ramps = ramps_new(h->loop);
	d->autodirector = autodirector_new(h->loop, h->crew, d->director, d->metro, h->bus, d->clk, h->settings, house_seed(h, o));
	d->cuedesk = (o->sub & (ROOT_CONSOLE | ROOT_REHEARSE | ROOT_RUN)) != 0 ? cuedesk_new(d, o->speed, house_seed(h, o)) : NULL;
	house_countdown(h);
	if (!house_hooks(h, o, e))
		return false;
	recordall_set_arm(d->recordall, house_not_armed, h);
	house_rehearsal(h, o);
	house_adopt_takes(h);
	d->rushes = rushes_new(h->loop, h->crew, d->recordall, d->scribe, h->sphere, h->bus, h->settings, NULL);
	rushes_set_bearer(d->rushes, claims_bearer_of, d->claims);
	d->purge = purge_new(h->loop, h->crew, d->fanout, d->claims, d->recordall, d->rushes, d->scribe);
	d->wrap = wrap_new(h->loop, h->crew, d->scribe, h->sphere, d->clk);
	house_restore_buses(h);
	if (o->name != NULL)
		house_name(h, o->name);
	for (int i = 0; i < h->torn.count; i++)
		vitals_alarm(d->vitals, NULL, "%s", h->torn.items[i]);
	return house_archive(h, o, e);
}

/* ---- Building ---- */

static void
house_remember(struct root_house *h, unsigned with)
{
	sphere_fill_registry(h->sphere, h->registry);
	for (size_t i = 0; (with & ROOT_HOUSE_FORGETS_ADDRESSES) != 0 && i < registry_count(h->registry); i++)
		registry_at(h->registry, i)->address_count = 0;
}

static bool
house_build(struct root_house *h, const struct root_opts *o, const char *folder, unsigned with, struct err *e)
{
	struct deck *d = &h->deck;

	if (!house_settings(h, o, e))
		return false;
	if (folder != NULL) {
		h->sphere = sphere_open(folder, o->name != NULL ? o->name : "", clk_utc_us(clk_system()), e);
		if (h->sphere == NULL)
			return false;
	}
	h->loop = loop_uv_new(POOL_THREADS);
	h->timer = NULL;
	h->http = http_new(h->loop);
	h->bus = bus_new();
	h->registry = registry_new();
	if (h->sphere != NULL)
		house_remember(h, with);
	else if (o->sub == ROOT_NODES && o->sphere != NULL && !sphere_peek(o->sphere, h->registry, e))
		return false;
	h->crew = crew_new(h->loop, h->http, h->registry, h->bus, clk_system(), h->settings);
	*d = (struct deck){ .loop = h->loop, .clk = clk_system(), .settings = h->settings, .bus = h->bus, .crew = h->crew,
		.sphere = h->sphere };
	d->vitals = vitals_new(h->loop, h->crew, h->bus, d->clk, h->settings);
	if ((with & ROOT_HOUSE_PICTURES) != 0)
		d->preview = preview_new(h->loop, h->crew, h->bus, h->settings);
	d->player = player_new(h->loop, h->settings);
	h->diskq = diskq_new(h->loop);
	return h->sphere == NULL || house_show(h, o, e);
}

bool
root_house_open(struct root_house *h, const struct root_opts *o, const char *folder, unsigned with, struct err *e)
{
	memset(h, 0, sizeof *h);
	h->begun_utc_us = clk_utc_us(clk_system());
	if (house_build(h, o, folder, with, e))
		return true;
	root_house_close(h);
	root_house_fini(h);
	return false;
}

void
root_house_stage(struct root_house *h, const struct stage *stage)
{
	h->deck.stage = stage;
	h->cmdq = cmdq_new(&h->deck);
	if (h->deck.cuedesk != NULL)
		cuedesk_connect(h->deck.cuedesk, h->cmdq);
}

static void
house_put(void *arg, const char *lines, size_t len)
{
	lineout_say(arg, lines, len);
}

static void
house_lost(void *arg, unsigned long lines)
{
	stage_text_lost(((struct root_house *)arg)->text, lines, clk_utc_us(clk_system()));
}

/* Without a screen nobody sees how cameras are looked for: a way that does not work is told, once. */
static void
house_source_news(void *arg, const struct bus_event *ev)
{
	struct root_house *h = arg;

	for (int i = 0; !h->source_told && ev->text != NULL && i < crew_source_count(h->crew); i++) {
		const struct crew_source *s = crew_source_at(h->crew, i);

		if (s->working || strcmp(s->sentence, ev->text) != 0)
			continue;
		h->source_told = true;
		root_complain("%s", s->sentence);
	}
}

void
root_house_text(struct root_house *h, const struct root_opts *o, void (*quit)(void *arg, int status), void *arg)
{
	struct stage_text_out out = { .put = house_put };

	fflush(stdout);
	out.arg = h->out = lineout_new(h->loop, STDOUT_FILENO, house_lost, h);
	h->text = stage_text_new(&out, o->json, h->bus, h->crew, quit, arg);
	if (o->tap && !o->json)
		stage_text_tap(h->text);
	root_house_stage(h, stage_text_stage(h->text));
	bus_listen(h->bus, EV_NOTICE, house_source_news, h);
	for (int i = 0; i < h->torn.count; i++)
		root_complain("%s", h->torn.items[i]);
}

/* ---- The end ---- */

static bool
house_is_stopping(const struct root_house *h)
{
	const struct take *t = recordall_newest(h->deck.recordall);

	for (int i = 0; t != NULL && i < t->device_count; i++)
		if (t->devices[i].state == TAKE_STOPPING)
			return true;
	return false;
}

static void
farewell_look(void *arg)
{
	struct root_house *h = arg;
	int64_t since_us = loop_now_us(h->loop) - h->farewell_us;
	bool is_busy = fanout_open_count(h->deck.fanout) > 0 || (h->cmdq != NULL && cmdq_pending(h->cmdq) > 0) ||
	    hooks_busy(h->deck.hooks);

	if ((is_busy && since_us < FAREWELL_US) || (house_is_stopping(h) && since_us < STOPPING_US))
		return;
	loop_stop(h->loop);
}

static void
sheet_look(void *arg)
{
	struct root_house *h = arg;
	struct cuedesk_word w;

	cuedesk_say(h->deck.cuedesk, &w);
	if (!w.playing)
		loop_stop(h->loop);
}

/* However a sheet ends, its finally lines run: the player gives each its time, and whoever stops the loop again cuts them short. */
static void
house_end_sheet(struct root_house *h)
{
	struct err ignored = { .kind = ERR_NONE };

	if (h->deck.cuedesk == NULL || !cuedesk_stop(h->deck.cuedesk, &ignored))
		return;
	h->timer = loop_timer_new(h->loop, sheet_look, h);
	loop_timer_start(h->loop, h->timer, 0, FAREWELL_POLL_US);
	loop_run(h->loop);
	loop_timer_free(h->loop, h->timer);
	h->timer = NULL;
}

void
root_house_farewell(struct root_house *h, bool releases)
{
	house_end_sheet(h);
	if (releases)
		director_release(h->deck.director);
	h->farewell_us = loop_now_us(h->loop);
	h->timer = loop_timer_new(h->loop, farewell_look, h);
	loop_timer_start(h->loop, h->timer, 0, FAREWELL_POLL_US);
	loop_run(h->loop);
	loop_timer_free(h->loop, h->timer);
	h->timer = NULL;
}

/* By the node's own word; of one that is silent, what the take knows: a phone may roll on alone. */
static bool
house_rolls(const struct root_house *h, const struct take_device *d)
{
	const struct crew_member *m = crew_find(h->crew, d->node);

	if (d->state != TAKE_STARTING && d->state != TAKE_RECORDING && d->state != TAKE_STOPPING)
		return false;
	if (m == NULL || m->link != HEALTH_LIVE || !m->track.last.has_recording)
		return true;
	return m->track.last.recording.state == NODE_REC_STARTING || m->track.last.recording.state == NODE_REC_RECORDING ||
	    m->track.last.recording.state == NODE_REC_STOPPING;
}

/* "left,wide": who rolls. */
static int
house_rolling(const struct root_house *h, const struct take *t, char *out, size_t out_size)
{
	int rolling = 0;

	out[0] = '\0';
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];
		const struct registry_node *n = registry_find(h->registry, d->node);
		char word[2 * MAX_NAME_BYTES];

		if (!house_rolls(h, d))
			continue;
		str_word(word, sizeof word, n != NULL ? registry_name(n) : d->label[0] != '\0' ? d->label : d->node);
		snprintf(out + strlen(out), out_size - strlen(out), "%s%s", rolling++ > 0 ? "," : "", word);
	}
	return rolling;
}

struct receipts { struct root_house *h; bool is_fetch; };

/* Of what this run rolled, or what was to be brought home; an older take had its receipt then. */
static void
house_receipt(void *arg, const struct take *t)
{
	const struct receipts *to = arg;
	const bool is_ours = t->started_us >= to->h->begun_utc_us || t->stopped_us >= to->h->begun_utc_us;
	int on_cameras = 0;
	char line[2048];

	/* One that nobody rolls any more and that has no end yet has its receipt, too: it names who is missing. */
	if ((!to->is_fetch && !is_ours) || (!take_is_over(t) && house_rolling(to->h, t, line, sizeof line) > 0))
		return;
	rushes_receipt_line(to->h->deck.rushes, t, line, sizeof line);
	if (to->is_fetch)
		stage_text_receipt(to->h->text, t->take, line);
	else
		root_complain("%s", line);
	for (int i = 0; i < t->device_count; i++)
		on_cameras += t->devices[i].reached[TAKE_SAVED] && !t->devices[i].reached[TAKE_FETCHED];
	if (on_cameras > 0 && is_ours)
		root_complain("take %s: the files of %d camera%s are on the cameras only: livedirector fetch %s", t->take, on_cameras,
		    on_cameras == 1 ? "" : "s", sphere_folder(to->h->sphere));
}

/* Also of a take before the newest: one that was lost with its stop open has no receipt, and is named here. */
static void
house_still_rolling(void *arg, const struct take *t)
{
	struct root_house *h = arg;
	char names[1024];

	if (house_rolling(h, t, names, sizeof names) == 0)
		return;
	if (h->text != NULL)
		bus_tell(h->bus, EV_STILL_ROLLING, NULL, "%s %s", t->take, names);
	else
		root_complain("still rolling: %s %s", t->take, names);
}

void
root_house_last_words(struct root_house *h, bool is_fetch)
{
	struct receipts to = { h, is_fetch };

	if (h->deck.recordall == NULL)
		return;
	if (h->deck.rushes != NULL)
		recordall_each(h->deck.recordall, house_receipt, &to);
	recordall_each(h->deck.recordall, house_still_rolling, h);
}

/* Callbacks into the queue's tickets end with fanout, director, recordall and the disk: only then it may go. */
void
root_house_close(struct root_house *h)
{
	struct deck *d = &h->deck;

	netif_watch_free(h->watch);
	h->watch = NULL;
	cuedesk_free(d->cuedesk);
	hooks_free(d->hooks);
	autodirector_free(d->autodirector);
	countdown_free(d->countdown);
	lookout_free(h->lookout);
	h->lookout = NULL;
	director_free(d->director);
	ramps_free(d->ramps);
	metro_free(d->metro);
	wrap_free(d->wrap);
	purge_free(d->purge);
	rushes_free(d->rushes);
	rehearsal_free(d->rehearsal);
	d->rehearsal = NULL;
	recordall_free(d->recordall);
	claims_free(d->claims);
	fanout_free(d->fanout);
	preview_free(d->preview);
	player_free(d->player);
	vitals_free(d->vitals);
	scribe_free(d->scribe);
	diskq_free(h->diskq);
	if (h->disk_refused)
		root_complain("the disk did not take all of it: what was told is not written down in whole (livedirector verify says what)");
	d->cuedesk = NULL;
	d->hooks = NULL;
	d->autodirector = NULL;
	d->countdown = NULL;
	d->director = NULL;
	d->ramps = NULL;
	d->metro = NULL;
	d->wrap = NULL;
	d->purge = NULL;
	d->rushes = NULL;
	d->recordall = NULL;
	d->claims = NULL;
	d->fanout = NULL;
	d->preview = NULL;
	d->player = NULL;
	d->vitals = NULL;
	d->scribe = NULL;
	h->diskq = NULL;
	cmdq_free(h->cmdq);
	h->cmdq = NULL;
}

bool
root_house_fini(struct root_house *h)
{
	bool is_all_said = lineout_free(h->out);

	stage_text_free(h->text);
	crew_free(h->crew);
	http_free(h->http);
	sphere_close(h->sphere);
	registry_free(h->registry);
	bus_free(h->bus);
	opt_set_free(h->settings);
	if (h->loop != NULL)
		loop_free(h->loop);
	for (int i = 0; i < h->torn.count; i++)
		free(h->torn.items[i]);
	free(h->torn.items);
	memset(h, 0, sizeof *h);
	return is_all_said;
}
