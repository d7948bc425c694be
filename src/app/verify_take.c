/*
 * verify_take.c - one proof read: is take.json whole, do its counts say what its devices say, is each history one that
 * can be, is every file home.  Counts by itself, from the text; never through the code that wrote it.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "app/verify_private.h"
#include "base/str.h"
#include "base/xalloc.h"

#define CURE_EDITED "restore take.json from a copy: no program of ours writes so"
#define HISTORY_CUT 256			/* a history this long has lost its middle */
#define STEP(state) (1u << TAKE_##state)
#define AGAIN (STEP(ASKED) | STEP(STARTING) | STEP(RECORDING))	/* another part begins */
#define HOMEWARD (STEP(SAVED) | STEP(FETCHING) | STEP(FETCHED) | STEP(VERIFIED))

/* Which state may follow which, in a history; a device with several parts may go back. */
static const unsigned next_table[TAKE_STATES] = {
	[TAKE_ASKED] = STEP(STARTING) | STEP(RECORDING) | STEP(STOPPING) | STEP(SAVED) | STEP(FAILED),
	[TAKE_STARTING] = STEP(RECORDING) | STEP(STOPPING) | STEP(SAVED) | STEP(FAILED) | STEP(ASKED),
	[TAKE_RECORDING] = STEP(STOPPING) | STEP(SAVED) | STEP(FAILED) | STEP(ASKED),
	[TAKE_STOPPING] = STEP(RECORDING) | STEP(SAVED) | STEP(FAILED) | STEP(ASKED),
	[TAKE_SAVED] = STEP(FETCHING) | STEP(FETCHED) | STEP(FAILED) | AGAIN,
	[TAKE_FETCHING] = STEP(SAVED) | STEP(FETCHED) | STEP(FAILED) | AGAIN,
	[TAKE_FETCHED] = STEP(FETCHING) | STEP(SAVED) | STEP(VERIFIED) | STEP(FAILED) | AGAIN,
	[TAKE_VERIFIED] = STEP(FETCHING) | STEP(SAVED) | STEP(FAILED) | AGAIN,
	[TAKE_FAILED] = HOMEWARD | AGAIN,
};

struct proof {
	struct verify *v;
	struct verify_take *t;
	const struct jdoc *j;
	char where[64];			/* "takes/003/take.json" */
	struct verify_archive archive;
	struct take_counts counts;	/* as the devices say */
	bool is_cut;			/* some history has lost its middle: counts may be greater */
};

static void __attribute__((format(printf, 3, 4)))
proof_problem(struct proof *p, const char *cure, const char *format, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	verify_problem(&p->t->found, p->where, cure, "%s", what);
}

static enum take_state
state_of(const struct jdoc *j)
{
	enum take_state state;

	return take_state_parse(jdoc_text(j, "state", ""), &state) ? state : TAKE_STATES;
}

static void
device_name(const struct jdoc *device, char *out, size_t out_size)
{
	char label[MAX_NAME_BYTES];

	jdoc_clean(device, "label", label, sizeof label);
	if (jdoc_int(device, "number", 0) > 0)
		snprintf(out, out_size, "cam%" PRId64 "%s%s", jdoc_int(device, "number", 0), label[0] != '\0' ? " " : "", label);
	else
		snprintf(out, out_size, "%s", label[0] != '\0' ? label : jdoc_text(device, "node", "a device"));
}

/* ---- History ---- */

