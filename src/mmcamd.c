/*
 * mmcamd.c - the camera node daemon: parse, build, wire, run, tear down.
 * Owns the process: its signals, standard output, exit status.  Never a rule of the contract.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/clk.h"
#include "base/err.h"
#include "base/log.h"
#include "camera/camopt.h"
#include "camera/fleet.h"
#include "camera/hush.h"
#include "io/loop_uv.h"

#ifndef VERSION_TEXT
#define VERSION_TEXT "0.1.0"
#endif

enum { EXIT_WELL = 0, EXIT_WRONG_USE = 2, EXIT_ENVIRONMENT = 4 };

#define POOL_SPARE 4		/* threads, besides one for each node that may wait for its disk */

#define LINE_BYTES 512		/* a fault specification is shorter */

struct daemon {
	struct loop *loop;
	struct fleet *fleet;
	struct loop_watch *input;	/* --fault -; NULL: nobody says more */
	char line[LINE_BYTES];
	size_t line_len;		/* LINE_BYTES: too long, the rest of it is skipped */
	bool is_ending;
};

static int
fail(int status, const char *text)
{
	fprintf(stderr, "mmcamd: %s\n", text);
	return status;
}

static void
say(const char *sentence)
{
	fprintf(stderr, "mmcamd: %s\n", sentence);
}

/* ---- Faults that follow on standard input ---- */

static void
daemon_line(struct daemon *d)
{
	struct err e = { .kind = ERR_NONE };

	if (d->line_len == LINE_BYTES)
		say("a fault specification on standard input is too long");
	d->line[d->line_len % LINE_BYTES] = '\0';
	if (d->line_len % LINE_BYTES > 0 && !d->is_ending && !fleet_fault(d->fleet, d->line, &e))
		say(e.text);
	d->line_len = 0;
}

/* Whoever said them is gone: the cameras stay as they are. */
static void
daemon_deaf(struct daemon *d)
{
	if (d->input != NULL)
		loop_watch_free(d->loop, d->input);
	d->input = NULL;
}

static void
daemon_hears(void *arg, unsigned events)
{
	struct daemon *d = arg;
	char bytes[LINE_BYTES];
	ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);

	(void)events;
	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
		daemon_deaf(d);
	for (ssize_t i = 0; i < got; i++)
		if (bytes[i] == '\n')
			daemon_line(d);
		else if (d->line_len < LINE_BYTES)
			d->line[d->line_len++] = bytes[i];
}

static void
daemon_ended(void *arg)
{
	struct daemon *d = arg;

	loop_stop(d->loop);
}

/* A second signal finds the end under way already. */
static void
daemon_quit(void *arg)
{
	struct daemon *d = arg;

	if (d->is_ending)
		return;
	d->is_ending = true;
	fleet_close(d->fleet, daemon_ended, d);
}

/* The XDG base directory specification's place for state. */
static const char *
state_folder(char *out, size_t size)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (xdg != NULL && xdg[0] == '/')
		snprintf(out, size, "%s", xdg);
	else
		snprintf(out, size, "%s/.local/state", home != NULL && home[0] == '/' ? home : "/tmp");
	return out;
}

/* A fleet of nodes with many viewers each needs more descriptors than a shell grants. */
static void
raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static bool
say_ready(const struct fleet *fleet)
{
	char *text = fleet_ready(fleet);
	bool said = printf("%s\n", text) > 0 && fflush(stdout) == 0;

	free(text);
	return said;
}

static int
serve(const struct camopt *o)
{
	struct daemon d = { .loop = loop_uv_new(POOL_SPARE + camopt_count(o)) };
	char state[CAMOPT_PATH];
	struct err e = { 0 };
	int status = EXIT_WELL;

	d.fleet = fleet_open(d.loop, clk_system(), o, state_folder(state, sizeof state), &e);
	if (d.fleet == NULL) {
		status = fail(e.kind == ERR_USAGE ? EXIT_WRONG_USE : EXIT_ENVIRONMENT, e.text);
	} else {
		loop_signal(d.loop, SIGTERM, daemon_quit, &d);
		loop_signal(d.loop, SIGINT, daemon_quit, &d);
		loop_signal(d.loop, SIGHUP, daemon_quit, &d);
		if (!say_ready(d.fleet)) {
			status = fail(EXIT_ENVIRONMENT, "cannot write to standard output");
			daemon_quit(&d);
		}
		if (o->faults_follow)
			d.input = loop_watch_new(d.loop, STDIN_FILENO, LOOP_READ, daemon_hears, &d);
		loop_run(d.loop);
		daemon_deaf(&d);
	}
	fleet_free(d.fleet);
	loop_free(d.loop);
	return status;
}

static bool
start_log(const struct camopt *o, struct err *e)
{
	const char *bad = NULL;

	if (log_setup(o->log, NULL, &bad))
		return true;
	return err_set(e, ERR_USAGE, "--log: unknown topic \"%s\"", bad != NULL ? bad : o->log);
}

int
main(int argc, char **argv)
{
	struct camopt o;
	struct err e = { 0 };
	char host[256] = "";
	int status;

	signal(SIGPIPE, SIG_IGN);
	gethostname(host, sizeof host - 1);
	host[strcspn(host, ".")] = '\0';
	if (!camopt_parse(&o, argc, argv, host, &e))
		return fail(EXIT_WRONG_USE, e.text);
	if (o.help) {
		camopt_help(stdout);
		return EXIT_WELL;
	}
	if (o.version) {
		puts("mmcamd " VERSION_TEXT);
		return EXIT_WELL;
	}
	o.base.say = say;
	hush_libraries();
	raise_limits();
	if (!start_log(&o, &e))
		return fail(EXIT_WRONG_USE, e.text);
	status = serve(&o);
	log_close();
	return status;
}
