/*
 * camopt.c - mmcamd's command line.
 * Owns the option table and each option's check.  Never prints but camopt_help(), never exits.
 */
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "camera/camopt.h"

const struct camopt_def camopt_table[] = {
	{ "name", "TEXT", "the device's name, as people see it (default: \"mmcamd\" and this machine's name)" },
	{ "model", "TEXT", "the model's name (default: \"mmcamd\")" },
	{ "id", "UUID", "the device's id (default: the one kept in the recordings folder, made at the first start)" },
	{ "bind", "ADDR", "serve on this numeric address only (default: all, IPv4 and IPv6)" },
	{ "port", "PORT", "TCP port (default: 8081; 0: any free one, which is printed)" },
	{ "source", "SOURCE", "pattern, file:PATH (a looping video), v4l2:/dev/video0 or mjpeg:URL (default: pattern)" },
	{ "events", "EVENTS", "body poses, gestures and levels: generate, or file:PATH of JSON lines (default: none)" },
	{ "size", "WxH", "size of the recording (default: 1280x720)" },
	{ "fps", "RATE", "frames per second (default: 30)" },
	{ "recordings", "DIR", "where recordings go (default: mmcamd/NAME in the XDG state folder)" },
	{ "no-advertise", NULL, "do not advertise by Bonjour" },
	{ "pin", "DIGITS", "ask for this number before a Sphere may claim the node" },
	{ "fleet", "N", "run N nodes on consecutive ports, named NAME 1 ... NAME N" },
	{ "fault", "SPEC[,SPEC]", "rehearse a bad day; in a fleet, 2:die-after=30s names the node; -: more of them come on standard input" },
	{ "log", "TOPICS", "diagnostic lines on standard error: all, or a comma list of topics" },
	{ "help", NULL, "print this and exit (also -h)" },
	{ "version", NULL, "print the version and exit (also -V)" },
	{ NULL, NULL, NULL },
};

static bool
copy_text(char *out, size_t size, const char *name, const char *value, struct err *e)
{
	if (*value == '\0')
		return err_set(e, ERR_USAGE, "--%s needs a text that is not empty", name);
	if (!str_copy(out, size, value))
		return err_set(e, ERR_USAGE, "--%s is longer than %zu bytes", name, size - 1);
	return true;
}

/* Names go to people's screens and into DNS records: printable, whatever the shell passed. */
static bool
read_name(char *out, size_t size, const char *name, const char *value, struct err *e)
{
	char clean[MAX_NAME_BYTES];

	str_clean(clean, sizeof clean, value, strlen(value), MAX_NAME_CELLS);
	return copy_text(out, size, name, clean, e);
}

static bool
read_size(struct camera_conf *c, const char *value, struct err *e)
{
	char width[8];
	const char *x = strchr(value, 'x');
	size_t len = x != NULL ? (size_t)(x - value) : 0;
	int64_t w, h;

	if (len > 0 && len < sizeof width) {
		memcpy(width, value, len);
		width[len] = '\0';
		if (str_int(width, 160, 3840, &w) && str_int(x + 1, 90, 2160, &h) && w % 2 == 0 && h % 2 == 0) {
			c->width = (int)w;
			c->height = (int)h;
			return true;
		}
	}
	return err_set(e, ERR_USAGE, "--size \"%s\": expected WIDTHxHEIGHT, even numbers from 160x90 to 3840x2160", value);
}

static bool
read_source(struct camera_conf *c, const char *value, struct err *e)
{
	if (strcmp(value, "pattern") != 0 && !str_has_prefix(value, "file:") && !str_has_prefix(value, "v4l2:/") &&
	    !str_has_prefix(value, "mjpeg:http://") && !str_has_prefix(value, "mjpeg:https://"))
		return err_set(e, ERR_USAGE, "--source \"%s\": expected pattern, file:PATH, v4l2:/dev/video0 or mjpeg:http://...", value);
	return copy_text(c->source, sizeof c->source, "source", value, e);
}

