/*
 * root_discover.c - opens the sources of cameras: typed addresses, Bonjour by daemon and by own queries, host names, the
 * sweep, Tailscale.  Owns what each is told to look for.  Never looks itself.
 */
#include "root_discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/disc_names.h"

#define MAX_CONF_BYTES (64 * 1024)

static void
discover_off(struct root_house *h, const struct disc_source *source, const char *sentence)
{
	struct mesh_off *off = &h->off[h->off_count];

	if (h->off_count == ROOT_HOUSE_SOURCES)
		return;
	h->off_count++;
	off->name = source->name;
	off->via = source->via;
	str_copy(off->sentence, sizeof off->sentence, sentence);
}

static bool
is_off(const char *text)
{
	return text != NULL && strcmp(text, "off") == 0;
}

/* ---- What each is told ---- */

static void
discover_typed(struct root_house *h, const struct root_opts *o)
{
	struct registry_address *typed = xcalloc((size_t)o->nodes.count + 1, sizeof *typed);
	int count = 0;

	for (int i = 0; i < o->nodes.count; i++)
		if (disc_parse_address(&typed[count], o->nodes.items[i], NULL))
			count++;
	crew_add_typed(h->crew, typed, count);
	free(typed);
}

static bool
is_local_name(const char *host)
{
	const size_t len = strlen(host);

	return len > 6 && str_equal_nocase(host + len - 6, ".local");
}

static void
add_name(struct buf *b, const char *name, int port)
{
	char number[16] = "";

	if (port > 0)
		snprintf(number, sizeof number, ":%d", port);
	if (b->len > 0)
		buf_add_text(b, ",");
	buf_add_text(b, name);
	buf_add_text(b, number);
}

/* Names that were typed or remembered come first: what does not fit is guessed at last. */
static void
name_list(struct buf *b, const struct root_house *h, const struct root_opts *o)
{
	struct registry_address a;
	char name[256];

	for (int i = 0; i < o->nodes.count; i++)
		if (disc_parse_address(&a, o->nodes.items[i], NULL) && a.url[0] == '\0' && is_local_name(a.host))
			add_name(b, a.host, a.port);
	for (size_t i = 0; i < registry_count(h->registry); i++) {
		const struct registry_node *n = registry_at(h->registry, i);

		for (int j = 0; j < n->address_count; j++)
			if (n->addresses[j].url[0] == '\0' && is_local_name(n->addresses[j].host))
				add_name(b, n->addresses[j].host, n->addresses[j].port);
		/* One whose addresses were forgotten on purpose is not looked up by its name either. */
		if (!is_off(o->probe) && n->address_count > 0 && !n->view_only && disc_names_of_device(name, sizeof name, n->info.device_name))
			add_name(b, name, 0);
	}
	if (!is_off(o->probe))
		add_name(b, o->probe != NULL ? o->probe : disc_names_patterns(), 0);
}

static void
discover_names(struct root_house *h, const struct root_opts *o)
{
	struct buf b;

	/* Names that somebody typed, or that the Sphere remembers, are no guesses: they are asked for in any case. */
	buf_init(&b, MAX_CONF_BYTES);
	name_list(&b, h, o);
	if (b.len > 0)
		crew_add_source(h->crew, &disc_names, buf_text(&b));
	else
		discover_off(h, &disc_names, "--probe off");
	buf_fini(&b);
}

/* named_only: a network must have been named. */
static void
discover_sweep(struct root_house *h, const struct root_opts *o, bool named_only)
{
	const char *what = o->sweep != NULL ? o->sweep : "auto";
	char *conf;

	if (is_off(what)) {
		discover_off(h, &disc_sweep, "--sweep off");
		return;
	}
	if (named_only && strcmp(what, "auto") == 0) {
		discover_off(h, &disc_sweep, "not for one command; --sweep CIDR searches a network");
		return;
	}
	conf = xasprintf("%s ports %s", what, opt_text(h->settings, "sweep-ports"));
	crew_add_source(h->crew, &disc_sweep, conf);
	free(conf);
}

static void
discover_tailscale(struct root_house *h)
{
	const char *program = opt_text(h->settings, "tailscale");

	if (is_off(program))
		discover_off(h, &disc_tailscale, "--set tailscale=off");
	else
		crew_add_source(h->crew, &disc_tailscale, strcmp(program, "auto") == 0 ? "" : program);
}

static void
discover_bonjour(struct root_house *h, const struct root_opts *o)
{
	if (o->no_bonjour) {
		discover_off(h, &disc_bonjour, "--no-bonjour");
		discover_off(h, &disc_mdns, "--no-bonjour");
		return;
	}
	crew_add_source(h->crew, &disc_bonjour, "");
	crew_add_source(h->crew, &disc_mdns, "");
}

/* ---- The network itself ---- */

static void
discover_changed(void *arg)
{
	struct root_house *h = arg;

	crew_network_changed(h->crew);
}

void
root_discover_begin(struct root_house *h, const struct root_opts *o, enum root_discover_how how)
{
	h->watch = netif_watch_new(h->loop, discover_changed, h);
	discover_typed(h, o);
	if (how == ROOT_DISCOVER_TYPED)
		return;
	discover_bonjour(h, o);
	discover_names(h, o);
	discover_sweep(h, o, how == ROOT_DISCOVER_NEAR);
	if (how == ROOT_DISCOVER_ALL)
		discover_tailscale(h);
}
