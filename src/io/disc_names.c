/*
 * disc_names.c - phones found by their host name where nothing is announced: "NAME.local" asked for by mDNS (io/mdns).
 * Owns which names are asked for and what they answered.  Never asks a blocking resolver, never a node.
 */
#include "io/disc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "io/disc_names.h"
#include "io/disc_place.h"
#include "io/mdns.h"

#define MAX_NAMES 64
#define MAX_PORTS 8			/* of one name */
#define LABEL_BYTES 63
#define TICK_US 1000000
#define SAY_FIRST_US 250000
#define FIRST_ROUND_US 3250000		/* the third and last quick question goes out at 3 s */
#define AGAIN_US 55000000
#define ASK_AGAIN_US 60000000		/* the querier tells an address once; asked for again, it tells what still holds */
#define SILENT_US 10000000		/* longer without a word, and another address of the name may take its place */
#define FORGET_US 180000000		/* an address that no answer has named for so long is not told any more */

struct answer {
	char host[MDNS_ADDRESS_BYTES];
	int64_t heard_us, told_us;	/* told_us 0: not yet */
};

struct name {
	char text[MDNS_NAME_BYTES];
	int ports[MAX_PORTS], port_count;
	int64_t asked_us;
	int count;
	struct answer answers[MDNS_HOST_ADDRESSES];
	char said[MAX_WHY_BYTES];	/* its line */
};

struct prober {
	struct loop *loop;
	struct disc_fns fns;
	void *arg;
	struct mdns *mdns;
	struct loop_timer *tick, *first_round;
	char said[MAX_TEXT_FIELD];
	int count, refused;		/* refused: of the conf, no name or one too many */
	struct name names[MAX_NAMES];
	bool is_busy, is_closed;	/* closed inside a callback: nothing more is told, its caller frees it */
};

/* ---- The names ---- */

/* Lower case, without a final dot, ".local" added to a bare one.  False: it cannot be a host's name in mDNS. */
static bool
read_name(char out[static MDNS_NAME_BYTES], const char *text, size_t len)
{
	size_t label = 0;

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len + sizeof ".local" > MDNS_NAME_BYTES || !str_is_utf8(text, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		label = c == '.' ? 0 : label + 1;
		if (c <= ' ' || c == 0x7f || c == '\\' || label > LABEL_BYTES || (c == '.' && (i == 0 || text[i - 1] == '.')))
			return false;
		out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
	}
	out[len] = '\0';
	if (memchr(out, '.', len) == NULL)
		str_copy(out + len, MDNS_NAME_BYTES - len, ".local");
	len = strlen(out);
	return len > 6 && strcmp(out + len - 6, ".local") == 0;
}

static struct name *
find_name(struct prober *p, const char *text)
{
	for (int i = 0; i < p->count; i++)
		if (str_equal_nocase(p->names[i].text, text))
			return &p->names[i];
	return NULL;
}

static void
add_port(struct name *n, int port)
{
	for (int i = 0; i < n->port_count; i++)
		if (n->ports[i] == port)
			return;
	if (n->port_count < MAX_PORTS)
		n->ports[n->port_count++] = port;
}

/* "NAME.local[:PORT]" */
static bool
add_name(struct prober *p, const char *word, size_t len)
{
	const char *colon = memchr(word, ':', len);
	char text[MDNS_NAME_BYTES], digits[8];
	int64_t port = DISC_PLACE_PORT;
	struct name *n;

	if (colon != NULL) {
		snprintf(digits, sizeof digits, "%.*s", (int)(word + len - colon - 1), colon + 1);
		if (word + len - colon - 1 > 5 || !str_int(digits, 1, 65535, &port))
			return false;
		len = (size_t)(colon - word);
	}
	if (!read_name(text, word, len))
		return false;
	n = find_name(p, text);
	if (n == NULL && p->count == MAX_NAMES)
		return false;
	if (n == NULL) {
		n = &p->names[p->count++];
		str_copy(n->text, sizeof n->text, text);
	}
	add_port(n, (int)port);
	return true;
}