static bool
read_events(struct camera_conf *c, const char *value, struct err *e)
{
	if (strcmp(value, "generate") != 0 && (!str_has_prefix(value, "file:") || value[5] == '\0'))
		return err_set(e, ERR_USAGE, "--events \"%s\": expected generate or file:PATH", value);
	return copy_text(c->events, sizeof c->events, "events", value, e);
}

static bool
read_pin(struct camera_conf *c, const char *value, struct err *e)
{
	size_t len = strlen(value);

	if (len < 4 || len > 12 || strspn(value, "0123456789") != len)
		return err_set(e, ERR_USAGE, "--pin: expected 4 to 12 digits");
	return str_copy(c->pin, sizeof c->pin, value);
}

static bool
read_number(int64_t *out, const char *name, const char *value, int64_t min, int64_t max, struct err *e)
{
	return str_int(value, min, max, out) || err_set(e, ERR_USAGE, "--%s \"%s\": expected a whole number from %lld to %lld",
	    name, value, (long long)min, (long long)max);
}

static bool
read_id(struct camera_conf *c, const char *value, struct err *e)
{
	if (!ids_is_uuid(value))
		return err_set(e, ERR_USAGE, "--id \"%s\": expected a UUID", value);
	return ids_copy(c->id, value);
}

/* Faults are kept as text until the size of the fleet is known. */
struct pending {
	const char *faults[32];
	int count;
};

static bool
assign(struct camopt *o, struct pending *p, const char *name, const char *value, struct err *e)
{
	struct camera_conf *c = &o->base;
	int64_t n;

	if (strcmp(name, "name") == 0)
		return read_name(c->name, sizeof c->name, name, value, e);
	if (strcmp(name, "model") == 0)
		return read_name(c->model, sizeof c->model, name, value, e);
	if (strcmp(name, "id") == 0)
		return read_id(c, value, e);
	if (strcmp(name, "bind") == 0)
		return copy_text(c->bind, sizeof c->bind, name, value, e);
	if (strcmp(name, "source") == 0)
		return read_source(c, value, e);
	if (strcmp(name, "events") == 0)
		return read_events(c, value, e);
	if (strcmp(name, "size") == 0)
		return read_size(c, value, e);
	if (strcmp(name, "fps") == 0)
		return str_double(value, 1, 60, &c->rate) ||
		    err_set(e, ERR_USAGE, "--fps \"%s\": expected a rate from 1 to 60", value);
	if (strcmp(name, "recordings") == 0)
		return copy_text(c->folder, sizeof c->folder, name, value, e);
	if (strcmp(name, "pin") == 0)
		return read_pin(c, value, e);
	if (strcmp(name, "log") == 0)
		return copy_text(o->log, sizeof o->log, name, value, e);
	if (strcmp(name, "fault") == 0 && strcmp(value, "-") == 0) {
		o->faults_follow = true;
		return true;
	}
	if (strcmp(name, "fault") == 0) {
		if (p->count == 32)
			return err_set(e, ERR_USAGE, "--fault is given more than 32 times; join them with commas");
		p->faults[p->count++] = value;
		return true;
	}
	if (strcmp(name, "port") == 0) {
		if (!read_number(&n, name, value, 0, 65535, e))
			return false;
		c->port = (int)n;
		return true;
	}
	if (!read_number(&n, name, value, 1, MAX_FLEET, e))	/* fleet: the last with a value */
		return false;
	o->fleet = (int)n;
	return true;
}

static void
assign_flag(struct camopt *o, const char *name)
{
	if (strcmp(name, "no-advertise") == 0)
		o->base.advertise = false;
	else if (strcmp(name, "help") == 0)
		o->help = true;
	else
		o->version = true;
}

static const struct camopt_def *
find(const char *name, size_t len)
{
	for (const struct camopt_def *d = camopt_table; d->name != NULL; d++)
		if (strlen(d->name) == len && memcmp(d->name, name, len) == 0)
			return d;
	return NULL;
}

