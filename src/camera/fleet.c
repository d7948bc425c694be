/*
 * fleet.c - the nodes of one process.
 * Owns them.  Never lets the end of one touch another.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/log.h"
#include "base/xalloc.h"
#include "camera/camera.h"
#include "camera/fleet.h"
#include "camera/mp4file.h"
#include "io/httpd.h"
#include "io/jdoc.h"

#define AGAIN_US 500000			/* a port that is not free yet is tried again */

struct fleet_node {
	struct fleet *fleet;
	struct camera *camera;		/* NULL: between its death and its return */
	struct camera_conf conf;	/* port: the one it has */
	struct loop_timer *again;
	bool is_dead, is_returning;
};

struct fleet {
	struct loop *loop;
	const struct clk *clk;
	struct fleet_node nodes[MAX_FLEET];
	struct fault faults[MAX_FLEET];
	int count, open;
	bool may_return;		/* who dies can be told to come back */
	bool is_closing;
	loop_fn *closed;
	void *arg;
};

/* A single node dies with its process, as by a power cut; in a fleet only that one does. */
static void
node_died(void *arg, struct camera *c)
{
	struct fleet_node *n = arg;

	log_line(LOG_CAMERA, "%s: dies (a rehearsed fault)", camera_name(c));
	if (!n->fleet->may_return)
		kill(getpid(), SIGKILL);
	n->is_dead = true;
	camera_die(c);
}

/* ---- A dead one comes back ---- */

static void
node_return(void *arg)
{
	struct fleet_node *n = arg;
	struct fleet *f = n->fleet;
	struct err e = { .kind = ERR_NONE };

	camera_free(n->camera);
	n->conf.fault = f->faults[n->conf.number - 1];
	n->camera = camera_open(f->loop, f->clk, &n->conf, node_died, n, &e);
	if (n->camera == NULL) {
		log_line(LOG_CAMERA, "%s: cannot come back yet: %s", n->conf.name, e.text);
		loop_timer_start(f->loop, n->again, AGAIN_US, 0);
		return;
	}
	log_line(LOG_CAMERA, "%s: is back", n->conf.name);
	n->is_dead = n->is_returning = false;
}

/* Nothing of the dead one is at work any more. */
static void
node_let_go(void *arg)
{
	struct fleet_node *n = arg;

	loop_timer_start(n->fleet->loop, n->again, 0, 0);
}

static void
node_revive(struct fleet_node *n)
{
	if (n->is_returning || n->fleet->is_closing)
		return;
	n->is_returning = true;
	camera_close(n->camera, node_let_go, n);
}

bool
fleet_fault(struct fleet *f, const char *spec, struct err *e)
{
	unsigned named[MAX_FLEET];

	if (!fault_change(f->faults, f->count, spec, named, e))
		return false;
	for (int i = 0; i < f->count; i++) {
		struct fleet_node *n = &f->nodes[i];

		if (named[i] == 0)
			continue;
		if (!n->is_dead)
			camera_fault(n->camera, &f->faults[i], named[i]);
		else if ((named[i] & 1U << FAULT_DIE) != 0 && f->faults[i].die_after_us == 0)
			node_revive(n);
	}
	return true;
}

/* ---- The end ---- */

static void
node_closed(void *arg)
{
	struct fleet *f = arg;

	if (--f->open == 0 && f->closed != NULL)
		f->closed(f->arg);
}

void
fleet_close(struct fleet *f, loop_fn *closed, void *arg)
{
	f->closed = NULL;
	f->is_closing = true;
	f->open = 1;			/* for ourselves: some close at once */
	for (int i = 0; i < f->count; i++) {
		loop_timer_stop(f->loop, f->nodes[i].again);
		if (f->nodes[i].camera == NULL)
			continue;
		f->open++;
		camera_close(f->nodes[i].camera, node_closed, f);
	}
	f->closed = closed;
	f->arg = arg;
	node_closed(f);
}

void
fleet_free(struct fleet *f)
{
	if (f == NULL)
		return;
	for (int i = 0; i < f->count; i++) {
		loop_timer_free(f->loop, f->nodes[i].again);
		camera_free(f->nodes[i].camera);
	}
	free(f);
}

/* In the pool, once for all nodes; nobody waits for it. */
static void
warm_run(void *arg)
{
	(void)arg;
	mp4file_warm();
}

static void
warm_done(void *arg)
{
	(void)arg;
}

static void
stop_loop(void *arg)
{
	loop_stop(arg);
}

/* The consecutive ports that were free a moment ago; somebody else may have been faster. */
static struct camera *
node_open(struct fleet_node *n, bool any_port, struct err *e)
{
	struct fleet *f = n->fleet;
	struct camera *c = camera_open(f->loop, f->clk, &n->conf, node_died, n, e);

	if (c == NULL && any_port && n->conf.port != 0 && e->kind == ERR_NETWORK) {
		n->conf.port = 0;
		c = camera_open(f->loop, f->clk, &n->conf, node_died, n, e);
	}
	if (c != NULL)
		n->conf.port = camera_port(c);
	return c;
}

/* The index-th; first: its port's number, if those in a row are free. */
static bool
fleet_add(struct fleet *f, const struct camopt *o, const char *state, int first, struct err *e)
{
	struct fleet_node *n = &f->nodes[f->count];

	n->fleet = f;
	camopt_node(&n->conf, o, f->count, state);
	f->faults[f->count] = n->conf.fault;
	if (first > 0)
		n->conf.port = first + f->count;
	n->camera = node_open(n, o->base.port == 0, e);
	if (n->camera == NULL)
		return false;
	n->again = loop_timer_new(f->loop, node_return, n);
	f->count++;
	return true;
}

struct fleet *
fleet_open(struct loop *loop, const struct clk *clk, const struct camopt *o, const char *state, struct err *e)
{
	struct fleet *f = xcalloc(1, sizeof *f);
	int count = camopt_count(o), first = 0;

	f->loop = loop;
	f->clk = clk;
	f->may_return = count > 1 || o->faults_follow;
	if (o->base.port == 0 && count > 1)
		first = httpd_free_ports(o->base.bind[0] != '\0' ? o->base.bind : NULL, count);
	while (f->count < count && fleet_add(f, o, state, first, e))
		;
	if (f->count == count) {
		loop_work(loop, warm_run, warm_done, f);
		return f;
	}
	if (f->count > 0) {	/* those that serve already leave in order */
		fleet_close(f, stop_loop, loop);
		loop_run(loop);
	}
	fleet_free(f);
	return NULL;
}

char *
fleet_ready(const struct fleet *f)
{
	struct jdoc *j = jdoc_object(), *nodes = jdoc_array(), *node;
	char *text;

	for (int i = 0; i < f->count; i++) {
		node = jdoc_object();
		jdoc_set_text(node, "id", camera_id(f->nodes[i].camera));
		jdoc_set_text(node, "name", camera_name(f->nodes[i].camera));
		jdoc_set_int(node, "port", camera_port(f->nodes[i].camera));
		jdoc_set(nodes, NULL, node);
	}
	jdoc_set_bool(j, "ready", true);
	jdoc_set(j, "nodes", nodes);
	text = jdoc_print(j);
	jdoc_free(j);
	return text;
}
