/*
 * t_crew_source.c - what discovery sources say of themselves, what they ask, and what they saw on hosts.
 */
#include "unit/crew_kit.h"

static const struct crew_source *
source(struct kit *k)
{
	return crew_source_at(k->crew, 0);
}

static void
say_line(const char *topic, const char *sentence)
{
	kit_disc_fns->line(kit_disc_arg, topic, sentence);
}

static void
a_source_has_a_name_and_counts_what_it_told(void **state)
{
	struct kit *k = *state;

	assert_string_equal(source(k)->name, "kit");
	kit_sight("10.0.0.1", 8081, "");
	kit_sight("10.0.0.1", 8081, "");
	assert_int_equal(source(k)->sighted, 2);
	kit_disc_fns->answered(kit_disc_arg, "10.0.0.1");
	kit_disc_fns->answered(kit_disc_arg, "10.0.0.1");
	kit_disc_fns->answered(kit_disc_arg, "10.0.0.2");
	assert_int_equal(source(k)->answered, 2);
	assert_false(source(k)->finished);
	kit_disc_fns->finished(kit_disc_arg);
	assert_true(source(k)->finished);
}

static void
a_line_is_replaced_by_its_topic_and_taken_away(void **state)
{
	struct kit *k = *state;

	say_line("10.0.0.0/24", "10.0.0.0/24: 20 asked");
	say_line("192.168.1.7", "192.168.1.7 answers ping-less but not 8081");
	say_line("10.0.0.0/24", "10.0.0.0/24: 254 asked");
	assert_int_equal(source(k)->line_count, 2);
	assert_string_equal(source(k)->lines[0].topic, "10.0.0.0/24");
	assert_string_equal(source(k)->lines[0].sentence, "10.0.0.0/24: 254 asked");
	say_line("10.0.0.0/24", NULL);
	say_line("nobody said this", NULL);
	assert_int_equal(source(k)->line_count, 1);
	assert_string_equal(source(k)->lines[0].topic, "192.168.1.7");
}

static void
lines_are_bounded_and_clean(void **state)
{
	struct kit *k = *state;
	char topic[32], longer[2000];

	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	for (int i = 0; i < 1000; i++) {
		snprintf(topic, sizeof topic, "10.0.0.%d", i);
		say_line(topic, longer);
	}
	assert_int_equal(source(k)->line_count, MAX_WHY_LINES);
	assert_true(strlen(source(k)->lines[0].sentence) < MAX_WHY_BYTES);
	say_line("10.0.0.1", "\x1b[2Jred");
	assert_null(strchr(source(k)->lines[1].sentence, '\x1b'));
	say_line(longer, "too long a topic is one topic still");
	assert_int_equal(source(k)->line_count, MAX_WHY_LINES);
}

static void
hosts_that_answered_are_bounded(void **state)
{
	struct kit *k = *state;
	char host[32];

	for (int i = 0; i < 5000; i++) {
		snprintf(host, sizeof host, "10.0.%d.%d", i / 250, i % 250);
		kit_disc_fns->answered(kit_disc_arg, host);
		kit_disc_fns->service(kit_disc_arg, host, "_ssh._tcp");
	}
	assert_int_equal(source(k)->answered, MAX_MDNS_HOSTS);
	assert_int_equal(crew_services_at(k->crew, "10.0.0.3", (const char *[1]){ NULL }, 1), 1);
	assert_int_equal(crew_services_at(k->crew, "10.0.19.249", (const char *[1]){ NULL }, 1), 0);
}

static void
services_of_a_host_are_kept_once_and_bounded(void **state)
{
	struct kit *k = *state;
	const char *types[MAX_HOST_SERVICES + 4] = { NULL };
	char type[100];

	kit_disc_fns->service(kit_disc_arg, "10.0.0.1", "_ssh._tcp");
	kit_disc_fns->service(kit_disc_arg, "10.0.0.1", "_ssh._tcp");
	kit_disc_fns->service(kit_disc_arg, "10.0.0.1", "_http._tcp");
	kit_disc_fns->service(kit_disc_arg, "10.0.0.1", "no service type");
	memset(type, 'x', sizeof type - 1);
	type[0] = '_';
	type[sizeof type - 1] = '\0';
	kit_disc_fns->service(kit_disc_arg, "10.0.0.1", type);
	assert_int_equal(crew_services_at(k->crew, "10.0.0.1", types, MAX_HOST_SERVICES), 2);
	assert_string_equal(types[0], "_ssh._tcp");
	assert_string_equal(types[1], "_http._tcp");
	assert_int_equal(crew_services_at(k->crew, "10.0.0.1", types, 1), 1);
	assert_int_equal(crew_services_at(k->crew, "10.0.0.2", types, 1), 0);
	for (int i = 0; i < 100; i++) {
		snprintf(type, sizeof type, "_t%d._udp", i);
		kit_disc_fns->service(kit_disc_arg, "10.0.0.1", type);
	}
	assert_int_equal(crew_services_at(k->crew, "10.0.0.1", types, MAX_HOST_SERVICES + 4), MAX_HOST_SERVICES);
}

static void
settings_are_told_as_they_are_now(void **state)
{
	struct kit *k = *state;

	assert_int_equal(kit_disc_fns->setting(kit_disc_arg, "sweep-rate"), 500);
	kit_set(k, "sweep-rate", "20");
	assert_int_equal(kit_disc_fns->setting(kit_disc_arg, "sweep-rate"), 20);
}

static struct registry_node *
remember(struct kit *k, const char *id, const char *host)
{
	const struct registry_address a = fake_address(host, 8081, VIA_REMEMBERED);
	struct registry_node *n = registry_remember(k->reg, id);

	registry_add_address(n, &a);
	return n;
}

static bool
is_complete(void)
{
	return kit_disc_fns->is_complete(kit_disc_arg);
}

static void
complete_is_when_all_that_are_remembered_and_wanted_are_live(void **state)
{
	struct kit *k = *state;

	remember(k, "cam1", "10.0.0.1");
	remember(k, "cam2", "10.0.0.2");
	remember(k, "cam3", "10.0.0.3")->out = true;
	remember(k, "url", "10.0.0.4")->view_only = true;
	kit_start(k);
	assert_false(is_complete());
	fake_come_alive(fake_conn("10.0.0.1"), "cam1", "One");
	assert_false(is_complete());
	fake_come_alive(fake_conn("10.0.0.2"), "cam2", "Two");
	assert_true(is_complete());
	kit_sight("10.0.0.9", 8081, "");
	fake_come_alive(fake_conn("10.0.0.9"), "cam9", "Nine");
	fake_bye(fake_conn("10.0.0.9"), "quit");
	assert_true(is_complete());		/* nobody remembered that one */
	fake_bye(fake_conn("10.0.0.2"), "quit");
	assert_false(is_complete());
}

static void
an_empty_memory_is_never_complete(void **state)
{
	struct kit *k = *state;

	assert_false(is_complete());
	kit_member(k, 1);
	assert_false(is_complete());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
#define TEST_WORLD(name) cmocka_unit_test_setup_teardown(name, kit_setup_world, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_has_a_name_and_counts_what_it_told),
		TEST(a_line_is_replaced_by_its_topic_and_taken_away),
		TEST(lines_are_bounded_and_clean),
		TEST(hosts_that_answered_are_bounded),
		TEST(services_of_a_host_are_kept_once_and_bounded),
		TEST(settings_are_told_as_they_are_now),
		TEST_WORLD(complete_is_when_all_that_are_remembered_and_wanted_are_live),
		TEST(an_empty_memory_is_never_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
