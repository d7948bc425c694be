/* t_disc_names.c - host names that are asked for, what they answer, and which names a device's own name leads to. */
#include "unit/disc_kit.h"
#include "unit/mdns_fake.h"

#include "io/disc_names.h"
#include "support/loop_fake.h"

#define SECOND 1000000

static struct loop *loop;
static struct heard *h;

static int
set_up(void **state)
{
	(void)state;
	loop = loop_fake_new();
	h = xcalloc(1, sizeof *h);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	disc_names.close(h->self);
	assert_null(fake_mdns.querier);
	assert_int_equal(loop_fake_alive(loop), 0);
	loop_free(loop);
	free(h);
	return 0;
}

static void
answer(const char *name, const char *address)
{
	fake_mdns.querier->fns.host(fake_mdns.querier->arg, name, address);
}

static void
asks_for(const char *conf, const char *names)
{
	disc_names.close(h->self);
	heard_open(h, loop, &disc_names, conf);
	assert_string_equal(fake_mdns.asked, names);
}

/* ---- What is asked for ---- */

static void
names_of_the_conf_are_asked_for_once_each(void **state)
{
	(void)state;
	asks_for("iPhone.local", "iphone.local");
	asks_for("iPhone.local,iPad.local", "iphone.local ipad.local");
	asks_for(" iPhone.local , iphone.LOCAL.,\tiPad ,,", "iphone.local ipad.local");
	asks_for("cam.local:9000,cam.local:9001,cam.local", "cam.local");
	asks_for("K\xc3\xbc" "che.local", "k\xc3\xbc" "che.local");
	asks_for("a.b.local", "a.b.local");
	assert_int_equal(fake_mdns.flags, 0);
}

