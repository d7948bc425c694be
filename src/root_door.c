/*
 * root_door.c - finds the control socket of a running console, and opens our own.  Makes nothing but its folder.
 */
#include "root_door.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "app/control.h"
#include "base/str.h"
#include "domain/ids.h"
#include "io/doorway_call.h"
#include "io/folder.h"
#include "io/jdoc.h"
#include "root_house.h"

#define MAX_SPHERE_FILE (16 * 1024 * 1024)

bool
root_door_path(char *out, size_t out_size, const char *sphere_id, bool is_made, struct err *e)
{
	char folder[2048], own[2200];

	if (!folder_runtime(folder, sizeof folder, is_made, e))
		return false;
	snprintf(own, sizeof own, "%s/%s", folder, sphere_id);
	if (is_made && !folder_make(own, 0700))
		return err_set(e, ERR_ENVIRONMENT, "cannot make the folder of the control socket, %s", own);
	snprintf(out, out_size, "%s/control", own);
	return true;
}

/* A Sphere's id becomes a path here: it is one, or nothing. */
static bool
door_id(char out[static ID_BYTES], const char *folder, struct err *e)
{
	char path[4096];
	struct jdoc *file;
	const char *id;
	bool ok;

	snprintf(path, sizeof path, "%s/sphere.json", folder);
	file = jdoc_load(path, MAX_SPHERE_FILE, e);
	if (file == NULL)
		return err_set(e, ERR_NOT_FOUND, "no console runs on %s: there is no Sphere in that folder", folder);
	id = jdoc_text(file, "sphere", "");
	ok = str_copy(out, ID_BYTES, id) && id[0] != '\0' && strchr(id, '/') == NULL && id[0] != '.';
	jdoc_free(file);
	return ok || err_set(e, ERR_NOT_FOUND, "no console runs on %s: its sphere.json names no Sphere", folder);
}

struct doorway_call *
root_door_call(const char *folder, struct err *e)
{
	char id[ID_BYTES], path[4096];
	struct doorway_call *call;

	if (!door_id(id, folder, e))
		return NULL;
	call = root_door_path(path, sizeof path, id, false, e) ? doorway_call_open(path, e) : NULL;
	if (call == NULL && e->kind == ERR_NOT_FOUND)
		err_set(e, ERR_NOT_FOUND, "no console runs on %s", folder);
	return call;
}

struct doorway_call *
root_door_only(struct err *e)
{
	char folder[2048], path[4096];
	struct doorway_call *only = NULL, *call;
	struct err none = { .kind = ERR_NONE };
	struct dirent *entry;
	int count = 0;
	DIR *dir = folder_runtime(folder, sizeof folder, false, &none) ? opendir(folder) : NULL;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s/control", folder, entry->d_name);
		if ((call = doorway_call_open(path, &none)) == NULL)
			continue;
		if (++count == 1)
			only = call;
		else
			doorway_call_close(call);
	}
	if (dir != NULL)
		closedir(dir);
	if (count == 1)
		return only;
	doorway_call_close(only);
	if (count == 0)
		err_set(e, ERR_NOT_FOUND, "no console runs");
	else
		err_set(e, ERR_USAGE, "%d consoles run: --sphere DIR says which one is meant", count);
	return NULL;
}

struct control *
root_door_open(struct root_house *h, struct shower *shower, const struct control_fns *fns, void *arg)
{
	const struct control_parts parts = { .loop = h->loop, .bus = h->bus, .crew = h->crew, .cmdq = h->cmdq, .shower = shower };
	struct control *c = control_new(&parts, fns, arg);
	struct err e = { .kind = ERR_NONE };
	char path[4096];

	if (!root_door_path(path, sizeof path, sphere_manifest(h->sphere)->sphere, true, &e) || !control_open(c, path, &e))
		vitals_alarm(h->deck.vitals, NULL, "no control socket: %s; `do`, `status` and another terminal cannot reach this console", e.text);
	return c;
}

void
root_door_close(struct root_house *h, struct control *c)
{
	struct err e = { .kind = ERR_NONE };
	char path[4096];

	control_free(c);
	if (c == NULL || !root_door_path(path, sizeof path, sphere_manifest(h->sphere)->sphere, false, &e))
		return;
	*strrchr(path, '/') = '\0';
	(void)rmdir(path);		/* empty, or another console's */
}
