/*
 * target.c - the names of cameras as people write them, turned into ids.
 * Never guesses: two that fit, or one that nearly fits, is a sentence with the candidates.
 */
#include "domain/target.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "domain/roles.h"

#define TARGET_ID_BEGINNING 4		/* characters of an id that may name it */
#define TARGET_CANDIDATES 8		/* names an error lists */

struct target_item {
	bool exclude, quoted;
	char name[MAX_NAME_BYTES];
};

/* Some of the registry's nodes, in its order. */
struct target_hits {
	int count;
	struct registry_node *nodes[MAX_NODES];
};

typedef bool target_test(const struct registry_node *n, const char *name);

/* ---- Grammar ---- */

static void
target_skip_blanks(const char *text, size_t *at)
{
	while (text[*at] == ' ' || text[*at] == '\t')
		(*at)++;
}

/* A quoted name from its opening quote; *at ends behind the closing one.  False: no end, or too long. */
static bool
target_string(const char *text, size_t *at, char *name, size_t room)
{
	size_t len = 0, i = *at + 1;

	for (; text[i] != '\0' && text[i] != '"'; i++) {
		if (text[i] == '\\' && text[i + 1] != '\0')
			i++;
		if (len + 1 >= room)
			return false;
		name[len++] = text[i];
	}
	name[len] = '\0';
	if (text[i] != '"')
		return false;
	*at = i + 1;
	return true;
}

static bool
target_bare(const char *text, size_t *at, char *name, size_t room)
{
	size_t len = strcspn(text + *at, ",\""), end = *at + len;

	while (len > 0 && (text[*at + len - 1] == ' ' || text[*at + len - 1] == '\t'))
		len--;
	if (len >= room)
		return false;
	memcpy(name, text + *at, len);
	name[len] = '\0';
	*at = end;
	return true;
}

/* Reads one item at *at and the comma behind it; *more: another one has to follow.  On failure *at is the place. */
static bool
target_next(const char *text, size_t *at, struct target_item *item, bool *more, struct err *e)
{
	size_t begin;

	memset(item, 0, sizeof(*item));
	target_skip_blanks(text, at);
	if (text[*at] == '-') {
		item->exclude = true;
		(*at)++;
	}
	begin = *at;
	item->quoted = text[begin] == '"';
	if (!(item->quoted ? target_string : target_bare)(text, at, item->name, sizeof(item->name)))
		return err_set(e, ERR_USAGE, "expected a name of at most %d bytes%s", MAX_NAME_BYTES - 1,
		    item->quoted ? " and a closing quote" : "");
	if (item->name[0] == '\0') {
		*at = begin;
		return err_set(e, ERR_USAGE, "expected a camera's number or name, all or @role");
	}
	target_skip_blanks(text, at);
	*more = text[*at] == ',';
	if (*more)
		(*at)++;
	else if (text[*at] != '\0')
		return err_set(e, ERR_USAGE, "expected a comma or the end of the targets");
	return true;
}

/* "@guest": the role's bit; 0 for @program and @preview. */
static bool
target_role(const char *name, unsigned *role, struct err *e)
{
	char shown[64];

	*role = 0;
	if (strcmp(name, "@program") == 0 || strcmp(name, "@preview") == 0)
		return true;
	*role = roles_parse(name + 1);
	if (*role != 0)
		return true;
	str_clean(shown, sizeof(shown), name, strlen(name), 32);
	return err_set(e, ERR_USAGE, "%s is no role; expected @program, @preview, @camera, @guest, @host, @audio, "
	    "@must, @safe, @backup or another role", shown);
}

bool
target_check(const char *text, int *column, struct err *e)
{
	struct target_item item;
	size_t at = 0, begin;
	unsigned role;
	bool more = true;

	while (more) {
		begin = at;
		if (!target_next(text, &at, &item, &more, e)) {
			*column = (int)at + 1;
			return false;
		}
		if (!item.quoted && item.name[0] == '@' && !target_role(item.name, &role, e)) {
			target_skip_blanks(text, &begin);
			*column = (int)begin + 1;
			return false;
		}
	}
	return true;
}

/* ---- Looking names up ---- */

static bool
target_is_label(const struct registry_node *n, const char *name)
{
	return strcmp(n->label, name) == 0;
}

/* A whole id ranks with device names: strangers choose both, so if they disagree neither wins. */
static bool
target_is_device(const struct registry_node *n, const char *name)
{
	return strcmp(n->id, name) == 0 || strcmp(n->info.device_name, name) == 0;
}

static bool
target_begins_id(const struct registry_node *n, const char *name)
{
	return strlen(name) >= TARGET_ID_BEGINNING && strncasecmp(n->id, name, strlen(name)) == 0;
}

static bool
target_is_name_nocase(const struct registry_node *n, const char *name)
{
	return str_equal_nocase(n->label, name) || str_equal_nocase(n->info.device_name, name);
}

