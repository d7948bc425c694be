/*
 * conn_ways_kit.h - one node that answers at two addresses and one link to it, for the tests of links with several ways.
 * Include it in one file of a test only.
 */
#ifndef TESTS_CONN_WAYS_KIT_H
#define TESTS_CONN_WAYS_KIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/pathrank.h"
#include "io/conn_private.h"
#include "support/conn_kit.h"

#define WAYS __attribute__((unused)) static
#define LAN "127.0.0.1"
#define TAIL "127.0.0.2"
#define THIRD "127.0.0.3"
#define MS 1000
#define S 1000000

static struct kit k;
static struct fakenode *node;		/* at LAN and TAIL */

WAYS int
set_up(void **state)
{
	(void)state;
	node = fakenode_new(&(struct fakenode_conf){ .id = "cam-1", .name = "Left" });
	fakenode_also(node, TAIL);
	kit_open(&k, NULL);
	return 0;
}

WAYS int
tear_down(void **state)
{
	(void)state;
	kit_close(&k);
	fakenode_free(node);
	node = NULL;
	return 0;
}

WAYS struct registry_address
at(const char *host, struct fakenode *n, enum registry_path kind)
{
	struct registry_address a;

	kit_address(&a, host, fakenode_port(n));
	a.kind = kind;
	return a;
}

WAYS struct registry_address
lan(void)
{
	return at(LAN, node, PATH_LAN);
}

WAYS struct registry_address
tail(void)
{
	return at(TAIL, node, PATH_TAILSCALE);
}

WAYS void
give(struct registry_address a, struct registry_address b)
{
	conn_set_addresses(k.conn, (struct registry_address[]){ a, b }, 2);
}

WAYS void
give_one(struct registry_address a)
{
	conn_set_addresses(k.conn, &a, 1);
}

WAYS bool
is_on(const char *host)
{
	return conn_state(k.conn) == CONN_LIVE && strcmp(conn_address(k.conn)->host, host) == 0;
}

WAYS bool
has_answered(const char *host)
{
	const struct kit_path *p = kit_path(&k, host);

	return p != NULL && p->answered > 0;
}

/* Live on the LAN, and the other way has answered as well. */
WAYS void
go_live(void)
{
	give(lan(), tail());
	KIT_WAIT(&k, is_on(LAN) && has_answered(TAIL) && k.kinds[NODE_EV_HELLO] > 0);
}

/* The LAN was away when it began. */
WAYS void
go_live_on_tail(void)
{
	fakenode_cut(node, LAN, true);
	give(lan(), tail());
	KIT_WAIT(&k, is_on(TAIL));
}

WAYS int64_t
since(int64_t began_us)
{
	return loop_now_us(k.loop) - began_us;
}

WAYS void
never_went_down(void)
{
	assert_int_equal(kit_count(&k, CONN_PROBING), 1);
	assert_false(kit_was(&k, CONN_BACKOFF));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
