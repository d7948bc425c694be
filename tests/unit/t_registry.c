/*
 * t_registry.c - who the cameras are: identity, addresses, numbers, labels, order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/str.h"
#include "domain/registry.h"

static struct registry_address
address(const char *host, int port, unsigned via)
{
	struct registry_address a = { .port = port, .via = via, .rtt_us = -1 };

	str_copy(a.host, sizeof(a.host), host);
	return a;
}

/* A node with that id answers /info at host:8081. */
static struct registry_node *
meet(struct registry *r, const char *id, const char *name, const char *host, bool *is_new)
{
	struct registry_address a = address(host, 8081, VIA_BONJOUR);
	struct node_info info = { .contract = 1, .camera_count = 1 };
	bool unused;

	str_copy(info.id, sizeof(info.id), id);
	str_copy(info.device_name, sizeof(info.device_name), name);
	return registry_identify(r, &info, &a, is_new != NULL ? is_new : &unused);
}

static void
first_info_makes_the_node_and_numbers_it(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *n;
	bool is_new = false;

	(void)state;
	n = meet(r, "id-a", "iPhone", "10.0.0.1", &is_new);
	assert_true(is_new);
	assert_int_equal(n->number, 1);
	assert_false(n->known);
	assert_false(n->flagged_no_id);
	assert_string_equal(registry_name(n), "iPhone");
	assert_int_equal(meet(r, "id-b", "", "10.0.0.2", NULL)->number, 2);
	assert_string_equal(registry_name(registry_by_number(r, 2)), "id-b");
	assert_ptr_equal(registry_find(r, "id-a"), n);
	assert_null(registry_find(r, "id-c"));
	assert_null(registry_by_number(r, 0));
	assert_null(registry_by_number(r, 7));
	registry_free(r);
	registry_free(NULL);
}

static void
same_id_elsewhere_is_the_same_node(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *n = meet(r, "id-a", "iPhone", "10.0.0.1", NULL);
	bool is_new = true;

	(void)state;
	assert_true(registry_set_label(r, n, "left", NULL));
	n->roles = ROLE(CAMERA);
	assert_ptr_equal(meet(r, "id-a", "iPhone renamed", "100.90.1.2", &is_new), n);
	assert_false(is_new);
	assert_int_equal(registry_count(r), 1);
	assert_int_equal(n->address_count, 2);
	assert_int_equal(n->number, 1);
	assert_int_equal(n->roles, ROLE(CAMERA));
	assert_string_equal(n->label, "left");
	assert_string_equal(n->info.device_name, "iPhone renamed");
	assert_int_equal(n->addresses[0].kind, PATH_LAN);
	assert_int_equal(n->addresses[1].kind, PATH_TAILSCALE);
	registry_free(r);
}

static void
same_address_is_merged_and_its_ways_are_joined(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *n = meet(r, "id-a", "iPhone", "Phone.local", NULL);
	struct registry_address again = address("phone.LOCAL", 8081, VIA_SWEEP), other = address("phone.local", 8082, VIA_SWEEP);

	(void)state;
	again.seen_us = 500;
	again.rtt_us = 900;
	assert_true(registry_add_address(n, &again));
	assert_int_equal(n->address_count, 1);
	assert_int_equal(n->addresses[0].via, VIA_BONJOUR | VIA_SWEEP);
	assert_int_equal(n->addresses[0].seen_us, 500);
	assert_int_equal(n->addresses[0].rtt_us, 900);
	again.seen_us = 400;
	again.rtt_us = -1;
	assert_true(registry_add_address(n, &again));
	assert_int_equal(n->addresses[0].seen_us, 500);
	assert_int_equal(n->addresses[0].rtt_us, 900);
	assert_true(registry_add_address(n, &other));
	assert_int_equal(n->address_count, 2);
	assert_ptr_equal(registry_by_address(r, "PHONE.local", 8082, ""), n);
	assert_ptr_equal(registry_by_address(r, "phone.local", 8081, NULL), n);
	assert_null(registry_by_address(r, "phone.local", 8083, ""));
	registry_free(r);
}

