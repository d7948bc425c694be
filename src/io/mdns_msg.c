/*
 * mdns_msg.c - packets of mDNS: questions are built, answers are taken apart; names in between.
 * Owns nothing.  Never believes a length or a pointer of a packet, and never remembers anything of one.
 */
#include "io/mdns_private.h"

#include <arpa/nameser.h>
#include <string.h>

#define HEADER_BYTES 12
#define MAX_POINTERS 16			/* that one name may follow: honest ones have two or three, the library allows thousands */
#define MAX_TTL_S 4500			/* RFC 6762 section 10: 75 minutes; nobody is believed for longer */

/* ---- Names ---- */

void
mdns_name_fold(char *wire)
{
	for (; *wire != '\0'; wire++)	/* a length is below 'A' */
		if (*wire >= 'A' && *wire <= 'Z')
			*wire = (char)(*wire - 'A' + 'a');
}

bool
mdns_name_read(char *wire, const char *text)
{
	size_t len = strlen(text), at = 0;

	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > MDNS_WIRE_BYTES - 3)
		return false;
	for (size_t begin = 0, i = 0; i <= len; i++) {
		if (i < len && text[i] != '.')
			continue;
		if (i == begin || i - begin > NS_MAXLABEL)
			return false;
		wire[at++] = (char)(i - begin);
		memcpy(wire + at, text + begin, i - begin);
		at += i - begin;
		begin = i + 1;
	}
	wire[at] = '\0';
	mdns_name_fold(wire);
	return true;
}

bool
mdns_name_print(char text[MDNS_NAME_BYTES], const char *wire)
{
	size_t at = 0;

	if (*wire == '\0')
		return false;
	while (*wire != '\0') {
		for (int left = *wire++; left > 0; left--, wire++) {
			if ((unsigned char)*wire < ' ' || *wire == 0x7f || *wire == '.')
				return false;
			text[at++] = *wire;
		}
		text[at++] = '.';
	}
	text[at - 1] = '\0';
	return true;
}

bool
mdns_type_read(char *wire, const char *type)
{
	static const char local[] = "\005local";
	char checked[MDNS_LABEL_BYTES];
	size_t len;

	if (strlen(type) >= MDNS_LABEL_BYTES || !mdns_name_read(wire, type))
		return false;
	len = strlen(wire);
	memcpy(wire + len, local, sizeof local);
	return mdns_type_print(checked, wire);
}

