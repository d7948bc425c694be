/*
 * keys_command.c - the text that a key gives: placeholders become what the screen showed when the finger came down.
 * Never decides whether a key may act.
 */
#include "ui/keys_private.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define ZOOM_STEP 1.25
#define CHOSEN_US 1500000		/* a digit typed this lately stands for what the screen has not shown yet */
#define DIGITS_US 2000000		/* from the last of them */
#define ZOOM_US 2000000

void
keys_emit(struct keys *k, enum keys_act act, int64_t now_us, const char *format, ...)
{
	struct keys_result r = { .act = act, .pressed_us = now_us };
	va_list ap;

	va_start(ap, format);
	vsnprintf(r.text, sizeof r.text, format, ap);
	va_end(ap);
	k->fn(k->arg, &r);
}

static const struct show_tile *
tile_by_id(const struct show *show, const char *id)
{
	for (int i = 0; i < show->tile_count && id[0] != '\0'; i++)
		if (strcmp(show->tiles[i].id, id) == 0)
			return &show->tiles[i];
	return NULL;
}

static const struct show_tile *
tile_by_number(const struct show *show, int number)
{
	for (int i = 0; i < show->tile_count; i++)
		if (show->tiles[i].number == number)
			return &show->tiles[i];
	return NULL;
}

static void
choose(struct keys *k, const char *id, int64_t now_us)
{
	str_copy(k->chosen, sizeof k->chosen, id);
	k->chosen_us = now_us;
	keys_emit(k, KEYS_SUBMIT, now_us, "preview \"%s\"", id);
}

void
keys_command_number(struct keys *k, int number, const struct show *show, int64_t now_us)
{
	const struct show_tile *t = tile_by_number(show, number);

	if (t == NULL)
		keys_emit(k, KEYS_SAY, now_us, "no camera has number %d", number);
	else
		choose(k, t->id, now_us);
}

/* ---- `;` and two digits ---- */

void
keys_number_open(struct keys *k, int64_t now_us)
{
	k->digits = true;
	k->digit_count = k->digit_value = 0;
	k->digits_until_us = now_us + DIGITS_US;
	str_copy(k->question, sizeof k->question, "camera number: ;_  two digits");
}

static void
close_number(struct keys *k)
{
	k->digits = false;
	k->question[0] = '\0';
}

bool
keys_number_digit(struct keys *k, const char *key, const struct show *show, int64_t now_us)
{
	if (!k->digits)
		return false;
	if (key[0] < '0' || key[0] > '9' || key[1] != '\0') {
		close_number(k);
		return false;
	}
	k->digit_value = k->digit_value * 10 + (key[0] - '0');
	if (++k->digit_count == 2) {
		close_number(k);
		keys_command_number(k, k->digit_value, show, now_us);
		return true;
	}
	/* Each digit has its time: the second one, a little late, must not be taken for that camera. */
	k->digits_until_us = now_us + DIGITS_US;
	snprintf(k->question, sizeof k->question, "camera number: ;%d_  one more, or wait", k->digit_value);
	return true;
}

void
keys_number_late(struct keys *k, const struct show *show, int64_t now_us)
{
	bool is_one = k->digit_count == 1;

	close_number(k);
	if (is_one)
		keys_command_number(k, k->digit_value, show, now_us);
}

void
keys_preview(struct keys *k, const char *node, int64_t now_us)
{
	if (k->locked)
		keys_emit(k, KEYS_SAY, now_us, "locked: nothing goes on preview");
	else if (now_us >= k->noise_until_us)
		choose(k, node, now_us);
}

/* What was seen is what is cut; a digit just typed by the same hand counts as seen, however slow the screen. */
static const struct show_tile *
preview_tile(struct keys *k, const struct show *show, int64_t now_us)
{
	if (now_us - k->chosen_us < CHOSEN_US)
		return tile_by_id(show, k->chosen);
	return tile_by_id(show, k->was_seen ? k->seen : show->preview);
}

