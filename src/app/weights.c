/*
 * weights.c - reads "left=2,@guest=0,all=1" and says what a camera is worth by it.
 * Keeps nothing: the text is the state.  Never decides who is fit to be shown.
 */
#include "app/weights.h"

#include <string.h>
#include "base/ceilings.h"
#include "base/str.h"
#include "domain/target.h"

/* How sure an entry is to mean this camera. */
enum weights_rank { RANK_NONE, RANK_ALL, RANK_ROLE, RANK_NAME };

struct entry {
	char who[MAX_NAME_BYTES + 2];
	double weight;
};

static bool
bad(struct err *e, const char *item, size_t len, const char *expected)
{
	return err_set(e, ERR_USAGE, "auto-weights: \"%.*s\": expected %s", (int)(len < 60 ? len : 60), item, expected);
}

/* WHO=WEIGHT of len bytes; the last '=' is the one that parts them. */
static bool
entry_read(struct entry *out, const char *item, size_t len, struct err *e)
{
	const char *equals = memrchr(item, '=', len);
	char number[32];
	size_t who_len, number_len;

	if (equals == NULL)
		return bad(e, item, len, "CAMERA=WEIGHT, such as left=2 or @guest=0");
	who_len = (size_t)(equals - item);
	number_len = len - who_len - 1;
	if (who_len == 0 || who_len >= sizeof out->who)
		return bad(e, item, len, "a camera's name, a role such as @guest, or all, before the =");
	memcpy(out->who, item, who_len);
	out->who[who_len] = '\0';
	if (number_len >= sizeof number)
		return bad(e, item, len, "a weight from 0 to 1000 behind the =");
	memcpy(number, equals + 1, number_len);
	number[number_len] = '\0';
	return str_double(number, 0, WEIGHTS_MOST, &out->weight) || bad(e, item, len, "a weight from 0 to 1000 behind the =");
}

/* The next of the list, blanks around it left out; *text goes behind it.  False: none is left. */
static bool
next_item(const char **text, const char **item, size_t *len)
{
	const char *at = *text + strspn(*text, " ");

	if (*at == '\0')
		return false;
	*item = at;
	*len = strcspn(at, ",");
	*text = at + *len + (at[*len] == ',');
	while (*len > 0 && at[*len - 1] == ' ')
		(*len)--;
	return true;
}

bool
weights_check(const char *text, struct err *e)
{
	struct entry entry;
	const char *item;
	size_t len;

	while (next_item(&text, &item, &len)) {
		if (!entry_read(&entry, item, len, e))
			return false;
		if (entry.who[0] == '@' && roles_parse(entry.who + 1) == 0)
			return bad(e, item, len, "a role behind the @: host, guest, safe, backup ...");
		if (strpbrk(entry.who, "\"\\") != NULL || entry.who[0] == '-')
			return bad(e, item, len, "a camera's name as it stands on its tile, without quotes");
	}
	return true;
}

/* Does the name mean this camera?  As -t reads it; one that could be several means none. */
static bool
names(const char *who, struct registry *reg, const struct registry_node *n)
{
	const struct target_context cx = { .registry = reg };
	struct err ignored = { .kind = ERR_NONE };
	char id[ID_BYTES];

	return target_one(id, who, &cx, &ignored) && strcmp(id, n->id) == 0;
}

static enum weights_rank
rank_of(const char *who, struct registry *reg, const struct registry_node *n)
{
	if (strcmp(who, "all") == 0)
		return RANK_ALL;
	if (who[0] == '@')
		return (registry_roles(n) & roles_parse(who + 1)) != 0 ? RANK_ROLE : RANK_NONE;
	return names(who, reg, n) ? RANK_NAME : RANK_NONE;
}

double
weights_of(const char *text, struct registry *reg, const struct registry_node *n)
{
	enum weights_rank best = RANK_NONE;
	struct entry entry;
	struct err ignored = { .kind = ERR_NONE };
	double weight = 1;
	const char *item;
	size_t len;

	while (next_item(&text, &item, &len)) {
		enum weights_rank rank = entry_read(&entry, item, len, &ignored) ? rank_of(entry.who, reg, n) : RANK_NONE;

		if (rank == RANK_NONE || rank < best)
			continue;
		best = rank;
		weight = entry.weight;
	}
	return weight;
}

bool
weights_stranger(const char *text, struct registry *reg, char *name, size_t name_size)
{
	const struct target_context cx = { .registry = reg };
	struct entry entry;
	struct err ignored = { .kind = ERR_NONE };
	char id[ID_BYTES];
	const char *item;
	size_t len;

	while (next_item(&text, &item, &len)) {
		if (!entry_read(&entry, item, len, &ignored) || entry.who[0] == '@' || strcmp(entry.who, "all") == 0 ||
		    target_one(id, entry.who, &cx, &ignored))
			continue;
		return str_copy(name, name_size, entry.who);
	}
	return false;
}
