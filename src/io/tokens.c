/*
 * tokens.c - the file of a Sphere's claim tokens, and where they come from: the kernel's random numbers.
 * Owns the tokens in memory.  Never says one to anybody but who asks for that camera's, and wipes them when it goes.
 */
#include "io/tokens.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include "base/ceilings.h"
#include "base/map.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "domain/ids.h"
#include "io/folder.h"
#include "io/jdoc.h"

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct tokens {
	char *path;
	char sphere[ID_BYTES];
	struct map *by_node;		/* id -> text, heap */
};

/* ---- One token ---- */

static void
random_token(char out[static TOKENS_BYTES])
{
	unsigned char random[32];
	unsigned bits = 0, count = 0;
	size_t at = 0;
	ssize_t got;

	do
		got = getrandom(random, sizeof random, 0);
	while (got < 0 && errno == EINTR);
	XASSERT(got == (ssize_t)sizeof random);
	for (size_t i = 0; i < sizeof random; i++) {
		bits = bits << 8 | random[i];
		for (count += 8; count >= 6; count -= 6)
			out[at++] = base64url[bits >> (count - 6) & 63];
	}
	out[at++] = base64url[bits << (6 - count) & 63];	/* the last 4 bits */
	out[at] = '\0';
	explicit_bzero(random, sizeof random);
}

static bool
is_token(const char *text)
{
	return strlen(text) == TOKENS_BYTES - 1 && strspn(text, base64url) == TOKENS_BYTES - 1;
}

static void
token_put(struct tokens *t, const char *node, const char *token)
{
	tokens_drop(t, node);
	map_put(t->by_node, node, xstrdup(token));
}

const char *
tokens_of(const struct tokens *t, const char *node)
{
	return map_get(t->by_node, node);
}

const char *
tokens_make(struct tokens *t, const char *node)
{
	char token[TOKENS_BYTES];

	if (tokens_of(t, node) == NULL) {
		random_token(token);
		token_put(t, node, token);
		explicit_bzero(token, sizeof token);
	}
	return tokens_of(t, node);
}

void
tokens_drop(struct tokens *t, const char *node)
{
	char *token = map_take(t->by_node, node);

	if (token != NULL)
		explicit_bzero(token, strlen(token));
	free(token);
}

/* ---- The file ---- */

/* One that somebody's umask, or a copy, left open to others is closed to them. */
static void
close_to_others(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0 && chmod(path, 0600) != 0)
		return;
}

static void
put_aside(const struct tokens *t, struct err *e)
{
	char *bad = xasprintf("%s.bad", t->path), why[sizeof e->text];

	str_copy(why, sizeof why, e->text);
	err_set(e, ERR_FORMAT, "the tokens of this Sphere's claims cannot be read (%.300s) and are put aside as %.300s: cameras that it "
	    "still holds are released on the device, or free themselves 10 minutes after their console was last heard", why, bad);
	if (rename(t->path, bad) != 0)
		err_errno(e, ERR_DISK, errno, "the tokens of this Sphere's claims cannot be read: %.300s", t->path);
	free(bad);
}

static void
load(struct tokens *t, struct err *e)
{
	struct jdoc *j;
	const struct jdoc *list;
	struct stat st;
	char node[ID_BYTES];

	if (stat(t->path, &st) != 0 && errno == ENOENT)
		return;
	close_to_others(t->path);
	j = jdoc_load(t->path, MAX_CONFIG_FILE, e);
	list = j != NULL ? jdoc_get(j, "tokens") : NULL;
	if (j != NULL && !jdoc_is_array(list))
		err_set(e, ERR_FORMAT, "it names no tokens");
	for (size_t i = 0; jdoc_is_array(list) && i < jdoc_count(list) && i < MAX_NODES; i++) {
		const struct jdoc *one = jdoc_at(list, i);
		const char *token = jdoc_text(one, "token", "");

		if (ids_copy_own(node, jdoc_text(one, "node", "")) && is_token(token))
			token_put(t, node, token);
	}
	jdoc_free(j);
	if (e->kind != ERR_NONE)
		put_aside(t, e);
}

struct tokens *
tokens_open(const char *sphere, struct err *e)
{
	char state[2048], folder[2100];
	struct tokens *t;

	if (!folder_state(state, sizeof state, e))
		return NULL;
	snprintf(folder, sizeof folder, "%s/claims", state);
	if (!folder_make(folder, 0700)) {
		err_errno(e, ERR_DISK, errno, "cannot make the folder %s", folder);
		return NULL;
	}
	t = xcalloc(1, sizeof *t);
	t->by_node = map_new();
	ids_copy(t->sphere, sphere);
	t->path = xasprintf("%s/%s.json", folder, t->sphere);
	load(t, e);
	return t;
}

static void
forget(void *arg, const char *node, void *value)
{
	char *token = value;

	(void)arg;
	(void)node;
	explicit_bzero(token, strlen(token));
	free(token);
}

void
tokens_close(struct tokens *t)
{
	if (t == NULL)
		return;
	map_each(t->by_node, forget, NULL);
	map_free(t->by_node);
	free(t->path);
	free(t);
}

static void
print_one(void *arg, const char *node, void *value)
{
	struct jdoc *list = arg, *one = jdoc_object();

	jdoc_set_text(one, "node", node);
	jdoc_set_text(one, "token", value);
	jdoc_set(list, NULL, one);
}

void
tokens_save(struct tokens *t, struct diskq *q, diskq_done_fn *done, void *arg)
{
	struct jdoc *j = jdoc_object(), *list = jdoc_array();
	char *text;

	jdoc_set_int(j, "format", 1);
	jdoc_set_text(j, "sphere", t->sphere);
	map_each(t->by_node, print_one, list);
	jdoc_set(j, "tokens", list);
	text = jdoc_print_pretty(j);
	diskq_replace_private(q, t->path, text, strlen(text), done, arg);
	explicit_bzero(text, strlen(text));
	free(text);
	jdoc_free(j);
}
