/*
 * t_mdns.c - the querier on virtual time, without a network: what it makes of packets in any order, what it asks and when,
 * what runs out, and what a flood of made up services does to it.
 */
#include "unit/mdns_kit.h"

#define S MDNS_SECOND_US
#define MS 1000
#define ONE "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.7\n"
#define HEARD "heard 10.0.0.9\n"

static void
camera(struct kit *k, const char *name, const char *host, const char *address)
{
	struct packet p;

	packet_open(&p);
	packet_camera(&p, name, host, address, 120);
	kit_hear(k, &p);
}

/* One camera that is known whole. */
static void
begin(struct kit *k)
{
	mdns_browse(k->m, "_mmcam._tcp");
	camera(k, "One", "phone", "10.0.0.7");
	kit_told(k, 0, ONE HEARD);
}

/* ---- Assembling ---- */

static void
a_service_is_told_when_it_is_whole(void **state)
{
	struct kit *k = *state;

	begin(k);
	camera(k, "One", "phone", "10.0.0.7");
	kit_told(k, 500 * MS, "");			/* no news */
	assert_int_equal(mdns_counts(k->m).answers, 2);
	assert_int_equal(mdns_counts(k->m).hosts, 1);
}

static void
pieces_may_come_in_any_order_in_packets_of_their_own(void **state)
{
	static const int orders[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 3, 0, 1 }, { 1, 0, 3, 2 }, { 3, 0, 1, 2 } };
	struct kit *k = *state;
	char name[64], host[64];

	k->is_quiet = true;
	mdns_browse(k->m, "_mmcam._tcp");
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof name, "Cam.%d/_mmcam/_tcp/local", i);
		snprintf(host, sizeof host, "h%d/local", i);
		for (int piece = 0; piece < 4; piece++) {
			struct packet p;

			packet_open(&p);
			if (orders[i][piece] == 0)
				packet_ptr(&p, "_MMCAM/_tcp/LOCAL", name, 4500);
			else if (orders[i][piece] == 1)
				packet_srv(&p, name, host, 8081, 120);
			else if (orders[i][piece] == 2)
				packet_txt(&p, name, "\004id=1", 5, 4500);
			else
				packet_address(&p, host, "10.0.0.7", true, 120);
			kit_hear(k, &p);
		}
		loop_fake_advance(k->loop, MS);
		assert_int_equal(k->services, i + 1);
	}
}

static void
an_instance_keeps_its_dots_and_its_letters(void **state)
{
	struct kit *k = *state;
	struct packet p;

	mdns_browse(k->m, "_mmcam._tcp");
	packet_open(&p);
	packet_srv(&p, "Dr. No's \\ \xf0\x9f\x8e\xa5/_MMCAM/_tcp/local", "Phone/local", 8081, 120);
	packet_address(&p, "pHone/local", "10.0.0.7", true, 120);
	packet_camera(&p, "DR. NO'S \\ \xf0\x9f\x8e\xa5", "phone", "10.0.0.7", 120);
	kit_hear(k, &p);
	kit_told(k, 0, "service Dr. No's \\ \xf0\x9f\x8e\xa5 _mmcam._tcp phone.local:8081 txt 5 10.0.0.7\n" HEARD);
}

static void
other_types_and_other_domains_are_nothing(void **state)
{
	struct kit *k = *state;
	struct packet p;

	mdns_browse(k->m, "_mmcam._tcp");
	packet_open(&p);
	packet_ptr(&p, "_ssh/_tcp/local", "One/_ssh/_tcp/local", 120);
	packet_srv(&p, "One/_ssh/_tcp/local", "phone/local", 22, 120);
	packet_ptr(&p, "_mmcam/_tcp/local", "One/_ssh/_tcp/local", 120);
	packet_ptr(&p, "_mmcam/_tcp/local", "local", 120);
	packet_srv(&p, "One/_mmcam/_tcp/org", "phone/local", 22, 120);
	packet_srv(&p, "_mmcam/_tcp/local", "phone/local", 22, 120);
	packet_address(&p, "phone/local", "10.0.0.7", true, 120);
	kit_hear(k, &p);
	kit_told(k, 0, HEARD);
	assert_int_equal(map_count(k->m->instances), 0);
}

