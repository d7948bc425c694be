/*
 * t_sphere.c - the Sphere folder: made, locked, mended; sphere.json and take.json to values and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/str.h"
#include "io/diskq.h"
#include "io/jdoc.h"
#include "io/sphere.h"
#include "support/schema.h"
#include "support/scratch.h"

#define NOW_US 1763712000000000LL

struct world {
	char *scratch, *folder;
	struct err err;
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->scratch = scratch_new();
	w->folder = strdup(scratch_path(w->scratch, "saturday-episode"));
	setenv("XDG_STATE_HOME", scratch_path(w->scratch, "state"), 1);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	scratch_free(w->scratch);
	free(w->folder);
	free(w);
	return 0;
}

static struct sphere *
open_it(struct world *w)
{
	struct sphere *s = sphere_open(w->folder, "", NOW_US, &w->err);

	if (s == NULL)
		print_message("%s\n", w->err.text);
	return s;
}

static void
assert_schema(const char *schema, const char *text)
{
	char why[512] = "";

	if (!schema_accepts(schema, text, strlen(text), why, sizeof why))
		fail_msg("%s\n%s", why, text);
}

static void
assert_file_schema(const char *schema, const char *path)
{
	char *text = scratch_read(path);

	assert_schema(schema, text);
	free(text);
}

static void
new_folder_has_all_its_parts(void **state)
{
	struct world *w = *state;
	struct sphere *s = open_it(w);

	assert_non_null(s);
	assert_string_equal(sphere_manifest(s)->name, "saturday-episode");
	assert_string_equal(sphere_notice(s), "");
	assert_true(ids_is_uuid(sphere_manifest(s)->sphere));
	assert_true(scratch_exists(scratch_path(w->folder, "sidecars")));
	assert_true(scratch_exists(scratch_path(w->folder, "takes")));
	assert_true(scratch_exists(scratch_path(w->folder, "exports")));
	assert_file_schema("sphere", scratch_path(w->folder, "sphere.json"));
	sphere_close(s);
}

static void
sphere_and_host_keep_their_ids(void **state)
{
	struct world *w = *state;
	struct sphere *s = open_it(w);
	char sphere[ID_BYTES], host[ID_BYTES], *kept;

	str_copy(sphere, sizeof sphere, sphere_manifest(s)->sphere);
	str_copy(host, sizeof host, sphere_manifest(s)->host);
	sphere_close(s);
	s = open_it(w);
	assert_string_equal(sphere_manifest(s)->sphere, sphere);
	assert_string_equal(sphere_manifest(s)->host, host);
	sphere_close(s);
	s = sphere_open(scratch_path(w->scratch, "other"), "Another day", NOW_US, &w->err);
	assert_string_equal(sphere_manifest(s)->host, host);
	assert_string_not_equal(sphere_manifest(s)->sphere, sphere);
	assert_string_equal(sphere_manifest(s)->name, "Another day");
	sphere_close(s);
	kept = scratch_read(scratch_path(w->scratch, "state/livedirector/host-id"));
	assert_int_equal(strncmp(kept, host, strlen(host)), 0);
	free(kept);
}

/* A folder that came from somebody else: what its lock leads to is not ours to write. */
static void
lock_that_is_a_link_is_refused_and_what_it_leads_to_left_alone(void **state)
{
	struct world *w = *state;
	char lock[512], *text;

	sphere_close(open_it(w));
	scratch_write(scratch_path(w->scratch, "precious"), "precious\n");
	str_copy(lock, sizeof lock, scratch_path(w->folder, "sphere.json.lock"));
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(symlink("../precious", lock), 0);
	assert_null(sphere_open(w->folder, "", NOW_US, &w->err));
	assert_int_equal(w->err.kind, ERR_DISK);
	text = scratch_read(scratch_path(w->scratch, "precious"));
	assert_string_equal(text, "precious\n");
	free(text);
}

