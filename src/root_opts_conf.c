/*
 * root_opts_conf.c - the configuration file's lines as options: the same table, the same checks.
 * Never reads the command line but for --config.
 */
#include <stdlib.h>
#include <string.h>
#include "base/nearest.h"
#include "app/settings.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "root_opts_private.h"

static bool
conf_take_setting(struct root_opts *o, const char *name, const char *value, struct err *e)
{
	char *text = xasprintf("%s=%s", name, value != NULL ? value : "");
	bool ok = root_opts_check_setting(text, e);

	if (ok)
		root_list_add(&o->settings, text);
	free(text);
	return ok;
}

static bool
conf_is_setting(const char *name)
{
	for (const struct opt_def *def = settings_table; def->name != NULL; def++)
		if (strcmp(def->name, name) == 0)
			return true;
	return false;
}

static bool
conf_unknown(const char *name, struct err *e)
{
	const char *best = NULL;
	int least = nearest_limit(name);

	for (const struct root_opt *opt = root_opts_table; opt->name != NULL; opt++)
		if (!opt->command_line_only)
			nearest_try(name, opt->name, &least, &best);
	for (const struct opt_def *def = settings_table; def->name != NULL; def++)
		nearest_try(name, def->name, &least, &best);
	if (best == NULL)
		return err_set(e, ERR_NOT_FOUND, "expected an option; there is no \"%s\"", name);
	return err_set(e, ERR_NOT_FOUND, "expected an option; there is no \"%s\", the nearest is \"%s\"", name, best);
}

static bool
conf_take(void *arg, const char *name, const char *value, struct err *e)
{
	const struct root_opt *opt = root_opts_find(name, strlen(name));

	if (conf_is_setting(name))
		return conf_take_setting(arg, name, value, e);
	if (opt == NULL || opt->command_line_only)
		return conf_unknown(name, e);
	return root_opts_take(arg, opt, value, e);
}

/* What --config says, looked for before anything else is read. */
static const char *
conf_named(int argc, char **argv)
{
	const char *named = NULL;

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (str_has_prefix(argv[i], "--config="))
			named = argv[i] + strlen("--config=");
		else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			named = argv[++i];
	}
	return named;
}

bool
root_opts_read_conf(struct root_opts *o, int argc, char **argv, struct err *e)
{
	const char *named = conf_named(argc, argv), *home = getenv("HOME"), *conf = getenv("XDG_CONFIG_HOME");
	char *path;
	bool ok;

	if (named != NULL)
		return root_conf_read(named, false, conf_take, o, e);
	if (conf != NULL && conf[0] == '/')
		path = xasprintf("%s/livedirector/livedirector.conf", conf);
	else if (home != NULL && home[0] == '/')
		path = xasprintf("%s/.config/livedirector/livedirector.conf", home);
	else
		return true;
	ok = root_conf_read(path, true, conf_take, o, e);
	free(path);
	return ok;
}
