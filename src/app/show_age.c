/*
 * show_age.c - ages that step together: each is the one of the last whole second of UTC, in steps as coarse as the
 * moment asks for.  Owns nothing; says when the next step comes, so that nobody has to look before.
 */
#include "app/show_private.h"

#define SECOND_US 1000000LL
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)

/* The step that an age stands on, and the next. */
static void
steps_of(int64_t age_us, bool idle, int64_t *here, int64_t *next)
{
	static const int64_t first[] = { 0, 1 * SECOND_US, 2 * SECOND_US, 5 * SECOND_US, 10 * SECOND_US };
	const int count = sizeof first / sizeof *first;
	int64_t step_us = !idle && age_us < MINUTE_US ? SECOND_US : age_us < MINUTE_US ? 10 * SECOND_US : age_us < HOUR_US ? MINUTE_US : HOUR_US;

	for (int i = 0; idle && i + 1 < count; i++)
		if (age_us < first[i + 1]) {
			*here = first[i];
			*next = first[i + 1];
			return;
		}
	*here = age_us / step_us * step_us;
	*next = *here + step_us;
}

int64_t
show_age_step(int64_t age_us, bool idle)
{
	int64_t here, next;

	steps_of(age_us > 0 ? age_us : 0, idle, &here, &next);
	return here;
}

int64_t
show_age_rest(int64_t age_us, bool idle)
{
	int64_t here, next;

	steps_of(age_us > 0 ? age_us : 0, idle, &here, &next);
	return next - age_us;
}

struct show_moment
show_moment_of(const struct clk *clk, bool idle)
{
	struct show_moment m = { .now_us = clk_mono_us(clk), .utc_us = clk_utc_us(clk), .idle = idle, .change_us = INT64_MAX };

	m.part_us = m.utc_us % SECOND_US;
	return m;
}

void
show_change_in(struct show_moment *m, int64_t in_us)
{
	if (in_us < m->change_us)
		m->change_us = in_us > 1 ? in_us : 1;
}

/* At the first whole second of UTC at which an age, so and so old at the last one, will be old enough. */
static void
change_after(struct show_moment *m, int64_t rest_us)
{
	show_change_in(m, (rest_us + SECOND_US - 1) / SECOND_US * SECOND_US - m->part_us);
}

int64_t
show_age_of(struct show_moment *m, int64_t age_us)
{
	const int64_t then_us = age_us - m->part_us;

	change_after(m, show_age_rest(then_us, m->idle));
	return show_age_step(then_us, m->idle);
}

int64_t
show_elapsed_of(struct show_moment *m, int64_t age_us)
{
	const int64_t then_us = age_us - m->part_us;

	change_after(m, SECOND_US);
	return then_us > 0 ? then_us : 0;
}
