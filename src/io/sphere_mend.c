/*
 * sphere_mend.c - what can still be known of a Sphere whose manifest is damaged: from takes/ and sources.jsonl.
 * Only reads.  Never guesses: a device is known by its own lines, a take by its folder.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/journal.h"
#include "io/sphere_private.h"

struct mend {
	struct jdoc *devices, *takes;	/* as in sphere.json */
	char sphere[ID_BYTES], name[MAX_NAME_BYTES];
	int64_t created_us;		/* earliest time met; 0 = none */
};

static bool
is_take_name(const char *name)
{
	const char *digits = name + (name[0] == 'R');
	size_t len = strlen(digits);

	return len >= 3 && strlen(name) < TAKE_BYTES && strspn(digits, "0123456789") == len;
}

static int
take_folder_filter(const struct dirent *entry)
{
	return is_take_name(entry->d_name);
}

static int
take_folder_order(const struct dirent **a, const struct dirent **b)
{
	const char *x_name = (*a)->d_name, *y_name = (*b)->d_name;
	const bool x_rehearsed = x_name[0] == 'R', y_rehearsed = y_name[0] == 'R';
	long x = strtol(x_name + x_rehearsed, NULL, 10), y = strtol(y_name + y_rehearsed, NULL, 10);

	if (x_rehearsed != y_rehearsed)
		return x_rehearsed ? -1 : 1;
	return (x > y) - (x < y);
}

