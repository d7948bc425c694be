/*
 * sphere_json.c - sphere.json to values and back.
 * Owns the names of its members.  Never touches a file; never writes a secret (credentials in a URL stay out).
 */
#include <stdlib.h>
#include <string.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "domain/roles.h"
#include "io/sphere_private.h"

/* ---- Printing ---- */

static void
set_text_or_null(struct jdoc *j, const char *key, const char *text)
{
	jdoc_set_text(j, key, text[0] != '\0' ? text : NULL);
}

/* The folder is copied and handed on: "http://user:word@host/" loses what stands before the '@'. */
static void
url_without_secret(char *out, size_t out_size, const char *url)
{
	const char *host = strstr(url, "://"), *end, *at = NULL;

	str_copy(out, out_size, url);
	if (host == NULL)
		return;
	host += 3;
	end = host + strcspn(host, "/?#");
	for (const char *c = host; c < end; c++)
		if (*c == '@')
			at = c;
	if (at != NULL && (size_t)(host - url) < out_size)
		str_copy(out + (host - url), out_size - (size_t)(host - url), at + 1);
}

static struct jdoc *
print_via(unsigned via)
{
	struct jdoc *list = jdoc_array();

	for (unsigned one = VIA_BONJOUR; one <= VIA_REMEMBERED; one <<= 1)
		if (via & one)
			jdoc_set_text(list, NULL, registry_via_name((enum registry_via)one));
	return list;
}

static struct jdoc *
print_path(const struct registry_address *a)
{
	struct jdoc *path = jdoc_object();
	char url[sizeof a->url];

	url_without_secret(url, sizeof url, a->url);
	jdoc_set_text(path, "kind", registry_path_name(a->kind));
	jdoc_set_text(path, "address", a->url[0] != '\0' ? url : a->host);
	jdoc_set_int(path, "port", a->port);
	jdoc_set(path, "via", print_via(a->via));
	jdoc_set_bool(path, "inUse", a->in_use);
	return path;
}

static struct jdoc *
print_paths(const struct registry_node *n)
{
	struct jdoc *list = jdoc_array();

	for (int i = 0; i < n->address_count; i++)
		jdoc_set(list, NULL, print_path(&n->addresses[i]));
	return list;
}

static struct jdoc *
print_roles(const struct registry_node *n)
{
	unsigned roles = registry_roles(n);
	struct jdoc *list = jdoc_array();

	for (unsigned bit = 0; bit < ROLE_COUNT; bit++)
		if (roles & 1u << bit)
			jdoc_set_text(list, NULL, roles_name(1u << bit));
	return list;
}

static struct jdoc *
print_permissions(const struct registry_node *n)
{
	struct jdoc *list = jdoc_array();

	jdoc_set_text(list, NULL, "view");
	if (!n->view_only) {
		jdoc_set_text(list, NULL, "control");
		jdoc_set_text(list, NULL, "record");
		jdoc_set_text(list, NULL, "archive");
	}
	return list;
}

static struct jdoc *
print_capability(const struct registry_node *n)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_bool(j, "record", !n->view_only);
	jdoc_set_bool(j, "mic", n->info.mic);
	jdoc_set_bool(j, "pose", n->info.pose);
	jdoc_set_bool(j, "torch", n->info.torch);
	return j;
}

static struct jdoc *
print_device(const struct registry_node *n, const struct sphere_live *live)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_text(j, "node", n->id);
	if (n->number > 0)
		jdoc_set_int(j, "number", n->number);
	else
		jdoc_set_null(j, "number");
	set_text_or_null(j, "label", n->label);
	jdoc_set_text(j, "deviceName", n->info.device_name);
	jdoc_set_text(j, "model", n->info.model);
	jdoc_set(j, "roles", print_roles(n));
	jdoc_set(j, "paths", print_paths(n));
	jdoc_set(j, "capability", print_capability(n));
	jdoc_set_text(j, "recordingState", live->recording_state);
	jdoc_set_bool(j, "poseEligible", live->pose_eligible);
	jdoc_set(j, "permissions", print_permissions(n));
	jdoc_set_text(j, "out", n->out ? n->out_reason : NULL);
	return j;
}