static void
txt_of_any_shape_is_bounded(void **state)
{
	struct kit *k = *state;
	struct packet p;
	char txt[3000];

	begin(k);
	memset(txt, 100, sizeof txt);
	packet_open(&p);
	packet_txt(&p, "One/_mmcam/_tcp/local", txt, sizeof txt, 120);		/* whole strings up to the ceiling */
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 1212 10.0.0.7\n");
	packet_open(&p);
	packet_txt(&p, "One/_mmcam/_tcp/local", "\003abc\377x", 6, 120);		/* a string that is longer than the record */
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 4 10.0.0.7\n");
	packet_open(&p);
	packet_txt(&p, "One/_mmcam/_tcp/local", "", 0, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 0 10.0.0.7\n");
}

/* ---- Changes ---- */

static void
a_change_is_told_at_once(void **state)
{
	struct kit *k = *state;
	struct packet p;

	begin(k);
	packet_open(&p);
	packet_srv(&p, "One/_mmcam/_tcp/local", "phone/local", 9000, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:9000 txt 5 10.0.0.7\n");
	packet_open(&p);
	packet_txt(&p, "One/_mmcam/_tcp/local", "\004id=2", 5, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:9000 txt 5 10.0.0.7\n");
	packet_open(&p);
	packet_srv(&p, "One/_mmcam/_tcp/local", "pad/local", 9000, 120);
	packet_address(&p, "pad/local", "10.0.0.8", true, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp pad.local:9000 txt 5 10.0.0.8\n");
}

static void
a_flushing_address_replaces_the_older_ones_of_its_family(void **state)
{
	struct kit *k = *state;
	struct packet p;

	begin(k);
	packet_open(&p);
	packet_address(&p, "phone/local", "fe80::7", true, 120);
	packet_address(&p, "phone/local", "10.0.0.8", true, 120);	/* the first one is just as new: RFC 6762 section 10.2 */
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.8 10.0.0.7 fe80::7%eth0\n");
	kit_told(k, 2 * S, "");
	packet_open(&p);
	packet_address(&p, "phone/local", "10.0.0.99", true, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.99 fe80::7%eth0\n" HEARD);
	packet_open(&p);
	packet_address(&p, "phone/local", "10.0.0.98", false, 120);	/* without the bit it is one more */
	loop_fake_advance(k->loop, 2 * S);
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.98 10.0.0.99 fe80::7%eth0\n" HEARD);
}

static void
an_answer_by_unicast_is_the_whole_set_of_addresses(void **state)
{
	struct mdns_from from = kit_from();
	struct kit *k = *state;
	struct packet p;

	begin(k);
	loop_fake_advance(k->loop, 2 * S);
	from.unicast = true;
	packet_open(&p);
	p.bytes[0] = (unsigned char)(k->m->id >> 8);
	p.bytes[1] = (unsigned char)k->m->id;
	packet_address(&p, "phone/local", "10.0.0.8", false, 10);
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.8\n" HEARD);
}

static void
link_local_addresses_belong_to_their_interface(void **state)
{
	struct mdns_from from = kit_from();
	struct kit *k = *state;
	struct packet p;

	begin(k);
	packet_open(&p);
	packet_address(&p, "phone/local", "fe80::7", true, 120);
	kit_hear(k, &p);
	from.index = 3;
	strcpy(from.interface, "wlan0");
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.7 fe80::7%wlan0 fe80::7%eth0\n");
}

static void
addresses_that_lead_nowhere_are_refused(void **state)
{
	static const char *const addresses[] = { "0.0.0.0", "127.0.0.1", "224.0.0.251", "255.255.255.255", "::", "::1", "ff02::fb",
		"::ffff:10.0.0.7", "::10.0.0.7" };
	struct mdns_from from = kit_from();
	struct kit *k = *state;
	struct packet p;

	begin(k);
	packet_open(&p);
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
		packet_address(&p, "phone/local", addresses[i], false, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "");
	from.loopback = true;			/* a node of this machine */
	packet_open(&p);
	packet_address(&p, "phone/local", "127.0.0.1", false, 120);
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 127.0.0.1 10.0.0.7\n");
}

static void
a_host_keeps_eight_addresses_the_newest_heard(void **state)
{
	struct kit *k = *state;
	struct packet p;
	char address[32];

	begin(k);
	packet_open(&p);
	for (int i = 0; i < 20; i++) {
		snprintf(address, sizeof address, "10.0.1.%d", i);
		packet_address(&p, "phone/local", address, false, 120);
	}
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 10.0.1.6 10.0.1.5 10.0.1.4 10.0.1.3 10.0.1.2 10.0.1.1 10.0.1.0 "
	    "10.0.0.7\n");
	loop_fake_advance(k->loop, 5 * S);
	packet_open(&p);
	packet_address(&p, "phone/local", "10.0.0.99", false, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.99 10.0.1.6 10.0.1.5 10.0.1.4 10.0.1.3 10.0.1.2 10.0.1.1 "
	    "10.0.1.0\n" HEARD);
}

/* ---- The end ---- */

static void
a_goodbye_is_told_after_a_second(void **state)
{
	struct kit *k = *state;
	struct packet p;

	begin(k);
	packet_open(&p);
	packet_ptr(&p, "_mmcam/_tcp/local", "one/_mmcam/_tcp/local", 0);
	kit_hear(k, &p);
	kit_told(k, 990 * MS, "");
	kit_told(k, 20 * MS, "gone One _mmcam._tcp\n");
	assert_int_equal(map_count(k->m->instances), 0);
	camera(k, "One", "phone", "10.0.0.7");
	kit_told(k, 0, ONE HEARD);
}

static void
a_goodbye_taken_back_is_none(void **state)
{
	struct kit *k = *state;
	struct packet p;

	begin(k);
	packet_open(&p);
	packet_camera(&p, "One", "phone", "10.0.0.7", 0);
	kit_hear(k, &p);
	kit_told(k, 900 * MS, "");
	camera(k, "One", "phone", "10.0.0.7");
	kit_told(k, 5 * S, "");
}

static void
a_goodbye_that_its_owner_denies_is_none(void **state)
{
	struct kit *k = *state;
	struct packet p;

	begin(k);
	loop_fake_advance(k->loop, 20 * S);
	buf_clear(&k->asked);
	packet_open(&p);
	packet_ptr(&p, "_mmcam/_tcp/local", "one/_mmcam/_tcp/local", 0);
	packet_srv(&p, "One/_mmcam/_tcp/local", "phone/local", 8081, 0);
	kit_hear(k, &p);
	kit_asked(k, 300 * MS, "unicast@2 one._mmcam._tcp.local. SRV\n");
	packet_open(&p);
	packet_srv(&p, "One/_mmcam/_tcp/local", "phone/local", 8081, 120);
	kit_hear(k, &p);
	kit_told(k, 5 * S, HEARD);
}

static void
a_goodbye_of_srv_or_of_the_address_is_one_too(void **state)
{
	struct kit *k = *state;
	struct packet p;

	begin(k);
	packet_open(&p);
	packet_srv(&p, "One/_mmcam/_tcp/local", "phone/local", 8081, 0);
	kit_hear(k, &p);
	kit_told(k, 1010 * MS, "gone One _mmcam._tcp\n");
	camera(k, "One", "phone", "10.0.0.7");
	kit_told(k, 0, ONE HEARD);
	packet_open(&p);
	packet_address(&p, "phone/local", "10.0.0.7", true, 0);
	kit_hear(k, &p);
	kit_told(k, 1010 * MS, "gone One _mmcam._tcp\n");
	packet_open(&p);
	packet_address(&p, "phone/local", "10.0.0.8", true, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.8\n" HEARD);
}

static void
what_nobody_answers_for_runs_out(void **state)
{
	struct kit *k = *state;

	begin(k);
	kit_told(k, 119 * S, "");
	kit_told(k, 2 * S, "gone One _mmcam._tcp\n");
	kit_told(k, 200 * S, "");
	assert_int_equal(map_count(k->m->instances), 0);
	assert_int_equal(map_count(k->m->hosts), 0);
}

static void
a_unicast_answer_outlives_its_short_ttl(void **state)
{
	struct mdns_from from = kit_from();
	struct kit *k = *state;
	struct packet p;

	from.unicast = true;
	mdns_browse(k->m, "_mmcam._tcp");
	packet_open(&p);
	p.bytes[0] = (unsigned char)(k->m->id >> 8);
	p.bytes[1] = (unsigned char)k->m->id;
	packet_camera(&p, "One", "phone", "10.0.0.7", 10);
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, ONE HEARD);
	kit_told(k, 149 * S, "");
	kit_told(k, 2 * S, "gone One _mmcam._tcp\n");
}

/* ---- Who may be believed ---- */

static void
answers_come_from_port_5353_and_from_this_link(void **state)
{
	struct mdns_from from = kit_from();
	struct kit *k = *state;
	struct packet p;

	mdns_browse(k->m, "_mmcam._tcp");
	packet_open(&p);
	packet_camera(&p, "One", "phone", "10.0.0.7", 120);
	from.port = 5354;
	kit_hear_from(k, &p, &from);
	from.port = MDNS_PORT;
	from.unicast = true;
	p.bytes[0] = (unsigned char)~(k->m->id >> 8);
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, "");
	k->m->own_count = 1;			/* now it is of our own network */
	k->m->own[0] = (struct netif_address){ .family = AF_INET, .index = 2, .prefix = 28, .bytes = { 10, 0, 0, 1 } };
	from.bytes[3] = 16;
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, "");
	from.bytes[3] = 9;
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, ONE HEARD);
}

static void
our_own_answers_are_not_heard_from_another_machine(void **state)
{
	struct mdns_from from = kit_from();
	struct kit *k = *state;
	struct packet p;

	mdns_browse(k->m, "_mmcam._tcp");
	packet_open(&p);
	packet_camera(&p, "One", "phone", "10.0.0.7", 120);
	k->m->own_count = 1;
	k->m->own[0] = (struct netif_address){ .family = AF_INET, .index = 2, .prefix = 24, .bytes = { 10, 0, 0, 9 } };
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, ONE);
	assert_int_equal(mdns_counts(k->m).hosts, 0);
	from.family = AF_INET6;
	memcpy(from.bytes, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x09", 16);
	kit_hear_from(k, &p, &from);
	kit_told(k, 0, "heard fe80::9%eth0\n");
	assert_int_equal(mdns_counts(k->m).hosts, 1);
}

/* ---- Hosts ---- */

static void
an_asked_host_is_told_with_each_address_once(void **state)
{
	struct kit *k = *state;
	struct packet p;

	mdns_ask_host(k->m, "Phone.local");
	packet_open(&p);
	packet_address(&p, "PHONE/local", "10.0.0.7", true, 120);
	packet_address(&p, "phone/local", "fd00::7", true, 120);
	packet_address(&p, "pad/local", "10.0.0.8", true, 120);
	kit_hear(k, &p);
	kit_hear(k, &p);
	kit_told(k, 0, "host phone.local fd00::7\nhost phone.local 10.0.0.7\n" HEARD);
	loop_fake_advance(k->loop, 2 * S);
	packet_open(&p);
	packet_address(&p, "phone/local", "10.0.0.9", true, 120);
	kit_hear(k, &p);
	kit_told(k, 0, "host phone.local 10.0.0.9\n" HEARD);
	mdns_ask_host(k->m, "phone.local");		/* asked again, what is known is told again */
	kit_told(k, 0, "host phone.local 10.0.0.9\nhost phone.local fd00::7\n");
	mdns_ask_host(k->m, "pad.local");
	kit_told(k, 0, "host pad.local 10.0.0.8\n");
}

static void
hosts_are_asked_for_now_after_1_and_3_seconds_then_by_the_minute(void **state)
{
	struct kit *k = *state;

	mdns_ask_host(k->m, "phone.local");
	mdns_ask_host(k->m, "pad.local");
	mdns_ask_host(k->m, "not a..name");
	kit_asked(k, 20 * MS, "unicast phone.local. A phone.local. AAAA pad.local. A pad.local. AAAA\n");
	kit_asked(k, 900 * MS, "");
	kit_asked(k, 200 * MS, "multicast phone.local. A phone.local. AAAA pad.local. A pad.local. AAAA\n");
	kit_asked(k, 2 * S, "unicast phone.local. A phone.local. AAAA pad.local. A pad.local. AAAA\n");
	kit_asked(k, 56 * S, "");
	kit_asked(k, 2 * S, "multicast phone.local. A phone.local. AAAA pad.local. A pad.local. AAAA\n");
	kit_asked(k, 58 * S, "");
	kit_asked(k, 2 * S, "unicast phone.local. A phone.local. AAAA pad.local. A pad.local. AAAA\n");
}

static void
many_names_share_packets_that_answers_fit_in(void **state)
{
	struct kit *k = *state;
	char name[32];

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "iphone-%d.local", i);
		mdns_ask_host(k->m, name);
	}
	loop_fake_advance(k->loop, 500 * MS);
	assert_true(k->packets <= 4);
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "iphone-%d.local. AAAA", i);
		assert_non_null(strstr(buf_text(&k->asked), name));
	}
}

