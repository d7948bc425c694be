/*
 * verify_sphere.c - the manifest and the folder around it: is this a Sphere, whose is it now, does sphere.json say what
 * the takes say.  Never takes the lock: who looks must not keep a console from starting.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "app/verify_private.h"
#include "base/str.h"
#include "base/xalloc.h"

#define MANIFEST "sphere.json"
#define CURE_MANIFEST "open the folder once with livedirector: the manifest is made anew from the takes and journals"
#define CURE_EDITED "restore it from a copy: no program of ours writes so"

static bool
is_there(const struct verify *v, const char *name, struct stat *st)
{
	char *path = xasprintf("%s/%s", v->folder, name);
	bool ok = stat(path, st) == 0;

	free(path);
	return ok;
}

/* The process that wrote its number into the lock file; 0: none. */
static long
lock_owner(const struct verify *v)
{
	char *path = xasprintf("%s/" MANIFEST ".lock", v->folder), text[32] = "";
	FILE *f = fopen(path, "re");
	bool ok = f != NULL && fgets(text, sizeof text, f) != NULL;

	if (f != NULL)
		fclose(f);
	free(path);
	return ok ? strtol(text, NULL, 10) : 0;
}

/*
 * Does somebody hold flock(2) on that file?  Asked of the kernel's list, since to try would be to take.  Some file systems
 * go by another device number there: then the process says that it is the one.
 */
static bool
is_locked(const struct verify *v, const struct stat *st)
{
	char line[256], file[64], inode[40], owner[32];
	FILE *f = fopen("/proc/locks", "re");
	bool found = false;

	snprintf(file, sizeof file, " %02x:%02x:%" PRIu64 " ", major(st->st_dev), minor(st->st_dev), (uint64_t)st->st_ino);
	snprintf(inode, sizeof inode, ":%" PRIu64 " ", (uint64_t)st->st_ino);
	snprintf(owner, sizeof owner, " %ld ", lock_owner(v));
	while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
		found = strstr(line, "FLOCK") != NULL && strstr(line, "->") == NULL &&
		    (strstr(line, file) != NULL || (strstr(line, inode) != NULL && strstr(line, owner) != NULL));
	if (f != NULL)
		fclose(f);
	return found;
}

bool
verify_sphere_open(struct verify *v, struct err *e)
{
	struct stat st;

	if (!is_there(v, ".", &st))
		return err_set(e, ERR_NOT_FOUND, "there is no folder %s", v->folder);
	if (!is_there(v, MANIFEST, &st) && !is_there(v, "sidecars", &st) && !is_there(v, "takes", &st))
		return err_set(e, ERR_NOT_FOUND, "%s is no Sphere folder: it has no sphere.json, no sidecars and no takes", v->folder);
	v->console_runs = is_there(v, MANIFEST ".lock", &st) && is_locked(v, &st);
	return true;
}

/* ---- The manifest ---- */

/* No two devices have the same of this member. */
static void
check_unique(struct verify *v, const struct jdoc *devices, size_t at, const char *key)
{
	const char *text = jdoc_text(jdoc_at(devices, at), key, NULL);
	int64_t number = jdoc_int(jdoc_at(devices, at), key, 0);

	for (size_t i = 0; i < at; i++) {
		const struct jdoc *other = jdoc_at(devices, i);
		const char *theirs = jdoc_text(other, key, NULL);

		if (text != NULL && theirs != NULL && str_equal_nocase(text, theirs))
			verify_problem(&v->found, MANIFEST, CURE_EDITED, "two devices have the %s \"%.80s\"", key, text);
		else if (text == NULL && number > 0 && jdoc_int(other, key, 0) == number)
			verify_problem(&v->found, MANIFEST, CURE_EDITED, "two devices have the %s %" PRId64, key, number);
	}
}

static void
check_devices(struct verify *v)
{
	static const char shape[] = "node:s number:i0 label:s0 deviceName:s model:s roles:a paths:a capability:o recordingState:s "
	    "poseEligible:b permissions:a out:s0";
	const struct jdoc *devices = jdoc_get(v->manifest, "devices");
	char why[96];

	for (size_t i = 0; i < jdoc_count(devices); i++) {
		if (!verify_shape(jdoc_at(devices, i), shape, why, sizeof why))
			verify_problem(&v->found, MANIFEST, CURE_EDITED, "device %zu %s", i + 1, why);
		check_unique(v, devices, i, "node");
		check_unique(v, devices, i, "number");
		check_unique(v, devices, i, "label");
	}
}

void
verify_sphere_check(struct verify *v)
{
	static const char shape[] = "format:i sphere:s host:s name:s createdUs:i archiveTarget:s studioProject:s0 devices:a takes:a";
	char *path = xasprintf("%s/" MANIFEST, v->folder), why[96];
	struct err e = { 0 };

	v->manifest = jdoc_load(path, VERIFY_FILE_CEILING, &e);
	free(path);
	if (v->manifest == NULL) {
		verify_problem(&v->found, MANIFEST, CURE_MANIFEST, "cannot be read: %s", e.text);
		return;
	}
	if (!verify_shape(v->manifest, shape, why, sizeof why))
		verify_problem(&v->found, MANIFEST, CURE_MANIFEST, "it %s", why);
	else if (jdoc_int(v->manifest, "format", 0) != 1)
		verify_problem(&v->found, MANIFEST, "verify with the program that wrote it", "has format %" PRId64, jdoc_int(v->manifest, "format", 0));
	else if (!verify_time_is_sane(v, jdoc_int(v->manifest, "createdUs", 0)))
		verify_problem(&v->found, MANIFEST, CURE_EDITED, "the time it was made at makes no sense");
	str_copy(v->sphere, sizeof v->sphere, jdoc_text(v->manifest, "sphere", ""));
	check_devices(v);
}

