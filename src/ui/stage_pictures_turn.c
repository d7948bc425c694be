/*
 * stage_pictures_turn.c - whose turn it is: to be painted, to be sent again, and to be decoded, which is done only shortly
 * before the terminal can take it.  Never paints, never sends.
 */
#include "ui/stage_pictures_private.h"

#define EMPTY_US 10000000		/* a place without any picture is as late as one that is so old */
#define HEAL_BUS_US 4000000		/* all of program or preview is sent again in this time, whatever it shows: it may be lost */
#define HEAL_REST_US 12000000		/* and the others */
#define AHEAD_US 100000			/* so many pictures wait decoded as the line takes in this time, and one more */
#define ABSENT_US 300000		/* who has not sent anything for so long keeps nobody waiting */
#define OUTDATED_US 250000
#define RENEWAL_US 60000			/* a decode takes no longer; else what is there is shown */

/* How late it is, in pictures of its own rate: so everybody gets his share, and nobody waits for ever.  -1: not its turn. */
static int64_t
lateness(const struct stage_pictures *p, const struct stage_slot *s, int64_t now_us)
{
	int64_t since_us = now_us - s->begun_us;

	if (!s->is_dirty || now_us < s->renewed_by_us)
		return -1;
	if (s->is_fresh && !s->has_more)
		since_us = since_us > EMPTY_US ? since_us : EMPTY_US;
	else if (!s->has_more && since_us < 900000 / p->use.most_fps)
		return -1;
	return (since_us > 0 ? since_us : 0) * (s->milli_fps > 0 ? s->milli_fps : 1);
}

struct stage_slot *
stage_pictures_turn_next(struct stage_pictures *p, int64_t now_us)
{
	struct stage_slot *best = NULL;
	int64_t best_late = -1;

	for (int i = 0; i < p->count; i++) {
		int64_t late = lateness(p, &p->slots[i], now_us);

		if (late > best_late || (late >= 0 && late == best_late && p->slots[i].at.priority < best->at.priority)) {
			best = &p->slots[i];
			best_late = late;
		}
	}
	return best;
}

int64_t
stage_pictures_turn_due(const struct stage_pictures *p)
{
	int64_t at = -1;

	for (int i = 0; i < p->count; i++) {
		int64_t due = p->slots[i].begun_us + 900000 / p->use.most_fps;

		due = due > p->slots[i].renewed_by_us ? due : p->slots[i].renewed_by_us;
		if (p->slots[i].is_dirty && (at < 0 || due < at))
			at = due;
	}
	return at;
}

int
stage_pictures_turn_heals(const struct stage_pictures *p, struct stage_slot *s, int64_t now_us)
{
	const struct governor *g = &p->line->governor;
	const int64_t all_us = s->at.priority < 2 ? HEAL_BUS_US : HEAL_REST_US;
	const int mfps = s->milli_fps > 0 ? s->milli_fps : 1, most_mfps = p->use.most_fps * 1000;
	const int64_t row_us = all_us * most_mfps / (mfps < most_mfps ? mfps : most_mfps) / s->place.rows;	/* slower, as pictures are */
	const bool is_full = g->is_silent || g->level > 0 || g->size > 0;
	int64_t rows = (now_us - s->healed_us) / row_us;

	if (is_full || s->is_fresh || s->has_more) {
		s->healed_us = s->is_fresh || is_full ? now_us : s->healed_us;
		return 0;
	}
	s->healed_us = rows < s->place.rows ? s->healed_us + rows * row_us : now_us;
	return rows < s->place.rows ? (int)rows : s->place.rows;
}

/* ---- Decoding ahead ---- */

static bool
waits_decoded(const struct stage_slot *s, int64_t now_us)
{
	return s->is_dirty || (s->pulled_us != 0 && now_us - s->pulled_us < ABSENT_US);
}

/* How many more may be decoded: what would wait longer for its turn would be out of date then. */
static int
room_ahead(const struct stage_pictures *p, int64_t now_us)
{
	int64_t milli = 1000;

	for (int i = 0; i < p->count; i++) {
		const struct stage_slot *s = &p->slots[i];
		const int64_t mfps = s->milli_fps > 0 ? s->milli_fps : p->use.most_fps * 1000;

		/* Whatever the plan says: somebody does wait so long, be it for the line or for this machine. */
		if (s->is_dirty && !s->has_more && now_us - s->dirty_us > AHEAD_US)
			return 0;
		milli += mfps * AHEAD_US / 1000000 - (waits_decoded(s, now_us) ? 1000 : 0);
	}
	return milli > 0 ? (int)(milli / 1000) : 0;
}

/* Who would be painted first if all had something new. */
static struct stage_slot *
next_to_pull(struct stage_pictures *p, int64_t now_us)
{
	struct stage_slot *best = NULL;
	int64_t best_late = -1;

	for (int i = 0; i < p->count; i++) {
		struct stage_slot *s = &p->slots[i];
		const int64_t late = (now_us - s->begun_us) * (s->milli_fps > 0 ? s->milli_fps : p->use.most_fps * 1000);

		if ((s->is_dirty && !s->has_more) || s->pulled_us != 0)
			continue;
		if (best == NULL || late > best_late || (late == best_late && s->at.priority < best->at.priority)) {
			best = s;
			best_late = late;
		}
	}
	return best;
}

static void
pull(struct stage_pictures *p, struct stage_slot *s, int64_t now_us)
{
	s->pulled_us = now_us;
	preview_pull(p->preview, s->at.node);
}

int64_t
stage_pictures_turn_pull(struct stage_pictures *p, int64_t now_us)
{
	struct stage_slot *s = next_to_pull(p, now_us);
	int64_t at = -1;

	for (int room = s != NULL ? room_ahead(p, now_us) : 0; s != NULL && room > 0; room--) {
		pull(p, s, now_us);
		s = next_to_pull(p, now_us);
	}
	/* Somebody has to wait for those before him: until they are painted, or it is clear that nothing comes from them. */
	for (int i = 0; s != NULL && i < p->count; i++) {
		const int64_t until_us = p->slots[i].pulled_us + ABSENT_US;

		if (!p->slots[i].is_dirty && until_us > now_us && (at < 0 || until_us < at))
			at = until_us;
	}
	return at;
}

bool
stage_pictures_turn_renews(struct stage_pictures *p, struct stage_slot *s, int64_t now_us)
{
	if (s->is_renewed || !preview_is_behind(p->preview, s->at.node, OUTDATED_US))
		return false;
	pull(p, s, now_us);
	s->is_renewed = true;
	if (s->has_more)
		return false;
	s->renewed_by_us = now_us + RENEWAL_US;
	return true;
}