static struct jdoc *
print_counts(const struct take_counts *c)
{
	struct jdoc *j = jdoc_object();

	jdoc_set_int(j, "asked", c->asked);
	jdoc_set_int(j, "recording", c->recording);
	jdoc_set_int(j, "recorded", c->recorded);
	jdoc_set_int(j, "saved", c->saved);
	jdoc_set_int(j, "failed", c->failed);
	jdoc_set_int(j, "fetched", c->fetched);
	jdoc_set_int(j, "verified", c->verified);
	return j;
}

static struct jdoc *
print_takes(const struct manifest *m)
{
	struct jdoc *list = jdoc_array();

	for (int i = 0; i < m->take_count; i++) {
		struct jdoc *take = jdoc_object();

		jdoc_set_text(take, "take", m->takes[i].take);
		set_text_or_null(take, "slate", m->takes[i].slate);
		jdoc_set(take, "counts", print_counts(&m->takes[i].counts));
		jdoc_set(list, NULL, take);
	}
	return list;
}

char *
sphere_print_manifest(const struct manifest *m, struct registry *r,
    void (*live)(void *arg, const char *node, struct sphere_live *out), void *arg)
{
	struct jdoc *j = jdoc_object(), *devices = jdoc_array();
	char *text;

	jdoc_set_int(j, "format", SPHERE_FORMAT);
	jdoc_set_text(j, "sphere", m->sphere);
	jdoc_set_text(j, "host", m->host);
	jdoc_set_text(j, "name", m->name);
	jdoc_set_int(j, "createdUs", m->created_us);
	jdoc_set_text(j, "archiveTarget", m->archive_target);
	set_text_or_null(j, "studioProject", m->studio_project);
	for (size_t i = 0; r != NULL && i < registry_count(r); i++) {
		const struct registry_node *n = registry_at(r, i);
		struct sphere_live now = { .recording_state = node_rec_name(NODE_REC_UNKNOWN) };

		if (n->is_rehearsed)
			continue;
		if (live != NULL)
			live(arg, n->id, &now);
		jdoc_set(devices, NULL, print_device(n, &now));
	}
	jdoc_set(j, "devices", devices);
	jdoc_set(j, "takes", print_takes(m));
	text = jdoc_print_pretty(j);
	jdoc_free(j);
	return text;
}

/* ---- Reading ---- */

void
sphere_read_counts(struct take_counts *c, const struct jdoc *j)
{
	c->asked = (int)jdoc_int(j, "asked", 0);
	c->recording = (int)jdoc_int(j, "recording", 0);
	c->recorded = (int)jdoc_int(j, "recorded", 0);
	c->saved = (int)jdoc_int(j, "saved", 0);
	c->failed = (int)jdoc_int(j, "failed", 0);
	c->fetched = (int)jdoc_int(j, "fetched", 0);
	c->verified = (int)jdoc_int(j, "verified", 0);
}

static void
read_takes(struct manifest *m, const struct jdoc *list)
{
	for (size_t i = 0; i < jdoc_count(list); i++) {
		const struct jdoc *j = jdoc_at(list, i);
		char take[TAKE_BYTES], slate[MAX_NAME_BYTES];

		jdoc_clean(j, "take", take, sizeof take);
		jdoc_clean(j, "slate", slate, sizeof slate);
		if (take[0] != '\0')
			sphere_read_counts(&manifest_add_take(m, take, slate)->counts, jdoc_get(j, "counts"));
	}
}