static void
types_come_before_names(void **state)
{
	struct kit *k = *state;

	mdns_ask_host(k->m, "phone.local");
	mdns_browse(k->m, "_mmcam._tcp");
	loop_fake_advance(k->loop, 10 * MS);
	assert_non_null(strstr(buf_text(&k->asked), "unicast _mmcam._tcp.local. PTR phone.local. A phone.local. AAAA\n"));
}

/* ---- Questions ---- */

static void
browsing_slows_down_to_once_a_minute(void **state)
{
	struct kit *k = *state;

	mdns_browse(k->m, "_mmcam._tcp");
	kit_asked(k, 10 * MS, "multicast _mmcam._tcp.local. PTR\nunicast _mmcam._tcp.local. PTR\n");
	kit_asked(k, S, "multicast _mmcam._tcp.local. PTR\n");
	kit_asked(k, 2 * S, "unicast _mmcam._tcp.local. PTR\n");
	kit_asked(k, 4 * S, "multicast _mmcam._tcp.local. PTR\n");
	kit_asked(k, 8 * S, "unicast _mmcam._tcp.local. PTR\n");
	kit_asked(k, 16 * S, "multicast _mmcam._tcp.local. PTR\n");
	k->packets = 0;
	loop_fake_advance(k->loop, 600 * S);
	assert_int_equal(k->packets, 10);
}

