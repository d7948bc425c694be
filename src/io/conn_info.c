/*
 * conn_info.c - what a node says of itself, read again on request: who holds it changes without an event of its own.
 * Never judges the link: an answer that does not come, or is somebody else's, is the monitor's affair (conn_paths.c).
 */
#include "io/conn_private.h"

#include <string.h>

static void
info_answered(void *arg, const struct http_answer *a)
{
	struct conn *c = arg;
	struct node_info info;
	struct err e;

	conn_enter(c);
	c->info_call = NULL;
	if (conn_read_info(&info, a, &e) && strcmp(info.id, c->id) == 0)
		conn_identify(c, &info, false);
	conn_leave(c);
}

void
conn_ask_info(struct conn *c)
{
	char url[512];
	struct http_request r = { .url = url, .timeout_us = CONN_PROBE_TIMEOUT_US, .fresh = conn_distrusts(c),
		.once = conn_distrusts(c) };

	if (!conn_is_up(c) || c->info_call != NULL || c->view_only)
		return;
	conn_url(&c->at, "/info", url, sizeof url);
	c->info_call = http_call(c->http, &r, info_answered, c);
}

void
conn_info_stop(struct conn *c)
{
	http_cancel(c->info_call);
	c->info_call = NULL;
}
