/*
 * cueplay_desk.c - the show caller's words to a sheet that plays: go, hold, skip, back, jump, end; and what the screen says of it.
 * Never sends a command itself: it moves the place and the times, the rest follows.
 */
#include "app/cueplay_private.h"

#include <stdlib.h>
#include <string.h>
#include "base/str.h"

static const char *
sheet_name(const struct cueplay *p)
{
	const char *file = p->sheet->file_count > 0 ? p->sheet->files[0] : "the sheet", *slash = strrchr(file, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : file;
}

/* ---- What comes next ---- */

/* It does not run, or it is on its way back from the clock and will be planned again. */
static bool
is_still_to_come(const struct cueplay_item *item)
{
	return item->state == ITEM_PLANNED || item->state == ITEM_ARMED || (item->state == ITEM_RUNNING && item->is_taken_back);
}

/* A cue that is planned, or holds up all behind it. */
static struct cueplay_item *
next_item(const struct cueplay *p)
{
	if (p->waiting != NULL)
		return p->waiting;
	LIST_EACH(it, &p->items) {
		struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->rule == NULL && is_still_to_come(item))
			return item;
	}
	return NULL;
}

/* NULL: none is left. */
static const struct cue *
next_cue(const struct cueplay *p, struct cueplay_place *place)
{
	const struct cueplay_item *item = next_item(p);

	if (p->phase != PLAY_IDLE && p->phase != PLAY_SHEET)
		return NULL;
	*place = item != NULL ? item->place : p->place;
	return item != NULL ? item->cue : cueplay_row_next(p, place);
}

static bool
is_waiting_for_go(const struct cueplay *p)
{
	return p->armed != NULL && p->armed->cue->when == CUE_ON_GO && p->armed->is_heard;
}

bool
cueplay_wants_go(const struct cueplay *p)
{
	return p->phase == PLAY_SHEET && (p->held || is_waiting_for_go(p));
}

static int64_t
next_due(const struct cueplay *p, const struct cueplay_item *item)
{
	const int64_t in_us = item != NULL && item->state == ITEM_PLANNED ? item->scheduled_us - loop_now_us(p->deck->loop) : 0;

	return item == NULL || item->state != ITEM_PLANNED || p->held ? -1 : in_us > 0 ? in_us : 0;
}

void
cueplay_say(const struct cueplay *p, struct cuedesk_word *out)
{
	struct cueplay_place place;
	const struct cue *next = next_cue(p, &place);
	char *shown;

	memset(out, 0, sizeof *out);
	out->loaded = true;
	out->playing = p->phase != PLAY_IDLE && p->phase != PLAY_OVER;
	out->held = p->phase == PLAY_SHEET && p->held;
	out->waits_go = !p->held && is_waiting_for_go(p);
	out->over = p->phase == PLAY_OVER;
	str_copy(out->file, sizeof out->file, sheet_name(p));
	out->count = (int)p->sheet->row_count;
	out->at = out->count + 1;
	out->next_us = -1;
	out->passed = p->result.passed;
	out->failed = p->result.failed;
	if (next == NULL)
		return;
	out->at = (int)next->number;
	out->next_us = next_due(p, next_item(p));
	shown = cue_shown(next);
	str_copy(out->next, sizeof out->next, shown);
	free(shown);
	if (next->when == CUE_ON_GO && next->go_text != NULL)
		str_copy(out->go_text, sizeof out->go_text, next->go_text);
}

void
cueplay_tell(struct cueplay *p)
{
	struct cuedesk_word now;

	cueplay_say(p, &now);
	now.next_us = 0;
	if (memcmp(&now, &p->told, sizeof now) == 0)
		return;
	p->told = now;
	bus_tell(p->deck->bus, EV_CUE_CHANGED, NULL, "%s", now.next);
}

/* ---- Refusals ---- */

/* It can be told nothing any more; or it has not begun. */
static bool
desk_is_open(const struct cueplay *p, bool before_too, struct err *e)
{
	if (p->phase == PLAY_SHEET || (before_too && p->phase == PLAY_IDLE))
		return true;
	if (p->phase == PLAY_IDLE)
		return err_set(e, ERR_REFUSED, "%s has not begun; `cue go` begins it", sheet_name(p));
	if (p->phase == PLAY_OVER)
		return err_set(e, ERR_REFUSED, "%s is over; `cue load` loads it anew", sheet_name(p));
	return err_set(e, ERR_REFUSED, "%s ends: its finally lines run", sheet_name(p));
}

static bool
refuse_go(const struct cueplay *p, struct err *e)
{
	struct cuedesk_word w;

	cueplay_say(p, &w);
	if (w.next[0] == '\0')
		return err_set(e, ERR_REFUSED, "nothing waits for go: no cue is left in %s", w.file);
	if (w.next_us >= 0)
		return err_set(e, ERR_REFUSED, "nothing waits for go: `%.200s` comes by itself in %.1f s", w.next, (double)w.next_us / 1000000);
	return err_set(e, ERR_REFUSED, "nothing waits for go: `%.200s` comes by itself", w.next);
}

/* ---- Hold and go ---- */

static bool
is_on_its_way(const struct cueplay_item *item)
{
	return item->state == ITEM_RUNNING && item->rule == NULL && item->sent_ahead && item->on_clock && item->follows_clock &&
	    item->scheduled_us > loop_now_us(item->p->deck->loop);
}

