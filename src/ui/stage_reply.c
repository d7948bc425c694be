/*
 * stage_reply.c - what the operator asked for on its way to the queue, and its answers on their way to one line.
 * Owns nothing of its own; all state is the screen's.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/cmd_help.h"
#include "base/clk.h"
#include "base/str.h"
#include "ui/stage_private.h"

static struct stage_asked *
asked_find(struct stage_curses *s, int n)
{
	for (int i = 0; i < STAGE_ASKED; i++)
		if (s->asked[i].n == n && n != 0)
			return &s->asked[i];
	return NULL;
}

static const struct show_tile *
tile_of_word(const struct show *show, const char *word)
{
	size_t len = strlen(word);
	bool quoted = len >= 2 && word[0] == '"' && word[len - 1] == '"';

	for (int i = 0; quoted && i < show->tile_count; i++)
		if (strlen(show->tiles[i].id) == len - 2 && strncmp(show->tiles[i].id, word + 1, len - 2) == 0)
			return &show->tiles[i];
	return NULL;
}

/* Keys name nodes by id, people by name, so that it can be typed again: cut "7d0c-..." -> cut "right guest". */
static void
for_people(const struct show *show, const char *text, char *out, size_t out_size)
{
	char copy[400], *save = NULL;
	size_t len = 0;

	str_copy(copy, sizeof copy, text);
	out[0] = '\0';
	for (char *w = strtok_r(copy, " ", &save); w != NULL && len + 2 < out_size; w = strtok_r(NULL, " ", &save)) {
		const struct show_tile *t = tile_of_word(show, w);
		char name[2 * MAX_NAME_BYTES] = "";

		if (t != NULL)
			str_word(name, sizeof name, t->name);
		int n = snprintf(out + len, out_size - len, "%s%s", len > 0 ? " " : "", t != NULL ? name : w);

		if (n < 0 || (size_t)n >= out_size - len)
			break;
		len += (size_t)n;
	}
}

static struct stage_asked *
begin(struct stage_curses *s, int n, const char *text)
{
	struct stage_asked *a = &s->asked[s->asked_next++ % STAGE_ASKED];

	memset(a, 0, sizeof *a);
	a->n = n;
	for_people(s->show, text, a->text, sizeof a->text);
	return a;
}

static bool
stands_trouble(const struct stage_curses *s)
{
	return loop_now_us(s->loop) < s->reply_until_us && (s->reply_role == ROLE_ALARM || s->reply_role == ROLE_WARN);
}

/* A command's own words.  What an earlier one still hears never hides why a later one was turned down. */
static void
answers(struct stage_curses *s, int n, enum theme_role role, const char *text)
{
	if (s->reply_n > n && stands_trouble(s))
		return;
	stage_says(s, role, text);
	s->reply_n = n;
}

static void
on_begin(void *arg, int n, const char *text)
{
	begin(arg, n, text);
}

static void
on_begin_key(void *arg, int n, const char *text)
{
	begin(arg, n, text)->from_key = true;
}

static void
on_ack(void *arg, int n, const char *node, const char *name, const struct ledger_line *line)
{
	struct stage_curses *s = arg;
	struct stage_asked *a = asked_find(s, n);
	char text[400];

	(void)node;
	if (a == NULL)
		return;
	a->answered++;
	a->acked += line->result == NODE_OK;
	if (line->result == NODE_OK)
		snprintf(text, sizeof text, "%.100s: %d ok so far", a->text, a->acked);
	else {
		snprintf(text, sizeof text, "%.60s %s: %.100s", name, node_result_name(line->result), line->message);
		if (!line->excused || a->wrong[0] == '\0')
			str_copy(a->wrong, sizeof a->wrong, text);
		snprintf(text, sizeof text, "%.60s: %.190s", a->text, a->wrong);
	}
	answers(s, n, line->result == NODE_OK ? ROLE_DIM : ROLE_WARN, text);
}

static void
on_say(void *arg, int n, const char *text)
{
	struct stage_asked *a = asked_find(arg, n);
	size_t len;

	/* The NEXT row counts on; a sentence that stands beside it would be wrong with the next beat. */
	if (str_has_prefix(text, "pending")) {
		if (a != NULL)
			a->waited = true;
		return;
	}
	if (a != NULL && (len = strlen(a->said)) < sizeof a->said - 4)
		snprintf(a->said + len, sizeof a->said - len, "; %s", text);
	answers(arg, n, ROLE_TEXT, text);
}