static void
url_is_an_address_of_its_own(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *n = meet(r, "id-a", "cam", "10.0.0.1", NULL);
	struct registry_address a = address("10.0.0.1", 8081, VIA_MANUAL);

	(void)state;
	str_copy(a.url, sizeof(a.url), "http://10.0.0.1:8081/stream?x=1");
	assert_true(registry_add_address(n, &a));
	assert_int_equal(n->address_count, 2);
	assert_int_equal(n->addresses[1].kind, PATH_URL);
	assert_ptr_equal(registry_by_address(r, "10.0.0.1", 8081, "http://10.0.0.1:8081/stream?x=1"), n);
	assert_null(registry_by_address(r, "10.0.0.1", 8081, "http://10.0.0.1:8081/Stream?x=1"));
	registry_free(r);
}

static void
address_that_another_device_answers_at_moves_over(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *a = meet(r, "id-a", "A", "10.0.0.1", NULL), *b;

	(void)state;
	meet(r, "id-a", "A", "10.0.0.9", NULL);
	b = meet(r, "id-b", "B", "10.0.0.1", NULL);
	assert_int_equal(a->address_count, 1);
	assert_string_equal(a->addresses[0].host, "10.0.0.9");
	assert_int_equal(b->address_count, 1);
	assert_ptr_equal(registry_by_address(r, "10.0.0.1", 8081, ""), b);
	assert_int_equal(a->number, 1);
	registry_free(r);
}

static void
too_many_addresses_are_refused(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *n = meet(r, "id-a", "A", "10.0.0.0", NULL);
	struct registry_address a;
	char host[32];

	(void)state;
	for (int i = 1; i < MAX_NODE_ADDRESSES; i++) {
		snprintf(host, sizeof(host), "10.0.0.%d", i);
		a = address(host, 8081, VIA_SWEEP);
		assert_true(registry_add_address(n, &a));
	}
	a = address("10.0.1.1", 8081, VIA_SWEEP);
	assert_false(registry_add_address(n, &a));
	a = address("10.0.0.3", 8081, VIA_MANUAL);
	assert_true(registry_add_address(n, &a));
	assert_int_equal(n->address_count, MAX_NODE_ADDRESSES);
	registry_free(r);
}

static void
node_without_an_id_gets_a_stable_stand_in(void **state)
{
	struct registry *r = registry_new(), *next_day = registry_new();
	struct registry_node *n = meet(r, "", "cam", "10.0.0.1", NULL);
	bool is_new = true;

	(void)state;
	assert_true(str_has_prefix(n->id, "anon-"));
	assert_true(n->flagged_no_id);
	assert_string_equal(n->info.id, n->id);
	assert_ptr_equal(meet(r, "", "cam", "10.0.0.1", &is_new), n);
	assert_false(is_new);
	assert_ptr_not_equal(meet(r, "", "cam", "10.0.0.2", NULL), n);
	assert_string_equal(meet(next_day, "", "another name", "10.0.0.1", NULL)->id, n->id);
	registry_free(r);
	registry_free(next_day);
}

static void
remembered_nodes_keep_their_numbers_free_for_them(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *known = registry_remember(r, "id-known");
	bool is_new = false;

	(void)state;
	known->number = 1;
	str_copy(known->label, sizeof(known->label), "left");
	assert_ptr_equal(registry_remember(r, "id-known"), known);
	assert_int_equal(registry_count(r), 1);
	assert_int_equal(meet(r, "id-new", "N", "10.0.0.5", NULL)->number, 2);
	assert_true(known->known);
	assert_ptr_equal(meet(r, "id-known", "K", "10.0.0.6", &is_new), known);
	assert_true(is_new);
	assert_false(known->known);
	assert_int_equal(known->number, 1);
	assert_string_equal(registry_name(known), "left");
	registry_free(r);
}

static void
lowest_free_number_is_given_again(void **state)
{
	struct registry *r = registry_new();

	(void)state;
	meet(r, "id-a", "A", "10.0.0.1", NULL);
	meet(r, "id-b", "B", "10.0.0.2", NULL);
	meet(r, "id-c", "C", "10.0.0.3", NULL);
	registry_forget(r, "id-b");
	registry_forget(r, "id-nobody");
	assert_int_equal(registry_count(r), 2);
	assert_int_equal(meet(r, "id-d", "D", "10.0.0.4", NULL)->number, 2);
	registry_free(r);
}