/* The states of a history as bits; told: what is wrong with it. */
static unsigned
check_history(struct proof *p, const struct jdoc *device, const char *name)
{
	const struct jdoc *history = jdoc_get(device, "history");
	size_t count = jdoc_count(history);
	enum take_state was = TAKE_STATES;
	unsigned seen = 0;

	p->is_cut = p->is_cut || count >= HISTORY_CUT;
	for (size_t i = 0; i < count; i++) {
		const struct jdoc *step = jdoc_at(history, i);
		enum take_state state = state_of(step);

		if (state == TAKE_STATES || jdoc_kind(step, "timeUs") != 'i')
			proof_problem(p, CURE_EDITED, "%s: step %zu of its history is none", name, i + 1);
		else if (!verify_time_is_sane(p->v, jdoc_int(step, "timeUs", 0)))
			proof_problem(p, CURE_EDITED, "%s: the time of step %zu of its history makes no sense", name, i + 1);
		else if (i == 0 && state != TAKE_ASKED)
			proof_problem(p, CURE_EDITED, "%s: its history does not begin with asked", name);
		else if (i > 0 && was < TAKE_STATES && state != was && (next_table[was] & 1u << state) == 0 && count < HISTORY_CUT)
			proof_problem(p, CURE_EDITED, "%s: its history goes from %s to %s", name, take_state_name(was), take_state_name(state));
		if (state < TAKE_STATES)
			seen |= 1u << state;
		was = state;
	}
	if (count == 0)
		proof_problem(p, CURE_EDITED, "%s: it has no history", name);
	else if (was < TAKE_STATES && was != state_of(device))
		proof_problem(p, CURE_EDITED, "%s: its history ends with %s, its state is %s", name, take_state_name(was),
		    jdoc_text(device, "state", "none"));
	return seen;
}

/* ---- Parts ---- */

/* A name in the take's folder, nothing that leads out of it. */
static bool
is_plain_name(const char *name)
{
	char slug[128];

	str_slug(slug, sizeof slug, name);
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL && strlen(name) < 128 &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(name);
}

static bool
is_used_before(const struct proof *p, const char *name)
{
	for (int i = 0; i < p->t->file_count; i++) {
		const char *slash = strrchr(p->t->files[i].path, '/');

		if (slash != NULL && strcmp(slash + 1, name) == 0)
			return true;
	}
	return false;
}

static void
check_file(struct proof *p, const struct jdoc *part, const char *name)
{
	const char *file = jdoc_text(part, "file", "");

	if (!is_plain_name(file))
		proof_problem(p, CURE_EDITED, "%s: part %" PRId64 " is %s, but names no file", name, jdoc_int(part, "part", 0),
		    jdoc_text(part, "state", ""));
	else if (is_used_before(p, file))
		proof_problem(p, CURE_EDITED, "%s: another part has the file %s too", name, file);
	else
		verify_files_want(p->v, p->t, &p->archive, part);
}

/* What a part of a take that is over lacks; "" = nothing. */
static void
check_home(struct proof *p, const struct jdoc *part, enum take_state state, const char *name)
{
	int64_t number = jdoc_int(part, "part", 0);
	const char *folder = p->v->folder;
	char cure[400];

	snprintf(cure, sizeof cure, "%s%.300s", p->v->console_runs ? "wait, or fetch it in the console that runs on " : "livedirector fetch ", folder);
	if (state == TAKE_VERIFIED || p->t->is_rolling)
		return;
	if (state == TAKE_FAILED)
		proof_problem(p, "the camera may still have it; a .bad file beside is what came", "%s: part %" PRId64 " did not come home: %s", name,
		    number, jdoc_text(part, "reason", "no reason was given"));
	else if (state == TAKE_FETCHED)
		proof_problem(p, cure, "%s: part %" PRId64 " is fetched, not verified", name, number);
	else
		proof_problem(p, cure, "%s: part %" PRId64 " is %s, its file is not home", name, number, jdoc_text(part, "state", ""));
	p->t->is_owed = p->t->is_owed || state == TAKE_SAVED || state == TAKE_FETCHING;
}

