/* t_disc.c - addresses as people type them; the sources that need no network; TXT records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "io/disc.h"
#include "io/dnssd_private.h"
#include "io/loop_uv.h"

static void
good_addresses_are_taken_apart(void **state)
{
	static const struct { const char *text, *host; int port; enum registry_path kind; const char *url; } cases[] = {
		{ "10.0.0.12", "10.0.0.12", 8081, PATH_LAN, "" },
		{ "10.0.0.12:9000", "10.0.0.12", 9000, PATH_LAN, "" },
		{ "127.0.0.1:1", "127.0.0.1", 1, PATH_LOOPBACK, "" },
		{ "100.90.1.2", "100.90.1.2", 8081, PATH_TAILSCALE, "" },
		{ "iPhone-16.local", "iPhone-16.local", 8081, PATH_LAN, "" },
		{ "küche.local:65535", "küche.local", 65535, PATH_LAN, "" },
		{ "[::1]", "::1", 8081, PATH_LOOPBACK, "" },
		{ "[fe80::1%eth0]:8082", "fe80::1%eth0", 8082, PATH_LAN, "" },
		{ "http://[fe80::1%25eth0]:8082/info", "fe80::1%eth0", 8082, PATH_URL, "http://[fe80::1%25eth0]:8082/info" },
		{ "fd00::7", "fd00::7", 8081, PATH_LAN, "" },
		{ "http://10.0.0.9/stream?x=1", "10.0.0.9", 80, PATH_URL, "http://10.0.0.9/stream?x=1" },
		{ "HTTP://cam:8080", "cam", 8080, PATH_URL, "HTTP://cam:8080" },
		{ "https://cam/v", "cam", 443, PATH_URL, "https://cam/v" },
		{ "http://me:pa:ss@cam:81/v", "cam", 81, PATH_URL, "http://me:pa:ss@cam:81/v" },
		{ "http://[::1]:8080/?action=stream", "::1", 8080, PATH_URL, "http://[::1]:8080/?action=stream" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct registry_address a;
		struct err e;

		if (!disc_parse_address(&a, cases[i].text, &e))
			fail_msg("%s: %s", cases[i].text, e.text);
		assert_string_equal(a.host, cases[i].host);
		assert_int_equal(a.port, cases[i].port);
		assert_int_equal(a.kind, cases[i].kind);
		assert_string_equal(a.url, cases[i].url);
		assert_int_equal(a.via, VIA_MANUAL);
		assert_int_equal(a.rtt_us, -1);
		assert_false(a.in_use);
	}
}

static void
bad_addresses_are_refused_with_a_sentence(void **state)
{
	static const char *const cases[] = { "", ":8081", "cam:", "cam:0", "cam:65536", "cam:80x", "cam:-1", "a b", "cam/path", "[::1", "[]:1",
		"[cam]x", "[::1]x", "[::1]:", "ftp://cam/", "http://", "http:///x", "http://cam:0/", "http://cam /x", "http://cam/a b",
		"user@cam", "\x1b[2J", "cam\n", "http://c\x1b[2J/", "\xff\xfe", "10.77.1.300", "10.77.1", "1.2.3.4.5:8081", "10.77.1.99:81:82", "fe80:::1",
		"http://10.0.0.256/" };
	char *longest = calloc(1, 5000);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct registry_address a;
		struct err e;

		err_clear(&e);
		if (disc_parse_address(&a, cases[i], &e))
			fail_msg("\"%s\" was taken as %s:%d", cases[i], a.host, a.port);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_null(strchr(e.text, '\x1b'));
	}
	for (int round = 0; round < 2; round++) {
		struct registry_address a;

		memset(longest, 'a', 4999);
		memcpy(longest, "http://c/", round == 0 ? 9 : 0);
		assert_false(disc_parse_address(&a, longest, NULL));
	}
	free(longest);
}

/* ---- Sources ---- */