/* The cut that waits for its beat, if it is ours; it may be somebody else's by now. */
static void
take_back(struct cueplay *p, bool is_dropped)
{
	LIST_EACH(it, &p->items) {
		struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);
		struct director_pending pending;

		if (!is_on_its_way(item) || !director_pending(p->deck->director, &pending) || pending.beat != item->beat ||
		    !str_has_prefix(pending.by, "cue:"))
			continue;
		item->is_taken_back = true;
		if (is_dropped)
			item->state = ITEM_OVER;
		(void)director_cancel(p->deck->director);
		return;
	}
}

static void
hold_now(struct cueplay *p)
{
	if (p->phase != PLAY_SHEET || p->held)
		return;
	p->held = true;
	p->held_us = loop_now_us(p->deck->loop);
}

bool
cueplay_hold(struct cueplay *p, struct err *e)
{
	if (!desk_is_open(p, false, e))
		return false;
	if (!p->held) {
		hold_now(p);
		take_back(p, false);
	}
	cueplay_look_soon(p);
	return true;
}

static void
row_shift(struct cueplay_row *row, int64_t by_us)
{
	row->anchor_us += by_us;
	row->zero_us += by_us;
	row->on_clock = row->has_beat = false;
}

/* The hold is over, as if its time had not been: what hangs on instants before it comes so much later. */
static void
shift_all(struct cueplay *p, int64_t by_us)
{
	p->held = false;
	LIST_EACH(it, &p->items) {
		struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->state == ITEM_PLANNED || item->state == ITEM_ARMED || item == p->before)
			row_shift(&item->before, by_us);
	}
	row_shift(&p->row, by_us);
	judge_shift(p->judge, by_us);
	if (p->armed != NULL && p->armed->is_heard && p->armed->deadline_us != INT64_MAX)
		p->armed->deadline_us += by_us;
	if (p->waiting != NULL)
		p->waiting->deadline_us += by_us;
	cueplay_when_again(p, true);
}

bool
cueplay_go(struct cueplay *p, struct err *e)
{
	if (!desk_is_open(p, true, e))
		return false;
	if (p->phase == PLAY_IDLE) {
		cueplay_start(p);
		return true;
	}
	if (!cueplay_wants_go(p))
		return refuse_go(p, e);
	if (p->held && p->has_moved)
		cueplay_row_go(p);
	else if (p->held)
		shift_all(p, loop_now_us(p->deck->loop) - p->held_us);
	if (is_waiting_for_go(p))
		cueplay_arm_release(p);
	cueplay_look_soon(p);
	return true;
}

/* ---- Elsewhere ---- */

/* What was planned is dropped; the cue at that place is next, and waits for go. */
static void
move_to(struct cueplay *p, const struct cueplay_place *place)
{
	hold_now(p);
	take_back(p, true);
	cueplay_item_pass(p);
	LIST_EACH(it, &p->items) {
		struct cueplay_item *item = LIST_ENTRY(it, struct cueplay_item, link);

		if (item->rule != NULL || !is_still_to_come(item))
			continue;
		p->ahead -= item->state == ITEM_PLANNED;
		item->state = ITEM_OVER;
	}
	p->armed = p->before = NULL;
	p->place = *place;
	p->is_read = p->go_next = false;
	p->has_moved = true;
	if (p->phase == PLAY_SHEET)
		cueplay_look_soon(p);
	else
		cueplay_tell(p);
}

bool
cueplay_skip(struct cueplay *p, struct err *e)
{
	struct cueplay_place place;

	if (!desk_is_open(p, true, e))
		return false;
	if (next_cue(p, &place) == NULL)
		return err_set(e, ERR_REFUSED, "no cue is left in %s", sheet_name(p));
	cueplay_row_pass(&place);
	move_to(p, &place);
	return true;
}

static bool
is_same_place(const struct cueplay_place *a, const struct cueplay_place *b)
{
	return a->at == b->at && memcmp(a->left, b->left, sizeof a->left) == 0;
}

/* A wait that hangs, and a cut that was taken back, have run and are next: nobody goes back to where he is. */
bool
cueplay_back(struct cueplay *p, struct err *e)
{
	struct cueplay_place next;
	size_t count = p->past_count;

	if (!desk_is_open(p, true, e))
		return false;
	if (next_cue(p, &next) != NULL)
		while (count > 0 && is_same_place(&p->past[count - 1], &next))
			count--;
	if (count == 0)
		return err_set(e, ERR_REFUSED, "no cue of %s has run before this one", sheet_name(p));
	p->past_count = count - 1;
	move_to(p, &p->past[p->past_count]);
	return true;
}

static bool
no_such_cue(const struct cueplay *p, const char *name, struct err *e)
{
	const char *near = cue_sheet_nearest(p->sheet, name);

	return err_set(e, ERR_NOT_FOUND, "%s has no cue of the name %.64s%s%s", sheet_name(p), name, near != NULL ? "; the nearest is " : "",
	    near != NULL ? near : "");
}

bool
cueplay_jump(struct cueplay *p, const char *name, struct err *e)
{
	const long at = cue_sheet_find(p->sheet, name);
	struct cueplay_place place;

	if (!desk_is_open(p, true, e))
		return false;
	if (at < 0)
		return no_such_cue(p, name, e);
	cueplay_row_seek(p, &place, (size_t)at);
	move_to(p, &place);
	return true;
}

bool
cueplay_end(struct cueplay *p, struct err *e)
{
	if (!desk_is_open(p, false, e))
		return false;
	cueplay_item_pass(p);
	cueplay_stop(p);
	p->result.stopped_early = false;
	cueplay_look_soon(p);
	return true;
}