static void
second_console_is_refused_by_name(void **state)
{
	struct world *w = *state;
	struct sphere *s = open_it(w);
	char process[64];

	assert_null(sphere_open(w->folder, "", NOW_US, &w->err));
	assert_int_equal(w->err.kind, ERR_REFUSED);
	snprintf(process, sizeof process, "is run by another console (process %ld); ", (long)getpid());
	assert_non_null(strstr(w->err.text, process));
	assert_int_equal(strncmp(w->err.text, w->folder, strlen(w->folder)), 0);
	/* One that was killed still stands in the file, until the next one has written its own. */
	scratch_write(scratch_path(w->folder, "sphere.json.lock"), "4194303\n");
	assert_null(sphere_open(w->folder, "", NOW_US, &w->err));
	assert_non_null(strstr(w->err.text, process));
	sphere_close(s);
	s = open_it(w);		/* free again, the lock file is still there */
	assert_non_null(s);
	sphere_close(s);
}

static void
folder_that_cannot_be_made_is_one_sentence(void **state)
{
	struct world *w = *state;

	scratch_write(w->folder, "a file");
	assert_null(sphere_open(w->folder, "", NOW_US, &w->err));
	assert_int_equal(w->err.kind, ERR_DISK);
	assert_null(sphere_open(scratch_path(w->folder, "below"), "", NOW_US, &w->err));
	assert_int_equal(w->err.kind, ERR_DISK);
	assert_non_null(strstr(w->err.text, "below"));
}

static void
newer_format_is_left_alone(void **state)
{
	struct world *w = *state;
	char *text;

	sphere_close(open_it(w));
	scratch_write(scratch_path(w->folder, "sphere.json"), "{\"format\":2,\"sphere\":\"x\"}");
	assert_null(sphere_open(w->folder, "", NOW_US, &w->err));
	assert_non_null(strstr(w->err.text, "newer program"));
	text = scratch_read(scratch_path(w->folder, "sphere.json"));
	assert_string_equal(text, "{\"format\":2,\"sphere\":\"x\"}");
	free(text);
}

/* ---- Devices ---- */

static void
fill_device(struct registry *r)
{
	struct registry_node *n = registry_remember(r, "7d0c1111-2222-4333-8444-555566667777");
	struct registry_address lan = { .host = "10.0.0.12", .port = 8081, .via = VIA_BONJOUR | VIA_MANUAL, .in_use = true };

	str_copy(n->info.device_name, sizeof n->info.device_name, "iPhone 16 Plus");
	str_copy(n->info.model, sizeof n->info.model, "iPhone17,2");
	n->info.mic = true;
	n->known = false;
	assert_true(registry_set_number(r, n, 4, NULL));
	assert_true(registry_set_label(r, n, "left guest", NULL));
	n->roles = ROLE(CAMERA) | ROLE(SAFE);
	n->out = true;
	str_copy(n->out_reason, sizeof n->out_reason, "battery swap");
	registry_add_address(n, &lan);
	n->addresses[0].in_use = true;
}

static void
fill_view(struct registry *r)
{
	struct registry_node *n = registry_remember(r, "anon-1");
	struct registry_address url = { .url = "http://anna:geheim@10.0.0.9:8080/stream?x=1", .via = VIA_MANUAL };

	str_copy(n->info.device_name, sizeof n->info.device_name, "10.0.0.9");
	n->view_only = true;
	registry_add_address(n, &url);
}

static void
live(void *arg, const char *node, struct sphere_live *out)
{
	(void)arg;
	if (node[0] == '7')
		*out = (struct sphere_live){ "recording", true };
}

static char *
print_two(void)
{
	struct registry *r = registry_new();
	struct manifest m;
	char *text;

	fill_device(r);
	fill_view(r);
	manifest_init(&m, "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002", "Saturday episode", NOW_US);
	manifest_add_take(&m, "001", "ep12")->counts = (struct take_counts){ .asked = 2, .saved = 1 };
	text = sphere_print_manifest(&m, r, live, NULL);
	manifest_fini(&m);
	registry_free(r);
	return text;
}