/* The zoom it has, or the one just asked for while its answer is under way. */
static double
next_zoom(struct keys *k, const struct show_tile *t, bool in, int64_t now_us)
{
	double from = t->zoom > 0 ? t->zoom : 1.0;

	if (strcmp(k->zoom_node, t->id) == 0 && now_us - k->zoom_us < ZOOM_US)
		from = k->zoom;
	str_copy(k->zoom_node, sizeof k->zoom_node, t->id);
	k->zoom = in ? from * ZOOM_STEP : from / ZOOM_STEP;
	k->zoom = k->zoom < 1.0 ? 1.0 : k->zoom;
	k->zoom_us = now_us;
	return k->zoom;
}

/* A camera's placeholder: "p", "f" or a number, at *at, which is moved behind it. */
static const struct show_tile *
placeholder_tile(struct keys *k, const char **at, const struct show *show, int64_t now_us, char *why, size_t why_size)
{
	const struct show_tile *t;
	int number = 0;

	if (isdigit((unsigned char)**at)) {
		for (; isdigit((unsigned char)**at) && number < 1000; (*at)++)
			number = number * 10 + (**at - '0');
		t = tile_by_number(show, number);
		snprintf(why, why_size, "no camera has number %d", number);
		return t;
	}
	t = **at == 'f' ? tile_by_id(show, k->focus) : preview_tile(k, show, now_us);
	snprintf(why, why_size, "%s", **at == 'f' ? "no camera is in focus: the arrow keys or a click choose one" :
	    "nothing is on preview: press a camera's number first");
	(*at)++;
	return t;
}

/* False: said why it cannot be done. */
static bool
expand(struct keys *k, const char *command, const struct show *show, int64_t now_us, char *out, size_t out_size)
{
	size_t len = 0;
	char why[80];

	for (const char *p = command; *p != '\0' && len + 100 < out_size;) {
		const struct show_tile *t;

		if (*p != '%') {
			out[len++] = *p++;
			continue;
		}
		p++;
		if (*p == 'a' && k->alarms == 0) {
			keys_emit(k, KEYS_SAY, now_us, "no alarm stands on the screen");
			return false;
		}
		if (*p == 'a') {
			len += (size_t)snprintf(out + len, out_size - len, "%d", k->alarms);
			p++;
			continue;
		}
		bool zooms = *p == '+' || *p == '-', in = *p == '+';

		if ((t = placeholder_tile(k, &p, show, now_us, why, sizeof why)) == NULL) {
			keys_emit(k, KEYS_SAY, now_us, "%s", why);
			return false;
		}
		if (zooms)
			len += (size_t)snprintf(out + len, out_size - len, "%.2f over 200ms", next_zoom(k, t, in, now_us));
		else
			len += (size_t)snprintf(out + len, out_size - len, "\"%s\"", t->id);
	}
	out[len] = '\0';
	return true;
}

void
keys_command(struct keys *k, const struct keymap_entry *e, const struct show *show, int64_t now_us)
{
	bool cuts = e->guard == KEY_CUT || e->guard == KEY_HOT;
	bool forced = cuts && strcmp(k->refused_key, e->key) == 0 && now_us < k->refused_until_us;
	char text[440];

	if (str_has_prefix(e->command, "preview %") && isdigit((unsigned char)e->command[9])) {
		int number = 0;

		for (const char *p = e->command + 9; isdigit((unsigned char)*p) && number < 1000; p++)
			number = number * 10 + (*p - '0');
		keys_command_number(k, number, show, now_us);
		return;
	}
	if (!expand(k, e->command, show, now_us, text, sizeof text))
		return;
	k->refused_until_us = 0;
	if (cuts || e->guard == KEY_BACK)
		k->chosen_us = INT64_MIN / 2;	/* the buses change: the screen knows better from here on */
	keys_emit(k, KEYS_SUBMIT, now_us, "%s%s", text, forced ? " --force" : "");
}
