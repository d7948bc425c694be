/*
 * scene.c - a made-up show for tests of screens.  Plain values only.
 */
#include "tests/support/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define SECOND_US INT64_C(1000000)
#define NOW_US (INT64_C(1763755951) * SECOND_US)	/* 2025-11-21 20:12:31 UTC */

static struct show_tile *
add(struct show *s, const char *name)
{
	struct show_tile *t = &s->tiles[s->tile_count++];

	memset(t, 0, sizeof *t);
	t->number = s->tile_count;
	snprintf(t->id, sizeof t->id, "node-%d", t->number);
	str_copy(t->name, sizeof t->name, name);
	t->link = HEALTH_LIVE;
	t->heard_utc_us = NOW_US;
	t->rec_elapsed_us = t->stopped_since_us = t->out_since_us = -1;
	t->storage_minutes = 240 - 13 * (t->number % 9);
	t->has_battery = true;
	t->battery_percent = 40 + t->number * 7 % 60;
	t->has_audio = true;
	t->peak_dbfs = -12 - 3 * (t->number % 8);
	t->rms_dbfs = t->peak_dbfs - 9;
	t->fps = 30;
	t->zoom = 1;
	t->clock_bound_us = 900;
	t->picture_utc_us = NOW_US;
	str_copy(t->path, sizeof t->path, "lan");
	str_copy(t->model, sizeof t->model, "iPhone17,2");
	snprintf(t->address, sizeof t->address, "10.0.0.%d:8081", 10 + t->number);
	return t;
}

static void
read_out(struct show_tile *t, int battery, int storage_minutes, double peak_dbfs)
{
	t->battery_percent = battery;
	t->storage_minutes = storage_minutes;
	t->peak_dbfs = peak_dbfs;
}

static void
roll(struct show_tile *t)
{
	t->rec = HEALTH_REC_RECORDING;
	t->rec_elapsed_us = 751 * SECOND_US;
}

static void
put_on_buses(struct show *s, int program, int preview)
{
	s->tiles[program].light = SHOW_PROGRAM;
	s->tiles[preview].light = SHOW_PREVIEW;
	str_copy(s->program, sizeof s->program, s->tiles[program].id);
	str_copy(s->preview, sizeof s->preview, s->tiles[preview].id);
	s->shot_us = 14 * SECOND_US;
}

static void
add_log(struct show *s, int64_t ago_s, const char *node, const char *topic, const char *text)
{
	struct show_log *l = &s->log[s->log_count++];

	l->utc_us = NOW_US - ago_s * SECOND_US;
	str_copy(l->node, sizeof l->node, node);
	str_copy(l->topic, sizeof l->topic, topic);
	str_copy(l->text, sizeof l->text, text);
}

static void
add_alarm(struct show *s, int64_t ago_s, const char *text, const char *brief)
{
	struct show_alarm *a = &s->alarms[s->alarm_count++];

	a->utc_us = NOW_US - ago_s * SECOND_US;
	str_copy(a->text, sizeof a->text, text);
	str_copy(a->brief, sizeof a->brief, brief);
	s->alarm_total++;
}

/* ---- the scenes ---- */

static void
stop_by_heat(struct show_tile *t)
{
	t->stopped_unasked = true;
	t->stopped_after_us = 718 * SECOND_US;
	t->stopped_since_us = 33 * SECOND_US;
	t->has_audio = false;
	str_copy(t->stop_reason, sizeof t->stop_reason, "heat");
	str_copy(t->why, sizeof t->why, "heat");
	str_copy(t->thermal, sizeof t->thermal, "critical");
	str_copy(t->roles, sizeof t->roles, "backup");
}

static void
lose(struct show_tile *t)
{
	t->link = HEALTH_LOST;
	t->silent_us = t->link_since_us = t->picture_age_us = 12 * SECOND_US;
	t->heard_utc_us = t->picture_utc_us = NOW_US - 12 * SECOND_US;
	str_copy(t->why, sizeof t->why, "no word for 12 s; trying Tailscale");
}

static void
take_out(struct show_tile *t)
{
	t->out = true;
	t->out_since_us = 130 * SECOND_US;
	str_copy(t->why, sizeof t->why, "out: \"battery swap\" (operator)");
}