static void
add_names(struct prober *p, const char *conf)
{
	static const char *const between = ", \t\r\n";

	for (conf += strspn(conf, between); *conf != '\0'; conf += strspn(conf, between)) {
		size_t len = strcspn(conf, between);

		if (!add_name(p, conf, len))
			p->refused++;
		conf += len;
	}
}

/* ---- What is said ---- */

/* "10.0.0.7 and 2 more" */
static void
describe_answers(const struct name *n, char *out, size_t out_size)
{
	char more[32] = "";

	if (n->count > 1)
		snprintf(more, sizeof more, " and %d more", n->count - 1);
	snprintf(out, out_size, "%s%s", n->answers[0].host, more);
}

static void
describe(const struct prober *p, char *out, size_t out_size)
{
	char one[96], shown[MAX_NAME_BYTES];
	size_t at;
	int found = 0, told = 0;

	for (int i = 0; i < p->count; i++)
		found += p->names[i].count > 0;
	snprintf(out, out_size, "asked for %d name%s: ", p->count, p->count == 1 ? "" : "s");
	for (int i = 0; i < p->count && told < 3; i++) {
		if (p->names[i].count == 0)
			continue;
		describe_answers(&p->names[i], one, sizeof one);
		str_clean(shown, sizeof shown, p->names[i].text, strlen(p->names[i].text), MAX_NAME_CELLS);
		at = strlen(out);
		snprintf(out + at, out_size - at, "%s%s is %s", told++ > 0 ? ", " : "", shown, one);
	}
	at = strlen(out);
	if (found == 0)
		snprintf(out + at, out_size - at, "nobody answered");
	else if (found > told)
		snprintf(out + at, out_size - at, ", %d more answered", found - told);
	at = strlen(out);
	if (p->refused > 0)
		snprintf(out + at, out_size - at, "; %d more %s not asked for", p->refused, p->refused == 1 ? "is" : "are");
}

/* That nothing can multicast here is the Bonjour source's to announce: this one stays quiet about it. */
static void
say_state(struct prober *p)
{
	char text[MAX_TEXT_FIELD];

	if (mdns_counts(p->mdns).interfaces == 0)
		snprintf(text, sizeof text, "host names: no interface that can multicast");
	else
		describe(p, text, sizeof text);
	if (strcmp(text, p->said) == 0)
		return;
	str_copy(p->said, sizeof p->said, text);
	if (p->fns.state != NULL)
		p->fns.state(p->arg, VIA_MDNS_NAME, true, text);
}

/* Every address of a name, while there is one. */
static void
say_line(struct prober *p, struct name *n)
{
	char text[MAX_WHY_BYTES] = "", shown[MAX_NAME_BYTES];
	size_t at = 0;

	for (int i = 0; i < n->count && at < sizeof text; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i == 0 ? "answers: " : ", ", n->answers[i].host);
	if (strcmp(text, n->said) == 0)
		return;
	str_copy(n->said, sizeof n->said, text);
	str_clean(shown, sizeof shown, n->text, strlen(n->text), MAX_NAME_CELLS);
	if (p->fns.line != NULL)
		p->fns.line(p->arg, shown, text[0] != '\0' ? text : NULL);
}

static void
tell_sighted(struct prober *p, const struct name *n, struct answer *a)
{
	struct disc_sighting s = { .id = "" };

	a->told_us = loop_now_us(p->loop);
	str_clean(s.name, sizeof s.name, n->text, strlen(n->text), MAX_NAME_CELLS);
	for (int i = 0; i < n->port_count && !p->is_closed; i++) {
		disc_place_fill(&s.address, VIA_MDNS_NAME, a->host, n->ports[i], a->told_us);
		if (p->fns.sighted != NULL)
			p->fns.sighted(p->arg, &s);
	}
}

/* ---- What the querier says ---- */

/* After callbacks, each of which may have closed this source. */
static void
told(struct prober *p)
{
	p->is_busy = false;
	if (p->is_closed)
		free(p);
}