static void
manifest_has_the_published_form(void **state)
{
	char *text = print_two();
	struct jdoc *j = jdoc_parse(text, strlen(text), 1 << 20, NULL), *device, *path;

	(void)state;
	assert_schema("sphere", text);
	device = jdoc_at(jdoc_get(j, "devices"), 0);
	assert_int_equal(jdoc_int(device, "number", 0), 4);
	assert_string_equal(jdoc_text(device, "recordingState", ""), "recording");
	assert_true(jdoc_bool(device, "poseEligible", false));
	assert_string_equal(jdoc_text(device, "out", ""), "battery swap");
	path = jdoc_at(jdoc_get(device, "paths"), 0);
	assert_string_equal(jdoc_text(path, "address", ""), "10.0.0.12");
	assert_int_equal(jdoc_int(path, "port", 0), 8081);
	assert_true(jdoc_bool(path, "inUse", false));
	assert_int_equal(jdoc_count(jdoc_get(path, "via")), 2);
	device = jdoc_at(jdoc_get(j, "devices"), 1);
	assert_false(jdoc_has(device, "number"));
	assert_string_equal(jdoc_text(device, "recordingState", ""), "unknown");
	assert_int_equal(jdoc_int(jdoc_get(jdoc_at(jdoc_get(j, "takes"), 0), "counts"), "asked", 0), 2);
	jdoc_free(j);
	free(text);
}

static void
no_credentials_are_in_the_folder(void **state)
{
	char *text = print_two();

	(void)state;
	assert_null(strstr(text, "geheim"));
	assert_null(strstr(text, "anna"));
	assert_non_null(strstr(text, "http://10.0.0.9:8080/stream?x=1"));
	free(text);
}

static void
number_label_and_roles_survive_a_restart(void **state)
{
	struct world *w = *state;
	struct registry *r = registry_new();
	const struct registry_node *n;
	char *text = print_two();
	struct sphere *s;

	sphere_close(open_it(w));
	scratch_write(scratch_path(w->folder, "sphere.json"), text);
	free(text);
	s = open_it(w);
	sphere_fill_registry(s, r);
	assert_int_equal(registry_count(r), 2);
	n = registry_find(r, "7d0c1111-2222-4333-8444-555566667777");
	assert_true(n->known);
	assert_int_equal(n->number, 4);
	assert_string_equal(n->label, "left guest");
	assert_string_equal(n->info.device_name, "iPhone 16 Plus");
	assert_int_equal(n->roles, ROLE(CAMERA) | ROLE(SAFE));
	assert_true(n->out);
	assert_string_equal(n->out_reason, "battery swap");
	assert_int_equal(n->address_count, 1);
	assert_string_equal(n->addresses[0].host, "10.0.0.12");
	assert_int_equal(n->addresses[0].via, VIA_BONJOUR | VIA_MANUAL | VIA_REMEMBERED);
	assert_false(n->addresses[0].in_use);
	n = registry_find(r, "anon-1");
	assert_true(n->view_only);
	assert_string_equal(n->addresses[0].url, "http://10.0.0.9:8080/stream?x=1");
	assert_string_equal(sphere_manifest(s)->name, "Saturday episode");
	assert_int_equal(manifest_next_take(sphere_manifest(s)), 2);
	sphere_close(s);
	registry_free(r);
}

static void
two_devices_with_one_number_or_label_do_no_harm(void **state)
{
	struct world *w = *state;
	struct registry *r = registry_new();
	struct sphere *s;

	sphere_close(open_it(w));
	scratch_write(scratch_path(w->folder, "sphere.json"), "{\"format\":1,\"sphere\":\"s1\",\"host\":\"h\",\"devices\":["
	    "{\"node\":\"a\",\"number\":1,\"label\":\"left\"},{\"node\":\"b\",\"number\":1,\"label\":\"left\"},"
	    "{\"node\":\"a\",\"number\":7},{\"node\":5},null,{\"node\":\"c\",\"number\":-3,\"paths\":[{\"port\":99999,\"address\":\"x\"},7]}]}");
	s = open_it(w);
	assert_non_null(s);
	sphere_fill_registry(s, r);
	assert_int_equal(registry_count(r), 3);
	assert_int_equal(registry_find(r, "a")->number, 1);
	assert_int_equal(registry_find(r, "b")->number, 0);
	assert_string_equal(registry_find(r, "b")->label, "");
	assert_int_equal(registry_find(r, "c")->address_count, 0);
	sphere_close(s);
	registry_free(r);
}