static void
only_view(struct show_tile *t)
{
	t->view_only = true;
	t->has_battery = t->has_audio = false;
	t->storage_minutes = -1;
	str_copy(t->why, sizeof t->why, "record: not offered");
}

static void
fill_troubles(struct show *s)
{
	struct show_tile *t;

	read_out(t = add(s, "left guest"), 81, 214, -20);
	t->zoom = 2;
	read_out(add(s, "right guest"), 64, 188, -24);
	read_out(t = add(s, "host"), 77, 201, -2);
	t->clip_utc_us = NOW_US - 22 * SECOND_US;
	read_out(t = add(s, "wide"), 100, 540, -51);
	t->charging = true;
	str_copy(t->roles, sizeof t->roles, "SAFE");
	for (int i = 0; i < 4; i++)
		roll(&s->tiles[i]);
	read_out(t = add(s, "top"), 58, 96, -20);
	stop_by_heat(t);
	take_out(add(s, "room"));
	read_out(t = add(s, "door"), 41, 77, -20);
	lose(t);
	only_view(add(s, "desk cam"));
}

/* What view arm says of the tiles: one has little storage, the rest are as the tiles are. */
static void
fill_arm(struct show *s)
{
	struct arm_sheet *a = &s->arm;

	for (a->node_count = 0; a->node_count < s->tile_count; a->node_count++) {
		const struct show_tile *t = &s->tiles[a->node_count];
		struct arm_node *n = &a->nodes[a->node_count];

		*n = (struct arm_node){ .number = t->number, .counts = !t->out && !t->view_only, .rolls = t->rec == HEALTH_REC_RECORDING,
			.storage_minutes = t->storage_minutes, .has_battery = t->has_battery, .charging = t->charging,
			.battery_percent = t->battery_percent, .clock_known = true, .clock_offset_us = 350123 - 90041 * t->number,
			.clock_bound_us = 900, .width = 1920, .height = 1080, .rate = 30, .first_line = a->line_count };
		str_copy(n->id, sizeof n->id, t->id);
		str_copy(n->name, sizeof n->name, t->name);
		str_copy(n->thermal, sizeof n->thermal, t->thermal[0] != '\0' ? t->thermal : "nominal");
		str_copy(n->auto_lock, sizeof n->auto_lock, "off");
		str_copy(n->claim, sizeof n->claim, "ours");
		a->asked += n->counts;
		a->armed += n->counts;
	}
	str_copy(a->archive, sizeof a->archive, "nas");
	a->archive_free_bytes = INT64_C(3100000000000);
	a->archive_minutes = 1076;
	a->is_armed = true;
}

static void
refuse_arm(struct show *s, int index, enum arm_check check, const char *what, const char *cure)
{
	struct arm_node *n = &s->arm.nodes[index];
	struct arm_line *l = &s->arm.lines[n->first_line = s->arm.line_count++];

	n->line_count = 1;
	n->verdict = l->verdict = ARM_RED;
	l->check = check;
	str_copy(l->what, sizeof l->what, what);
	str_copy(l->cure, sizeof l->cure, cure);
	s->arm.armed--;
	s->arm.is_armed = false;
}

static void
fill_take(struct show *s)
{
	fill_arm(s);
	refuse_arm(s, 4, ARM_HEAT, "heat critical: it may stop by itself", "cool it, or leave it out:  :out 5");
	refuse_arm(s, 6, ARM_LINK, "it is lost, no word for 12 s", "see to its power and network, or leave it out:  :out 7");
	s->idle = false;
	s->rolling = true;
	s->fetch = (struct show_fetch){ .paused = true, .files = 2, .bytes = 212000000, .total_bytes = 1311000000, .left_us = -1 };
	str_copy(s->take, sizeof s->take, "003");
	str_copy(s->slate, sizeof s->slate, "ep12");
	s->take_elapsed_us = 751 * SECOND_US;
	s->rolling_count = 4;
	s->rolling_asked = 6;
	s->stopped_count = s->silent_count = 1;
	s->tally_ok = 5;
	s->tally_asked = 6;
	s->left_minutes = 188;
	str_copy(s->left_name, sizeof s->left_name, "2");
	str_copy(s->last, sizeof s->last, "20:12:17.204  cut 4 wide > 1 left guest  by key (anna)  6/6 in 6.2 ms  on disk");
	s->can_undo = true;
}