static void
set_number_swaps(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *a = meet(r, "id-a", "A", "10.0.0.1", NULL), *b = meet(r, "id-b", "B", "10.0.0.2", NULL);
	struct registry_node *none = registry_remember(r, "id-none");
	struct err e;

	(void)state;
	assert_true(registry_set_number(r, a, 2, &e));
	assert_int_equal(a->number, 2);
	assert_int_equal(b->number, 1);
	assert_true(registry_set_number(r, a, 2, &e));
	assert_true(registry_set_number(r, a, 99, &e));
	assert_int_equal(a->number, 99);
	assert_true(registry_set_number(r, none, 1, &e));
	assert_int_equal(none->number, 1);
	assert_int_equal(b->number, 2);		/* had to go, and there was no number to swap for */
	assert_false(registry_set_number(r, a, 0, &e));
	assert_false(registry_set_number(r, a, 100, &e));
	assert_int_equal(e.kind, ERR_USAGE);
	assert_int_equal(a->number, 99);
	registry_free(r);
}

static void
order_is_by_number_then_by_appearance(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *a = meet(r, "id-a", "A", "10.0.0.1", NULL), *b = meet(r, "id-b", "B", "10.0.0.2", NULL);
	struct registry_node *x = registry_remember(r, "id-x"), *y = registry_remember(r, "id-y");

	(void)state;
	a->number = 5;		/* as whoever reads a manifest does */
	assert_ptr_equal(registry_at(r, 0), b);
	assert_ptr_equal(registry_at(r, 1), a);
	assert_ptr_equal(registry_at(r, 2), x);
	assert_ptr_equal(registry_at(r, 3), y);
	assert_null(registry_at(r, 4));
	y->number = 1;
	assert_ptr_equal(registry_at(r, 0), y);
	assert_ptr_equal(registry_at(r, 3), x);
	registry_free(r);
}

static void
registry_has_a_ceiling(void **state)
{
	struct registry *r = registry_new();
	char id[32], host[32];
	bool is_new = true;

	(void)state;
	for (int i = 0; i < MAX_NODES; i++) {
		snprintf(id, sizeof(id), "id-%d", i);
		snprintf(host, sizeof(host), "10.0.%d.%d", i / 200, i % 200);
		assert_non_null(meet(r, id, "N", host, NULL));
	}
	assert_null(meet(r, "id-one-more", "N", "10.9.9.9", &is_new));
	assert_false(is_new);
	assert_null(registry_remember(r, "id-one-more"));
	assert_int_equal(registry_find(r, "id-98")->number, 99);
	assert_int_equal(registry_find(r, "id-99")->number, 0);		/* there are only 99 */
	assert_string_equal(registry_at(r, MAX_NODES - 1)->id, "id-255");
	registry_free(r);
}

static const struct { const char *label, *says; } bad_labels[] = {
	{ "2", "all digits" },
	{ "007", "all digits" },
	{ "cut", "word of the command language" },
	{ "Program", "word of the command language" },
	{ "node-lost", "word of the command language" },
	{ "-left", "begin with -" },
	{ "@left", "begin with @" },
	{ " left", "blank" },
	{ "left ", "blank" },
	{ " ", "blank" },
	{ "le\x1b[31mft", "cannot be shown" },
	{ "\xe2\x80\xae" "tfel", "cannot be shown" },
	{ "\xff", "cannot be shown" },
	{ "0123456789012345678901234567890123456789012345678901234567890123x", "too long" },
	{ "wide", "labelled" },
	{ "WIDE", "labelled" },
	{ "id-b", "id of another camera" },
	{ "Cam 2", "\"Cam 2\" is the device name of camera 2" },
	{ "cam 2", "\"Cam 2\" is the device name of camera 2" },
};