/* A cloned phone has the id of another; what we call it is ours, and must come back as it was written. */
static void
copies_of_one_id_are_kept_apart_through_a_restart(void **state)
{
	struct world *w = *state;
	struct registry *r = registry_new();
	struct take t, again;
	struct err e = { 0 };
	struct sphere *s;
	char *text;

	sphere_close(open_it(w));
	scratch_write(scratch_path(w->folder, "sphere.json"), "{\"format\":1,\"sphere\":\"s1\",\"host\":\"h\",\"devices\":["
	    "{\"node\":\"a\",\"number\":1},{\"node\":\"a#2\",\"number\":2,\"label\":\"right\"}]}");
	s = open_it(w);
	sphere_fill_registry(s, r);
	assert_int_equal(registry_count(r), 2);
	assert_non_null(registry_find(r, "a#2"));
	assert_string_equal(registry_find(r, "a#2")->label, "right");
	sphere_close(s);
	registry_free(r);
	take_init(&t, "001", "", 1, "s1", TAKE_WILLING, NOW_US);
	take_ask(&t, "a", 1, "left", NOW_US);
	take_ask(&t, "a#2", 2, "right", NOW_US);
	text = sphere_print_take(&t);
	assert_true(sphere_read_take(&again, text, strlen(text), &e));
	assert_int_equal(again.device_count, 2);
	assert_string_equal(take_device(&again, "a#2")->label, "right");
	free(text);
	take_fini(&t);
	take_fini(&again);
}

/* ---- A damaged manifest ---- */

static const char sources[] =
    "{\"seq\":1,\"timeUs\":1763700000000000,\"monoNs\":0,\"type\":\"open\",\"run\":\"r\"}\n"
    "{\"seq\":2,\"timeUs\":1763700000000001,\"monoNs\":0,\"type\":\"sphere\",\"sphere\":\"5d3a9d64-6d15-4a5e-9b0a-0123456789ab\",\"name\":\"Pilot\"}\n"
    "{\"seq\":3,\"timeUs\":1763700000000002,\"monoNs\":0,\"type\":\"seen\",\"node\":\"a\",\"deviceName\":\"iPhone\",\"model\":\"m\",\"number\":1,\"label\":null,\"roles\":[\"camera\"],\"viewOnly\":false,\"out\":null}\n"
    "{\"seq\":4,\"timeUs\":1763700000000003,\"monoNs\":0,\"type\":\"seen\",\"node\":\"b\",\"deviceName\":\"Pixel\",\"model\":\"m\",\"number\":2,\"label\":null,\"roles\":[],\"viewOnly\":true,\"out\":null}\n"
    "{\"seq\":5,\"timeUs\":1763700000000004,\"monoNs\":0,\"type\":\"label\",\"node\":\"a\",\"label\":\"left\"}\n"
    "{\"seq\":6,\"timeUs\":1763700000000005,\"monoNs\":0,\"type\":\"number\",\"node\":\"a\",\"number\":2}\n"
    "{\"seq\":7,\"timeUs\":1763700000000005,\"monoNs\":0,\"type\":\"number\",\"node\":\"b\",\"number\":1}\n"
    "{\"seq\":8,\"timeUs\":1763700000000006,\"monoNs\":0,\"type\":\"role\",\"node\":\"a\",\"roles\":[\"camera\",\"must\"]}\n"
    "{\"seq\":9,\"timeUs\":1763700000000007,\"monoNs\":0,\"type\":\"out\",\"node\":\"a\",\"reason\":\"hot\"}\n"
    "{\"seq\":10,\"timeUs\":1763700000000008,\"monoNs\":0,\"type\":\"seen\",\"node\":\"c\",\"deviceName\":\"Gone\",\"model\":\"m\",\"number\":3,\"label\":null,\"roles\":[],\"viewOnly\":false,\"out\":null}\n"
    "{\"seq\":11,\"timeUs\":1763700000000009,\"monoNs\":0,\"type\":\"forget\",\"node\":\"c\"}\n"
    "{\"seq\":12,\"timeUs\":1763700000000010,\"monoNs\":0,\"type\":\"name\",\"name\":\"Episode 12\"}\n"
    "{\"seq\":13,\"timeUs\":1763700000000011,\"monoNs\":0,\"type\":\"no such type\",\"node\":\"a\"}\n";

