/*
 * root_opts.c - the table of the command line's options, and what their values must look like.
 * --help, the configuration file and the manual come from the same table.  Never acts on an option.
 */
#include "root_opts_private.h"

#include <stdio.h>
#include <string.h>
#include "app/hooks.h"
#include "app/settings.h"
#include "app/status.h"
#include "base/opt.h"
#include "base/str.h"
#include "io/disc.h"
#include "io/sweep.h"

/* ---- What a value must look like ---- */

static bool
check_graphics(const char *value, struct err *e)
{
	return strcmp(value, "auto") == 0 || strcmp(value, "sixel") == 0 || strcmp(value, "symbols") == 0 ||
	    strcmp(value, "none") == 0 || strcmp(value, "off") == 0 ||
	    err_set(e, ERR_USAGE, "\"%s\" is none of auto, sixel, symbols, none", value);
}

static bool
check_node(const char *value, struct err *e)
{
	struct registry_address a;

	return disc_parse_address(&a, value, e);
}

/* Calls one for each part between commas. */
static bool
check_each(const char *value, bool (*one)(const char *part, struct err *e), struct err *e)
{
	char part[256];

	for (;;) {
		size_t len = strcspn(value, ",");

		if (len == 0 || len >= sizeof part)
			return err_set(e, ERR_USAGE, "expected names joined by commas");
		memcpy(part, value, len);
		part[len] = '\0';
		if (!one(part, e))
			return false;
		if (value[len] == '\0')
			return true;
		value += len + 1;
	}
}

static bool
check_local_name(const char *part, struct err *e)
{
	size_t len = strlen(part);

	return (len > 6 && str_equal_nocase(part + len - 6, ".local")) ||
	    err_set(e, ERR_USAGE, "\"%s\" is no NAME.local", part);
}

static bool
check_probe(const char *value, struct err *e)
{
	return strcmp(value, "off") == 0 || check_each(value, check_local_name, e);
}

static bool
check_sweep(const char *value, struct err *e)
{
	struct sweep_conf conf;

	/* The ports are a setting of their own. */
	if (value[0] == '\0')
		return err_set(e, ERR_USAGE, "its value is empty; expected auto, off, or networks such as 10.0.0.0/24 joined by commas");
	if (strchr(value, ' ') != NULL)
		return err_set(e, ERR_USAGE, "\"%s\" has a blank; expected auto, off, or networks such as 10.0.0.0/24 joined by commas", value);
	return sweep_parse_conf(&conf, value, e);
}

/* Texts with a form of their own. */
static bool
check_text_setting(const char *name, const char *value, struct err *e)
{
	struct sweep_conf conf;
	char text[512];

	if (strcmp(name, "sweep-ports") != 0)
		return true;
	snprintf(text, sizeof text, "auto ports %.400s", value);
	return (strchr(value, ' ') == NULL && strlen(value) < 400 && sweep_parse_conf(&conf, text, e)) ||
	    err_set(e, ERR_USAGE, "sweep-ports: expected up to %d ports from 1 to 65535 joined by commas", SWEEP_PORTS);
}

bool
root_opts_check_setting(const char *value, struct err *e)
{
	struct opt_set *trial = opt_set_new(settings_table);
	const char *equals = strchr(value, '=');
	char name[64];
	bool ok;

	if (equals == NULL || (size_t)(equals - value) >= sizeof name) {
		ok = err_set(e, ERR_USAGE, "expected OPTION=VALUE");
	} else {
		memcpy(name, value, (size_t)(equals - value));
		name[equals - value] = '\0';
		ok = opt_assign(trial, name, equals + 1, e) && check_text_setting(name, equals + 1, e);
	}
	opt_set_free(trial);
	return ok;
}

static bool
check_go(const char *value, struct err *e)
{
	double seconds;

	return strcmp(value, "auto") == 0 || str_double(value, 0, 86400, &seconds) ||
	    err_set(e, ERR_USAGE, "\"%s\" is neither auto nor a number of seconds", value);
}

static bool
check_some(const char *value, struct err *e)
{
	return value[0] != '\0' || err_set(e, ERR_USAGE, "its value is empty");
}

