/*
 * t_sweep_parse.c - networks and ports to sweep, as they are typed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "io/sweep.h"

static void
a_network_is_read_without_its_host_bits(void **state)
{
	static const struct { const char *text, *want; uint32_t size; } cases[] = {
		{ "192.168.1.0/24", "192.168.1.0/24", 256 }, { "192.168.1.77/24", "192.168.1.0/24", 256 },
		{ "10.1.2.3", "10.1.2.3/32", 1 }, { "10.1.2.3/31", "10.1.2.2/31", 2 }, { "10.255.0.0/16", "10.255.0.0/16", 65536 },
		{ "172.16.255.255/20", "172.16.240.0/20", 4096 }, { "127.0.0.0/16", "127.0.0.0/16", 65536 },
		{ "223.255.255.255", "223.255.255.255/32", 1 }, { "1.0.0.1", "1.0.0.1/32", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[SWEEP_NET_BYTES];
		struct sweep_net net;
		struct err e;

		assert_true(sweep_parse_cidr(&net, cases[i].text, &e));
		sweep_net_text(&net, text);
		assert_string_equal(text, cases[i].want);
		assert_int_equal(sweep_net_size(&net), cases[i].size);
	}
}

static void
what_is_no_network_is_refused_with_a_sentence_that_names_it(void **state)
{
	static const struct { const char *text, *why; } cases[] = {
		{ "", "no IPv4 network" }, { "10.0.0.0/", "no IPv4 network" }, { "10.0.0/24", "no IPv4 network" },
		{ "10.0.0.0/33", "no IPv4 network" }, { "10.0.0.0/-1", "no IPv4 network" }, { "10.0.0.0/+24", "no IPv4 network" },
		{ "10.0.0.256/24", "no IPv4 network" }, { "010.0.0.1/24", "no IPv4 network" }, { " 10.0.0.0/24", "no IPv4 network" },
		{ "10.0.0.0/24 ", "no IPv4 network" }, { "10.0.0.0/24/24", "no IPv4 network" }, { "fe80::/64", "no IPv4 network" },
		{ "camera.local", "no IPv4 network" }, { "10.0.0.0/0x10", "no IPv4 network" }, { "AUTO", "no IPv4 network" },
		{ "10.0.0.0/15", "too large" }, { "10.0.0.0/8", "too large" }, { "0.0.0.0/0", "too large" },
		{ "0.0.0.0/24", "no network of hosts" }, { "224.0.0.251", "no network of hosts" }, { "255.255.255.255", "no network of hosts" },
		{ "10.0.0.0/24;rm -rf /", "no IPv4 network" }, { "10.0.0.0/24\x1b[2J", "no IPv4 network" },
		{ "10.0.0.0/99999999999999999999999999999999999999999999", "no IPv4 network" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sweep_net net;
		struct err e;

		err_clear(&e);
		assert_false(sweep_parse_cidr(&net, cases[i].text, &e));
		assert_int_equal(e.kind, ERR_USAGE);
		assert_non_null(strstr(e.text, cases[i].why));
		assert_int_equal(e.text[0], '"');
		for (const char *c = e.text; *c != '\0'; c++)
			assert_true((unsigned char)*c >= ' ');
		assert_false(sweep_parse_cidr(&net, cases[i].text, NULL));
	}
}

static void
the_option_is_auto_off_or_networks_and_perhaps_ports(void **state)
{
	struct sweep_conf c;
	struct err e;

	(void)state;
	assert_true(sweep_parse_conf(&c, "", &e));
	assert_int_equal(c.mode, SWEEP_AUTO);
	assert_int_equal(c.port_count, 1);
	assert_int_equal(c.ports[0], 8081);
	assert_true(sweep_parse_conf(&c, "auto ports 9000", &e));
	assert_int_equal(c.mode, SWEEP_AUTO);
	assert_int_equal(c.port_count, 1);
	assert_int_equal(c.ports[0], 9000);
	assert_true(sweep_parse_conf(&c, "off", &e));
	assert_int_equal(c.mode, SWEEP_OFF);
	assert_true(sweep_parse_conf(&c, "10.0.0.0/24,10.0.1.0/24,10.0.0.9/24 ports 8081,8090,8081,65535,1", &e));
	assert_int_equal(c.mode, SWEEP_NETS);
	assert_int_equal(c.net_count, 2);		/* the third is the first */
	assert_int_equal(c.nets[1].base, 0x0a000100);
	assert_int_equal(c.port_count, 4);
	assert_int_equal(c.ports[1], 8090);
	assert_int_equal(c.ports[3], 1);
	assert_true(sweep_parse_conf(&c, " ports 8090", &e));
	assert_int_equal(c.mode, SWEEP_AUTO);
}

static void
a_bad_option_is_refused(void **state)
{
	static const char *const cases[] = {
		"autos", "auto ports", "auto ports ", "auto ports 0", "auto ports 65536", "auto ports 80,", "auto ports ,80", "auto ports 80,,81",
		"auto ports 80 81", "auto port 80", "auto 80", "off,10.0.0.0/24", "10.0.0.0/24,", ",10.0.0.0/24", "10.0.0.0/24,,10.0.1.0/24",
		"10.0.0.0/24 10.0.1.0/24", "auto ports 1,2,3,4,5,6,7,8,9", "auto ports 99999999999999999999", "auto ports -1", "auto ports 0x50",
		"10.0.0.0/24,auto",
	};
	char many[MAX_SWEEP_NETWORKS * 16 + 16] = "10.0.0.0/24";
	struct sweep_conf c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		err_clear(&e);
		assert_false(sweep_parse_conf(&c, cases[i], &e));
		assert_int_equal(e.kind, ERR_USAGE);
		assert_true(e.text[0] != '\0');
	}
	for (int i = 1; i <= MAX_SWEEP_NETWORKS; i++) {
		assert_true(sweep_parse_conf(&c, many, &e));
		snprintf(many + strlen(many), sizeof many - strlen(many), ",10.0.%d.0/24", i);
	}
	assert_false(sweep_parse_conf(&c, many, &e));
	assert_non_null(strstr(e.text, "too many"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_is_read_without_its_host_bits),
		cmocka_unit_test(what_is_no_network_is_refused_with_a_sentence_that_names_it),
		cmocka_unit_test(the_option_is_auto_off_or_networks_and_perhaps_ports),
		cmocka_unit_test(a_bad_option_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
