/*
 * t_crew_storm.c - everything that can happen to a crew, at random and for long: what must always hold does.
 */
#include "unit/crew_kit.h"

#define STEPS 3000
#define HOSTS 24
#define IDS 6

static unsigned storm;

static unsigned
dice(unsigned sides)
{
	storm = storm * 1103515245u + 12345u;
	return (storm >> 12) % sides;
}

static const char *
some_host(char host[static 32])
{
	const unsigned n = dice(HOSTS);

	snprintf(host, 32, n % 5 == 0 ? "100.64.0.%u" : n % 5 == 1 ? "Cam%u.local" : "10.0.0.%u", n);
	return host;
}

static const char *
some_id(char id[static 32])
{
	const unsigned n = dice(IDS);

	snprintf(id, 32, "cam%u", n);
	return n == 0 ? "" : id;
}

/* One boot in three: so that copies, moves and restarts all happen. */
static void
storm_identify(struct conn *c)
{
	static const char *const epochs[] = { "", "boot1", "boot2", "boot3" };
	static const char *const names[] = { "Left", "Right" };
	char id[32];

	fake_identify_boot(c, some_id(id), names[dice(2)], epochs[dice(4)]);
	if (dice(3) == 0)
		return;
	fake_go(c, CONN_OPENING, "");
	fake_go(c, CONN_LIVE, "");
	fake_hello(c);
}

static void
storm_conn(struct conn *c)
{
	static const char *const whys[] = { "connection refused", "/info answered 404: not a camera node", "no answer within 2 s" };
	char id[32];
	const int i = (int)dice((unsigned)c->address_count);

	switch (dice(9)) {
	case 0: case 1: case 2: storm_identify(c); break;
	case 3: fake_go(c, CONN_BACKOFF, whys[dice(3)]); break;
	case 4: fake_go(c, CONN_PROBING, ""); break;
	case 5: fake_word(c); break;
	case 6: fake_path(c, c->addresses[i].host, dice(2) == 0, dice(3) == 0, (int64_t)dice(50000)); break;
	case 7: fake_stranger(c, c->addresses[i].host, some_id(id), "Right", dice(2) == 0 ? "boot2" : ""); break;
	default: fake_bye(c, "quit"); break;
	}
}

static void
storm_discovery(struct kit *k)
{
	static const unsigned vias[] = { VIA_BONJOUR, VIA_BONJOUR, VIA_SWEEP, VIA_MDNS_NAME, VIA_MANUAL };
	struct disc_sighting s = { .address = fake_address("", 8081, VIA_BONJOUR) };
	char host[32], id[32];

	str_copy(s.address.host, sizeof s.address.host, some_host(host));
	s.address.via = vias[dice(5)];
	if (dice(2) == 0)
		str_copy(s.id, sizeof s.id, some_id(id));
	switch (dice(12)) {
	case 0: kit_goodbye(dice(3) == 0 ? "" : host, 8081, s.id); break;
	case 1: crew_network_changed(k->crew); break;
	case 2: crew_forget(k->crew, some_id(id)); break;
	case 3: crew_forget(k->crew, "cam1#2"); break;
	default: kit_disc_fns->sighted(kit_disc_arg, &s); break;
	}
}

/* ---- What must hold ---- */

static void
check_member(struct kit *k, const struct crew_member *m)
{
	const struct registry_node *n = m->node;
	int used = 0;

	assert_non_null(n);
	assert_ptr_equal(registry_find(k->reg, n->id), n);
	assert_true(n->address_count <= MAX_NODE_ADDRESSES);
	for (int i = 0; i < n->address_count; i++) {
		const struct registry_address *a = &n->addresses[i];

		used += a->in_use;
		assert_non_null(registry_by_address(k->reg, a->host, a->port, a->url));
	}
	assert_true(used <= 1);
	assert_true((used == 1) == (m->path_why[0] != '\0'));
	if (n->address_count > 0)
		assert_non_null(crew_conn(k->crew, n->id));
}

static void
check(struct kit *k)
{
	struct crew_seen seen;
	int conflicts = 0;

	assert_int_equal(crew_count(k->crew), (int)registry_count(k->reg));
	for (int i = 0; i < crew_count(k->crew); i++) {
		check_member(k, crew_at(k->crew, i));
		conflicts += crew_at(k->crew, i)->node->conflict;
	}
	assert_int_not_equal(conflicts, 1);		/* it takes two */
	for (int i = 0; crew_seen_at(k->crew, i, &seen); i++)
		assert_null(registry_by_address(k->reg, seen.address.host, seen.address.port, ""));
	assert_true(crew_seen_count(k->crew) <= HOSTS);
}

/* A listener that forgets whom it hears of, now and then. */
static void
forgetful(void *arg, const struct bus_event *ev)
{
	struct kit *k = arg;

	if (k->crew != NULL && ev->node != NULL && ev->kind != EV_NODE_GONE && dice(400) == 0)
		crew_forget(k->crew, ev->node);
}

static void
run_storm(struct kit *k, unsigned seed)
{
	storm = seed;
	for (int step = 0; step < STEPS; step++) {
		if (dice(2) == 0 && fake_conn_count > 0)
			storm_conn(fake_conns[dice((unsigned)fake_conn_count)]);
		else
			storm_discovery(k);
		if (dice(4) == 0)
			loop_fake_advance(k->loop, (int64_t)dice(dice(20) == 0 ? 40000000 : 200000));
		check(k);
		kit_deaf(k);
		assert_true(fake_conn_count < 200);
	}
	loop_fake_advance(k->loop, 10000000);		/* whoever was ended is freed */
	assert_true(fake_conn_count <= crew_count(k->crew) + crew_seen_count(k->crew));
}

static void
what_must_hold_holds_in_a_storm(void **state)
{
	for (unsigned seed = 1; seed <= 4; seed++)
		run_storm(*state, seed);
}

static void
a_forgetful_listener_does_no_harm(void **state)
{
	struct kit *k = *state;

	bus_listen(k->bus, EV_KINDS, forgetful, k);
	run_storm(k, 77);
	bus_unlisten(k->bus, forgetful, k);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_must_hold_holds_in_a_storm),
		TEST(a_forgetful_listener_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