static void
make_take_file(struct world *w, const char *number, const char *slate)
{
	struct err e = { 0 };
	struct take t;
	char name[64], *text;

	take_init(&t, number, slate, 1, "5d3a9d64-6d15-4a5e-9b0a-0123456789ab", TAKE_WILLING, NOW_US);
	take_ask(&t, "d", 9, "door", NOW_US);
	text = sphere_print_take(&t);
	snprintf(name, sizeof name, "takes/%s/take.json", number);
	assert_true(diskq_replace_now(scratch_path(w->folder, name), text, strlen(text), &e));
	free(text);
	take_fini(&t);
}

static void
damaged_manifest_is_made_anew_from_what_is_left(void **state)
{
	struct world *w = *state;
	struct registry *r = registry_new();
	const struct manifest *m;
	struct sphere *s;

	sphere_close(open_it(w));
	scratch_write(scratch_path(w->folder, "sidecars/sources.jsonl"), sources);
	make_take_file(w, "003", "ep12");
	scratch_write(scratch_path(w->folder, "sphere.json"), "{\"format\":1,\"sph");
	s = open_it(w);
	assert_non_null(s);
	assert_non_null(strstr(sphere_notice(s), "sphere.json.bad-1"));
	assert_true(scratch_exists(scratch_path(w->folder, "sphere.json.bad-1")));
	m = sphere_manifest(s);
	assert_string_equal(m->sphere, "5d3a9d64-6d15-4a5e-9b0a-0123456789ab");
	assert_string_equal(m->name, "Episode 12");
	assert_int_equal(m->created_us, 1763700000000000LL);
	assert_int_equal(manifest_next_take(m), 4);
	assert_string_equal(m->takes[0].slate, "ep12");
	sphere_fill_registry(s, r);
	assert_int_equal(registry_count(r), 3);
	assert_int_equal(registry_find(r, "a")->number, 2);
	assert_string_equal(registry_find(r, "a")->label, "left");
	assert_int_equal(registry_find(r, "a")->roles, ROLE(CAMERA) | ROLE(MUST));
	assert_string_equal(registry_find(r, "a")->out_reason, "hot");
	assert_int_equal(registry_find(r, "b")->number, 1);
	assert_true(registry_find(r, "b")->view_only);
	assert_null(registry_find(r, "c"));
	assert_string_equal(registry_find(r, "d")->label, "door");
	assert_file_schema("sphere", scratch_path(w->folder, "sphere.json"));
	sphere_close(s);
	registry_free(r);
}

static void
each_damage_is_kept_beside(void **state)
{
	struct world *w = *state;

	sphere_close(open_it(w));
	for (int i = 1; i <= 3; i++) {
		scratch_write(scratch_path(w->folder, "sphere.json"), i == 1 ? "" : i == 2 ? "[]" : "{\"format\":1}");
		sphere_close(open_it(w));
	}
	assert_true(scratch_exists(scratch_path(w->folder, "sphere.json.bad-1")));
	assert_true(scratch_exists(scratch_path(w->folder, "sphere.json.bad-2")));
	assert_true(scratch_exists(scratch_path(w->folder, "sphere.json.bad-3")));
}