/* ---- The table ---- */

#define AT(member) .at = offsetof(struct root_opts, member)

const struct root_opt root_opts_table[] = {
	{ "sphere", 0, ROOT_TEXT, "DIR", ROOT_ANY, false, AT(sphere), check_some,
	  "The Sphere folder: made if it is new. One console owns a folder." },
	{ "name", 0, ROOT_TEXT, "TEXT", ROOT_ANY, false, AT(name), check_some, "The session's name." },
	{ "node", 0, ROOT_MANY, "HOST[:PORT]|URL", ROOT_ANY, false, AT(nodes), check_node,
	  "A camera by its address; may be given several times. A URL is fetched exactly as written." },
	{ "no-bonjour", 0, ROOT_FLAG, NULL, ROOT_ANY, false, AT(no_bonjour), NULL, "Do not look for cameras by Bonjour, neither by its daemon nor by queries of our own." },
	{ "probe", 0, ROOT_TEXT, "NAME.local,...|off", ROOT_ANY, false, AT(probe), check_probe,
	  "Host names to ask for by multicast DNS, instead of those that phones have when nobody named them; or none." },
	{ "sweep", 0, ROOT_TEXT, "auto|off|CIDR[,CIDR]", ROOT_ANY, false, AT(sweep), check_sweep,
	  "Networks to search for cameras, address by address; auto: this machine's own networks up to a /22." },
	{ "graphics", 0, ROOT_TEXT, "auto|sixel|symbols|none", ROOT_ANY, false, AT(graphics), check_graphics,
	  "How pictures are painted." },
	{ "theme", 0, ROOT_TEXT, "NAME", ROOT_ANY, false, AT(theme), check_some, "The colours of the screen: default, daylight, mono, colour-blind, one of the user's own, or a file. Without it default, or daylight where the terminal says that its background is light." },
	{ "keys", 0, ROOT_TEXT, "atem|voctomix|nle|FILE", ROOT_ANY, false, AT(keys), check_some,
	  "The set of keys: built in, of the user's own, or a file." },
	{ "archive", 0, ROOT_TEXT, "TARGET", ROOT_ANY, false, AT(archive), check_some,
	  "Where the rushes go: takes (the Sphere's own folder), a folder such as /mnt/nas, or s3://BUCKET/PREFIX?endpoint=URL; kept in sphere.json." },
	{ "config", 0, ROOT_TEXT, "FILE", ROOT_ANY, true, AT(config), check_some,
	  "The configuration file instead of the user's own." },
	{ "set", 0, ROOT_MANY, "OPTION=VALUE", ROOT_ANY, false, AT(settings), root_opts_check_setting,
	  "Gives an option of the running console its first value; may be given several times." },
	{ "hook", 0, ROOT_MANY, "'NAME run PROGRAM|post URL'", ROOT_ANY, false, AT(hooks), hooks_check,
	  "A program that runs, or a URL that is posted to, on the command `hook NAME`; may be given several times." },
	{ "on", 0, ROOT_MANY, "'EVENT run PROGRAM|post URL'", ROOT_ANY, false, AT(ons), hooks_check_on,
	  "The same on each event of that name, which it gets as JSON; may be given several times." },
	{ "log", 0, ROOT_TEXT, "TOPICS", ROOT_ANY, false, AT(log), NULL,
	  "Diagnostic lines on these topics, joined by commas, or all." },
	{ "log-file", 0, ROOT_TEXT, "FILE", ROOT_ANY, false, AT(log_file), check_some,
	  "Where they go; without it, to standard error." },
	{ "json", 0, ROOT_FLAG, NULL, ROOT_ANY, false, AT(json), NULL, "Prints JSON Lines instead of guarded lines." },
	{ "help", 'h', ROOT_FLAG, NULL, ROOT_ANY, true, AT(help), NULL, "Prints this help." },
	{ "version", 'V', ROOT_FLAG, NULL, ROOT_ANY, true, AT(version), NULL, "Prints the version." },
	{ "dry-run", 0, ROOT_FLAG, NULL, ROOT_RUN, true, AT(dry_run), NULL, "Reads, checks and lists the cue sheet, runs nothing." },
	{ "speed", 0, ROOT_NUMBER, "N", ROOT_RUN | ROOT_REHEARSE, true, AT(speed), NULL, "Plays time-based cues N times as fast." },
	{ "seed", 0, ROOT_COUNT, "N", ROOT_RUN | ROOT_REHEARSE, true, AT(seed), NULL,
	  "The seed of what is random: cut random of, and the shots of the auto director." },
	{ "go", 0, ROOT_TEXT, "auto|SECONDS", ROOT_RUN | ROOT_REHEARSE, true, AT(go), check_go,
	  "Lets the cues that wait for go run by themselves: auto, each once the cue before is over; SECONDS, so long after that one." },
	{ "tap", 0, ROOT_FLAG, NULL, ROOT_RUN | ROOT_REHEARSE, true, AT(tap), NULL,
	  "Prints waits and expects as tests (Test Anything Protocol), the rest as comments." },
	{ "for", 0, ROOT_TIME, "TIME", ROOT_NODES, true, AT(for_us), NULL, "How long to look for cameras; without it 5s, or until all that was asked for is known." },
	{ "explain", 0, ROOT_FLAG, NULL, ROOT_NODES, true, AT(explain), NULL, "Says how each source of cameras fares, what was seen and is no camera, and what follows." },
	{ "cameras", 'n', ROOT_COUNT, "N", ROOT_REHEARSE, true, AT(cameras), NULL, "How many rehearsal cameras; 4 without it." },
	{ "cue", 0, ROOT_TEXT, "FILE", ROOT_REHEARSE, true, AT(cue), check_some, "Plays this cue sheet headless instead of opening the screen." },
	{ "tour", 0, ROOT_FLAG, NULL, ROOT_REHEARSE, true, AT(tour), NULL, "A guided tour: three minutes of a show in which most things go wrong; with --cue - headless." },
	{ "with-cameras", 0, ROOT_FLAG, NULL, ROOT_REHEARSE, true, AT(with_cameras), NULL, "Real cameras take part, found as for a show; takes are R001 and so on and do not count, until the command live." },
	{ "format", 0, ROOT_TEXT, "TEXT", ROOT_STATUS, true, AT(format), status_check,
	  "The line, with {items} such as {program} and {roll}; {item?TEXT} is TEXT and the item, or nothing." },
	{ "sync", 0, ROOT_TEXT, "TAKE", ROOT_VERIFY, true, AT(sync), check_some,
	  "Measures how far apart the angles of a take are, by the flash and the beep of its claps, beside what the clocks said." },
	{ .name = NULL }
};