static void
check_part(struct proof *p, const struct jdoc *part, const char *name)
{
	enum take_state state = state_of(part);
	char why[96];

	if (!verify_shape(part, "part:i state:s reason:s0 file:s0 startUs:i0 offsetUs:i boundUs:i recording:o", why, sizeof why))
		proof_problem(p, CURE_EDITED, "%s: a part %s", name, why);
	else if (state < TAKE_SAVED || state == TAKE_STATES)
		proof_problem(p, CURE_EDITED, "%s: part %" PRId64 " has the state \"%.20s\"", name, jdoc_int(part, "part", 0),
		    jdoc_text(part, "state", ""));
	else {
		if (state == TAKE_FETCHED || state == TAKE_VERIFIED)
			check_file(p, part, name);
		check_home(p, part, state, name);
	}
}

static bool
part_number_is_taken(const struct jdoc *parts, size_t upto)
{
	for (size_t i = 0; i < upto; i++)
		if (jdoc_int(jdoc_at(parts, i), "part", 0) == jdoc_int(jdoc_at(parts, upto), "part", 0))
			return true;
	return false;
}

/* The state that all parts have reached; asked: there are none. */
static enum take_state
check_parts(struct proof *p, const struct jdoc *device, const char *name)
{
	const struct jdoc *parts = jdoc_get(device, "parts");
	size_t count = jdoc_count(parts), verified = 0, fetched = 0;

	for (size_t i = 0; i < count; i++) {
		enum take_state state = state_of(jdoc_at(parts, i));

		check_part(p, jdoc_at(parts, i), name);
		if (part_number_is_taken(parts, i))
			proof_problem(p, CURE_EDITED, "%s: two parts have the number %" PRId64, name, jdoc_int(jdoc_at(parts, i), "part", 0));
		verified += state == TAKE_VERIFIED;
		fetched += state == TAKE_VERIFIED || state == TAKE_FETCHED;
	}
	if (count == 0)
		return TAKE_ASKED;
	return verified == count ? TAKE_VERIFIED : fetched == count ? TAKE_FETCHED : TAKE_SAVED;
}

/* ---- Devices ---- */

static void
count_device(struct take_counts *c, unsigned seen, enum take_state state, enum take_state parts)
{
	if (state < TAKE_STATES)
		seen |= 1u << state;
	if (parts >= TAKE_SAVED)
		seen |= 1u << parts;
	c->asked++;
	c->recording += state == TAKE_RECORDING;
	c->recorded += (seen & (STEP(RECORDING) | HOMEWARD)) != 0;
	c->saved += (seen & HOMEWARD) != 0 || parts >= TAKE_SAVED;
	c->failed += (seen & STEP(FAILED)) != 0;
	c->fetched += (seen & (STEP(FETCHED) | STEP(VERIFIED))) != 0;
	c->verified += (seen & STEP(VERIFIED)) != 0;
}

static void
check_device(struct proof *p, const struct jdoc *device)
{
	enum take_state state = state_of(device), parts;
	char name[MAX_NAME_BYTES + 32], why[96];
	unsigned seen;

	device_name(device, name, sizeof name);
	if (!verify_shape(device, "node:s number:i0 label:s0 state:s reason:s0 parts:a history:a", why, sizeof why))
		proof_problem(p, CURE_EDITED, "%s: it %s", name, why);
	else if (state == TAKE_STATES)
		proof_problem(p, CURE_EDITED, "%s: its state is \"%.20s\"", name, jdoc_text(device, "state", ""));
	seen = check_history(p, device, name);
	parts = check_parts(p, device, name);
	count_device(&p->counts, seen, state, parts);
	if (state == TAKE_FAILED && !jdoc_has(device, "reason"))
		proof_problem(p, CURE_EDITED, "%s: it failed without a reason", name);
	if (state == TAKE_VERIFIED && parts != TAKE_VERIFIED)
		proof_problem(p, CURE_EDITED, "%s: it is verified, not all its parts are", name);
	if (!p->t->is_rolling && state >= TAKE_SAVED && state <= TAKE_VERIFIED && parts == TAKE_ASKED)
		proof_problem(p, "open the folder with livedirector and look for the camera's recordings", "%s: it is %s, but no file of it is known",
		    name, take_state_name(state));
}