bool
mdns_type_print(char *type, const char *wire)
{
	size_t first = (unsigned char)wire[0];
	const char *rest = wire + 1 + first;

	if (first < 2 || first > 32 || wire[1] != '_')
		return false;
	for (size_t i = 2; i <= first; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", wire[i]) == NULL)
			return false;
	if (strcmp(rest, "\004_tcp\005local") != 0 && strcmp(rest, "\004_udp\005local") != 0)
		return false;
	memcpy(type, wire + 1, first);
	type[first] = '.';
	memcpy(type + first + 1, rest + 1, 4);
	type[first + 5] = '\0';
	return true;
}

/* ---- Questions ---- */

void
mdns_query_open(struct mdns_query *q, unsigned id, size_t room)
{
	memset(q->bytes, 0, HEADER_BYTES);
	q->bytes[0] = (unsigned char)(id >> 8);
	q->bytes[1] = (unsigned char)id;
	q->len = HEADER_BYTES;
	q->room = room < sizeof q->bytes ? room : sizeof q->bytes;
	q->questions = q->answers = 0;
	q->names[0] = q->bytes;
	q->names[1] = NULL;
}

static void
put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

static int
names_count(const struct mdns_query *q)
{
	int n = 0;

	while (q->names[n] != NULL)
		n++;
	return n;
}

/* Appends a name; its bytes, or -1. */
static int
put_name(struct mdns_query *q, size_t at, const char *name)
{
	const unsigned char **end = q->names + sizeof q->names / sizeof q->names[0];

	return at >= q->room ? -1 : ns_name_pack((const unsigned char *)name, q->bytes + at, (int)(q->room - at), q->names, end);
}

bool
mdns_query_ask(struct mdns_query *q, const char *name, enum mdns_rr type, bool unicast)
{
	int names = names_count(q), n = put_name(q, q->len, name);
	size_t end = q->len + (size_t)(n > 0 ? n : 0);

	if (n < 0 || end + 4 > q->room) {
		q->names[names] = NULL;
		return false;
	}
	put16(q->bytes + end, type);
	put16(q->bytes + end + 2, unicast ? 0x8001 : 1);
	q->len = end + 4;
	put16(q->bytes + 4, (unsigned)++q->questions);
	return true;
}

bool
mdns_query_known(struct mdns_query *q, const char *type, const char *instance, uint32_t ttl_s)
{
	int names = names_count(q), owner = put_name(q, q->len, type), target;
	size_t at = q->len + (size_t)(owner > 0 ? owner : 0);

	target = owner < 0 || at + 10 >= q->room ? -1 : put_name(q, at + 10, instance);
	if (target < 0) {
		q->names[names] = NULL;
		return false;
	}
	put16(q->bytes + at, MDNS_PTR);
	put16(q->bytes + at + 2, 1);
	put16(q->bytes + at + 4, ttl_s >> 16);
	put16(q->bytes + at + 6, ttl_s & 0xffff);
	put16(q->bytes + at + 8, (unsigned)target);
	q->len = at + 10 + (size_t)target;
	put16(q->bytes + 6, (unsigned)++q->answers);
	return true;
}

/* ---- Answers ---- */

static unsigned
get16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* A chain of pointers may lead through the whole packet, for every name anew: more than a few is no honest name. */
static bool
is_tame(const struct mdns_msg *msg, const unsigned char *at)
{
	int pointers = 0;

	while (at < msg->end && *at != 0) {
		if ((*at & NS_CMPRSFLGS) == NS_CMPRSFLGS) {
			if (++pointers > MAX_POINTERS || msg->end - at < 2)
				return false;
			if (msg->end - msg->bytes <= (ptrdiff_t)(get16(at) & 0x3fff))
				return false;
			at = msg->bytes + (get16(at) & 0x3fff);
		} else if ((*at & NS_CMPRSFLGS) != 0 || msg->end - at <= *at) {
			return false;
		} else {
			at += 1 + *at;
		}
	}
	return at < msg->end;
}

/*
 * The name that begins at at; its bytes there, or -1: none can be read.  A name that has a NUL inside becomes the root's,
 * which is nobody's here.
 */
static int
get_name(const struct mdns_msg *msg, const unsigned char *at, char wire[MDNS_WIRE_BYTES])
{
	unsigned char *name = (unsigned char *)wire;
	int n;

	if (!is_tame(msg, at))
		return -1;
	n = ns_name_unpack(msg->bytes, msg->end, at, name, NS_MAXCDNAME);
	if (n < 0)
		return -1;
	for (const unsigned char *label = name; *label != 0; label += 1 + *label) {
		if (memchr(label + 1, 0, *label) != NULL) {
			name[0] = 0;
			break;
		}
	}
	return n;
}

bool
mdns_msg_open(struct mdns_msg *msg, const void *bytes, size_t len)
{
	char name[MDNS_WIRE_BYTES];
	unsigned flags;
	int n;

	msg->bytes = msg->at = bytes;
	msg->end = msg->bytes + len;
	msg->left = 0;
	if (len < HEADER_BYTES || len > MAX_DNS_PACKET)
		return false;
	msg->id = get16(msg->bytes);
	flags = get16(msg->bytes + 2);
	/* RFC 6762 sections 18.2 (an answer), 18.3 (opcode), 18.11 (response code) */
	if ((flags & 0x8000) == 0 || (flags & 0x780f) != 0)
		return false;
	msg->at += HEADER_BYTES;
	for (unsigned left = get16(msg->bytes + 4); left > 0; left--) {
		n = get_name(msg, msg->at, name);
		if (n < 0 || msg->end - msg->at < n + 4)
			return false;
		msg->at += n + 4;
	}
	msg->left = (int)(get16(msg->bytes + 6) + get16(msg->bytes + 8) + get16(msg->bytes + 10));
	if (msg->left > MAX_DNS_RECORDS)
		msg->left = MAX_DNS_RECORDS;
	return true;
}

static bool
get_target(const struct mdns_msg *msg, struct mdns_record *r, size_t skip)
{
	int n = r->rdata_len > skip ? get_name(msg, r->rdata + skip, r->target) : -1;

	return n > 0 && (size_t)n <= r->rdata_len - skip && r->target[0] != '\0';
}

static bool
get_data(const struct mdns_msg *msg, struct mdns_record *r)
{
	switch (r->type) {
	case MDNS_A:
		return r->rdata_len == 4;
	case MDNS_AAAA:
		return r->rdata_len == 16;
	case MDNS_PTR:
		return get_target(msg, r, 0);
	case MDNS_SRV:
		if (!get_target(msg, r, 6))
			return false;
		r->port = (int)get16(r->rdata + 4);
		return r->port > 0;
	case MDNS_TXT:
		return true;
	}
	return false;
}

/* One record of whatever type; false: the packet ends in the middle of it. */
static bool
get_record(struct mdns_msg *msg, struct mdns_record *r, bool *is_useful)
{
	int n = get_name(msg, msg->at, r->name);
	const unsigned char *fixed;
	unsigned class;

	if (n < 0 || msg->end - msg->at < n + 10)
		return false;
	fixed = msg->at + n;
	r->type = (enum mdns_rr)get16(fixed);
	class = get16(fixed + 2);
	r->flush = (class & 0x8000) != 0;
	r->ttl_s = (uint32_t)get16(fixed + 4) << 16 | get16(fixed + 6);
	if (r->ttl_s > INT32_MAX)	/* RFC 2181 section 8 */
		r->ttl_s = 0;
	if (r->ttl_s > MAX_TTL_S)
		r->ttl_s = MAX_TTL_S;
	r->rdata = fixed + 10;
	r->rdata_len = get16(fixed + 8);
	if ((size_t)(msg->end - r->rdata) < r->rdata_len)
		return false;
	msg->at = r->rdata + r->rdata_len;
	memcpy(r->label, r->name, 1 + (size_t)r->name[0]);
	mdns_name_fold(r->name);
	*is_useful = (class & 0x7fff) == 1 && r->name[0] != '\0' && get_data(msg, r);
	return true;
}

bool
mdns_msg_next(struct mdns_msg *msg, struct mdns_record *r)
{
	bool is_useful;

	while (msg->left > 0) {
		msg->left--;
		if (!get_record(msg, r, &is_useful)) {
			msg->left = 0;
			return false;
		}
		if (is_useful)
			return true;
	}
	return false;
}