const struct root_sub_words root_opts_subs[] = {
	{ ROOT_CONSOLE, "", "[OPTIONS] [SPHERE]", "The console on a Sphere folder, which is made if it is new." },
	{ ROOT_RUN, "run", "run [OPTIONS] CUESHEET", "Plays a cue sheet headless (- is standard input) and prints guarded lines." },
	{ ROOT_DO, "do", "do [OPTIONS] COMMAND...", "One command: waits for the answers and prints them." },
	{ ROOT_NODES, "nodes", "nodes [OPTIONS]", "Looks for cameras for a while and lists them." },
	{ ROOT_REHEARSE, "rehearse", "rehearse [OPTIONS] [SPHERE]", "The console upon rehearsal cameras that it starts itself." },
	{ ROOT_STATUS, "status", "status [OPTIONS] [SPHERE]", "One line on the show that a console runs, for a status bar; status 3 when none runs." },
	{ ROOT_FETCH, "fetch", "fetch [OPTIONS] SPHERE", "Brings home the files of a Sphere folder that only the cameras have, with no console." },
	{ ROOT_VERIFY, "verify", "verify [OPTIONS] SPHERE", "Checks journals, proofs and hashes of a Sphere folder; only reads." },
	{ ROOT_CUES, "cues", "cues [OPTIONS] SPHERE", "Prints the show of a Sphere folder as a cue sheet that replays it; only reads." },
	{ .usage = NULL }
};