/* All that a director may have going at once: a shared clock, a cut that waits for it, a cue that waits for `go`, an end in sight. */
static void
fill_director(struct show *s)
{
	s->beat = (struct show_beat){ .runs = true, .on_link = true, .bpm = 96, .quantum = 4, .beat = 3, .bar = 121, .peers = 2, .alone_us = -1 };
	s->pending = (struct show_pending){ .any = true, .is_bar = true, .number = 2, .name = "right guest", .beats = 2 };
	s->cue = (struct show_cue){ .loaded = true, .playing = true, .waits_go = true, .file = "podcast.cue", .at = 14, .count = 31,
		.next = "on go \"sponsor\"  cut host", .go_text = "sponsor", .next_us = -1 };
	s->countdown = (struct show_countdown){ .any = true, .name = "out", .left_us = 1049 * SECOND_US, .utc_us = NOW_US + 1049 * SECOND_US };
	s->clients = 1;
}

static void
fill_show(struct show *s)
{
	fill_troubles(s);
	put_on_buses(s, 0, 1);
	fill_take(s);
	fill_director(s);
	add_alarm(s, 33, "5 top STOPPED BY ITSELF after 11:58: heat. 713 MB kept on the camera. Cool it, then :record -t top start",
	    "5 top stopped by itself after 11:58: heat; file kept");
	add_alarm(s, 2, "7 door LOST. Was REC when last heard 20:12:19; a phone may roll on alone. Trying its Tailscale path",
	    "7 door LOST, was REC; trying Tailscale");
}

static void
fill_quiet(struct show *s)
{
	static const char *const names[] = { "left guest", "right guest", "host", "wide", "top", "room" };

	for (int i = 0; i < 6; i++)
		add(s, names[i]);
	put_on_buses(s, 0, 1);
	str_copy(s->take, sizeof s->take, "002");
	s->shot_us = 120 * SECOND_US;
	s->tally_ok = s->tally_asked = 6;
	s->left_minutes = 162;
	str_copy(s->left_name, sizeof s->left_name, "6");
	str_copy(s->last, sizeof s->last, "20:11:40.118  preview 2 right guest  by key (anna)  6/6 in 3.9 ms  on disk");
}

static void
fill_rehearsal(struct show *s)
{
	fill_quiet(s);
	s->rehearsal = true;
}

/* Program is lost in a rehearsal that rolls by itself: the worst moment, and nothing of it may hide the rehearsal. */
static void
fill_lost(struct show *s)
{
	fill_show(s);
	s->rehearsal = true;
	lose(&s->tiles[0]);
	s->tiles[0].light = SHOW_PROGRAM;
	s->pending.any = s->cue.waits_go = false;
	s->cue.held = true;
	s->autodirector = (struct show_auto){ .on = true, .yields_us = 8 * SECOND_US };
	s->lost = (struct show_lost){ .any = true, .name = "left guest", .since_us = 2100000, .space = "right guest", .safe = "wide" };
	str_copy(s->last, sizeof s->last, "20:12:17.204  cut 4 wide > 1 left guest  by auto  6/6 in 6.2 ms  on disk");
}

static void
fill_none(struct show *s)
{
	str_copy(s->searching, sizeof s->searching, "Bonjour: looking, nobody has answered yet. sweep: 10.0.0.0/24, 254 addresses asked. "
	    "Type :node add HOST[:PORT] for a camera whose address you know. :view mesh says more");
}

static void
fill_many(struct show *s)
{
	char name[32];

	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof name, "camera %c%d", 'A' + i / 8, i % 8 + 1);
		add(s, name);
	}
	s->tiles[20].link = HEALTH_STALE;
	s->tiles[20].silent_us = 4 * SECOND_US;
	str_copy(s->tiles[20].why, sizeof s->tiles[20].why, "no word for 4 s");
	put_on_buses(s, 2, 39);
	s->left_minutes = 136;
	str_copy(s->left_name, sizeof s->left_name, "8");
}