struct heard {
	struct loop *loop;
	char text[4096];
	int told, until;
	void *source;			/* closed inside the first callback */
	const struct disc_source *closes;
};

static void
hear(struct heard *h, const char *word, const char *text)
{
	size_t at = strlen(h->text);

	snprintf(h->text + at, sizeof h->text - at, "%s %s\n", word, text);
	if (h->closes != NULL) {
		h->closes->close(h->source);
		h->closes = NULL;
	}
	if (++h->told >= h->until)
		loop_stop(h->loop);
}

static void
on_sighted(void *arg, const struct disc_sighting *s)
{
	char text[2048];

	snprintf(text, sizeof text, "%s:%d %s id=%s name=%s via=%s", s->address.host, s->address.port, s->address.url, s->id, s->name,
	    registry_via_name((enum registry_via)s->address.via));
	hear(arg, "sighted", text);
}

static void
on_goodbye(void *arg, enum registry_via via, const struct registry_address *a, const char *id)
{
	char text[512];

	snprintf(text, sizeof text, "%s:%d id=%s via=%s", a->host, a->port, id, registry_via_name(via));
	hear(arg, "goodbye", text);
}

static void
on_state(void *arg, enum registry_via via, bool working, const char *sentence)
{
	(void)via;
	hear(arg, working ? "working" : "failing", sentence);
}

static const struct disc_fns fns = { .sighted = on_sighted, .goodbye = on_goodbye, .state = on_state };

static void
run_source(const struct disc_source *source, const char *conf, int until, struct heard *h)
{
	void *self;

	memset(h, 0, sizeof *h);
	h->until = until;
	h->loop = loop_uv_new(1);
	self = source->open(h->loop, conf, &fns, h);
	assert_non_null(self);
	assert_int_equal(h->told, 0);	/* never from inside open */
	loop_run(h->loop);
	source->close(self);
	loop_free(h->loop);
}

static void
typed_addresses_are_sighted_and_bad_ones_told(void **state)
{
	struct heard h;

	(void)state;
	run_source(&disc_manual, "10.0.0.5\n\n# spare\n  cam.local:9000  \nhttp://c/v\nno good:x\n", 4, &h);
	assert_non_null(strstr(h.text, "sighted 10.0.0.5:8081  id= name=10.0.0.5 via=manual\n"));
	assert_non_null(strstr(h.text, "sighted cam.local:9000  id= name=cam.local:9000 via=manual\n"));
	assert_non_null(strstr(h.text, "sighted c:80 http://c/v id= name=http://c/v via=manual\n"));
	assert_null(strstr(h.text, "spare"));
}

static void
source_may_be_closed_in_its_own_callback(void **state)
{
	struct heard h = { .until = 1 };

	(void)state;
	h.loop = loop_uv_new(1);
	h.closes = &disc_manual;
	h.source = disc_manual.open(h.loop, "a\nb\nc", &fns, &h);
	loop_run(h.loop);
	assert_int_equal(h.told, 1);
	loop_free(h.loop);
}

static void
sources_can_be_off(void **state)
{
	struct heard h = { .until = 1 };

	(void)state;
	h.loop = loop_uv_new(1);
	assert_null(disc_manual.open(h.loop, "", &fns, &h));
	assert_null(disc_replay.open(h.loop, "off", &fns, &h));
	assert_null(disc_bonjour.open(h.loop, "off", &fns, &h));
	disc_manual.close(NULL);
	disc_bonjour.close(NULL);
	disc_replay.close(NULL);
	loop_free(h.loop);
}