/* A name has as many addresses as fit; the one that is silent for longest makes room.  NULL: none is silent. */
static struct answer *
answer_of(struct name *n, const char *host, int64_t now_us)
{
	struct answer *oldest = &n->answers[0];

	for (int i = 0; i < n->count; i++) {
		if (strcmp(n->answers[i].host, host) == 0)
			return &n->answers[i];
		if (n->answers[i].heard_us < oldest->heard_us)
			oldest = &n->answers[i];
	}
	if (n->count < MDNS_HOST_ADDRESSES)
		oldest = &n->answers[n->count++];
	else if (now_us - oldest->heard_us < SILENT_US)
		return NULL;
	*oldest = (struct answer){ .told_us = 0 };
	str_copy(oldest->host, sizeof oldest->host, host);
	return oldest;
}

static void
on_host(void *arg, const char *text, const char *address)
{
	struct prober *p = arg;
	struct name *n = find_name(p, text);
	struct answer *a;
	int64_t now_us = loop_now_us(p->loop);

	if (n == NULL || !disc_place_is_one(address, DISC_PLACE_PORT))
		return;
	a = answer_of(n, address, now_us);
	if (a == NULL)
		return;
	a->heard_us = now_us;
	if (a->told_us != 0 && now_us - a->told_us < AGAIN_US)
		return;
	p->is_busy = true;
	tell_sighted(p, n, a);
	if (!p->is_closed)
		say_line(p, n);
	if (!p->is_closed)
		say_state(p);
	told(p);
}

static void
on_heard(void *arg, const char *from)
{
	struct prober *p = arg;

	if (p->fns.answered != NULL)
		p->fns.answered(p->arg, from);
}

/* ---- Time ---- */

static void
forget_silent(struct name *n, int64_t now_us)
{
	int kept = 0;

	for (int i = 0; i < n->count; i++)
		if (now_us - n->answers[i].heard_us < FORGET_US)
			n->answers[kept++] = n->answers[i];
	n->count = kept;
}

static void
ask_again(struct prober *p, struct name *n, int64_t now_us)
{
	if (n->count == 0 || now_us - n->asked_us < ASK_AGAIN_US)
		return;
	n->asked_us = now_us;
	mdns_ask_host(p->mdns, n->text);
}

static void
on_tick(void *arg)
{
	struct prober *p = arg;
	int64_t now_us = loop_now_us(p->loop);

	p->is_busy = true;
	for (int i = 0; i < p->count && !p->is_closed; i++) {
		ask_again(p, &p->names[i], now_us);
		forget_silent(&p->names[i], now_us);
		say_line(p, &p->names[i]);
	}
	if (!p->is_closed)
		say_state(p);
	told(p);
}

static void
on_first_round(void *arg)
{
	struct prober *p = arg;

	if (p->fns.finished != NULL)
		p->fns.finished(p->arg);
}

/* ---- Birth and death ---- */

static void *
prober_open(struct loop *loop, const char *conf, const struct disc_fns *fns, void *arg)
{
	static const struct mdns_fns mdns_fns = { .host = on_host, .heard = on_heard };
	struct prober *p;

	if (conf == NULL || conf[0] == '\0' || strcmp(conf, "off") == 0)
		return NULL;
	p = xcalloc(1, sizeof *p);
	p->loop = loop;
	p->fns = *fns;
	p->arg = arg;
	add_names(p, conf);
	p->tick = loop_timer_new(loop, on_tick, p);
	p->first_round = loop_timer_new(loop, on_first_round, p);
	loop_timer_start(loop, p->tick, SAY_FIRST_US, TICK_US);
	loop_timer_start(loop, p->first_round, FIRST_ROUND_US, 0);
	p->mdns = mdns_new(loop, 0, &mdns_fns, p);
	for (int i = 0; i < p->count; i++) {
		p->names[i].asked_us = loop_now_us(loop);
		mdns_ask_host(p->mdns, p->names[i].text);
	}
	return p;
}

static void
prober_close(void *self)
{
	struct prober *p = self;

	if (p == NULL)
		return;
	p->is_closed = true;
	mdns_free(p->mdns);
	loop_timer_free(p->loop, p->tick);
	loop_timer_free(p->loop, p->first_round);
	if (!p->is_busy)
		free(p);
}

const struct disc_source disc_names = {
	.name = "names", .via = VIA_MDNS_NAME, .open = prober_open, .close = prober_close,
};