static void
labels_that_would_confuse_are_refused(void **state)
{
	struct registry *r = registry_new();
	struct registry_node *a = meet(r, "id-a", "A", "10.0.0.1", NULL), *b = meet(r, "id-b", "Cam 2", "10.0.0.2", NULL);

	(void)state;
	assert_true(registry_set_label(r, b, "wide", NULL));
	assert_true(registry_set_label(r, a, "left", NULL));
	for (size_t i = 0; i < sizeof(bad_labels) / sizeof(bad_labels[0]); i++) {
		struct err e = { .kind = ERR_NONE };

		if (registry_set_label(r, a, bad_labels[i].label, &e))
			fail_msg("accepted \"%s\"", bad_labels[i].label);
		if (strstr(e.text, bad_labels[i].says) == NULL)
			fail_msg("\"%s\": said \"%s\"", bad_labels[i].label, e.text);
		assert_string_equal(a->label, "left");
	}
	registry_free(r);
}

static void
labels_people_use_are_taken(void **state)
{
	static const char *const labels[] = { "left guest", "cam 2", "2nd floor", "caf\xc3\xa9", "\xe5\xb7\xa6", "A-1", "wide, far",
		"A", "a123456789012345678901234567890123456789012345678901234567890123" };
	struct registry *r = registry_new();
	struct registry_node *a = meet(r, "id-a", "A", "10.0.0.1", NULL), *b = meet(r, "id-b", "B", "10.0.0.2", NULL);
	struct err e = { .kind = ERR_NONE };

	(void)state;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (!registry_set_label(r, a, labels[i], &e))
			fail_msg("\"%s\": %s", labels[i], e.text);
		assert_string_equal(registry_name(a), labels[i]);
	}
	assert_true(registry_set_label(r, a, "left", &e));
	assert_true(registry_set_label(r, a, "Left", &e));	/* its own label in another case */
	assert_true(registry_set_label(r, a, "", &e));
	assert_true(registry_set_label(r, b, "", &e));		/* none is not a label twice */
	assert_string_equal(registry_name(a), "A");
	registry_free(r);
}

static const struct { const char *host; enum registry_path want; } paths[] = {
	{ "192.168.1.4", PATH_LAN },
	{ "10.0.0.1", PATH_LAN },
	{ "100.63.255.255", PATH_LAN },
	{ "100.64.0.0", PATH_TAILSCALE },
	{ "100.127.255.255", PATH_TAILSCALE },
	{ "100.128.0.0", PATH_LAN },
	{ "127.0.0.1", PATH_LOOPBACK },
	{ "127.255.0.3", PATH_LOOPBACK },
	{ "128.0.0.1", PATH_LAN },
	{ "::1", PATH_LOOPBACK },
	{ "::2", PATH_LAN },
	{ "::ffff:127.0.0.1", PATH_LOOPBACK },
	{ "::ffff:100.100.0.1", PATH_TAILSCALE },
	{ "fe80::1%eth0", PATH_LAN },
	{ "fd7a:115c:a1e0::53", PATH_TAILSCALE },
	{ "fd7a:115c:a1e0:ffff::1", PATH_TAILSCALE },
	{ "fd7a:115c:a1e1::1", PATH_LAN },
	{ "localhost", PATH_LOOPBACK },
	{ "LocalHost", PATH_LOOPBACK },
	{ "iphone.local", PATH_LAN },
	{ "127.0.0.1.example.org", PATH_LAN },
	{ "phone.tail1234.ts.net", PATH_TAILSCALE },
	{ "ts.net", PATH_LAN },
	{ "", PATH_LAN },
};

static void
path_is_told_by_the_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (registry_path_of(paths[i].host) != paths[i].want)
			fail_msg("%s is not %s", paths[i].host, registry_path_name(paths[i].want));
}

static void
names_are_those_of_the_specification(void **state)
{
	(void)state;
	assert_string_equal(registry_path_name(PATH_LAN), "lan");
	assert_string_equal(registry_path_name(PATH_TAILSCALE), "tailscale");
	assert_string_equal(registry_path_name(PATH_LOOPBACK), "loopback");
	assert_string_equal(registry_path_name(PATH_URL), "url");
	assert_string_equal(registry_via_name(VIA_BONJOUR), "bonjour");
	assert_string_equal(registry_via_name(VIA_MDNS_NAME), "mdns-name");
	assert_string_equal(registry_via_name(VIA_SWEEP), "sweep");
	assert_string_equal(registry_via_name(VIA_MANUAL), "manual");
	assert_string_equal(registry_via_name(VIA_REMEMBERED), "remembered");
}