/* Its folder and the manifest are gone: the journal knows that the number was given, and to which slate. */
static void
number_that_was_given_is_never_given_again(void **state)
{
	struct world *w = *state;
	const struct manifest *m;
	struct sphere *s;

	sphere_close(open_it(w));
	scratch_write(scratch_path(w->folder, "sidecars/sources.jsonl"),
	    "{\"seq\":1,\"timeUs\":1,\"monoNs\":0,\"type\":\"open\",\"run\":\"r\"}\n"
	    "{\"seq\":2,\"timeUs\":1,\"monoNs\":0,\"type\":\"take\",\"take\":\"004\",\"slate\":\"ep12\",\"slateTake\":1}\n"
	    "{\"seq\":3,\"timeUs\":1,\"monoNs\":0,\"type\":\"take\",\"take\":\"005\",\"slate\":null,\"slateTake\":1}\n"
	    "{\"seq\":4,\"timeUs\":1,\"monoNs\":0,\"type\":\"take\",\"take\":\"../9\",\"slate\":null,\"slateTake\":1}\n");
	assert_int_equal(unlink(scratch_path(w->folder, "sphere.json")), 0);
	s = open_it(w);
	assert_non_null(s);
	m = sphere_manifest(s);
	assert_int_equal(m->take_count, 2);
	assert_int_equal(manifest_next_take(m), 6);
	assert_int_equal(manifest_slate_count(m, "ep12", false), 1);
	sphere_close(s);
}

static void
renamed_folder_uses_up_its_number_and_counts_no_slate_twice(void **state)
{
	struct world *w = *state;
	const struct manifest *m;
	struct sphere *s;
	char *from;

	sphere_close(open_it(w));
	make_take_file(w, "002", "ep12");
	sphere_close(open_it(w));		/* the manifest knows it */
	from = strdup(scratch_path(w->folder, "takes/002"));
	assert_int_equal(rename(from, scratch_path(w->folder, "takes/007")), 0);
	free(from);
	s = open_it(w);
	m = sphere_manifest(s);
	assert_int_equal(manifest_next_take(m), 8);
	assert_int_equal(manifest_slate_count(m, "ep12", false), 1);
	sphere_close(s);
	from = strdup(scratch_path(w->folder, "takes/007"));
	assert_int_equal(rename(from, scratch_path(w->folder, "takes/002-good one")), 0);
	free(from);
	s = open_it(w);
	assert_int_equal(manifest_next_take(sphere_manifest(s)), 8);
	sphere_close(s);
}

static void
number_of_a_take_without_proof_is_used_up(void **state)
{
	struct world *w = *state;
	struct sphere *s = open_it(w);

	assert_true(sphere_make_take_folder(s, "007", &w->err));
	assert_true(sphere_make_take_folder(s, "007", &w->err));
	sphere_close(s);
	s = open_it(w);
	assert_int_equal(manifest_next_take(sphere_manifest(s)), 8);
	sphere_close(s);
}

/* ---- take.json ---- */

#define META "{\"id\":\"rec-1\",\"take\":\"003\",\"sphere\":\"s\",\"part\":1,\"fileName\":\"003-left.mp4\",\"bytes\":1000," \
	"\"startUs\":1763712000354223,\"durationMs\":60000,\"complete\":true,\"x-vendor\":[1,2.5,{\"deep\":null}]}"

static void
make_take(struct take *t)
{
	struct offset_estimate offset = { .known = true, .offset_us = 350123, .bound_us = 900, .at_us = NOW_US };
	struct node_recording rec = { .state = NODE_REC_RECORDING, .take = "003", .since_us = NOW_US + 354223 };
	struct node_file file = { .id = "rec-1", .take = "003", .part = 1, .start_us = NOW_US + 354223, .duration_ms = 60000, .complete = true };
	struct take_device *d;

	take_init(t, "003", "ep12", 2, "00000000-0000-4000-8000-000000000001", TAKE_MUST, NOW_US);
	t->rehearsal = true;
	take_ask(t, "left", 1, "left guest", NOW_US - 200000);
	take_ask(t, "right", 2, "", NOW_US - 200000);
	d = take_device(t, "left");
	assert_true(take_heard(d, &rec, "003", t->sphere, NOW_US));
	assert_true(take_go(d, TAKE_STOPPING, NULL, NOW_US + 60000000));
	assert_true(take_saved(d, &file, META, &offset, NOW_US + 61000000));
	d = take_device(t, "right");
	assert_true(take_go(d, TAKE_FAILED, "no answer within 2 s, asked twice", NOW_US + 2000000));
}