static void
replay_tells_what_the_file_says(void **state)
{
	char path[] = "/tmp/t_disc.XXXXXX";
	int fd = mkstemp(path);
	struct heard h;

	(void)state;
	assert_true(dprintf(fd, "%s", "# a bad evening\n"
	    "{\"state\":\"Bonjour listens\"}\n"
	    "{\"afterMs\":1,\"sighted\":\"10.0.0.7:8082\",\"id\":\"cam-7\",\"name\":\"Left\\u001b[2J\",\"via\":\"sweep\"}\n"
	    "{\"afterMs\":1,\"sighted\":\"nowhere:x\"}\n"
	    "{\"afterMs\":1,\"goodbye\":\"10.0.0.7:8082\",\"id\":\"cam-7\"}\n"
	    "not json\n"
	    "{\"sighted\":\"10.0.0.8\"}\n") > 0);
	close(fd);
	run_source(&disc_replay, path, 5, &h);
	assert_non_null(strstr(h.text, "working Bonjour listens\n"));
	assert_non_null(strstr(h.text, "sighted 10.0.0.7:8082  id=cam-7 name=Left"));
	assert_null(strchr(h.text, '\x1b'));
	assert_non_null(strstr(h.text, "via=sweep\n"));
	assert_non_null(strstr(h.text, ":4: \"nowhere:x\" is no address"));
	assert_non_null(strstr(h.text, "goodbye 10.0.0.7:8082 id=cam-7 via=bonjour\n"));
	assert_non_null(strstr(h.text, ":6: "));
	assert_null(strstr(h.text, "10.0.0.8"));
	unlink(path);
	run_source(&disc_replay, path, 1, &h);
	assert_non_null(strstr(h.text, "failing /tmp/t_disc."));
}

/* ---- Bonjour, without its daemon: these stand in for io/dnssd_browse.c ---- */

static struct dnssd_browse_fns bonjour_fns;
static void *bonjour_arg;
static struct dnssd_counts bonjour_counts;

struct dnssd_browse *
dnssd_browse_new(struct loop *loop, const char *type, const struct dnssd_browse_fns *browse_fns, void *arg)
{
	(void)loop;
	assert_string_equal(type, "_mmcam._tcp");
	bonjour_fns = *browse_fns;
	bonjour_arg = arg;
	memset(&bonjour_counts, 0, sizeof bonjour_counts);
	return NULL;
}

void
dnssd_browse_close(struct dnssd_browse *b)
{
	assert_null(b);
	bonjour_arg = NULL;
}

struct dnssd_counts
dnssd_browse_counts(const struct dnssd_browse *b)
{
	assert_null(b);
	return bonjour_counts;
}

/* hosts: addresses, a blank between two. */
static void
find_by_bonjour(unsigned serial, const char *instance, const char *hosts, int port, int api_port)
{
	struct dnssd_found f = { .serial = serial, .port = port, .api_port = api_port, .id = "cam-7" };

	str_copy(f.instance, sizeof f.instance, instance);
	while (*hosts != '\0') {
		size_t len = strcspn(hosts, " ");

		memcpy(f.addresses[f.address_count++], hosts, len);
		hosts += len + strspn(hosts + len, " ");
	}
	bonjour_fns.found(bonjour_arg, &f);
}

static void *
open_bonjour(struct heard *h)
{
	memset(h, 0, sizeof *h);
	h->until = 100;
	h->loop = loop_uv_new(1);
	return disc_bonjour.open(h->loop, NULL, &fns, h);
}

static void
every_address_is_a_sighting_of_its_own(void **state)
{
	struct heard h;
	void *self = open_bonjour(&h);

	(void)state;
	find_by_bonjour(1, "Left", "10.0.0.7 fd00::7 fe80::7%eth1", 9000, 0);
	assert_string_equal(h.text, "sighted 10.0.0.7:9000  id=cam-7 name=Left via=bonjour\n"
	    "sighted fd00::7:9000  id=cam-7 name=Left via=bonjour\nsighted fe80::7%eth1:9000  id=cam-7 name=Left via=bonjour\n");
	disc_bonjour.close(self);
	loop_free(h.loop);
}

