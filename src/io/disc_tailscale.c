/*
 * disc_tailscale.c - the devices of a Tailscale network that are online, each a place where a camera may be.
 * Owns the round: asked once a minute.  A peer that is told offline is not said goodbye to: its way to Tailscale's servers
 * is broken, the one to us may be well.
 */
#include "io/disc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "io/disc_place.h"
#include "io/tailscale.h"

#define EVERY_US 60000000

struct tailnet {
	struct loop *loop;
	struct disc_fns fns;
	void *arg;
	char *program, *path;
	struct loop_timer *round;
	struct tailscale_ask *ask;
	bool has_finished;
	bool is_busy, is_closed;	/* closed inside a callback: nothing more is told, its caller frees it */
};

static void
tailnet_free(struct tailnet *t)
{
	tailscale_ask_close(t->ask);
	free(t->program);
	free(t->path);
	free(t);
}

static void
say_state(struct tailnet *t, bool works, const char *sentence)
{
	if (t->fns.state != NULL)
		t->fns.state(t->arg, VIA_SWEEP, works, sentence);
}

static void
tell_peer(struct tailnet *t, const struct tailscale_peer *p)
{
	struct disc_sighting s = { .id = "" };

	str_copy(s.name, sizeof s.name, p->name);
	for (int i = 0; i < p->address_count && !t->is_closed; i++) {
		disc_place_fill(&s.address, VIA_SWEEP, p->addresses[i], DISC_PLACE_PORT, loop_now_us(t->loop));
		if (t->fns.sighted != NULL)
			t->fns.sighted(t->arg, &s);
	}
}

static void
tell_peers(struct tailnet *t, const struct tailscale_status *s)
{
	char text[MAX_WHY_BYTES];

	if (strcmp(s->backend, "Running") != 0) {
		snprintf(text, sizeof text, "tailscale: not running (BackendState %s)", s->backend);
		say_state(t, false, text);
		return;
	}
	for (int i = 0; i < s->peer_count && !t->is_closed; i++)
		tell_peer(t, &s->peers[i]);
	snprintf(text, sizeof text, "tailscale: %d peer%s online, %d offline", s->online, s->online == 1 ? "" : "s", s->offline);
	if (!t->is_closed)
		say_state(t, true, text);
}

/* A machine without Tailscale is no trouble: nobody needs to be told. */
static void
tell(struct tailnet *t, enum tailscale_result result, const struct tailscale_status *s, const char *why)
{
	char text[MAX_TEXT_FIELD];

	if (result == TAILSCALE_OK) {
		tell_peers(t, s);
	} else if (result == TAILSCALE_NOT_INSTALLED) {
		say_state(t, true, "tailscale is not installed");
		if (!t->is_closed && t->fns.absent != NULL)
			t->fns.absent(t->arg);
	} else {
		snprintf(text, sizeof text, "tailscale status failed: %s", why);
		say_state(t, false, text);
	}
}

static void
on_answer(void *arg, enum tailscale_result result, const struct tailscale_status *s, const char *why)
{
	struct tailnet *t = arg;
	bool is_first = !t->has_finished;

	t->is_busy = true;
	tell(t, result, s, why);
	t->has_finished = true;
	if (is_first && !t->is_closed && t->fns.finished != NULL)
		t->fns.finished(t->arg);
	t->is_busy = false;
	if (t->is_closed) {
		tailnet_free(t);
		return;
	}
	tailscale_ask_close(t->ask);
	t->ask = NULL;
	loop_timer_start(t->loop, t->round, EVERY_US, 0);
}

static void
on_round(void *arg)
{
	struct tailnet *t = arg;

	t->ask = tailscale_ask_open(t->loop, t->program, t->path, on_answer, t);
}

static void *
tailnet_open(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	const char *path = getenv("PATH");
	struct tailnet *t;

	if (conf != NULL && strcmp(conf, "off") == 0)
		return NULL;
	t = xcalloc(1, sizeof *t);
	t->loop = loop;
	t->fns = *fns;
	t->arg = arg;
	t->program = xstrdup(conf != NULL && conf[0] != '\0' ? conf : "tailscale");
	t->path = xstrdup(path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");
	t->round = loop_timer_new(loop, on_round, t);
	loop_timer_start(loop, t->round, 0, 0);
	return t;
}

static void
tailnet_close(void *self)
{
	struct tailnet *t = self;

	if (t == NULL)
		return;
	t->is_closed = true;
	loop_timer_free(t->loop, t->round);
	if (!t->is_busy)
		tailnet_free(t);
}

const struct disc_source disc_tailscale = {
	.name = "tailscale", .via = VIA_SWEEP, .open = tailnet_open, .close = tailnet_close,
};
