/* t_disc_mdns.c - what our own Bonjour queries find becomes sightings: of each address, once, and again when it changes. */
#include "unit/disc_kit.h"
#include "unit/mdns_fake.h"

#include "support/loop_fake.h"

#define SECOND 1000000

static struct loop *loop;
static struct heard *h;

static int
set_up(void **state)
{
	(void)state;
	loop = loop_fake_new();
	h = xmalloc(sizeof *h);
	heard_open(h, loop, &disc_mdns, "");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	disc_mdns.close(h->self);
	assert_null(fake_mdns.querier);
	assert_int_equal(loop_fake_alive(loop), 0);
	loop_free(loop);
	free(h);
	return 0;
}

/* ---- The network ---- */

static struct mdns_service
service_of(const char *instance, int port, const void *txt, size_t txt_len)
{
	struct mdns_service s = { .port = port, .txt = txt, .txt_len = txt_len };

	str_copy(s.instance, sizeof s.instance, instance);
	str_copy(s.type, sizeof s.type, "_mmcam._tcp");
	str_copy(s.host, sizeof s.host, "phone.local");
	return s;
}

static void
add_address(struct mdns_service *s, const char *address)
{
	str_copy(s->addresses[s->address_count++], MDNS_ADDRESS_BYTES, address);
}

static void
announce(const struct mdns_service *s)
{
	fake_mdns.querier->fns.service(fake_mdns.querier->arg, s);
}

static void
withdraw(const char *instance)
{
	fake_mdns.querier->fns.gone(fake_mdns.querier->arg, "_mmcam._tcp", instance);
}

#define TXT(text) (const unsigned char *)(text), sizeof(text) - 1
#define LEFT_TXT "\x08" "id=cam-7" "\x0f" "deviceName=Left"

static struct mdns_service
left(void)
{
	struct mdns_service s = service_of("Left phone", 8081, TXT(LEFT_TXT));

	add_address(&s, "10.0.0.7");
	return s;
}

/* ---- Sightings ---- */

static void
every_address_is_sighted(void **state)
{
	struct mdns_service s = left();

	(void)state;
	add_address(&s, "100.90.1.2");
	add_address(&s, "fe80::7%eth1");
	add_address(&s, "fd00::7");
	announce(&s);
	heard_is(h, "sighted 10.0.0.7:8081 lan id=cam-7 name=Left via=bonjour\n"
	    "sighted 100.90.1.2:8081 tailscale id=cam-7 name=Left via=bonjour\n"
	    "sighted fe80::7%eth1:8081 lan id=cam-7 name=Left via=bonjour\n"
	    "sighted fd00::7:8081 lan id=cam-7 name=Left via=bonjour\n");
	assert_string_equal(fake_mdns.browsed, "_mmcam._tcp");
	assert_int_equal(fake_mdns.flags, MDNS_LISTEN);
}

static void
addresses_that_lead_nowhere_are_none(void **state)
{
	static const char *const nowhere[] = { "0.0.0.0", "224.0.0.251", "255.255.255.255", "::", "ff02::fb", "fe80::1", "fe80::1%", "::ffff:10.0.0.1",
		"", "phone.local", "10.0.0.7%eth0", "10.0.0.7:80", "10.0.0", "\x1b[2J", "1111111111111111111111111111111111111111111111111111111111" };

	(void)state;
	for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
		struct mdns_service s = service_of("x", 8081, NULL, 0);

		add_address(&s, nowhere[i]);
		announce(&s);
		heard_is(h, "");
	}
}