/* For the question "did you mean": never for finding. */
static bool
target_begins_name(const struct registry_node *n, const char *name)
{
	size_t len = strlen(name);

	return strncasecmp(n->label, name, len) == 0 || strncasecmp(n->info.device_name, name, len) == 0;
}

static bool
target_is_any(const struct registry_node *n, const char *name)
{
	(void)n;
	(void)name;
	return true;
}

static target_test *const target_tests[] = { target_is_label, target_is_device, target_begins_id,
	target_is_name_nocase, NULL };
/* All digits is a camera number, or the beginning of an id that is all digits; never a name. */
static target_test *const target_digit_tests[] = { target_begins_id, NULL };

static void
target_gather(struct target_hits *hits, struct registry *r, target_test *test, const char *name)
{
	size_t count = registry_count(r);

	hits->count = 0;
	for (size_t i = 0; i < count && hits->count < MAX_NODES; i++) {
		struct registry_node *n = registry_at(r, i);

		if (test(n, name))
			hits->nodes[hits->count++] = n;
	}
}

/* 1 "left guest", 2 "wide" or 4 "left wing" */
static void
target_list(struct buf *b, const struct target_hits *hits, const char *last)
{
	char name[80];
	int shown = hits->count < TARGET_CANDIDATES ? hits->count : TARGET_CANDIDATES;

	for (int i = 0; i < shown; i++) {
		const struct registry_node *n = hits->nodes[i];

		if (i > 0)
			buf_add_text(b, i + 1 == hits->count ? last : ", ");
		if (n->number > 0)
			buf_add_format(b, "%d ", n->number);
		str_cut(name, sizeof(name), registry_name(n), 20);
		buf_add_format(b, "\"%s\"", name);
	}
	if (hits->count > shown)
		buf_add_format(b, " and %d more", hits->count - shown);
}

static bool
target_ambiguous(const struct target_hits *hits, const char *shown, struct err *e)
{
	struct buf list;

	buf_init(&list, 2048);
	target_list(&list, hits, " or ");
	err_set(e, ERR_USAGE, "\"%s\" could be %s: say the whole name or the number", shown, buf_text(&list));
	buf_fini(&list);
	return false;
}

/* Nobody has that name: who nearly has, or who is there. */
static bool
target_unknown(struct registry *r, const char *name, const char *shown, bool is_number, struct err *e)
{
	struct target_hits hits = { .count = 0 };
	struct buf list;

	if (!is_number)
		target_gather(&hits, r, target_begins_name, name);
	if (hits.count > 1)
		return target_ambiguous(&hits, shown, e);
	buf_init(&list, 2048);
	if (hits.count == 1) {
		target_list(&list, &hits, "");
		err_set(e, ERR_NOT_FOUND, "no camera is called \"%s\"; did you mean %s?", shown, buf_text(&list));
	} else {
		target_gather(&hits, r, target_is_any, name);
		target_list(&list, &hits, " and ");
		err_set(e, ERR_NOT_FOUND, "no camera %s \"%s\"; there %s %s", is_number ? "has the number" : "is called",
		    shown, hits.count == 1 ? "is" : "are", hits.count == 0 ? "none yet" : buf_text(&list));
	}
	buf_fini(&list);
	return false;
}

/* The one node that a number or a name means; NULL and e else. */
static struct registry_node *
target_find(struct registry *r, const char *name, bool quoted, struct err *e)
{
	bool is_number = !quoted && name[strspn(name, "0123456789")] == '\0';
	target_test *const *test = is_number ? target_digit_tests : target_tests;
	struct registry_node *n = NULL;
	struct target_hits hits;
	char shown[160];
	int64_t number;

	if (is_number && str_int(name, 0, 99999, &number))
		n = registry_by_number(r, (int)number);
	if (n != NULL)
		return n;
	str_clean(shown, sizeof(shown), name, strlen(name), 40);
	for (; *test != NULL; test++) {
		target_gather(&hits, r, *test, name);
		if (hits.count == 1)
			return hits.nodes[0];
		if (hits.count > 1) {
			target_ambiguous(&hits, shown, e);
			return NULL;
		}
	}
	target_unknown(r, name, shown, is_number, e);
	return NULL;
}

/* ---- Sets ---- */

static bool
target_in_all(const struct registry_node *n)
{
	return !n->out && !n->view_only && !n->known;
}

static void
target_gather_role(struct target_hits *hits, struct registry *r, unsigned role)
{
	size_t count = registry_count(r);

	hits->count = 0;
	for (size_t i = 0; i < count && hits->count < MAX_NODES; i++) {
		struct registry_node *n = registry_at(r, i);

		if ((role == 0 ? target_in_all(n) : (registry_roles(n) & role) != 0 && !n->out && !n->known))
			hits->nodes[hits->count++] = n;
	}
}