static void
check_devices(struct proof *p)
{
	const struct jdoc *devices = jdoc_get(p->j, "devices");

	for (size_t i = 0; i < jdoc_count(devices); i++)
		p->t->is_rolling = p->t->is_rolling || state_of(jdoc_at(devices, i)) < TAKE_SAVED;
	for (size_t i = 0; i < jdoc_count(devices); i++) {
		const char *node = jdoc_text(jdoc_at(devices, i), "node", "");

		check_device(p, jdoc_at(devices, i));
		for (size_t k = 0; k < i; k++)
			if (strcmp(jdoc_text(jdoc_at(devices, k), "node", ""), node) == 0)
				proof_problem(p, CURE_EDITED, "the device %.60s is in it twice", node);
	}
}

/* ---- The whole ---- */

static void
check_count(struct proof *p, const char *word, int told, int counted)
{
	if (told != counted && !(p->is_cut && told > counted))
		proof_problem(p, CURE_EDITED, "it counts %d %s, its devices say %d", told, word, counted);
}

static void
check_counts(struct proof *p)
{
	const struct jdoc *j = jdoc_get(p->j, "counts");
	const struct take_counts *c = &p->counts;
	struct take_counts *told = &p->t->told;

	*told = (struct take_counts){ .asked = (int)jdoc_int(j, "asked", -1), .recording = (int)jdoc_int(j, "recording", -1),
	    .recorded = (int)jdoc_int(j, "recorded", -1), .saved = (int)jdoc_int(j, "saved", -1), .failed = (int)jdoc_int(j, "failed", -1),
	    .fetched = (int)jdoc_int(j, "fetched", -1), .verified = (int)jdoc_int(j, "verified", -1) };
	check_count(p, "asked", told->asked, c->asked);
	check_count(p, "recording", told->recording, c->recording);
	check_count(p, "recorded", told->recorded, c->recorded);
	check_count(p, "saved", told->saved, c->saved);
	check_count(p, "failed", told->failed, c->failed);
	check_count(p, "fetched", told->fetched, c->fetched);
	check_count(p, "verified", told->verified, c->verified);
	snprintf(p->t->said, sizeof p->t->said, "%d asked, %d recorded, %d saved, %d fetched, %d verified", c->asked, c->recorded, c->saved,
	    c->fetched, c->verified);
	if (c->failed > 0)
		snprintf(p->t->said + strlen(p->t->said), sizeof p->t->said - strlen(p->t->said), ", %d failed", c->failed);
}

static void
check_head(struct proof *p)
{
	static const char shape[] = "format:i take:s slate:s0 slateTake:i sphere:s policy:s rehearsal:b startedUs:i0 stoppedUs:i0 "
	    "counts:o archive:s devices:a";
	char why[96];

	if (!verify_shape(p->j, shape, why, sizeof why))
		proof_problem(p, CURE_EDITED, "it %s", why);
	if (strcmp(jdoc_text(p->j, "take", ""), p->t->number) != 0)
		proof_problem(p, CURE_EDITED, "it is the proof of take \"%.20s\"", jdoc_text(p->j, "take", ""));
	if (p->v->sphere[0] != '\0' && strcmp(jdoc_text(p->j, "sphere", ""), p->v->sphere) != 0)
		proof_problem(p, "move the take to the Sphere it is of", "it is of another Sphere, %.60s", jdoc_text(p->j, "sphere", "none"));
	if (jdoc_has(p->j, "startedUs") && !verify_time_is_sane(p->v, jdoc_int(p->j, "startedUs", 0)))
		proof_problem(p, CURE_EDITED, "the time of its start makes no sense");
}

static bool
is_far(const char *archive)
{
	return str_has_prefix(archive, "s3:") || strstr(archive, "://") != NULL;
}