static void
api_port_wins_over_the_record_and_no_port_is_no_place(void **state)
{
	struct heard h;
	void *self = open_bonjour(&h);

	(void)state;
	find_by_bonjour(1, "Left", "10.0.0.7", 9000, 8099);
	find_by_bonjour(2, "Right", "10.0.0.8", 0, 0);
	find_by_bonjour(3, "Up", "0.0.0.0 224.0.0.1 fe80::1 ff02::1 elsewhere 10.0.0.9", 0, 1);
	assert_string_equal(h.text, "sighted 10.0.0.7:8099  id=cam-7 name=Left via=bonjour\nsighted 10.0.0.9:1  id=cam-7 name=Up via=bonjour\n");
	disc_bonjour.close(self);
	loop_free(h.loop);
}

static void
goodbye_names_the_addresses_that_were_sighted(void **state)
{
	struct heard h;
	void *self = open_bonjour(&h);

	(void)state;
	find_by_bonjour(1, "Left", "10.0.0.8", 8081, 9000);
	find_by_bonjour(2, "Left", "fe80::7%eth1", 8081, 9000);
	find_by_bonjour(3, "Right", "10.0.0.9", 8081, 0);
	h.text[0] = '\0';
	bonjour_fns.gone(bonjour_arg, 1, true);
	assert_string_equal(h.text, "goodbye 10.0.0.8:9000 id=cam-7 via=bonjour\n");
	bonjour_fns.gone(bonjour_arg, 2, true);
	bonjour_fns.gone(bonjour_arg, 2, true);
	assert_string_equal(h.text, "goodbye 10.0.0.8:9000 id=cam-7 via=bonjour\ngoodbye fe80::7%eth1:9000 id=cam-7 via=bonjour\n");
	h.text[0] = '\0';
	bonjour_fns.gone(bonjour_arg, 3, false);	/* only forgotten: no reason to doubt it */
	assert_string_equal(h.text, "");
	disc_bonjour.close(self);
	loop_free(h.loop);
}

static void
moved_instance_leaves_its_old_address(void **state)
{
	struct heard h;
	void *self = open_bonjour(&h);

	(void)state;
	find_by_bonjour(1, "Left", "10.0.0.7 fd00::7", 8081, 0);
	h.text[0] = '\0';
	find_by_bonjour(1, "Left", "10.0.0.8 fd00::7", 8081, 0);
	assert_string_equal(h.text, "sighted 10.0.0.8:8081  id=cam-7 name=Left via=bonjour\nsighted fd00::7:8081  id=cam-7 name=Left via=bonjour\n"
	    "goodbye 10.0.0.7:8081 id=cam-7 via=bonjour\n");
	h.text[0] = '\0';
	find_by_bonjour(1, "Left", "", 8081, 0);
	assert_string_equal(h.text, "goodbye 10.0.0.8:8081 id=cam-7 via=bonjour\ngoodbye fd00::7:8081 id=cam-7 via=bonjour\n");
	disc_bonjour.close(self);
	loop_free(h.loop);
}

static void
place_is_left_by_the_last_who_held_it(void **state)
{
	struct heard h;
	void *self = open_bonjour(&h);

	(void)state;
	find_by_bonjour(1, "Left", "10.0.0.7", 8081, 0);	/* on one interface, and */
	find_by_bonjour(2, "Left", "10.0.0.7", 8081, 0);	/* on another */
	find_by_bonjour(3, "Left #2", "10.0.0.7", 8081, 0);	/* a clash gave it a new name */
	h.text[0] = '\0';
	bonjour_fns.gone(bonjour_arg, 1, true);
	bonjour_fns.gone(bonjour_arg, 2, true);
	assert_string_equal(h.text, "");
	bonjour_fns.gone(bonjour_arg, 3, true);
	assert_string_equal(h.text, "goodbye 10.0.0.7:8081 id=cam-7 via=bonjour\n");
	disc_bonjour.close(self);
	loop_free(h.loop);
}