bool
sphere_read_manifest(struct manifest *m, const struct jdoc *j, struct err *e)
{
	int64_t format = jdoc_int(j, "format", 0);
	char sphere[ID_BYTES], host[ID_BYTES], name[MAX_NAME_BYTES];

	if (format > SPHERE_FORMAT)
		return err_set(e, ERR_REFUSED, "it has format %lld: written by a newer program; use that one", (long long)format);
	jdoc_clean(j, "name", name, sizeof name);
	if (format != SPHERE_FORMAT || !ids_copy(sphere, jdoc_text(j, "sphere", "")))
		return err_set(e, ERR_FORMAT, "it is no manifest of a Sphere");
	if (!ids_copy(host, jdoc_text(j, "host", "")))
		host[0] = '\0';
	manifest_init(m, sphere, host, name, jdoc_int(j, "createdUs", 0));
	jdoc_clean(j, "archiveTarget", m->archive_target, sizeof m->archive_target);
	if (m->archive_target[0] == '\0')
		str_copy(m->archive_target, sizeof m->archive_target, "takes");
	if (!ids_copy(m->studio_project, jdoc_text(j, "studioProject", "")))
		m->studio_project[0] = '\0';
	read_takes(m, jdoc_get(j, "takes"));
	return true;
}

static unsigned
read_via(const struct jdoc *list)
{
	unsigned via = VIA_REMEMBERED;

	for (size_t i = 0; i < jdoc_count(list); i++)
		for (unsigned one = VIA_BONJOUR; one < VIA_REMEMBERED; one <<= 1)
			if (strcmp(jdoc_self_text(jdoc_at(list, i), ""), registry_via_name((enum registry_via)one)) == 0)
				via |= one;
	return via;
}

static void
read_paths(struct registry_node *n, const struct jdoc *list)
{
	for (size_t i = 0; i < jdoc_count(list); i++) {
		const struct jdoc *j = jdoc_at(list, i);
		struct registry_address a = { .rtt_us = -1, .via = read_via(jdoc_get(j, "via")) };
		int64_t port = jdoc_int(j, "port", 0);

		a.port = port > 0 && port < 65536 ? (int)port : 0;
		if (strcmp(jdoc_text(j, "kind", ""), registry_path_name(PATH_URL)) == 0)
			jdoc_clean(j, "address", a.url, sizeof a.url);
		else
			jdoc_clean(j, "address", a.host, sizeof a.host);
		if (a.url[0] != '\0' || (a.host[0] != '\0' && a.port > 0))
			(void)registry_add_address(n, &a);
	}
}

static void
read_device(struct registry_node *n, const struct jdoc *j, struct registry *r)
{
	const struct jdoc *roles = jdoc_get(j, "roles"), *can = jdoc_get(j, "capability");
	int64_t number = jdoc_int(j, "number", 0);
	char label[MAX_NAME_BYTES];

	str_copy(n->info.id, sizeof n->info.id, n->id);
	if (number >= 1 && number <= 99 && registry_by_number(r, (int)number) == NULL)
		n->number = (int)number;
	jdoc_clean(j, "label", label, sizeof label);
	(void)registry_set_label(r, n, label, NULL);
	jdoc_clean(j, "deviceName", n->info.device_name, sizeof n->info.device_name);
	jdoc_clean(j, "model", n->info.model, sizeof n->info.model);
	for (size_t i = 0; i < jdoc_count(roles); i++)
		n->roles |= roles_parse(jdoc_self_text(jdoc_at(roles, i), ""));
	n->view_only = !jdoc_bool(can, "record", true);
	n->info.mic = jdoc_bool(can, "mic", false);
	n->info.pose = jdoc_bool(can, "pose", false);
	n->info.torch = jdoc_bool(can, "torch", false);
	n->out = jdoc_has(j, "out");
	jdoc_clean(j, "out", n->out_reason, sizeof n->out_reason);
	read_paths(n, jdoc_get(j, "paths"));
}

void
sphere_read_devices(const struct jdoc *devices, struct registry *r)
{
	for (size_t i = 0; i < jdoc_count(devices); i++) {
		const struct jdoc *j = jdoc_at(devices, i);
		struct registry_node *n;
		char id[ID_BYTES];

		if (!ids_copy_own(id, jdoc_text(j, "node", "")) || registry_find(r, id) != NULL)
			continue;
		n = registry_remember(r, id);
		if (n != NULL)
			read_device(n, j, r);
	}
}