static void
what_is_no_host_name_is_not_asked_for(void **state)
{
	static const char label64[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.local";
	char longest[400] = "";

	(void)state;
	asks_for("cam.example.com,.local,local.,a..local,.a.local,x.local:0,x.local:65536,x.local:,x.local:9x,x.local:123456,[::1]:1,"
	    "a\x1b[2J.local,\xff.local,a\\b.local,10.0.0.7,ok.local", "local.local ok.local");
	loop_fake_advance(loop, SECOND);
	assert_non_null(strstr(h->text, "working asked for 2 names: nobody answered; 14 more are not asked for\n"));
	asks_for(label64, "");
	asks_for(label64 + 1, label64 + 1);
	for (int i = 0; i < 90; i++)
		strcat(longest, "aa.");
	strcat(longest, "local");
	asks_for(longest, "");
	loop_fake_advance(loop, SECOND);
	assert_non_null(strstr(h->text, "asked for 0 names: nobody answered; 1 more is not asked for\n"));
}

static void
at_most_64_names_are_asked_for(void **state)
{
	char conf[2048] = "";

	(void)state;
	for (int i = 0; i < 70; i++)
		snprintf(conf + strlen(conf), sizeof conf - strlen(conf), "cam-%d.local,", i);
	disc_names.close(h->self);
	heard_open(h, loop, &disc_names, conf);
	assert_non_null(strstr(fake_mdns.asked, " cam-63.local"));
	assert_null(strstr(fake_mdns.asked, "cam-64.local"));
	loop_fake_advance(loop, SECOND);
	assert_non_null(strstr(h->text, "asked for 64 names: nobody answered; 6 more are not asked for\n"));
}

static void
nothing_to_ask_for_is_off(void **state)
{
	(void)state;
	assert_null(disc_names.open(loop, "off", &heard_fns, h));
	assert_null(disc_names.open(loop, "", &heard_fns, h));
	assert_null(disc_names.open(loop, NULL, &heard_fns, h));
	disc_names.close(NULL);
}

/* ---- Answers ---- */

static void
every_answer_is_sighted_at_its_ports(void **state)
{
	(void)state;
	asks_for("iPhone-2.local,cam.local:9000,cam.local:9001", "iphone-2.local cam.local");
	answer("iphone-2.local", "10.0.0.7");
	heard_is(h, "sighted 10.0.0.7:8081 lan id= name=iphone-2.local via=mdns-name\nline iphone-2.local: answers: 10.0.0.7\n"
	    "working asked for 2 names: iphone-2.local is 10.0.0.7\n");
	answer("iPhone-2.LOCAL", "fe80::7%eth1");
	heard_is(h, "sighted fe80::7%eth1:8081 lan id= name=iphone-2.local via=mdns-name\n"
	    "line iphone-2.local: answers: 10.0.0.7, fe80::7%eth1\n"
	    "working asked for 2 names: iphone-2.local is 10.0.0.7 and 1 more\n");
	answer("cam.local", "100.90.1.2");
	heard_is(h, "sighted 100.90.1.2:9000 tailscale id= name=cam.local via=mdns-name\n"
	    "sighted 100.90.1.2:9001 tailscale id= name=cam.local via=mdns-name\nline cam.local: answers: 100.90.1.2\n"
	    "working asked for 2 names: iphone-2.local is 10.0.0.7 and 1 more, cam.local is 100.90.1.2\n");
}

static void
an_answer_is_told_once_a_minute(void **state)
{
	(void)state;
	asks_for("a.local", "a.local");
	answer("a.local", "10.0.0.7");
	answer("a.local", "10.0.0.7");
	assert_int_equal(h->sighted, 1);
	loop_fake_advance(loop, 60 * SECOND);
	assert_int_equal(h->sighted, 1);	/* nobody answered since */
	answer("a.local", "10.0.0.7");
	assert_int_equal(h->sighted, 2);
}

static void
names_that_answered_are_asked_for_again(void **state)
{
	(void)state;
	asks_for("a.local,b.local", "a.local b.local");
	answer("b.local", "10.0.0.7");
	loop_fake_advance(loop, 59 * SECOND);
	assert_string_equal(fake_mdns.asked, "a.local b.local");
	loop_fake_advance(loop, 3 * SECOND);
	assert_string_equal(fake_mdns.asked, "a.local b.local b.local");
	loop_fake_advance(loop, 61 * SECOND);
	assert_string_equal(fake_mdns.asked, "a.local b.local b.local b.local");
}

static void
answers_that_lead_nowhere_or_were_not_asked_for_are_none(void **state)
{
	(void)state;
	asks_for("a.local", "a.local");
	answer("a.local", "0.0.0.0");
	answer("a.local", "224.0.0.1");
	answer("a.local", "fe80::1");
	answer("a.local", "no address");
	answer("b.local", "10.0.0.7");
	heard_is(h, "");
}

static void
many_names_make_a_short_sentence(void **state)
{
	(void)state;
	asks_for("a.local,b.local,c.local,d.local,e.local", "a.local b.local c.local d.local e.local");
	answer("b.local", "10.0.0.2");
	answer("c.local", "10.0.0.3");
	answer("d.local", "10.0.0.4");
	answer("e.local", "10.0.0.5");
	assert_non_null(strstr(h->text,
	    "working asked for 5 names: b.local is 10.0.0.2, c.local is 10.0.0.3, d.local is 10.0.0.4, 1 more answered\n"));
}

static void
an_address_that_is_silent_for_long_is_not_told_any_more(void **state)
{
	(void)state;
	asks_for("a.local", "a.local");
	answer("a.local", "10.0.0.7");
	loop_fake_advance(loop, 100 * SECOND);
	answer("a.local", "10.0.0.8");
	h->text[0] = '\0';
	loop_fake_advance(loop, 100 * SECOND);
	heard_is(h, "line a.local: answers: 10.0.0.8\nworking asked for 1 name: a.local is 10.0.0.8\n");
	loop_fake_advance(loop, 100 * SECOND);
	heard_is(h, "line a.local: -\nworking asked for 1 name: nobody answered\n");
}

static void
a_name_that_answers_with_ever_new_addresses_is_bounded(void **state)
{
	char address[32];

	(void)state;
	asks_for("a.local", "a.local");
	for (int i = 0; i < 250; i++) {
		snprintf(address, sizeof address, "10.0.0.%d", i);
		answer("a.local", address);
	}
	assert_int_equal(h->sighted, MDNS_HOST_ADDRESSES);
	loop_fake_advance(loop, 11 * SECOND);
	answer("a.local", "10.0.1.1");		/* one of those is silent since: it makes room */
	assert_int_equal(h->sighted, MDNS_HOST_ADDRESSES + 1);
	assert_non_null(strstr(h->text, "answers: 10.0.1.1, 10.0.0.1, "));
}

/* ---- The source ---- */

static void
hosts_are_heard_and_the_first_round_ends(void **state)
{
	(void)state;
	asks_for("a.local", "a.local");
	fake_mdns.querier->fns.heard(fake_mdns.querier->arg, "10.0.0.9");
	heard_is(h, "answered 10.0.0.9\n");
	loop_fake_advance(loop, 3 * SECOND);
	heard_is(h, "working asked for 1 name: nobody answered\n");
	loop_fake_advance(loop, SECOND);
	heard_is(h, "finished\n");
	loop_fake_advance(loop, 300 * SECOND);
	heard_is(h, "");
}

static void
without_an_interface_it_says_so_quietly(void **state)
{
	(void)state;
	asks_for("a.local", "a.local");
	fake_mdns.counts.interfaces = 0;
	loop_fake_advance(loop, SECOND);
	heard_is(h, "working host names: no interface that can multicast\n");
}

static void
any_word_may_close_the_source(void **state)
{
	(void)state;
	for (int close_at = 1; close_at <= 7; close_at++) {
		disc_names.close(h->self);
		heard_open(h, loop, &disc_names, "a.local,a.local:9000");
		h->close_at = close_at;
		loop_fake_advance(loop, 500000);			/* 1: state */
		if (h->self != NULL)
			answer("a.local", "10.0.0.7");			/* 2, 3: sighted, 4: line, 5: state */
		if (h->self != NULL)
			loop_fake_advance(loop, 4 * SECOND);		/* 6: finished */
		if (h->self != NULL)
			loop_fake_advance(loop, 200 * SECOND);		/* 7: line */
		assert_null(h->self);
		loop_fake_advance(loop, 200 * SECOND);
		assert_int_equal(h->told, close_at);
	}
}

/* ---- Names of devices ---- */

static void
devices_have_the_host_names_that_apple_gives_them(void **state)
{
	static const struct { const char *device, *want; } cases[] = {
		{ "Anna's iPhone 16", "Annas-iPhone-16.local" }, { "Anna\xe2\x80\x99s iPhone", "Annas-iPhone.local" },
		{ "iPhone", "iPhone.local" }, { "iPad (2)", "iPad-2.local" }, { "  a  --  b  ", "a-b.local" }, { "-x-", "x.local" },
		{ "Zo\xc3\xab", "Zoe.local" }, { "Zoe\xcc\x88", "Zoe.local" }, { "J\xc3\xbcrgens \xc5\x81\xc3\xb3" "d\xc5\xba", "Jurgens-Lodz.local" },
		{ "\xe5\xb0\x8f\xe6\x98\x8e iPhone", "iPhone.local" }, { "cam.local", "cam-local.local" }, { "a\x1b[2J\xff" "b", "a-2J-b.local" },
		{ "\xc5\xbe\xc5\xbf", "z.local" }, { "\xc3\x80\xc3\xbf", "Ay.local" }, { "1", "1.local" },
	};
	static const char *const nothing[] = { "", " ", "---", "'", "\xe5\xb0\x8f\xe6\x98\x8e", "\xff" };
	char out[80], longest[200];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_true(disc_names_of_device(out, sizeof out, cases[i].device));
		assert_string_equal(out, cases[i].want);
	}
	for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
		assert_false(disc_names_of_device(out, sizeof out, nothing[i]));
	memset(longest, 'a', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	assert_true(disc_names_of_device(out, sizeof out, longest));
	assert_int_equal(strlen(out), 63 + strlen(".local"));
	assert_false(disc_names_of_device(out, 12, longest));
	assert_false(disc_names_of_device(out, 12, "iPhone"));
	assert_true(disc_names_of_device(out, 13, "iPhone"));
}

static void
patterns_are_a_conf(void **state)
{
	(void)state;
	asks_for(disc_names_patterns(), "iphone.local iphone-2.local iphone-3.local iphone-4.local iphone-5.local ipad.local ipad-2.local "
	    "ipad-3.local android.local");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(names_of_the_conf_are_asked_for_once_each), CASE(what_is_no_host_name_is_not_asked_for),
		CASE(at_most_64_names_are_asked_for), CASE(nothing_to_ask_for_is_off), CASE(every_answer_is_sighted_at_its_ports),
		CASE(an_answer_is_told_once_a_minute), CASE(names_that_answered_are_asked_for_again), CASE(answers_that_lead_nowhere_or_were_not_asked_for_are_none),
		CASE(many_names_make_a_short_sentence), CASE(an_address_that_is_silent_for_long_is_not_told_any_more),
		CASE(a_name_that_answers_with_ever_new_addresses_is_bounded), CASE(hosts_are_heard_and_the_first_round_ends),
		CASE(without_an_interface_it_says_so_quietly), CASE(any_word_may_close_the_source),
		CASE(devices_have_the_host_names_that_apple_gives_them), CASE(patterns_are_a_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