static void
fill_hostile(struct show *s)
{
	static const char *const names[] = {
		"漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字", "e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87",
		"\x1b[2J\x1b]0;owned\x07", "שלום עולם مرحبا بالعالم", "👩‍👩‍👧‍👦👍🏽🇩🇪", "\xff\xfe\x80" "broken\xc3", "│────█▒ [9] PGM REC 99:99 ─",
		"a\tb\rc\nd", "\xe2\x80\xae" "evil\xe2\x80\xac", "ﷺ﷽𒐫", "",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct show_tile *t = add(s, names[i]);

		str_copy(t->why, sizeof t->why, names[i]);
		str_copy(t->roles, sizeof t->roles, names[(i + 1) % 11]);
		str_copy(t->stop_reason, sizeof t->stop_reason, names[(i + 2) % 11]);
		t->stopped_unasked = i % 2 == 1;
		t->link = i % 5 == 4 ? HEALTH_LOST : HEALTH_LIVE;
		add_alarm(s, 2, names[i], names[(i + 3) % 11]);
		add_log(s, 3, t->id, names[i], names[i]);
	}
	put_on_buses(s, 0, 4);
	str_copy(s->session, sizeof s->session, names[0]);
	str_copy(s->next, sizeof s->next, names[2]);
	s->pending = (struct show_pending){ .any = true, .number = 3, .beats = 9 };
	str_copy(s->pending.name, sizeof s->pending.name, names[0]);
	s->cue = (struct show_cue){ .loaded = true, .playing = true, .waits_go = true, .at = 1, .count = 99999, .next_us = -1 };
	str_copy(s->cue.file, sizeof s->cue.file, names[4]);
	str_copy(s->cue.next, sizeof s->cue.next, names[2]);
	str_copy(s->cue.go_text, sizeof s->cue.go_text, names[3]);
	s->lost = (struct show_lost){ .any = true, .since_us = INT64_C(99) * 3600 * SECOND_US };
	str_copy(s->lost.name, sizeof s->lost.name, names[0]);
	str_copy(s->lost.space, sizeof s->lost.space, names[5]);
	str_copy(s->lost.safe, sizeof s->lost.safe, names[7]);
	s->countdown = (struct show_countdown){ .any = true, .left_us = -INT64_C(99) * 3600 * SECOND_US, .utc_us = NOW_US };
	str_copy(s->countdown.name, sizeof s->countdown.name, names[4]);
	str_copy(s->last, sizeof s->last, names[6]);
	str_copy(s->slate, sizeof s->slate, names[9]);
}

static struct show_file *
add_file(struct show *s, const char *take, int number, const char *name, enum take_state state, const char *word)
{
	struct show_file *f = &s->files[s->file_count++];

	*f = (struct show_file){ .number = number, .state = state, .bytes = -1, .total_bytes = -1, .left_us = -1 };
	str_copy(f->take, sizeof f->take, take);
	str_copy(f->name, sizeof f->name, name);
	str_copy(f->word, sizeof f->word, word);
	s->file_total = s->file_count;
	return f;
}

/* Four roll, one stopped by itself, one was away; of the take before a file is still to come. */
static void
fill_files(struct show *s)
{
	static const char *const names[] = { "left guest", "right guest", "host", "wide" };
	struct show_file *f;

	for (int i = 0; i < 4; i++)
		add_file(s, "003", i + 1, names[i], TAKE_RECORDING, "recording")->bytes = INT64_C(748000000) - 1300000 * i;
	f = add_file(s, "003", 5, "top", TAKE_FAILED, "failed");
	str_copy(f->why, sizeof f->why, "stopped by itself: heat");
	f = add_file(s, "003", 5, "top", TAKE_SAVED, "paused");
	f->part = 1;
	f->bytes = 0;
	f->total_bytes = 713000000;
	str_copy(f->file, sizeof f->file, "003-cam5-top.mp4");
	f = add_file(s, "003", 7, "door", TAKE_RECORDING, "silent");
	f->bytes = 730000000;
	str_copy(f->why, sizeof f->why, "no word from it; it was recording when last heard");
	f = add_file(s, "002", 4, "wide", TAKE_FETCHING, "paused");
	f->part = 1;
	f->bytes = 212000000;
	f->total_bytes = 598000000;
	str_copy(f->file, sizeof f->file, "002-cam4-wide.mp4");
}