/* What is in object storage landed in the take's folder first, and stays there until somebody wants the room. */
static void
find_archive(struct proof *p)
{
	const char *archive = jdoc_text(p->j, "archive", "");

	p->archive.is_far = is_far(archive);
	if (p->archive.is_far)
		verify_remark(&p->t->found, p->where, "verify it where it is", "its files are in %.200s, which is not looked at", archive);
	p->archive.folder = archive[0] == '/' ? xstrdup(archive) : xasprintf("%s/takes/%s", p->v->folder, p->t->number);
	p->archive.where = archive[0] == '/' ? xstrdup(archive) : xasprintf("takes/%s", p->t->number);
}

/* It still rolls, or nobody ended it. */
static void
check_rolling(struct proof *p)
{
	if (!p->t->is_rolling)
		return;
	if (p->v->console_runs)
		verify_remark(&p->t->found, p->where, "", "still rolls: %d of %d record; it is judged when it is over", p->counts.recording,
		    p->counts.asked);
	else
		proof_problem(p, "open the folder with livedirector: it asks the cameras and goes on from there",
		    "was never ended, and no console runs on the folder");
}

static void
check_proof(struct proof *p)
{
	check_head(p);
	find_archive(p);
	check_devices(p);
	check_counts(p);
	check_rolling(p);
	verify_files_folder(p->v, p->t, &p->archive, p->j);
	p->t->files_left = p->t->file_count;
	free(p->archive.folder);
	free(p->archive.where);
}

static bool
proof_stat(const struct verify *v, const struct verify_take *t, struct stat *st)
{
	char *path = xasprintf("%s/takes/%s/take.json", v->folder, t->number);
	bool ok = stat(path, st) == 0;

	free(path);
	return ok;
}

static int64_t
mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

bool
verify_take_has_changed(const struct verify *v, const struct verify_take *t)
{
	struct stat st;

	return proof_stat(v, t, &st) && ((int64_t)st.st_ino != t->inode || mtime_ns(&st) != t->mtime_ns);
}

/* A console that was killed between the folder and the proof asked nobody. */
static void
check_without_proof(struct proof *p)
{
	char *folder = xasprintf("%s/takes/%s", p->v->folder, p->t->number);
	DIR *d = opendir(folder);
	const struct dirent *entry;
	bool is_empty = d != NULL;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "take.json.tmp") != 0)
			is_empty = false;
	if (d != NULL)
		closedir(d);
	free(folder);
	if (is_empty)
		verify_remark(&p->t->found, p->where, "", "is missing, and the folder is empty: the number is used up, nobody was asked");
	else
		proof_problem(p, "restore it from a copy", "is missing: nobody knows who was asked");
}

void
verify_take_read(struct verify *v, struct verify_take *t)
{
	struct proof p = { .v = v, .t = t };
	char *path = xasprintf("%s/takes/%s/take.json", v->folder, t->number);
	struct err e = { 0 };
	struct stat st = { 0 };
	struct jdoc *j;

	snprintf(p.where, sizeof p.where, "takes/%s/take.json", t->number);
	if (!proof_stat(v, t, &st))
		check_without_proof(&p);
	else if ((j = jdoc_load(path, VERIFY_FILE_CEILING, &e)) == NULL)
		verify_problem(&t->found, p.where, "restore it from a copy", "cannot be read: %s", e.text);
	else {
		t->inode = (int64_t)st.st_ino;
		t->mtime_ns = mtime_ns(&st);
		t->has_proof = true;
		p.j = j;
		check_proof(&p);
		jdoc_free(j);
	}
	free(path);
}

void
verify_take_fini(struct verify_take *t)
{
	verify_found_fini(&t->found);
	for (int i = 0; i < t->file_count; i++) {
		free(t->files[i].path);
		free(t->files[i].where);
	}
	free(t->files);
	t->files = NULL;
	t->file_count = 0;
}
