/*
 * cueplay_row.c - which cue comes next: through repeats, past finally lines and standing rules.
 * Knows no time but the one the sheet itself names.  Never runs a cue.
 */
#include "app/cueplay_private.h"

#include <string.h>

/* Past an `end`: back to its repeat's first line, or out of it. */
static void
row_end(const struct cue_sheet *sheet, struct cueplay_place *place)
{
	const size_t head = sheet->cues[place->at].partner;
	int *left = &place->left[sheet->cues[head].depth];

	if (*left > 0) {
		(*left)--;
		place->at = head + 1;
	} else {
		place->at++;
	}
}

const struct cue *
cueplay_row_next(const struct cueplay *p, struct cueplay_place *place)
{
	const bool is_last = p->phase == PLAY_FINALLY;

	while (place->at < p->sheet->count) {
		const struct cue *cue = &p->sheet->cues[place->at];

		if (cue->kind == CUE_LINE && !cue->standing && cue->finally == is_last)
			return cue;
		if (cue->kind == CUE_END && !is_last) {
			row_end(p->sheet, place);
			continue;
		}
		if (cue->kind == CUE_REPEAT)
			place->left[cue->depth] = cue->repeat - 1;
		place->at++;
	}
	return NULL;
}

void
cueplay_row_pass(struct cueplay_place *place)
{
	place->at++;
}

void
cueplay_row_seek(const struct cueplay *p, struct cueplay_place *place, size_t at)
{
	memset(place, 0, sizeof *place);
	place->at = at;
	for (size_t i = 0; i < at; i++) {
		const struct cue *cue = &p->sheet->cues[i];

		if (cue->kind == CUE_REPEAT && cue->partner > at)
			place->left[cue->depth] = cue->repeat - 1;
	}
}

void
cueplay_row_begin(struct cueplay *p)
{
	memset(&p->place, 0, sizeof p->place);
	p->is_read = false;
	p->before = NULL;
}

/* Where `at` counts from if the cue at that place runs now, as the text has it; what waits took is not known. */
static int64_t
row_zero(const struct cueplay *p, const struct cueplay_place *place, int64_t now_us)
{
	int64_t since_us = 0;

	for (size_t i = 0; i <= place->at && i < p->sheet->count; i++) {
		const struct cue *cue = &p->sheet->cues[i];

		if (cue->kind != CUE_LINE || cue->standing || cue->finally)
			continue;
		if (cue->when == CUE_AT)
			since_us = cue->time_us;
		else if (cue->when == CUE_AFTER)
			since_us += cue->time_us;
		if (cue->is_zero && i < place->at)
			since_us = 0;
	}
	return now_us - cueplay_scaled(p, since_us);
}

void
cueplay_row_go(struct cueplay *p)
{
	const int64_t now_us = loop_now_us(p->deck->loop);
	struct cueplay_place place = p->place;

	p->held = false;
	p->row = (struct cueplay_row){ .anchor_us = now_us, .zero_us = now_us };
	if (p->has_moved && cueplay_row_next(p, &place) != NULL) {
		p->row.zero_us = row_zero(p, &place, now_us);
		p->go_next = true;
	}
	p->has_moved = false;
	judge_zero(p->judge, clk_utc_us(p->deck->clk) + p->row.zero_us - now_us, p->conf.speed);
}