static void
callback_may_close_its_source(void **state)
{
	struct heard h;

	(void)state;
	h.source = NULL;
	for (int round = 0; round < 2; round++) {
		void *self = open_bonjour(&h);

		find_by_bonjour(1, "Left", "10.0.0.7 fd00::7", 8081, 0);
		assert_int_equal(h.told, 2);
		h.source = self;
		h.closes = &disc_bonjour;
		if (round == 0)
			bonjour_fns.gone(bonjour_arg, 1, true);
		else
			find_by_bonjour(1, "Left", "10.0.0.8 fd00::7", 8081, 0);
		assert_null(bonjour_arg);
		assert_int_equal(h.told, 3);		/* nothing is told once it is closed */
		loop_free(h.loop);
	}
}

static void
bonjour_says_how_it_fares(void **state)
{
	struct heard h;
	void *self = open_bonjour(&h);

	(void)state;
	h.until = 1;
	loop_run(h.loop);
	assert_string_equal(h.text, "working Bonjour: asking for a daemon\n");
	h.text[0] = '\0';
	bonjour_fns.state(bonjour_arg, DNSSD_NO_DAEMON, "no avahi-daemon answers");
	loop_run(h.loop);
	assert_string_equal(h.text, "failing Bonjour: no daemon; using own queries\n");
	h.text[0] = '\0';
	bonjour_counts = (struct dnssd_counts){ .services = 5, .unresolved = 2 };
	bonjour_fns.state(bonjour_arg, DNSSD_RUNNING, "");
	loop_run(h.loop);
	assert_string_equal(h.text, "working Bonjour: the daemon lists 5 _mmcam._tcp, 2 of them without an address\n");
	disc_bonjour.close(self);
	loop_free(h.loop);
}

static void
on_answered(void *arg, const char *host)
{
	hear(arg, "answered", host);
}

static void
on_finished(void *arg)
{
	hear(arg, "finished", "");
}

static void
bonjour_says_which_hosts_answered_but_not_its_own(void **state)
{
	static const struct disc_fns answer_fns = { .answered = on_answered };
	struct heard h = { .until = 100 };
	void *self;

	(void)state;
	h.loop = loop_uv_new(1);
	self = disc_bonjour.open(h.loop, NULL, &answer_fns, &h);
	find_by_bonjour(1, "Left", "10.99.0.7 fd99::7", 8081, 0);
	find_by_bonjour(1, "Left", "10.99.0.7 fd99::7", 8081, 0);	/* read again: nothing new */
	find_by_bonjour(2, "Own", "127.0.0.1", 8081, 0);
	assert_string_equal(h.text, "answered 10.99.0.7\nanswered fd99::7\n");
	disc_bonjour.close(self);
	loop_free(h.loop);
}

static void
bonjour_without_a_daemon_has_nothing_more_to_look_at(void **state)
{
	static const struct disc_fns end_fns = { .state = on_state, .finished = on_finished };
	struct heard h = { .until = 1 };
	void *self;

	(void)state;
	h.loop = loop_uv_new(1);
	self = disc_bonjour.open(h.loop, NULL, &end_fns, &h);
	loop_run(h.loop);
	assert_null(strstr(h.text, "finished"));
	h.until = h.told + 2;
	bonjour_fns.state(bonjour_arg, DNSSD_NO_DAEMON, "");
	loop_run(h.loop);
	assert_non_null(strstr(h.text, "failing Bonjour: no daemon; using own queries\nfinished \n"));
	disc_bonjour.close(self);
	loop_free(h.loop);
}

/* ---- TXT records ---- */