/* Reads argv[*i], and its value in argv[*i + 1] if it takes one. */
static bool
read_option(struct camopt *o, struct pending *p, int argc, char *const *argv, int *i, struct err *e)
{
	const char *word = argv[*i], *equals = strchr(word, '=');
	const struct camopt_def *d;

	if (strcmp(word, "-h") == 0 || strcmp(word, "-V") == 0) {
		assign_flag(o, word[1] == 'h' ? "help" : "version");
		return true;
	}
	if (!str_has_prefix(word, "--"))
		return err_set(e, ERR_USAGE, "unexpected argument \"%s\"; mmcamd takes options only, see mmcamd --help", word);
	d = find(word + 2, equals != NULL ? (size_t)(equals - word - 2) : strlen(word + 2));
	if (d == NULL)
		return err_set(e, ERR_USAGE, "unknown option \"%s\"; see mmcamd --help", word);
	if (d->value == NULL) {
		if (equals != NULL)
			return err_set(e, ERR_USAGE, "--%s takes no value", d->name);
		assign_flag(o, d->name);
		return true;
	}
	if (equals == NULL && *i + 1 >= argc)
		return err_set(e, ERR_USAGE, "--%s needs a value: %s", d->name, d->value);
	return assign(o, p, d->name, equals != NULL ? equals + 1 : argv[++*i], e);
}

static bool
check_whole(struct camopt *o, const struct pending *p, struct err *e)
{
	int count = camopt_count(o);

	if (count > 1 && o->base.id[0] != '\0')
		return err_set(e, ERR_USAGE, "--id names one node; a fleet keeps an id in each node's folder");
	if (count > 1 && str_has_prefix(o->base.source, "v4l2:"))
		return err_set(e, ERR_USAGE, "a device gives its picture to one node; a fleet cannot share %s", o->base.source);
	if (o->base.port > 0 && o->base.port + count - 1 > 65535)
		return err_set(e, ERR_USAGE, "--port %d leaves no room for %d consecutive ports", o->base.port, count);
	for (int i = 0; i < p->count; i++)
		if (!fault_parse(o->faults, count, p->faults[i], e))
			return false;
	return true;
}

bool
camopt_parse(struct camopt *o, int argc, char *const *argv, const char *host, struct err *e)
{
	struct pending p = { .count = 0 };

	memset(o, 0, sizeof *o);
	o->base.port = 8081;
	o->base.width = 1280;
	o->base.height = 720;
	o->base.rate = 30;
	o->base.advertise = true;
	str_copy(o->base.source, sizeof o->base.source, "pattern");
	str_copy(o->base.model, sizeof o->base.model, "mmcamd");
	snprintf(o->base.name, sizeof o->base.name, "mmcamd %.60s", host);
	for (int i = 1; i < argc; i++)
		if (!read_option(o, &p, argc, argv, &i, e))
			return false;
	return check_whole(o, &p, e);
}

int
camopt_count(const struct camopt *o)
{
	return o->fleet > 0 ? o->fleet : 1;
}

void
camopt_node(struct camera_conf *out, const struct camopt *o, int index, const char *state)
{
	char slug[96];

	*out = o->base;
	out->number = index + 1;
	out->fault = o->faults[index];
	if (out->folder[0] == '\0') {
		str_slug(slug, sizeof slug, o->base.name);
		snprintf(out->folder, sizeof out->folder, "%.900s/mmcamd/%s", state, slug);
	}
	if (o->fleet == 0)
		return;
	snprintf(out->name, sizeof out->name, "%.240s %d", o->base.name, index + 1);
	snprintf(out->folder + strlen(out->folder), sizeof out->folder - strlen(out->folder), "/%d", index + 1);
	if (o->base.port > 0)
		out->port = o->base.port + index;
}

void
camopt_help(FILE *out)
{
	char option[48];

	fputs("Usage: mmcamd [OPTIONS]\nA camera node: serves a picture, takes commands, records.\n\n", out);
	for (const struct camopt_def *d = camopt_table; d->name != NULL; d++) {
		snprintf(option, sizeof option, "--%s%s%s", d->name, d->value != NULL ? " " : "", d->value != NULL ? d->value : "");
		fprintf(out, "  %-22s  %s\n", option, d->text);
	}
	fputs("\nFaults: late=2s refuse=record drop=0.1 freeze-after=20s die-after=30s heat-stop-after=15s disk=64M\n"
	    "        silent-after=20s clock=+350ms drift=40ppm bitrate=200k\n", out);
}