static void
without_listening_all_questions_are_for_unicast_answers(void **state)
{
	struct kit *k = *state;

	k->m->is_listening = false;
	mdns_browse(k->m, "_mmcam._tcp");
	loop_fake_advance(k->loop, 300 * S);
	assert_null(strstr(buf_text(&k->asked), "multicast"));
	assert_int_equal(k->packets, 6 + 5);
}

static void
a_type_of_many_instances_is_not_asked_for_by_unicast(void **state)
{
	struct kit *k = *state;
	char name[32];

	mdns_browse(k->m, "_mmcam._tcp");
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "cam%d", i);
		camera(k, name, "phone", "10.0.0.7");
	}
	loop_fake_advance(k->loop, 40 * S);
	assert_null(strstr(buf_text(&k->asked), "unicast"));
	assert_non_null(strstr(buf_text(&k->asked), "multicast _mmcam._tcp.local. PTR known 20\n"));
}

static void
known_answers_are_said_as_long_as_half_of_their_time_is_left(void **state)
{
	struct kit *k = *state;
	struct packet p;

	mdns_browse(k->m, "_mmcam._tcp");
	packet_open(&p);
	packet_camera(&p, "One", "phone", "10.0.0.7", 120);
	packet_ptr(&p, "_mmcam/_tcp/local", "Two/_mmcam/_tcp/local", 2);
	kit_hear(k, &p);
	loop_fake_advance(k->loop, 10 * MS);
	assert_non_null(strstr(buf_text(&k->asked), "multicast _mmcam._tcp.local. PTR known 2\n"));
	buf_clear(&k->asked);
	loop_fake_advance(k->loop, 7 * S);
	assert_non_null(strstr(buf_text(&k->asked), "multicast _mmcam._tcp.local. PTR known 1\n"));
}