static void
place_has_brackets_where_needed_and_no_password(void **state)
{
	static const struct { struct registry_address a; const char *place; } cases[] = {
		{ { .host = "10.0.0.1", .port = 8081 }, "10.0.0.1:8081" },
		{ { .host = "fe80::1%eth0", .port = 8081 }, "[fe80::1%eth0]:8081" },
		{ { .host = "h", .port = 80, .url = "http://h/cam?x=a@b" }, "http://h/cam?x=a@b" },
		{ { .host = "h", .port = 80, .url = "http://anna:se@cret@h:80/cam" }, "http://h:80/cam" },
		{ { .host = "h", .port = 80, .url = "http://h/\033[2J" }, "http://h/\xef\xbf\xbd[2J" },
	};
	char place[300];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		registry_place(&cases[i].a, place, sizeof place);
		assert_string_equal(place, cases[i].place);
	}
}

static void
one_more_device_with_an_id_gets_a_stand_in_and_a_number(void **state)
{
	struct registry *r = registry_new();
	const struct registry_address a = address("10.0.0.66", 8081, VIA_BONJOUR);
	const struct node_info info = { .contract = 1, .id = "id-a", .device_name = "Copy" };
	struct registry_node *n;
	char id[ID_BYTES], longest[ID_BYTES];
	bool is_new = false;

	(void)state;
	meet(r, "id-a", "iPhone", "10.0.0.1", NULL);
	registry_clone_id(r, "id-a", id);
	assert_string_equal(id, "id-a#2");
	n = registry_identify_as(r, id, &info, &a, &is_new);
	assert_true(is_new);
	assert_int_equal(n->number, 2);
	assert_string_equal(n->id, "id-a#2");
	assert_string_equal(n->info.id, "id-a#2");
	assert_string_equal(n->info.device_name, "Copy");
	assert_false(n->flagged_no_id);
	registry_clone_id(r, "id-a#2", id);
	assert_string_equal(id, "id-a#3");
	assert_ptr_equal(registry_identify_as(r, "id-a#2", &info, &a, &is_new), n);
	assert_false(is_new);
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	registry_clone_id(r, longest, id);
	assert_true(strlen(id) < ID_BYTES);
	assert_true(registry_is_same_id(longest, id));
	registry_free(r);
}

static void
ids_are_the_same_but_for_the_stand_ins_mark(void **state)
{
	(void)state;
	assert_true(registry_is_same_id("a", "a"));
	assert_true(registry_is_same_id("a", "a#2"));
	assert_true(registry_is_same_id("a#3", "a#2"));
	assert_false(registry_is_same_id("a", "b"));
	assert_false(registry_is_same_id("a#2", "ab"));
	assert_false(registry_is_same_id("ab#2", "a"));
	assert_true(registry_is_stand_in("anon-00"));
	assert_false(registry_is_stand_in("a#2"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_info_makes_the_node_and_numbers_it),
		cmocka_unit_test(same_id_elsewhere_is_the_same_node),
		cmocka_unit_test(same_address_is_merged_and_its_ways_are_joined),
		cmocka_unit_test(url_is_an_address_of_its_own),
		cmocka_unit_test(address_that_another_device_answers_at_moves_over),
		cmocka_unit_test(too_many_addresses_are_refused),
		cmocka_unit_test(node_without_an_id_gets_a_stable_stand_in),
		cmocka_unit_test(remembered_nodes_keep_their_numbers_free_for_them),
		cmocka_unit_test(lowest_free_number_is_given_again),
		cmocka_unit_test(set_number_swaps),
		cmocka_unit_test(order_is_by_number_then_by_appearance),
		cmocka_unit_test(registry_has_a_ceiling),
		cmocka_unit_test(labels_that_would_confuse_are_refused),
		cmocka_unit_test(labels_people_use_are_taken),
		cmocka_unit_test(path_is_told_by_the_address),
		cmocka_unit_test(names_are_those_of_the_specification),
		cmocka_unit_test(one_more_device_with_an_id_gets_a_stand_in_and_a_number),
		cmocka_unit_test(ids_are_the_same_but_for_the_stand_ins_mark),
		cmocka_unit_test(place_has_brackets_where_needed_and_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