static void
clock_text(char out[static 24], int64_t utc_us)
{
	time_t sec = (time_t)(utc_us / 1000000);
	struct tm tm;

	localtime_r(&sec, &tm);
	snprintf(out, 24, "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(utc_us / 1000 % 1000));
}

/*
 * Commands of the screen itself must not hide what was last done to the show; nor a cancel, which has its own news when
 * there was a cut to cancel.  (Choosing a preview is seen in the header.)
 */
static bool
is_of_screen(const char *text, bool is_ok)
{
	const struct cmd_help *cmd = cmd_help_of(text);

	if (cmd == NULL)
		return false;
	return strcmp(cmd->group, "screen") == 0 || strcmp(cmd->name, "cancel") == 0 || (is_ok && strcmp(cmd->name, "preview") == 0);
}

/* A cut that was done stands in LAST with both its sources, whoever made it; one that was refused does not. */
static bool
tells_itself(const char *text, const struct reply_end *end)
{
	const struct cmd_help *cmd = cmd_help_of(text);

	return cmd != NULL && end->result != REPLY_ERROR && (strcmp(cmd->name, "cut") == 0 || strcmp(cmd->name, "panic") == 0);
}

/* `live` and `quit` turn nothing down where --force, or the same again, would do it: they ask. */
static bool
asks(const struct stage_asked *a, const struct reply_end *end)
{
	const struct cmd_help *cmd = cmd_help_of(a->text);

	return cmd != NULL && end->result == REPLY_ERROR && end->err.kind == ERR_UNFORCED &&
	    (strcmp(cmd->name, "live") == 0 || strcmp(cmd->name, "quit") == 0);
}

/* The word at the end of LAST: what was understood and turned down, or asks, is no fault; nor is a cut that gave up its beat. */
static const char *
end_word(const struct stage_asked *a, const struct reply_end *end)
{
	if (asks(a, end))
		return "asks";
	if (end->result == REPLY_ERROR && err_is_refusal(&end->err))
		return a->waited ? "taken back" : "refused";
	return end->result != REPLY_OK ? reply_result_name(end->result) : end->asked > 0 ? "on disk" : "ok";
}

/* What stands in the row is worth more than "ok": what the command itself has said, or trouble that is not an earlier command's. */
static bool
is_worth_more(const struct stage_curses *s, const struct stage_asked *a)
{
	if (a->said[0] != '\0')
		return loop_now_us(s->loop) < s->reply_until_us;
	return stands_trouble(s) && (s->reply_n == 0 || s->reply_n >= a->n);
}

/* Nothing is offered that would be refused again.  That the key insists stands where --force would; the one that cuts back strikes nothing then. */
static void
cut_refused(struct stage_curses *s, const struct stage_asked *a, const struct reply_end *end)
{
	const char *forced = strstr(end->err.text, "; --force");
	char text[400];

	if (str_has_prefix(a->text, "cut back"))
		keys_back_refused(s->keys);
	if (end->err.kind != ERR_UNFORCED)
		return;
	if (!str_has_prefix(a->text, "cut back"))
		keys_refused(s->keys, loop_now_us(s->loop));
	snprintf(text, sizeof text, "%.*s; the same key within 3 s does it", forced != NULL ? (int)(forced - end->err.text) : 180, end->err.text);
	answers(s, a->n, ROLE_ALARM, text);
}

static void
on_end(void *arg, int n, const struct reply_end *end)
{
	struct stage_curses *s = arg;
	struct stage_asked *a = asked_find(s, n);
	char clock[24], text[400], tail[80] = "";

	if (a == NULL)
		return;
	if (end->asked > 0 && end->result != REPLY_ERROR)
		snprintf(tail, sizeof tail, "  %d/%d in %.1f ms", end->acked, end->asked, (double)end->took_us / 1000.0);
	clock_text(clock, clk_utc_us(clk_system()));
	/* An answer by cameras is told only when its line is on disk. */
	snprintf(text, sizeof text, "%s  %.150s  by %s (%s)%s  %s", clock, a->text, a->from_key ? "key" : "prompt", s->who, tail,
	    end_word(a, end));
	if (!is_of_screen(a->text, end->result == REPLY_OK) && !tells_itself(a->text, end))
		shower_last(s->shower, end->result == REPLY_OK, text);
	if (end->result == REPLY_ERROR || end->result == REPLY_FAILED) {
		snprintf(text, sizeof text, "%.100s: %s", a->text, a->wrong);
		answers(s, n, ROLE_ALARM, end->err.text[0] != '\0' ? end->err.text : text);
		if (a->from_key && str_has_prefix(a->text, "cut"))
			cut_refused(s, a, end);
	} else if (end->result == REPLY_PARTIAL) {
		snprintf(text, sizeof text, "%.100s: %d of %d did it; %s", a->text, end->acked, end->asked, a->wrong);
		answers(s, n, ROLE_WARN, text);
	} else if (str_has_prefix(a->text, "preview ")) {
		s->reply_until_us = 0;		/* the header shows it */
	} else if (end->asked > 0 || !is_worth_more(s, a)) {
		/* What it said of it belongs to it: that a camera rolls unarmed, what a purge deleted. */
		snprintf(text, sizeof text, "%.100s: ok%s%.190s", a->text, tail, a->said);
		answers(s, n, a->said[0] != '\0' ? ROLE_TEXT : ROLE_GOOD, text);
	}
	a->n = 0;
	stage_wants_draw(s);
}

void
stage_submit(struct stage_curses *s, const char *text, const char *how, int64_t pressed_utc_us)
{
	bool from_key = strcmp(how, "key") == 0;
	struct reply reply = { .begin = from_key ? on_begin_key : on_begin, .ack = on_ack, .say = on_say, .end = on_end, .arg = s };
	char by[96];
	struct cmdq_ask ask = { .text = text, .by = by, .from_key = from_key,
		.pressed_us = pressed_utc_us, .reply = &reply };

	if (s->cmdq == NULL)
		return;
	snprintf(by, sizeof by, "%s:%s", how, s->who);
	cmdq_submit(s->cmdq, &ask);
}