static void
missing_pieces_are_asked_for_where_the_instance_was_heard(void **state)
{
	struct kit *k = *state;
	struct packet p;

	mdns_browse(k->m, "_mmcam._tcp");
	loop_fake_advance(k->loop, 60 * MS);
	buf_clear(&k->asked);
	packet_open(&p);
	packet_ptr(&p, "_mmcam/_tcp/local", "One/_mmcam/_tcp/local", 4500);
	packet_ptr(&p, "_mmcam/_tcp/local", "Two/_mmcam/_tcp/local", 4500);
	kit_hear(k, &p);
	kit_asked(k, 240 * MS, "");			/* they may be on their way */
	kit_asked(k, 20 * MS, "unicast@2 one._mmcam._tcp.local. SRV one._mmcam._tcp.local. TXT two._mmcam._tcp.local. SRV "
	    "two._mmcam._tcp.local. TXT\n");
	packet_open(&p);
	packet_srv(&p, "one/_mmcam/_tcp/local", "phone/local", 8081, 120);
	packet_txt(&p, "one/_mmcam/_tcp/local", "\004id=1", 5, 4500);
	packet_camera(&p, "Two", "pad", "10.0.0.8", 4500);
	kit_hear(k, &p);
	loop_fake_advance(k->loop, 940 * MS);
	buf_clear(&k->asked);			/* the type's own */
	kit_asked(k, 100 * MS, "multicast@2 phone.local. A phone.local. AAAA\n");
	loop_fake_advance(k->loop, 4 * S);
	assert_non_null(strstr(buf_text(&k->asked), "unicast phone.local. A phone.local. AAAA\n"));	/* then everywhere */
	assert_null(strstr(buf_text(&k->asked), "two."));
}

