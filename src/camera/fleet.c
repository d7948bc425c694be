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

struct fleet {
	struct camera *cameras[CAMOPT_FLEET_MAX];
	int count, open;
	loop_fn *closed;
	void *arg;
};

/* A single node dies with its process, as by a power cut; in a fleet only that one does. */
static void
node_died(void *arg, struct camera *c)
{
	struct fleet *f = arg;

	log_line(LOG_CAMERA, "%s: dies (--fault die-after)", camera_name(c));
	if (f->count == 1)
		kill(getpid(), SIGKILL);
	else
		camera_die(c);
}

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
	f->open = f->count + 1;		/* one for ourselves: some close at once */
	for (int i = 0; i < f->count; i++)
		camera_close(f->cameras[i], node_closed, f);
	f->closed = closed;
	f->arg = arg;
	node_closed(f);
}

void
fleet_free(struct fleet *f)
{
	if (f == NULL)
		return;
	for (int i = 0; i < f->count; i++)
		camera_free(f->cameras[i]);
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
node_open(struct fleet *f, struct loop *loop, const struct clk *clk, struct camera_conf *conf, bool any_port, struct err *e)
{
	struct camera *c = camera_open(loop, clk, conf, node_died, f, e);

	if (c != NULL || !any_port || conf->port == 0 || e->kind != ERR_NETWORK)
		return c;
	conf->port = 0;
	return camera_open(loop, clk, conf, node_died, f, e);
}

struct fleet *
fleet_open(struct loop *loop, const struct clk *clk, const struct camopt *o, const char *state, struct err *e)
{
	struct fleet *f = xcalloc(1, sizeof *f);
	struct camera_conf conf;
	bool any_port = o->base.port == 0;
	int first = 0;

	if (any_port && camopt_count(o) > 1)
		first = httpd_free_ports(o->base.bind[0] != '\0' ? o->base.bind : NULL, camopt_count(o));
	for (; f->count < camopt_count(o); f->count++) {
		camopt_node(&conf, o, f->count, state);
		if (first > 0)
			conf.port = first + f->count;
		f->cameras[f->count] = node_open(f, loop, clk, &conf, any_port, e);
		if (f->cameras[f->count] == NULL)
			break;
	}
	if (f->count == camopt_count(o)) {
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
		jdoc_set_text(node, "id", camera_id(f->cameras[i]));
		jdoc_set_text(node, "name", camera_name(f->cameras[i]));
		jdoc_set_int(node, "port", camera_port(f->cameras[i]));
		jdoc_set(nodes, NULL, node);
	}
	jdoc_set_bool(j, "ready", true);
	jdoc_set(j, "nodes", nodes);
	text = jdoc_print(j);
	jdoc_free(j);
	return text;
}
