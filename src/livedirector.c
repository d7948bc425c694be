/*
 * livedirector.c - the program's entry: reads the command line and calls the subcommand.
 * Never wires anything itself: root_house.c does.
 */
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/log.h"
#include "base/xalloc.h"
#include "ui/canvas_curses.h"
#include "root.h"
#include "root_opts.h"

#define MOST_FILES 8192

void
root_complain(const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("livedirector: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int
root_status_of(const struct err *e)
{
	return e->kind == ERR_USAGE || e->kind == ERR_FORMAT ? ROOT_USAGE : ROOT_ENVIRONMENT;
}

static int
print_version(void)
{
	printf("livedirector (Live Director) %s\n"
	    "License GPL-3.0-or-later: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>.\n"
	    "This is free software: you are free to change and redistribute it.\n"
	    "There is NO WARRANTY, to the extent permitted by law.\n", VERSION_TEXT);
	return ROOT_OK;
}

static bool
start_log(const struct root_opts *o)
{
	const char *bad = NULL;

	if (o->log == NULL || strcmp(o->log, "off") == 0 || log_setup(o->log, o->log_file, &bad))
		return true;
	if (bad != o->log_file)
		root_complain("--log: there is no topic \"%s\"", bad);
	else
		root_complain("--log-file: %s cannot be written", o->log_file);
	return false;
}

static int
run_sub(const struct root_opts *o)
{
	switch (o->sub) {
	case ROOT_RUN:
		return root_run(o);
	case ROOT_DO:
		return root_do(o);
	case ROOT_NODES:
		return root_nodes(o);
	case ROOT_REHEARSE:
		return root_rehearse(o);
	case ROOT_FETCH:
		return root_fetch(o);
	case ROOT_VERIFY:
		return root_verify(o);
	case ROOT_CUES:
		return root_cues(o);
	case ROOT_STATUS:
		return root_status(o);
	default:
		return root_console(o);
	}
}

static int
start(const struct root_opts *o)
{
	int status;

	if (o->version)
		return print_version();
	if (o->help) {
		root_opts_help(o->sub);
		return ROOT_OK;
	}
	if (!start_log(o))
		return ROOT_USAGE;
	status = run_sub(o);
	log_close();
	return status;
}

/* A few connections to each of 256 cameras are more descriptors than a shell grants. */
static void
raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= MOST_FILES)
		return;
	files.rlim_cur = files.rlim_max < MOST_FILES ? files.rlim_max : MOST_FILES;
	setrlimit(RLIMIT_NOFILE, &files);
}

int
main(int argc, char **argv)
{
	struct err e = { .kind = ERR_NONE };
	struct root_opts o;
	int status;

	xalloc_keep();
	raise_limits();
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	signal(SIGPIPE, SIG_IGN);
	setenv("AVAHI_COMPAT_NOWARN", "1", 1);	/* its warning would deface what we print */
	canvas_curses_reserve();
	if (argc == 3 && strcmp(argv[1], "--print") == 0)
		return root_opts_print(argv[2]) ? ROOT_OK : ROOT_USAGE;
	if (root_opts_read(&o, argc, argv, &e)) {
		status = start(&o);
	} else {
		root_complain("%s", e.text);
		status = ROOT_USAGE;
	}
	root_opts_fini(&o);
	return fflush(stdout) == 0 ? status : ROOT_ENVIRONMENT;
}