static void
what_was_found_is_asked_for_again_by_the_minute(void **state)
{
	struct kit *k = *state;

	begin(k);
	loop_fake_advance(k->loop, 59 * S);
	buf_clear(&k->asked);
	loop_fake_advance(k->loop, 2100 * MS);
	assert_non_null(strstr(buf_text(&k->asked), "one._mmcam._tcp.local. SRV one._mmcam._tcp.local. TXT\n"));
	camera(k, "One", "phone", "10.0.0.7");
	k->packets = 0;
	loop_fake_advance(k->loop, 57 * S);
	assert_int_equal(k->packets, 0);
	kit_told(k, 0, HEARD);
}

static void
the_silent_are_asked_once_a_minute_only(void **state)
{
	struct kit *k = *state;
	struct packet p;
	int count = 0;

	packet_open(&p);
	mdns_browse(k->m, "_mmcam._tcp");
	packet_ptr(&p, "_mmcam/_tcp/local", "One/_mmcam/_tcp/local", 4500);
	kit_hear(k, &p);
	loop_fake_advance(k->loop, 100 * S);
	buf_clear(&k->asked);
	loop_fake_advance(k->loop, 600 * S);
	for (const char *at = buf_text(&k->asked); (at = strstr(at, "SRV")) != NULL; at++)
		count++;
	assert_int_equal(count, 10);
}

static void
a_census_browses_each_type_once(void **state)
{
	struct kit *k = *state;
	struct packet p;

	mdns_browse(k->m, "_mmcam._tcp");
	loop_fake_advance(k->loop, 40 * S);
	packet_open(&p);
	packet_ptr(&p, "_services/_dns-sd/_udp/local", "_ssh/_tcp/local", 120);
	kit_hear(k, &p);
	buf_clear(&k->asked);
	kit_asked(k, 100 * MS, "");			/* nobody wanted to know */
	mdns_census(k->m);
	kit_asked(k, 10 * MS, "multicast _services._dns-sd._udp.local. PTR\nunicast _services._dns-sd._udp.local. PTR\n");
	packet_ptr(&p, "_services/_dns-sd/_udp/local", "_mmcam/_tcp/local", 120);
	packet_ptr(&p, "_services/_dns-sd/_udp/local", "no type/local", 120);
	kit_hear(k, &p);
	kit_asked(k, 20 * MS, "multicast _ssh._tcp.local. PTR\nunicast _ssh._tcp.local. PTR\n");
	packet_open(&p);
	packet_ptr(&p, "_ssh/_tcp/local", "Box/_ssh/_tcp/local", 120);
	packet_srv(&p, "Box/_ssh/_tcp/local", "box/local", 22, 120);
	packet_txt(&p, "Box/_ssh/_tcp/local", "", 1, 120);
	packet_address(&p, "box/local", "10.0.0.3", true, 120);
	kit_hear(k, &p);
	kit_told(k, 3 * S, HEARD "service Box _ssh._tcp box.local:22 txt 1 10.0.0.3\n");
	buf_clear(&k->asked);
	loop_fake_advance(k->loop, 1000 * S);
	assert_null(strstr(buf_text(&k->asked), "_ssh"));
	kit_told(k, 0, "");				/* nobody asks any more: it is kept */
}

