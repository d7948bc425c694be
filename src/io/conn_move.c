/*
 * conn_move.c - a link that is up goes on at another address of its node, or anew at the same one: the event stream is
 * resumed there before the old one is left, commands under way are sent again, the picture starts anew.
 * Never decides that or where to (conn_paths.c).
 */
#include "io/conn_private.h"

#include "base/log.h"
#include "base/str.h"

#define DISTRUST_US 12000000		/* longer than a dead connection stays unnoticed in the cache */
#define BARRED_US 30000000		/* where the events did not come is not tried again soon */

void
conn_distrust(struct conn *c)
{
	c->paths.distrust_us = loop_now_us(c->loop) + DISTRUST_US;
	conn_lines_doubt(c);
}

bool
conn_distrusts(const struct conn *c)
{
	return loop_now_us(c->loop) < c->paths.distrust_us;
}

/* What was being said at the old address, but for the event stream. */
static void
break_off(struct conn *c)
{
	conn_paths_pause(c);
	conn_poll_stop(c);
	conn_clock_stop(c);
	http_cancel(c->doubt);
	c->doubt = NULL;
	conn_info_stop(c);
	if (c->files_call != NULL)
		c->files_owed = true;
	http_cancel(c->files_call);
	c->files_call = NULL;
}

static void
settle_at(struct conn *c, const struct registry_address *to)
{
	char from[CONN_NAME_BYTES], name[CONN_NAME_BYTES];

	conn_name_of(&c->at, from);
	conn_name_of(to, name);
	log_line(LOG_CONN, "%s goes on from %s to %s", c->id, from, name);
	c->at = *to;
	c->at.in_use = true;
	conn_picture_restart(c);
	conn_command_resend(c, true);
}

/* Says which one was left and which one is used now. */
static void
tell(struct conn *c, const struct registry_address *left)
{
	struct conn_way *w = conn_same_place(left, &c->at) ? NULL : conn_way_of(c, left);

	if (w != NULL)
		conn_way_tell(w, w->at.failures == 0, w->at.failures == 0 ? "" : "it fell silent");
	w = conn_is_dead(c) ? NULL : conn_way_of(c, &c->at);
	if (w != NULL)
		conn_way_tell(w, true, "");
}

static void
go_on_at(struct conn *c, const struct registry_address *to)
{
	c->former_at = c->at;
	c->moving = true;
	break_off(c);
	conn_distrust(c);
	settle_at(c, to);
	tell(c, &c->former_at);
	if (!conn_is_dead(c))
		conn_go(c, CONN_OPENING, "");
}

void
conn_move(struct conn *c, struct conn_way *w)
{
	struct registry_address to = w->at;

	conn_ask_cancel(w->ask);
	w->ask = NULL;
	c->paths.moved_us = c->known_us = loop_now_us(c->loop);	/* it has just answered */
	go_on_at(c, &to);
}

void
conn_reopen(struct conn *c)
{
	struct registry_address to = c->at;

	go_on_at(c, &to);
}

/* The new address gives no events and the old stream still stands. */
void
conn_move_back(struct conn *c)
{
	struct registry_address left = c->at, to = c->former_at;
	struct conn_way *w = conn_way_of(c, &left);

	if (w != NULL && !conn_same_place(&left, &to)) {
		w->barred_us = loop_now_us(c->loop) + BARRED_US;
		conn_way_missed(w);
	}
	settle_at(c, &to);
	tell(c, &left);
	if (!conn_is_dead(c))
		conn_go(c, CONN_LIVE, "");
}