/* @program, @preview, @role. */
static bool
target_group(struct target_hits *hits, const struct target_item *item, const struct target_context *cx, struct err *e)
{
	bool is_program = strcmp(item->name, "@program") == 0;
	const char *id = is_program ? cx->program : cx->preview;
	unsigned role;

	if (!target_role(item->name, &role, e))
		return false;
	hits->count = 0;
	if (role != 0)
		target_gather_role(hits, cx->registry, role);
	else if (id != NULL && (hits->nodes[0] = registry_find(cx->registry, id)) != NULL)
		hits->count = 1;
	if (hits->count > 0 || item->exclude)
		return true;
	if (role != 0)
		return err_set(e, ERR_NOT_FOUND, "no camera in the show has the role %s", item->name + 1);
	return err_set(e, ERR_NOT_FOUND, "no camera is on %s", item->name + 1);
}

/* The nodes that one item means. */
static bool
target_expand(struct target_hits *hits, const struct target_item *item, const struct target_context *cx, struct err *e)
{
	if (!item->quoted && item->name[0] == '@')
		return target_group(hits, item, cx, e);
	if (!item->quoted && strcmp(item->name, "all") == 0) {
		target_gather_role(hits, cx->registry, 0);
		return true;
	}
	hits->nodes[0] = target_find(cx->registry, item->name, item->quoted, e);
	hits->count = 1;
	return hits->nodes[0] != NULL;
}

static bool
target_holds(const struct target_hits *hits, const struct registry_node *n)
{
	for (int i = 0; i < hits->count; i++)
		if (hits->nodes[i] == n)
			return true;
	return false;
}

static void
target_unite(struct target_hits *to, const struct target_hits *more)
{
	for (int i = 0; i < more->count; i++)
		if (to->count < MAX_NODES && !target_holds(to, more->nodes[i]))
			to->nodes[to->count++] = more->nodes[i];
}

/* Every item of the text: who is in, who is not. */
static bool
target_collect(struct target_hits *in, struct target_hits *not, const char *text, const struct target_context *cx,
    struct err *e)
{
	struct target_item item;
	struct target_hits hits;
	bool more = true, any_in = false;
	size_t at = 0;

	in->count = not->count = 0;
	while (more) {
		if (!target_next(text, &at, &item, &more, e) || !target_expand(&hits, &item, cx, e))
			return false;
		target_unite(item.exclude ? not : in, &hits);
		any_in = any_in || !item.exclude;
	}
	if (!any_in)
		target_gather_role(in, cx->registry, 0);
	return true;
}

bool
target_resolve(struct target_set *out, const char *text, const struct target_context *cx, struct err *e)
{
	struct target_hits in, not;
	size_t count = registry_count(cx->registry);

	out->count = 0;
	if (!target_collect(&in, &not, text, cx, e))
		return false;
	for (size_t i = 0; i < count && out->count < MAX_NODES; i++) {
		const struct registry_node *n = registry_at(cx->registry, i);

		if (target_holds(&in, n) && !target_holds(&not, n))
			str_copy(out->ids[out->count++], ID_BYTES, n->id);
	}
	if (out->count > 0)
		return true;
	if (in.count > 0)
		return err_set(e, ERR_NOT_FOUND, "these targets exclude every camera that they name");
	return err_set(e, ERR_NOT_FOUND, "no camera is in the show: none answers, or all are out or view-only");
}

/* The text of one NODE word: its quotes are gone already, so commas and blanks belong to the name. */
static bool
target_read_one(struct target_item *item, const char *text, struct err *e)
{
	size_t at = 0;

	memset(item, 0, sizeof(*item));
	item->quoted = text[0] == '"';
	if (item->quoted ? !target_string(text, &at, item->name, sizeof(item->name)) || text[at] != '\0'
	    : !str_copy(item->name, sizeof(item->name), text))
		return err_set(e, ERR_USAGE, "expected one camera's name of at most %d bytes", MAX_NAME_BYTES - 1);
	if (item->name[0] == '\0' || (!item->quoted && strcmp(item->name, "all") == 0))
		return err_set(e, ERR_USAGE, "expected one camera: its number, label or device name");
	return true;
}

bool
target_one(char id[static ID_BYTES], const char *text, const struct target_context *cx, struct err *e)
{
	struct target_item item;
	struct target_hits hits;

	if (!target_read_one(&item, text, e) || !target_expand(&hits, &item, cx, e))
		return false;
	if (hits.count > 1)
		return target_ambiguous(&hits, item.name, e);
	return str_copy(id, ID_BYTES, hits.nodes[0]->id);
}

bool
target_has(const struct target_set *set, const char *id)
{
	for (int i = 0; i < set->count; i++)
		if (strcmp(set->ids[i], id) == 0)
			return true;
	return false;
}