static void
a_census_takes_so_many_types_and_no_more(void **state)
{
	struct kit *k = *state;
	struct packet p;
	char type[64];

	mdns_census(k->m);
	packet_open(&p);
	for (int i = 0; i < 100; i++) {
		snprintf(type, sizeof type, "_t%d/_tcp/local", i);
		packet_ptr(&p, "_services/_dns-sd/_udp/local", type, 120);
	}
	kit_hear(k, &p);
	assert_int_equal(map_count(k->m->types), MAX_SERVICE_TYPES);
	mdns_browse(k->m, "_mmcam._tcp");		/* what is wanted has its own room */
	camera(k, "One", "phone", "10.0.0.7");
	kit_told(k, 0, ONE HEARD);
}

/* ---- Floods ---- */

static void
flood(struct kit *k, int count, bool is_whole)
{
	char name[32], address[32];

	for (int i = 0; i < count; i++) {
		struct packet p;

		snprintf(name, sizeof name, "fake%d", i);
		snprintf(address, sizeof address, "10.1.%d.%d", i / 250, i % 250 + 1);
		packet_open(&p);
		if (is_whole)
			packet_camera(&p, name, name, address, 120);
		else
			packet_ptr(&p, "_mmcam/_tcp/local", strcat(name, "/_mmcam/_tcp/local"), 120);
		kit_hear(k, &p);
		if (i % 50 == 0)
			loop_fake_advance(k->loop, 100 * MS);
	}
	loop_fake_advance(k->loop, 20 * MS);
}

static void
halves_give_way_before_what_was_whole(void **state)
{
	struct kit *k = *state;

	begin(k);
	k->is_quiet = true;
	flood(k, 5000, false);
	assert_int_equal(map_count(k->m->instances), MAX_MDNS_SERVICES);
	assert_int_equal(k->gones, 0);
	assert_non_null(map_get(k->m->instances, "\003one\006_mmcam\004_tcp\005local"));
	assert_null(map_get(k->m->instances, "\005fake0\006_mmcam\004_tcp\005local"));
	assert_non_null(map_get(k->m->instances, "\010fake4999\006_mmcam\004_tcp\005local"));
	assert_true(k->packets <= 500);			/* 10 s: a flood does not become one of questions */
}

static void
a_camera_heard_for_a_while_outlives_a_flood_of_whole_fakes(void **state)
{
	struct kit *k = *state;
	struct packet p;

	begin(k);
	loop_fake_advance(k->loop, 11 * S);
	camera(k, "One", "phone", "10.0.0.7");
	k->is_quiet = true;
	flood(k, 5000, true);
	assert_true(map_count(k->m->instances) <= MAX_MDNS_SERVICES);
	assert_int_equal(map_count(k->m->hosts), MAX_MDNS_HOSTS);
	assert_non_null(map_get(k->m->instances, "\003one\006_mmcam\004_tcp\005local"));
	assert_int_equal(k->services, 5001);
	assert_int_equal(k->gones, 5001 - (int)map_count(k->m->instances));	/* who was told of one is told of its end */
	k->is_quiet = false;
	buf_clear(&k->told);
	packet_open(&p);
	packet_address(&p, "phone/local", "10.0.0.77", true, 120);
	kit_hear(k, &p);
	loop_fake_advance(k->loop, MS);
	assert_non_null(strstr(buf_text(&k->told), "service One _mmcam._tcp phone.local:8081 txt 5 10.0.0.77\n"));
}

static void
asked_hosts_outlive_a_flood_of_hosts(void **state)
{
	struct kit *k = *state;
	struct packet p;
	char name[32];

	for (int i = 0; i < 2 * MAX_MDNS_HOSTS; i++) {
		snprintf(name, sizeof name, "asked%d.local", i);
		mdns_ask_host(k->m, name);
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "fake%d/local", i);
		packet_open(&p);
		packet_address(&p, name, "10.0.0.7", true, 120);
		kit_hear(k, &p);
	}
	assert_int_equal(map_count(k->m->hosts), MAX_MDNS_HOSTS);
	packet_open(&p);
	packet_address(&p, "asked0/local", "10.0.0.7", true, 120);
	kit_hear(k, &p);
	kit_told(k, 20 * MS, "host asked0.local 10.0.0.7\n" HEARD);
}