static void
take_has_the_published_form_and_reads_back(void **state)
{
	struct take t, again;
	struct take_counts counts;
	struct err e = { 0 };
	char *text, *second;
	const struct take_device *d;

	(void)state;
	make_take(&t);
	t.devices[0].parts[0].copy = (struct take_copy){ .where = "s3://show/p/saturday/003", .proof = "every byte was read back", .time_us = NOW_US };
	text = sphere_print_take(&t);
	assert_schema("take", text);
	assert_non_null(strstr(text, "\"x-vendor\""));
	assert_non_null(strstr(text, "\"archived\""));
	assert_true(sphere_read_take(&again, text, strlen(text), &e));
	second = sphere_print_take(&again);
	assert_string_equal(text, second);
	take_counts(&again, &counts);
	assert_int_equal(counts.asked, 2);
	assert_int_equal(counts.recorded, 1);
	assert_int_equal(counts.saved, 1);
	assert_int_equal(counts.failed, 1);
	assert_int_equal(again.policy, TAKE_MUST);
	d = take_device(&again, "left");
	assert_int_equal(d->parts[0].start_us, NOW_US + 4100);
	assert_string_equal(d->parts[0].meta.file_name, "003-left.mp4");
	assert_int_equal(d->node_since_us, NOW_US + 354223);
	assert_true(d->stop_asked);
	free(text);
	free(second);
	take_fini(&t);
	take_fini(&again);
}

/* A camera that failed stays so while its file comes home; its counts must not shrink at a restart. */
static void
camera_that_failed_keeps_what_its_files_reached(void **state)
{
	struct take t, again;
	struct take_counts before, after;
	struct err e = { 0 };
	char *text;

	(void)state;
	make_take(&t);
	t.devices[0].state = TAKE_FAILED;
	t.devices[0].reached[TAKE_FAILED] = true;
	str_copy(t.devices[0].reason, sizeof t.devices[0].reason, "stopped by itself: heat");
	assert_true(take_part_go(&t.devices[0], 1, TAKE_FETCHING, NULL, NOW_US));
	assert_true(take_part_go(&t.devices[0], 1, TAKE_FETCHED, NULL, NOW_US));
	assert_true(take_part_go(&t.devices[0], 1, TAKE_VERIFIED, NULL, NOW_US));
	take_counts(&t, &before);
	assert_int_equal(before.verified, 1);
	text = sphere_print_take(&t);
	assert_true(sphere_read_take(&again, text, strlen(text), &e));
	take_counts(&again, &after);
	assert_memory_equal(&before, &after, sizeof before);
	free(text);
	take_fini(&t);
	take_fini(&again);
}

/* Killed between the two files: the proof is right, and the manifest follows it. */
static void
manifest_takes_the_counts_of_the_proofs(void **state)
{
	struct world *w = *state;
	struct sphere *s = open_it(w);
	struct take t;
	char *text;

	make_take(&t);
	assert_true(sphere_make_take_folder(s, "003", &w->err));
	manifest_add_take(sphere_manifest(s), "003", "ep12")->counts.asked = 7;
	text = sphere_print_take(&t);
	assert_true(diskq_replace_now(scratch_path(w->folder, "takes/003/take.json"), text, strlen(text), &w->err));
	free(text);
	text = sphere_print_manifest(sphere_manifest(s), NULL, NULL, NULL);
	assert_true(diskq_replace_now(scratch_path(w->folder, "sphere.json"), text, strlen(text), &w->err));
	free(text);
	take_fini(&t);
	sphere_close(s);
	s = open_it(w);
	assert_int_equal(manifest_take(sphere_manifest(s), "003")->counts.asked, 2);
	assert_int_equal(manifest_take(sphere_manifest(s), "003")->counts.saved, 1);
	assert_string_equal(manifest_take(sphere_manifest(s), "003")->slate, "ep12");
	sphere_close(s);
}