/* Calls fn for each folder of takes/, by number. */
static void
each_take(const struct sphere *s, void (*fn)(void *arg, const struct sphere *s, const char *take), void *arg)
{
	struct dirent **entries = NULL;
	char path[SPHERE_PATH];
	int count;

	sphere_path(s, path, sizeof path, "takes");
	count = scandir(path, &entries, take_folder_filter, take_folder_order);
	for (int i = 0; i < count; i++) {
		fn(arg, s, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static struct jdoc *
load_take(const struct sphere *s, const char *take)
{
	char path[SPHERE_PATH], relative[64];

	snprintf(relative, sizeof relative, "takes/%.16s/take.json", take);
	sphere_path(s, path, sizeof path, relative);
	return jdoc_load(path, SPHERE_FILE_CEILING, NULL);
}

static void
find_take(void *arg, const struct sphere *s, const char *take)
{
	struct manifest *m = arg;
	struct manifest_take *known = manifest_take(m, take);
	struct jdoc *j = load_take(s, take);
	char slate[MAX_NAME_BYTES];
	bool is_its_own;

	is_its_own = strcmp(jdoc_text(j, "take", ""), take) == 0;	/* else somebody renamed the folder: the number is gone, no more */
	if (known == NULL) {
		slate[0] = '\0';
		if (is_its_own)
			jdoc_clean(j, "slate", slate, sizeof slate);
		known = manifest_add_take(m, take, slate);
	}
	if (is_its_own && jdoc_is_object(jdoc_get(j, "counts")))
		sphere_read_counts(&known->counts, jdoc_get(j, "counts"));
	jdoc_free(j);
}

void
sphere_find_takes(const struct sphere *s, struct manifest *m)
{
	each_take(s, find_take, m);
}

/* ---- Devices ---- */

static struct jdoc *
mend_device(struct mend *m, const char *node)
{
	struct jdoc *j;

	for (size_t i = 0; i < jdoc_count(m->devices); i++)
		if (strcmp(jdoc_text(jdoc_at(m->devices, i), "node", ""), node) == 0)
			return jdoc_at(m->devices, i);
	j = jdoc_object();
	jdoc_set_text(j, "node", node);
	jdoc_set(m->devices, NULL, j);
	return j;
}

static void
mend_time(struct mend *m, int64_t time_us)
{
	if (time_us > 0 && (m->created_us == 0 || time_us < m->created_us))
		m->created_us = time_us;
}

static void
copy_text(struct jdoc *to, const struct jdoc *from, const char *key)
{
	jdoc_set_text(to, key, jdoc_text(from, key, NULL));
}

static void
copy_roles(struct jdoc *to, const struct jdoc *from)
{
	const struct jdoc *list = jdoc_get(from, "roles");
	struct jdoc *roles = jdoc_array();

	for (size_t i = 0; i < jdoc_count(list); i++)
		jdoc_set_text(roles, NULL, jdoc_self_text(jdoc_at(list, i), ""));
	jdoc_set(to, "roles", roles);
}

/* The whole of a device, as it was when it came. */
static void
mend_seen(struct mend *m, struct jdoc *device, const struct jdoc *line)
{
	struct jdoc *capability = jdoc_object();

	(void)m;
	jdoc_set_int(device, "number", jdoc_int(line, "number", 0));
	copy_text(device, line, "label");
	copy_text(device, line, "deviceName");
	copy_text(device, line, "model");
	copy_text(device, line, "out");
	copy_roles(device, line);
	jdoc_set_bool(capability, "record", !jdoc_bool(line, "viewOnly", false));
	jdoc_set(device, "capability", capability);
}

static void
mend_label(struct mend *m, struct jdoc *device, const struct jdoc *line)
{
	(void)m;
	copy_text(device, line, "label");
}

static void
mend_number(struct mend *m, struct jdoc *device, const struct jdoc *line)
{
	(void)m;
	jdoc_set_int(device, "number", jdoc_int(line, "number", 0));
}

static void
mend_role(struct mend *m, struct jdoc *device, const struct jdoc *line)
{
	(void)m;
	copy_roles(device, line);
}

static void
mend_out(struct mend *m, struct jdoc *device, const struct jdoc *line)
{
	(void)m;
	jdoc_set_text(device, "out", jdoc_text(line, "reason", ""));
}

static void
mend_in(struct mend *m, struct jdoc *device, const struct jdoc *line)
{
	(void)m;
	(void)line;
	jdoc_set_null(device, "out");
}

/* Without an id it is no device any more. */
static void
mend_forget(struct mend *m, struct jdoc *device, const struct jdoc *line)
{
	(void)m;
	(void)line;
	jdoc_set_text(device, "node", "");
}

static const struct {
	const char *type;
	void (*apply)(struct mend *m, struct jdoc *device, const struct jdoc *line);
} mend_table[] = {
	{ "seen", mend_seen }, { "label", mend_label }, { "number", mend_number }, { "role", mend_role },
	{ "out", mend_out }, { "in", mend_in }, { "forget", mend_forget },
};

/* Its number was given, whatever has become of its folder. */
static void
mend_number_given(struct mend *m, const struct jdoc *line)
{
	struct jdoc *j = jdoc_object();

	copy_text(j, line, "take");
	copy_text(j, line, "slate");
	jdoc_set(m->takes, NULL, j);
}

static void
mend_source(void *arg, int64_t seq, const struct jdoc *line)
{
	struct mend *m = arg;
	const char *type = jdoc_text(line, "type", ""), *node = jdoc_text(line, "node", NULL);

	(void)seq;
	mend_time(m, jdoc_int(line, "timeUs", 0));
	if (strcmp(type, "sphere") == 0)
		str_copy(m->sphere, sizeof m->sphere, jdoc_text(line, "sphere", ""));
	if (strcmp(type, "take") == 0 && is_take_name(jdoc_text(line, "take", "")))
		mend_number_given(m, line);
	if (jdoc_has(line, "name"))
		jdoc_clean(line, "name", m->name, sizeof m->name);
	for (size_t i = 0; node != NULL && i < sizeof mend_table / sizeof mend_table[0]; i++)
		if (strcmp(type, mend_table[i].type) == 0)
			mend_table[i].apply(m, mend_device(m, node), line);
}

static void
mend_take(void *arg, const struct sphere *s, const char *take)
{
	struct mend *m = arg;
	struct jdoc *j = load_take(s, take);
	const struct jdoc *devices = jdoc_get(j, "devices");

	mend_time(m, jdoc_int(j, "startedUs", 0));
	if (m->sphere[0] == '\0')
		str_copy(m->sphere, sizeof m->sphere, jdoc_text(j, "sphere", ""));
	for (size_t i = 0; i < jdoc_count(devices); i++) {
		const struct jdoc *from = jdoc_at(devices, i);
		const char *node = jdoc_text(from, "node", NULL);
		struct jdoc *device;

		if (node == NULL)
			continue;
		device = mend_device(m, node);
		if (jdoc_has(device, "number"))
			continue;	/* sources.jsonl knows it better */
		jdoc_set_int(device, "number", jdoc_int(from, "number", 0));
		copy_text(device, from, "label");
	}
	jdoc_free(j);
}

struct jdoc *
sphere_rebuild(const struct sphere *s, const char *host, const char *name, int64_t now_us)
{
	struct mend m = { .devices = jdoc_array(), .takes = jdoc_array() };
	struct jdoc *j = jdoc_object();
	char path[SPHERE_PATH], fresh[37];

	sphere_path(s, path, sizeof path, "sidecars/sources.jsonl");
	(void)journal_read(path, mend_source, &m, NULL);
	each_take(s, mend_take, &m);
	ids_uuid_new(fresh);
	jdoc_set_int(j, "format", SPHERE_FORMAT);
	jdoc_set_text(j, "sphere", m.sphere[0] != '\0' ? m.sphere : fresh);
	jdoc_set_text(j, "host", host);
	jdoc_set_text(j, "name", m.name[0] != '\0' ? m.name : name);
	jdoc_set_int(j, "createdUs", m.created_us > 0 ? m.created_us : now_us);
	jdoc_set(j, "devices", m.devices);
	jdoc_set(j, "takes", m.takes);
	return j;
}
