/*
 * stage_colours.c - when the colours of a screen are chosen again.
 * Owns the palette and the timer; knows no terminal, and no picture beyond its samples.
 */
#include "ui/stage_colours.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"

#define SETTLE_US 1500000		/* after pictures were laid out: until all have come */
#define LOOK_US 5000000			/* between two looks at what is visible, while it moves */
#define CHOICES 4			/* for a layout, while they get better */
#define WORSE(error) ((error) * 4 / 3 + 20)	/* so much worse than once chosen: it is another thing */
#define BETTER(error) ((error) * 4 / 5)	/* it pays to paint all again */

/* Outlives whoever asked for it. */
struct choice {
	struct stage_colours *owner;	/* NULL: gone */
	struct sixel_learn learn;
	bool is_due;			/* even if what is visible has not become another thing */
	double limit;
	bool is_chosen;
	unsigned layout;		/* for which it was begun */
};

struct stage_colours {
	struct loop *loop;
	struct stage_colours_fns fns;
	void *arg;
	struct sixel_palette palette;
	struct loop_timer *timer;
	bool is_timed;			/* the timer runs */
	bool is_new;			/* no choice for this layout yet */
	int more;			/* choices to come, each with what the one before made free */
	unsigned layout;		/* grows with each */
	struct choice *under_way;
	double error;			/* what remained after the last choice */
};

static void
start(struct stage_colours *c, int64_t delay_us)
{
	c->is_timed = true;
	loop_timer_start(c->loop, c->timer, delay_us, 0);
}

static void
run_choice(void *arg)
{
	struct choice *choice = arg;
	struct sixel_learn *l = &choice->learn;

	if (!choice->is_due)
		sixel_learn_weigh(l);
	choice->is_chosen = choice->is_due || l->before > choice->limit;
	if (choice->is_chosen)
		sixel_learn_run(l);
}

/* What was painted while better colours were sought is left as it is. */
static void
keep_used(struct stage_colours *c, struct sixel_learn *l)
{
	bool is_used[SIXEL_PALETTE_COLOURS] = { false };

	c->fns.uses(c->arg, is_used);
	for (unsigned i = 0; i < SIXEL_PALETTE_COLOURS; i++)
		if (is_used[i] && sixel_palette_jumps(c->palette.rgb[i], l->rgb[i]))
			memcpy(l->rgb[i], c->palette.rgb[i], 3);
}

static void
take_choice(struct stage_colours *c, struct sixel_learn *l)
{
	const bool is_better = l->after < BETTER(l->before);

	c->error = is_better ? l->after : l->before;	/* not tried again for what cannot be mended */
	log_line(LOG_UI, "colours: error %.0f, could be %.0f: %s", l->before, l->after, is_better ? "others" : "kept");
	if (!is_better)
		return;
	keep_used(c, l);
	sixel_palette_set(&c->palette, l->rgb);
	c->fns.changed(c->arg);
	if (memchr(l->is_used, true, sizeof l->is_used) != NULL && --c->more > 0) {	/* painted with these, others will be free */
		c->is_new = true;
		start(c, SETTLE_US);
	}
}

static void
on_chosen(void *arg)
{
	struct choice *choice = arg;
	struct stage_colours *c = choice->owner;

	if (c != NULL) {
		c->under_way = NULL;
		if (choice->is_chosen && choice->layout == c->layout)
			take_choice(c, &choice->learn);
	}
	sixel_learn_fini(&choice->learn);
	free(choice);
}

static void
on_timer(void *arg)
{
	struct stage_colours *c = arg;
	struct choice *choice;

	c->is_timed = false;
	if (c->under_way != NULL) {
		start(c, LOOK_US);
		return;
	}
	choice = xcalloc(1, sizeof *choice);
	sixel_learn_init(&choice->learn, &c->palette);
	if (!c->fns.sample(c->arg, &choice->learn) || choice->learn.count == 0) {
		sixel_learn_fini(&choice->learn);
		free(choice);
		return;				/* the next picture that changes begins anew */
	}
	c->fns.uses(c->arg, choice->learn.is_used);
	choice->owner = c;
	choice->layout = c->layout;
	choice->is_due = c->is_new;
	choice->limit = WORSE(c->error);
	c->is_new = false;
	c->under_way = choice;
	loop_work(c->loop, run_choice, on_chosen, choice);
}

struct stage_colours *
stage_colours_new(struct loop *loop, const struct stage_colours_fns *fns, void *arg)
{
	struct stage_colours *c = xcalloc(1, sizeof *c);

	c->loop = loop;
	c->fns = *fns;
	c->arg = arg;
	c->timer = loop_timer_new(loop, on_timer, c);
	sixel_palette_init(&c->palette);
	return c;
}

void
stage_colours_free(struct stage_colours *c)
{
	if (c == NULL)
		return;
	if (c->under_way != NULL)
		c->under_way->owner = NULL;
	loop_timer_free(c->loop, c->timer);
	free(c);
}

struct sixel_palette *
stage_colours_palette(struct stage_colours *c)
{
	return &c->palette;
}

static void
stop(struct stage_colours *c)
{
	c->is_timed = false;
	loop_timer_stop(c->loop, c->timer);
}

void
stage_colours_fit(struct stage_colours *c, int registers)
{
	sixel_palette_fit(&c->palette, registers);
	stop(c);
}

void
stage_colours_laid_out(struct stage_colours *c)
{
	c->is_new = true;
	c->more = CHOICES;
	c->layout++;
	start(c, SETTLE_US);
}

void
stage_colours_stir(struct stage_colours *c)
{
	if (!c->is_timed)
		start(c, c->is_new ? SETTLE_US : LOOK_US);
}
