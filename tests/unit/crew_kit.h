/*
 * crew_kit.h - a crew on a fake loop with fake conns, a discovery source the test speaks through, and an ear on
 * the bus; for tests of the app floor.  Include it in one file of a test only.
 */
#ifndef TESTS_CREW_KIT_H
#define TESTS_CREW_KIT_H

#include <stdio.h>
#include "app/crew.h"
#include "app/settings.h"
#include "support/loop_fake.h"
#include "unit/conn_fake.h"

#define KIT_HEARD_MAX 400

struct kit {
	struct loop *loop;
	struct clk clk;
	struct registry *reg;
	struct bus *bus;
	struct opt_set *settings;
	struct crew *crew;
	int heard_count;
	char *heard[KIT_HEARD_MAX];	/* public events since kit_deaf(), as "node-lost left no word for 6.0 s" */
	int inner[EV_KINDS];		/* how often each kind was said */
};

/* ---- A source the test speaks through ---- */

static const struct disc_fns *kit_disc_fns;
static void *kit_disc_arg;
static int kit_disc_open;

FAKE void *
kit_disc_open_fn(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	(void)loop;
	if (conf != NULL && strcmp(conf, "off") == 0)
		return NULL;
	kit_disc_fns = fns;
	kit_disc_arg = arg;
	kit_disc_open++;
	return &kit_disc_open;
}

FAKE void
kit_disc_close_fn(void *self)
{
	assert_ptr_equal(self, &kit_disc_open);
	kit_disc_open--;
}

FAKE const struct disc_source kit_disc = { "kit", VIA_BONJOUR, kit_disc_open_fn, kit_disc_close_fn };

FAKE void
kit_sight(const char *host, int port, const char *id)
{
	struct disc_sighting s = { .address = fake_address(host, port, VIA_BONJOUR) };

	str_copy(s.id, sizeof s.id, id);
	kit_disc_fns->sighted(kit_disc_arg, &s);
}

FAKE void
kit_goodbye(const char *host, int port, const char *id)
{
	const struct registry_address a = fake_address(host, port, VIA_BONJOUR);

	kit_disc_fns->goodbye(kit_disc_arg, VIA_BONJOUR, host[0] != '\0' ? &a : NULL, id);
}

/* ---- The ear ---- */

FAKE void
kit_hear(void *arg, const struct bus_event *ev)
{
	struct kit *k = arg;

	k->inner[ev->kind]++;
	if (!event_is_public(ev->kind))
		return;
	assert_true(k->heard_count < KIT_HEARD_MAX);
	k->heard[k->heard_count++] = xasprintf("%s%s%s%s%s", event_name(ev->kind), ev->node != NULL ? " " : "",
	    ev->node != NULL ? ev->node : "", ev->text != NULL ? " " : "", ev->text != NULL ? ev->text : "");
}

FAKE void
kit_deaf(struct kit *k)
{
	for (int i = 0; i < k->heard_count; i++)
		free(k->heard[i]);
	k->heard_count = 0;
	memset(k->inner, 0, sizeof k->inner);
}

/* Public events that begin like this. */
FAKE int
kit_count(const struct kit *k, const char *beginning)
{
	int count = 0;

	for (int i = 0; i < k->heard_count; i++)
		if (str_has_prefix(k->heard[i], beginning))
			count++;
	return count;
}

/* Everything public that was said since kit_deaf(), in order, is exactly this (joined by " | "). */
FAKE void
kit_expect(struct kit *k, const char *all)
{
	char said[8192] = "";
	size_t at = 0;

	for (int i = 0; i < k->heard_count && at < sizeof said; i++)
		at += (size_t)snprintf(said + at, sizeof said - at, "%s%s", i > 0 ? " | " : "", k->heard[i]);
	assert_string_equal(said, all);
	kit_deaf(k);
}

/* ---- Birth and death ---- */

FAKE int
kit_setup_world(void **state)
{
	struct kit *k = xcalloc(1, sizeof *k);

	k->loop = loop_fake_new();
	k->clk = loop_fake_clk(k->loop);
	k->reg = registry_new();
	k->bus = bus_new();
	k->settings = opt_set_new(settings_table);
	bus_listen(k->bus, EV_KINDS, kit_hear, k);
	*state = k;
	return 0;
}

FAKE void
kit_start(struct kit *k)
{
	k->crew = crew_new(k->loop, NULL, k->reg, k->bus, &k->clk, k->settings);
	crew_add_source(k->crew, &kit_disc, "on");
}

FAKE int
kit_setup(void **state)
{
	kit_setup_world(state);
	kit_start(*state);
	return 0;
}

/* Every test proves that nothing was left behind. */
FAKE int
kit_teardown(void **state)
{
	struct kit *k = *state;

	crew_free(k->crew);
	assert_int_equal(kit_disc_open, 0);
	assert_int_equal(fake_conn_count, 0);
	assert_int_equal(loop_fake_alive(k->loop), 0);
	bus_unlisten(k->bus, kit_hear, k);
	kit_deaf(k);
	opt_set_free(k->settings);
	bus_free(k->bus);
	registry_free(k->reg);
	loop_free(k->loop);
	free(k);
	return 0;
}

FAKE void
kit_set(struct kit *k, const char *name, const char *value)
{
	struct err e;

	assert_true(opt_assign(k->settings, name, value, &e));
	bus_tell(k->bus, EV_SETTING_CHANGED, NULL, "%s", name);
}

/* Time goes by; every live conn says a word each second, as a contract node does. */
FAKE void
kit_live(struct kit *k, int seconds)
{
	for (int s = 0; s < seconds; s++) {
		loop_fake_advance(k->loop, 1000000);
		for (int i = 0; i < fake_conn_count; i++)
			if (fake_conns[i]->state == CONN_LIVE)
				fake_word(fake_conns[i]);
	}
}

/* A live member at 10.0.0.N with id "cam<N>", without noise in the ear. */
FAKE struct conn *
kit_member(struct kit *k, int n)
{
	char host[32], id[32];

	snprintf(host, sizeof host, "10.0.0.%d", n);
	snprintf(id, sizeof id, "cam%d", n);
	kit_sight(host, 8081, "");
	fake_come_alive(fake_conn(host), id, id);
	kit_deaf(k);
	return fake_conn(host);
}

#endif