static void
txt_keys_are_any_case_and_the_first_wins(void **state)
{
	static const unsigned char txt[] = "\x05" "ID=ab" "\x05" "id=cd" "\x03" "=xy" "\x04" "flag" "\x06" "empty=" "\x08" "deviceNa";
	char out[64] = "?";

	(void)state;
	assert_true(dnssd_txt_get(txt, sizeof txt - 1, "id", out, sizeof out));
	assert_string_equal(out, "ab");
	assert_true(dnssd_txt_get(txt, sizeof txt - 1, "Empty", out, sizeof out));
	assert_string_equal(out, "");
	assert_false(dnssd_txt_get(txt, sizeof txt - 1, "flag", out, sizeof out));
	assert_false(dnssd_txt_get(txt, sizeof txt - 1, "deviceName", out, sizeof out));
	assert_false(dnssd_txt_get(txt, 0, "id", out, sizeof out));
	assert_false(dnssd_txt_get((const unsigned char *)"", 1, "id", out, sizeof out));
}

static void
txt_lengths_are_not_trusted(void **state)
{
	unsigned char *txt = malloc(6);		/* its own block: reading past it is seen by the sanitiser */
	char out[64];

	(void)state;
	memcpy(txt, "\x20" "id=ab", 6);
	assert_false(dnssd_txt_get(txt, 6, "id", out, sizeof out));
	memcpy(txt, "\x01" "x" "\xff" "id=", 6);
	assert_false(dnssd_txt_get(txt, 6, "id", out, sizeof out));
	free(txt);
}

static void
txt_values_are_made_printable(void **state)
{
	static const unsigned char txt[] = "\x0d" "name=\x1b[2J\xff\x07zz";
	char out[64];

	(void)state;
	assert_true(dnssd_txt_get(txt, sizeof txt - 1, "name", out, sizeof out));
	assert_null(strchr(out, '\x1b'));
	assert_true(str_is_utf8(out, strlen(out)));
	assert_non_null(strstr(out, "zz"));
}

static void
txt_is_written_within_its_limits(void **state)
{
	unsigned char txt[MAX_TXT_BYTES];
	size_t len = 0;
	char value[601], out[300];

	(void)state;
	memset(value, 0, sizeof value);
	for (int i = 0; i < 150; i++)
		strcat(value, "äö");
	assert_true(dnssd_txt_add(txt, &len, "model", "iPhone17,2"));
	assert_true(dnssd_txt_add(txt, &len, "deviceName", value));
	assert_int_equal(len, 1 + 16 + 1 + 255);	/* "deviceName=" and 122 whole letters */
	assert_true(dnssd_txt_get(txt, len, "model", out, sizeof out));
	assert_string_equal(out, "iPhone17,2");
	while (dnssd_txt_add(txt, &len, "deviceName", value))
		;
	assert_true(len <= MAX_TXT_BYTES);
	assert_true(len > MAX_TXT_BYTES - 256);
	dnssd_cut(out, sizeof out, "aäö", 4);
	assert_string_equal(out, "aä");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_are_taken_apart), cmocka_unit_test(bad_addresses_are_refused_with_a_sentence),
		cmocka_unit_test(typed_addresses_are_sighted_and_bad_ones_told), cmocka_unit_test(source_may_be_closed_in_its_own_callback),
		cmocka_unit_test(sources_can_be_off), cmocka_unit_test(replay_tells_what_the_file_says),
		cmocka_unit_test(every_address_is_a_sighting_of_its_own), cmocka_unit_test(api_port_wins_over_the_record_and_no_port_is_no_place),
		cmocka_unit_test(goodbye_names_the_addresses_that_were_sighted), cmocka_unit_test(moved_instance_leaves_its_old_address),
		cmocka_unit_test(place_is_left_by_the_last_who_held_it), cmocka_unit_test(callback_may_close_its_source),
		cmocka_unit_test(bonjour_says_how_it_fares), cmocka_unit_test(bonjour_says_which_hosts_answered_but_not_its_own),
		cmocka_unit_test(bonjour_without_a_daemon_has_nothing_more_to_look_at),
		cmocka_unit_test(txt_keys_are_any_case_and_the_first_wins), cmocka_unit_test(txt_lengths_are_not_trusted),
		cmocka_unit_test(txt_values_are_made_printable), cmocka_unit_test(txt_is_written_within_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