static void
peers_are_bounded_too(void **state)
{
	struct mdns_from from = kit_from();
	struct kit *k = *state;
	struct packet p;

	k->is_quiet = true;
	packet_open(&p);
	for (int i = 0; i < 3000; i++) {
		from.bytes[1] = (unsigned char)(i >> 8);
		from.bytes[2] = (unsigned char)i;
		kit_hear_from(k, &p, &from);
	}
	loop_fake_advance(k->loop, MS);
	assert_int_equal(mdns_counts(k->m).hosts, MAX_MDNS_HOSTS);
}

/* ---- Freeing ---- */

static void
whoever_is_told_may_free_it(void **state)
{
	struct kit *k = *state;

	k->frees_itself = true;
	mdns_browse(k->m, "_mmcam._tcp");
	camera(k, "One", "phone", "10.0.0.7");
	camera(k, "Two", "pad", "10.0.0.8");
	loop_fake_advance(k->loop, 10 * S);
	assert_int_equal(k->services, 1);
	assert_null(k->m);
}

static void
freed_in_the_middle_of_everything_it_leaves_nothing(void **state)
{
	struct kit *k = *state;
	struct packet p;

	begin(k);
	mdns_ask_host(k->m, "phone.local");
	mdns_census(k->m);
	packet_open(&p);
	packet_camera(&p, "One", "phone", "10.0.0.7", 0);
	packet_camera(&p, "Two", "pad", "10.0.0.8", 120);
	packet_ptr(&p, "_mmcam/_tcp/local", "Three/_mmcam/_tcp/local", 120);
	kit_hear(k, &p);			/* and the end of the test frees it */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_set_up, kit_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_service_is_told_when_it_is_whole),
		TEST(pieces_may_come_in_any_order_in_packets_of_their_own),
		TEST(an_instance_keeps_its_dots_and_its_letters),
		TEST(other_types_and_other_domains_are_nothing),
		TEST(txt_of_any_shape_is_bounded),
		TEST(a_change_is_told_at_once),
		TEST(a_flushing_address_replaces_the_older_ones_of_its_family),
		TEST(an_answer_by_unicast_is_the_whole_set_of_addresses),
		TEST(link_local_addresses_belong_to_their_interface),
		TEST(addresses_that_lead_nowhere_are_refused),
		TEST(a_host_keeps_eight_addresses_the_newest_heard),
		TEST(a_goodbye_is_told_after_a_second),
		TEST(a_goodbye_taken_back_is_none),
		TEST(a_goodbye_that_its_owner_denies_is_none),
		TEST(a_goodbye_of_srv_or_of_the_address_is_one_too),
		TEST(what_nobody_answers_for_runs_out),
		TEST(a_unicast_answer_outlives_its_short_ttl),
		TEST(answers_come_from_port_5353_and_from_this_link),
		TEST(our_own_answers_are_not_heard_from_another_machine),
		TEST(an_asked_host_is_told_with_each_address_once),
		TEST(hosts_are_asked_for_now_after_1_and_3_seconds_then_by_the_minute),
		TEST(many_names_share_packets_that_answers_fit_in),
		TEST(types_come_before_names),
		TEST(browsing_slows_down_to_once_a_minute),
		TEST(without_listening_all_questions_are_for_unicast_answers),
		TEST(a_type_of_many_instances_is_not_asked_for_by_unicast),
		TEST(known_answers_are_said_as_long_as_half_of_their_time_is_left),
		TEST(missing_pieces_are_asked_for_where_the_instance_was_heard),
		TEST(what_was_found_is_asked_for_again_by_the_minute),
		TEST(the_silent_are_asked_once_a_minute_only),
		TEST(a_census_browses_each_type_once),
		TEST(a_census_takes_so_many_types_and_no_more),
		TEST(halves_give_way_before_what_was_whole),
		TEST(a_camera_heard_for_a_while_outlives_a_flood_of_whole_fakes),
		TEST(asked_hosts_outlive_a_flood_of_hosts),
		TEST(peers_are_bounded_too),
		TEST(whoever_is_told_may_free_it),
		TEST(freed_in_the_middle_of_everything_it_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