/* What every view has something to show of. */
static void
fill_lists(struct show *s)
{
	s->take_count = 2;
	s->takes[0] = (struct show_take){ .asked = 6, .recording = 4, .recorded = 1, .failed = 1, .started_us = NOW_US - 751 * SECOND_US };
	str_copy(s->takes[0].take, TAKE_BYTES, "003");
	str_copy(s->takes[0].slate, MAX_NAME_BYTES, "ep12");
	s->takes[1] = (struct show_take){ .asked = 6, .recorded = 6, .saved = 6, .fetched = 6, .verified = 5, .started_us = NOW_US - 4000 * SECOND_US,
		.stopped_us = NOW_US - 3400 * SECOND_US };
	str_copy(s->takes[1].take, TAKE_BYTES, "002");
	fill_files(s);
	add_log(s, 751, "", "take", "take 003 rolls on 6 cameras");
	add_log(s, 33, "node-5", "camera", "5 top stopped by itself: heat");
	add_log(s, 12, "node-7", "link", "7 door: no word");
	s->log_total = s->log_count;
}

struct show *
scene_new(const char *name)
{
	static const struct { const char *name; void (*fill)(struct show *s); } scenes[] = {
		{ "show", fill_show }, { "quiet", fill_quiet }, { "rehearsal", fill_rehearsal }, { "none", fill_none },
		{ "many", fill_many }, { "hostile", fill_hostile }, { "lost", fill_lost },
	};

	for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
		struct show *s;

		if (strcmp(scenes[i].name, name) != 0)
			continue;
		if ((s = calloc(1, sizeof *s)) == NULL)
			abort();
		str_copy(s->session, sizeof s->session, "saturday-episode-12");
		s->utc_us = NOW_US;
		s->change_us = INT64_MAX;
		s->idle = true;
		s->last_ok = true;
		s->shot_us = s->left_minutes = -1;
		fill_lists(s);
		scenes[i].fill(s);
		return s;
	}
	return NULL;
}

/* ---- the map ---- */

struct made_mesh { struct mesh mesh; struct mesh_node nodes[2]; struct mesh_seen seen[1]; struct mesh_source sources[2]; };

static void
add_path(struct mesh_node *n, enum registry_path kind, const char *place, unsigned via, int64_t rtt_us)
{
	struct mesh_path *p = &n->paths[n->path_count++];

	*p = (struct mesh_path){ .kind = kind, .port = 8081, .via = via, .rtt_us = rtt_us, .seen_age_us = -1, .answered_age_us = -1 };
	p->in_use = n->path_count == 1;
	str_copy(p->place, sizeof p->place, place);
}

struct mesh *
scene_mesh(void)
{
	struct made_mesh *m = calloc(1, sizeof *m);

	if (m == NULL)
		abort();
	m->mesh = (struct mesh){ .node_count = 2, .seen_count = 1, .source_count = 2, .nodes = m->nodes, .seen = m->seen, .sources = m->sources,
		.own = "eth0 10.0.0.5/24" };
	for (int i = 0; i < 2; i++) {
		m->nodes[i].number = i + 1;
		m->nodes[i].heard_age_us = 200000;
		str_copy(m->nodes[i].name, MAX_NAME_BYTES, i == 0 ? "left guest" : "right guest");
		str_copy(m->nodes[i].model, MAX_NAME_BYTES, "iPhone17,2");
		str_copy(m->nodes[i].role, MAX_NAME_BYTES, "camera");
	}
	add_path(&m->nodes[0], PATH_LAN, "10.0.0.11:8081", (unsigned)VIA_BONJOUR, 1234);
	add_path(&m->nodes[0], PATH_TAILSCALE, "100.90.1.2:8081", (unsigned)VIA_SWEEP, 22100);
	add_path(&m->nodes[1], PATH_LAN, "10.0.0.12:8081", (unsigned)VIA_BONJOUR, 1499);
	str_copy(m->seen[0].place, MESH_PLACE_BYTES, "192.168.1.7:8081");
	m->seen[0].via = VIA_SWEEP;
	m->seen[0].state = CREW_SEEN_STRANGER;
	str_copy(m->seen[0].why, MAX_WHY_BYTES, "/info answered 404");
	m->sources[0] = (struct mesh_source){ .name = "bonjour", .working = true, .sentence = "Bonjour: 2 cameras" };
	m->sources[1] = (struct mesh_source){ .name = "names", .is_off = true, .sentence = "--probe off" };
	return &m->mesh;
}

void
scene_mesh_free(struct mesh *m)
{
	free(m);
}