static void
api_port_counts_where_it_is_a_port(void **state)
{
	static const struct { const char *txt; int srv, want; } cases[] = {
		{ "\x0c" "apiPort=9000", 8081, 9000 }, { "\x0c" "APIPORT=9000", 8081, 9000 }, { "\x09" "apiPort=1", 8081, 1 },
		{ "\x0d" "apiPort=65535", 8081, 65535 }, { "\x0d" "apiPort=65536", 8081, 8081 }, { "\x09" "apiPort=0", 8081, 8081 },
		{ "\x0b" "apiPort=abc", 8081, 8081 }, { "\x08" "apiPort=", 8081, 8081 }, { "\x07" "apiPort", 8081, 8081 },
		{ "\x0a" "apiPort=-1", 8081, 8081 }, { "\x0a" "apiPort=+9", 8081, 8081 }, { "\x0a" "apiPort= 9", 8081, 8081 },
		{ "\x0b" "apiPort=9 x", 8081, 8081 }, { "\x0b" "apiPort=0x9", 8081, 8081 }, { "\x0e" "apiPort=000009", 8081, 8081 },
		{ "\x1c" "apiPort=99999999999999999999", 8081, 8081 },
		{ "\x09" "apiPort=7" "\x09" "apiPort=9", 8081, 7 },		/* the first wins, ... */
		{ "\x09" "apiPort=x" "\x09" "apiPort=9", 8081, 8081 },		/* ... good or not */
		{ "\x20" "apiPort=9", 8081, 8081 },				/* longer than the record */
		{ "", 8081, 8081 }, { "\x0c" "apiPort=9000", 0, 9000 }, { "\x09" "apiPort=0", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct mdns_service s = service_of("x", cases[i].srv, (const unsigned char *)cases[i].txt, strlen(cases[i].txt));
		char want[128] = "";

		add_address(&s, "10.0.0.7");
		if (cases[i].want != 0)
			snprintf(want, sizeof want, "sighted 10.0.0.7:%d lan id= name=x via=bonjour\n", cases[i].want);
		announce(&s);
		heard_is(h, want);
		withdraw("x");
		h->text[0] = '\0';
	}
}

static void
hostile_txt_is_made_harmless(void **state)
{
	struct mdns_service s = service_of("bad \x1b[2J\xff", 8081, TXT("\x0a" "id=../\x1b[2J" "\x13" "deviceName=a\x1b[2J\xe2\x80\xae" "b" "\x03" "=id"
	    "\x05" "id=ok" "\x00" "\xff" "rest"));
	unsigned char nul[] = "\x08" "id=a\0b\0c" "\x0e" "deviceName=x\0y", huge[1300];
	struct mdns_service of_nul = service_of("nul", 8081, nul, sizeof nul - 1), of_huge = service_of("huge", 8081, huge, sizeof huge);

	(void)state;
	add_address(&s, "10.0.0.7");
	announce(&s);		/* the listener refuses whatever is not printable */
	assert_non_null(strstr(h->text, "sighted 10.0.0.7:8081 lan id=.._"));
	h->text[0] = '\0';
	add_address(&of_nul, "10.0.0.8");
	announce(&of_nul);
	assert_non_null(strstr(h->text, "sighted 10.0.0.8:8081 lan id=a___b___c name=x\xef\xbf\xbdy "));
	h->text[0] = '\0';
	memset(huge, 'x', sizeof huge);
	for (size_t at = 0; at < sizeof huge; at += 256)
		huge[at] = 255;
	memcpy(huge + 1, "id=", 3);
	memcpy(huge + 257, "deviceName=", 11);
	add_address(&of_huge, "10.0.0.9");
	announce(&of_huge);
	assert_non_null(strstr(h->text, "sighted 10.0.0.9:8081 lan id=xxxxxxxx"));
	assert_true(strlen(h->text) < 300);
}

static void
a_device_without_a_name_has_its_instances(void **state)
{
	struct mdns_service s = service_of("K\xc3\xbc" "che.1", 8081, TXT("\x0b" "deviceName="));

	(void)state;
	add_address(&s, "10.0.0.7");
	announce(&s);
	heard_is(h, "sighted 10.0.0.7:8081 lan id= name=K\xc3\xbc" "che.1 via=bonjour\n");
}

/* ---- Changes ---- */

static void
an_unchanged_record_is_told_once(void **state)
{
	struct mdns_service s = left();

	(void)state;
	announce(&s);
	announce(&s);
	announce(&s);
	assert_int_equal(h->sighted, 1);
}

static void
only_what_changed_is_told(void **state)
{
	struct mdns_service s = left();

	(void)state;
	announce(&s);
	h->text[0] = '\0';
	add_address(&s, "fd00::7");
	announce(&s);
	heard_is(h, "sighted fd00::7:8081 lan id=cam-7 name=Left via=bonjour\n");
	str_copy(s.addresses[0], MDNS_ADDRESS_BYTES, "10.0.0.8");	/* a new lease */
	announce(&s);
	heard_is(h, "sighted 10.0.0.8:8081 lan id=cam-7 name=Left via=bonjour\ngoodbye 10.0.0.7:8081 id=cam-7 via=bonjour\n");
	s.address_count = 1;
	announce(&s);
	heard_is(h, "goodbye fd00::7:8081 id=cam-7 via=bonjour\n");
	s.port = 8090;
	announce(&s);
	heard_is(h, "sighted 10.0.0.8:8090 lan id=cam-7 name=Left via=bonjour\ngoodbye 10.0.0.8:8081 id=cam-7 via=bonjour\n");
	s.txt = (const unsigned char *)"\x08" "id=cam-8";
	s.txt_len = 9;
	announce(&s);
	heard_is(h, "sighted 10.0.0.8:8090 lan id=cam-8 name=Left phone via=bonjour\n");
}

static void
all_addresses_can_change_at_once(void **state)
{
	struct mdns_service s = left();
	char address[32];

	(void)state;
	for (int round = 0; round < 3; round++) {
		s.address_count = 0;
		for (int i = 0; i < MDNS_HOST_ADDRESSES; i++) {
			snprintf(address, sizeof address, "10.0.%d.%d", round, i);
			add_address(&s, address);
		}
		announce(&s);
	}
	assert_int_equal(h->sighted, 3 * MDNS_HOST_ADDRESSES);
	assert_int_equal(h->told, 5 * MDNS_HOST_ADDRESSES);
	assert_non_null(strstr(h->text, "goodbye 10.0.1.7:8081"));
	assert_null(strstr(h->text, "goodbye 10.0.2."));
}

static void
a_record_that_lives_is_sighted_every_minute(void **state)
{
	struct mdns_service s = left();

	(void)state;
	announce(&s);
	loop_fake_advance(loop, 50 * SECOND);
	assert_int_equal(h->sighted, 1);
	loop_fake_advance(loop, 10 * SECOND);
	assert_int_equal(h->sighted, 2);
	loop_fake_advance(loop, 600 * SECOND);
	assert_in_range(h->sighted, 12, 13);
	withdraw("Left phone");
	h->sighted = 0;
	loop_fake_advance(loop, 120 * SECOND);
	assert_int_equal(h->sighted, 0);
}

static void
goodbye_names_every_address(void **state)
{
	struct mdns_service s = left();

	(void)state;
	add_address(&s, "fd00::7");
	announce(&s);
	h->text[0] = '\0';
	withdraw("Right phone");
	heard_is(h, "");
	withdraw("Left phone");
	heard_is(h, "goodbye 10.0.0.7:8081 id=cam-7 via=bonjour\ngoodbye fd00::7:8081 id=cam-7 via=bonjour\n");
	withdraw("Left phone");
	heard_is(h, "");
	announce(&s);
	assert_int_equal(h->sighted, 4);	/* back: told again */
}

/* ---- Others ---- */

static void
other_services_are_told_by_address(void **state)
{
	struct mdns_service s = service_of("printer", 631, NULL, 0);

	(void)state;
	add_address(&s, "10.0.0.9");
	add_address(&s, "0.0.0.0");
	add_address(&s, "fe80::9%eth0");
	str_copy(s.type, sizeof s.type, "_ipp._tcp");
	announce(&s);
	heard_is(h, "service 10.0.0.9 _ipp._tcp\nservice fe80::9%eth0 _ipp._tcp\n");
	str_copy(s.type, sizeof s.type, "_i\x1b[2Jp._tcp");
	announce(&s);
	str_copy(s.type, sizeof s.type, "ipp");
	announce(&s);
	fake_mdns.querier->fns.gone(fake_mdns.querier->arg, "_ipp._tcp", "printer");
	heard_is(h, "");
	str_copy(s.type, sizeof s.type, "_MMCAM._tcp");		/* names of DNS are any case */
	announce(&s);
	heard_is(h, "sighted 10.0.0.9:631 lan id= name=printer via=bonjour\nsighted fe80::9%eth0:631 lan id= name=printer via=bonjour\n");
}

static void
every_host_that_is_heard_counts(void **state)
{
	(void)state;
	fake_mdns.querier->fns.heard(fake_mdns.querier->arg, "10.0.0.9");
	heard_is(h, "answered 10.0.0.9\n");
}

static void
the_census_comes_later_and_again(void **state)
{
	(void)state;
	loop_fake_advance(loop, 1900000);
	assert_int_equal(fake_mdns.censuses, 0);
	loop_fake_advance(loop, 200000);
	assert_int_equal(fake_mdns.censuses, 1);
	loop_fake_advance(loop, 299 * SECOND);
	assert_int_equal(fake_mdns.censuses, 1);
	loop_fake_advance(loop, 2 * SECOND);
	assert_int_equal(fake_mdns.censuses, 2);
}

static void
the_first_round_ends_after_three_seconds(void **state)
{
	(void)state;
	loop_fake_advance(loop, 2900000);
	assert_null(strstr(h->text, "finished"));
	loop_fake_advance(loop, 200000);
	assert_non_null(strstr(h->text, "finished\n"));
	h->text[0] = '\0';
	loop_fake_advance(loop, 60 * SECOND);
	assert_null(strstr(h->text, "finished"));
}

/* ---- The sentence ---- */

static void
hear_from(const char *address)
{
	fake_mdns.querier->fns.heard(fake_mdns.querier->arg, address);
}

static void
the_sentence_counts_and_is_told_when_it_changes(void **state)
{
	(void)state;
	fake_mdns.counts = (struct mdns_counts){ .packets_sent = 1, .interfaces = 1 };
	loop_fake_advance(loop, 300000);
	heard_is(h, "working own Bonjour queries: 1 sent on 1 interface, no host answered\n");
	loop_fake_advance(loop, SECOND);
	heard_is(h, "");
	fake_mdns.counts = (struct mdns_counts){ .packets_sent = 3, .answers = 9, .hosts = 9, .interfaces = 2 };
	hear_from("10.0.0.9");
	hear_from("10.0.0.9");
	hear_from("fe80::9%eth0");	/* the same one, as far as anybody knows */
	h->text[0] = '\0';
	loop_fake_advance(loop, SECOND);
	heard_is(h, "working own Bonjour queries: 3 sent on 2 interfaces, 1 host answered\n");
	hear_from("fd00::9");
	h->text[0] = '\0';
	fake_mdns.counts.interfaces = 0;
	loop_fake_advance(loop, SECOND);
	heard_is(h, "finished\nfailing own Bonjour queries: no interface that can multicast\n");
	fake_mdns.counts.interfaces = 2;
	loop_fake_advance(loop, SECOND);
	heard_is(h, "working own Bonjour queries: 3 sent on 2 interfaces, 2 hosts answered\n");
}

/* ---- Ends ---- */

/* All that a source can say, until it is closed; hear() refuses words after that. */
static void
live_a_life(void)
{
	struct mdns_service s = left(), other = service_of("printer", 631, NULL, 0);

	add_address(&s, "fd00::7");
	add_address(&other, "10.0.0.9");
	add_address(&other, "10.0.0.10");
	str_copy(other.type, sizeof other.type, "_ipp._tcp");
	loop_fake_advance(loop, 500000);		/* 1: state */
	if (h->self != NULL)
		announce(&s);				/* 2, 3: sighted */
	if (h->self != NULL)
		announce(&other);			/* 4, 5: service */
	if (h->self != NULL)
		loop_fake_advance(loop, 62 * SECOND);	/* 6: finished; 7, 8: sighted again */
	if (h->self != NULL)
		fake_mdns.querier->fns.heard(fake_mdns.querier->arg, "10.0.0.9");	/* 9 */
	if (h->self != NULL)
		withdraw("Left phone");			/* 10, 11: goodbye */
	loop_fake_advance(loop, 62 * SECOND);
}

static void
any_word_may_close_the_source(void **state)
{
	(void)state;
	for (int close_at = 1; close_at <= 11; close_at++) {
		disc_mdns.close(h->self);
		heard_open(h, loop, &disc_mdns, NULL);
		h->close_at = close_at;
		live_a_life();
		assert_null(h->self);
		assert_null(fake_mdns.querier);
		assert_int_equal(h->told, close_at);
	}
}

static void
it_can_be_off(void **state)
{
	(void)state;
	assert_null(disc_mdns.open(loop, "off", &heard_fns, h));
	disc_mdns.close(NULL);
}

static void
a_flood_of_names_is_bounded(void **state)
{
	struct mdns_service s = left();
	char id[32];

	(void)state;
	announce(&s);
	for (int i = 0; i < MAX_MDNS_SERVICES + 1000; i++) {
		snprintf(id, sizeof id, "fake %d", i);
		str_copy(s.instance, sizeof s.instance, id);
		announce(&s);
	}
	assert_int_equal(h->sighted, MAX_MDNS_SERVICES);
	h->sighted = 0;
	h->text[0] = '\0';
	withdraw("Left phone");		/* the first is still there, and makes room */
	assert_non_null(strstr(h->text, "goodbye 10.0.0.7:8081"));
	announce(&s);
	assert_int_equal(h->sighted, 1);
}

static void
nobody_has_to_listen(void **state)
{
	static const struct disc_fns none = { .sighted = NULL };
	struct mdns_service s = left();
	void *self;

	(void)state;
	disc_mdns.close(h->self);
	self = disc_mdns.open(loop, NULL, &none, NULL);
	announce(&s);
	str_copy(s.type, sizeof s.type, "_ipp._tcp");
	announce(&s);
	fake_mdns.querier->fns.heard(fake_mdns.querier->arg, "10.0.0.9");
	loop_fake_advance(loop, 70 * SECOND);
	withdraw("Left phone");
	disc_mdns.close(self);
	heard_open(h, loop, &disc_mdns, NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(every_address_is_sighted), CASE(addresses_that_lead_nowhere_are_none), CASE(api_port_counts_where_it_is_a_port),
		CASE(hostile_txt_is_made_harmless), CASE(a_device_without_a_name_has_its_instances), CASE(an_unchanged_record_is_told_once),
		CASE(only_what_changed_is_told), CASE(all_addresses_can_change_at_once), CASE(a_record_that_lives_is_sighted_every_minute),
		CASE(goodbye_names_every_address), CASE(other_services_are_told_by_address), CASE(every_host_that_is_heard_counts),
		CASE(the_census_comes_later_and_again), CASE(the_first_round_ends_after_three_seconds),
		CASE(the_sentence_counts_and_is_told_when_it_changes), CASE(any_word_may_close_the_source), CASE(it_can_be_off),
		CASE(a_flood_of_names_is_bounded), CASE(nobody_has_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