/* ---- takes/ ---- */

static bool
is_number(const char *name)
{
	const char *digits = name + (name[0] == 'R');	/* of a rehearsal */
	size_t len = strlen(digits);

	return len >= 3 && strlen(name) < TAKE_BYTES && strspn(digits, "0123456789") == len;
}

static int
by_number(const struct dirent **a, const struct dirent **b)
{
	const bool x_rehearsed = (*a)->d_name[0] == 'R', y_rehearsed = (*b)->d_name[0] == 'R';
	int64_t x = strtoll((*a)->d_name + x_rehearsed, NULL, 10), y = strtoll((*b)->d_name + y_rehearsed, NULL, 10);

	if (x_rehearsed != y_rehearsed)
		return x_rehearsed ? 1 : -1;
	return (x > y) - (x < y);
}

static void
add_take(struct verify *v, const char *name)
{
	struct verify_take *t;
	char where[320];

	if (name[0] == '.')
		return;
	if (!is_number(name)) {
		snprintf(where, sizeof where, "takes/%s", name);
		verify_remark(&v->found, where, "", "is no take");
		return;
	}
	v->takes = xreallocarray(v->takes, (size_t)v->take_count + 1, sizeof *v->takes);
	t = &v->takes[v->take_count++];
	*t = (struct verify_take){ .tries = 0 };
	str_copy(t->number, sizeof t->number, name);
}

static void
look_at_folder(struct verify *v)
{
	DIR *d = opendir(v->folder);
	const struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (strstr(entry->d_name, "sphere.json.bad-") == entry->d_name)
			verify_remark(&v->found, entry->d_name, "", "a damaged manifest that was moved aside");
		else if (strcmp(entry->d_name, "sphere.json.tmp") == 0 && !v->console_runs)
			verify_remark(&v->found, entry->d_name, "it may be removed", "half a file that a crash left; the whole one stands beside it");
	}
	if (d != NULL)
		closedir(d);
}

void
verify_sphere_takes(struct verify *v)
{
	char *path = xasprintf("%s/takes", v->folder);
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, by_number);

	for (int i = 0; i < count; i++) {
		add_take(v, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	free(path);
	look_at_folder(v);
}

/* ---- The manifest against the proofs ---- */

static const struct verify_take *
find_take(const struct verify *v, const char *number)
{
	for (int i = 0; i < v->take_count; i++)
		if (strcmp(v->takes[i].number, number) == 0)
			return &v->takes[i];
	return NULL;
}

static bool
counts_are(const struct jdoc *j, const struct take_counts *c)
{
	return jdoc_int(j, "asked", -1) == c->asked && jdoc_int(j, "recording", -1) == c->recording &&
	    jdoc_int(j, "recorded", -1) == c->recorded && jdoc_int(j, "saved", -1) == c->saved &&
	    jdoc_int(j, "failed", -1) == c->failed && jdoc_int(j, "fetched", -1) == c->fetched &&
	    jdoc_int(j, "verified", -1) == c->verified;
}

static void
cross_take(struct verify *v, const struct jdoc *listed)
{
	const char *number = jdoc_text(listed, "take", "");
	const struct verify_take *t = find_take(v, number);

	if (t == NULL)
		verify_problem(&v->found, MANIFEST, "restore the take's folder from a copy", "take %.20s is in it, and has no folder", number);
	else if (t->has_proof && !counts_are(jdoc_get(listed, "counts"), &t->told))
		verify_problem(&v->found, MANIFEST, "open the folder once with livedirector: take.json is right",
		    "its counts of take %.20s differ from those in take.json", number);
}

static bool
is_listed(const struct jdoc *takes, const char *number)
{
	for (size_t i = 0; i < jdoc_count(takes); i++)
		if (strcmp(jdoc_text(jdoc_at(takes, i), "take", ""), number) == 0)
			return true;
	return false;
}

/* While a console runs both are rewritten all the time: nothing can be said of one against the other. */
void
verify_sphere_cross(struct verify *v)
{
	const struct jdoc *takes = jdoc_get(v->manifest, "takes");

	if (v->console_runs || v->manifest == NULL)
		return;
	for (size_t i = 0; i < jdoc_count(takes); i++)
		cross_take(v, jdoc_at(takes, i));
	for (int i = 0; i < v->take_count; i++)
		if (v->takes[i].has_proof && !is_listed(takes, v->takes[i].number))
			verify_problem(&v->found, MANIFEST, "open the folder once with livedirector: it finds its takes",
			    "take %s is not in it", v->takes[i].number);
}