static void
nonsense_is_no_take(void **state)
{
	static const char *const texts[] = { "", "[]", "{}", "{\"format\":2,\"take\":\"001\"}", "{\"format\":1}", "{\"format\":1,\"take\":5}" };
	static const char odd[] = "{\"format\":1,\"take\":\"001\",\"devices\":[7,{},{\"node\":\"a\",\"state\":\"flying\",\"parts\":[null],\"history\":[3]}]}";
	struct err e = { 0 };
	struct take t;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(sphere_read_take(&t, texts[i], strlen(texts[i]), &e));
	assert_true(sphere_read_take(&t, odd, strlen(odd), &e));
	assert_int_equal(t.device_count, 1);
	assert_int_equal(t.devices[0].state, TAKE_ASKED);
	assert_int_equal(t.devices[0].history_count, 0);
	take_fini(&t);
}

static void
unfinished_takes_and_the_newest_are_found(void **state)
{
	struct world *w = *state;
	struct sphere *s;
	struct take t, *takes;
	char *text;
	int count;

	sphere_close(open_it(w));
	make_take_file(w, "001", "a");		/* its device was only asked */
	make_take_file(w, "004", "b");
	make_take(&t);				/* 003: over, its files on the cameras */
	text = sphere_print_take(&t);
	assert_true(diskq_replace_now(scratch_path(w->folder, "takes/002/take.json"), text, strlen(text), &w->err));
	free(text);
	for (int i = 0; i < t.device_count; i++)
		for (int k = 0; k < t.devices[i].part_count; k++)
			t.devices[i].parts[k].state = TAKE_VERIFIED;
	text = sphere_print_take(&t);
	assert_true(diskq_replace_now(scratch_path(w->folder, "takes/003/take.json"), text, strlen(text), &w->err));
	assert_true(diskq_replace_now(scratch_path(w->folder, "takes/005/take.json"), text, strlen(text), &w->err));
	free(text);
	take_fini(&t);
	scratch_write(scratch_path(w->folder, "takes/003/take.json.tmp"), "{");
	s = open_it(w);
	takes = sphere_load_takes(s, &count);
	assert_int_equal(count, 4);
	assert_string_equal(takes[0].take, "001");
	assert_string_equal(takes[1].take, "003");	/* in folder 002: over, and not home */
	assert_string_equal(takes[2].take, "004");
	assert_string_equal(takes[3].take, "003");	/* in folder 005: the newest, though all of it is home */
	for (int i = 0; i < count; i++)
		take_fini(&takes[i]);
	free(takes);
	sphere_close(s);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(new_folder_has_all_its_parts), TEST(sphere_and_host_keep_their_ids), TEST(second_console_is_refused_by_name),
		TEST(lock_that_is_a_link_is_refused_and_what_it_leads_to_left_alone),
		TEST(folder_that_cannot_be_made_is_one_sentence), TEST(newer_format_is_left_alone),
		TEST(manifest_has_the_published_form), TEST(no_credentials_are_in_the_folder),
		TEST(number_label_and_roles_survive_a_restart), TEST(two_devices_with_one_number_or_label_do_no_harm),
		TEST(number_label_and_roles_survive_a_restart), TEST(copies_of_one_id_are_kept_apart_through_a_restart),
		TEST(damaged_manifest_is_made_anew_from_what_is_left),
		TEST(number_that_was_given_is_never_given_again), TEST(renamed_folder_uses_up_its_number_and_counts_no_slate_twice), TEST(each_damage_is_kept_beside),
		TEST(number_of_a_take_without_proof_is_used_up), TEST(take_has_the_published_form_and_reads_back),
		TEST(camera_that_failed_keeps_what_its_files_reached), TEST(manifest_takes_the_counts_of_the_proofs),
		TEST(nonsense_is_no_take), TEST(unfinished_takes_and_the_newest_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
