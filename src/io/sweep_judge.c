/*
 * sweep_judge.c - what is known of each address of a sweep, and telling it.
 * Owns the counts.  Never sends; it is the only one of the sweep that calls back, but for progress and end.
 */
#include <string.h>

#include "io/sweep_parts.h"

const char *
sweep_verdict_name(enum sweep_verdict v)
{
	static const char *const names[] = { "open", "refused", "silent", "absent", "unreachable" };

	return names[v];
}

void
sweep_judge_asked(struct sweep *s, uint32_t one)
{
	if ((s->ones[one].flags & HOST_ASKED) != 0)
		return;
	s->ones[one].flags |= HOST_ASKED;
	s->counts.asked++;
}

static void
judge(struct sweep *s, uint32_t at, enum sweep_verdict v)
{
	struct sweep_one *one = &s->ones[at];
	struct sweep_host h;

	one->flags |= HOST_JUDGED;
	one->best = (uint8_t)v;
	s->counts.verdicts[v]++;
	if (s->dead || s->fns.host == NULL || v == SWEEP_ABSENT || (v == SWEEP_SILENT && (one->flags & HOST_THERE) == 0))
		return;
	memset(&h, 0, sizeof h);
	sweep_host_text(s, at, h.host);
	h.verdict = v;
	h.arp = (one->flags & HOST_THERE) != 0;
	h.port = s->ask.ports[one->best_port];
	s->fns.host(s->arg, &h);
}

static void
take_back(struct sweep *s, struct sweep_one *one)
{
	one->flags &= (uint8_t)~HOST_JUDGED;
	one->best = SWEEP_UNREACHABLE;
	s->counts.verdicts[SWEEP_ABSENT]--;
}

/* Later than expected, but not too late: what was said about it is taken back. */
void
sweep_judge_there(struct sweep *s, uint32_t at)
{
	struct sweep_one *one = &s->ones[at];

	if ((one->flags & HOST_THERE) != 0)
		return;
	one->flags |= HOST_THERE;
	s->counts.arp++;
	if ((one->flags & HOST_JUDGED) != 0 && one->best == SWEEP_ABSENT)
		take_back(s, one);
}

void
sweep_judge_absent(struct sweep *s, uint32_t at)
{
	if ((s->ones[at].flags & (HOST_JUDGED | HOST_THERE)) == 0)
		judge(s, at, SWEEP_ABSENT);
}

static void
tell_open(struct sweep *s, uint32_t at, uint8_t port)
{
	char host[SWEEP_HOST_BYTES];

	if (s->dead || s->fns.open == NULL)
		return;
	sweep_host_text(s, at, host);
	s->fns.open(s->arg, host, s->ask.ports[port]);
}

void
sweep_judge_port(struct sweep *s, uint32_t at, uint8_t port, enum sweep_verdict v)
{
	struct sweep_one *one = &s->ones[at];

	if (v == SWEEP_OPEN)
		tell_open(s, at, port);
	if (v < one->best || one->pending == s->ask.port_count) {
		one->best = (uint8_t)v;
		one->best_port = port;
	}
	if (one->pending > 0 && --one->pending > 0)
		return;
	if (one->best == SWEEP_SILENT && (one->flags & HOST_ON_LINK) != 0) {
		one->flags |= HOST_HELD;
		s->held++;
	} else if ((one->flags & HOST_JUDGED) == 0) {
		judge(s, at, one->best);
	}
}

void
sweep_judge_again(struct sweep *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		struct sweep_one *one = &s->ones[i];

		if ((one->flags & HOST_HELD) != 0) {
			one->flags &= (uint8_t)~HOST_HELD;
			one->pending = (uint8_t)s->ask.port_count;
			s->held--;
			sweep_connect_queue(s, i);
		} else if ((one->flags & HOST_JUDGED) != 0 && one->best == SWEEP_ABSENT) {
			take_back(s, one);
		}
	}
}

/* Nobody else said that such a host is there: the kernel's own ARP had no answer either. */
static enum sweep_verdict
held_verdict(const struct sweep *s, const struct sweep_one *one)
{
	return (one->flags & HOST_THERE) == 0 && s->knows_fulls ? SWEEP_ABSENT : SWEEP_SILENT;
}

void
sweep_judge_held(struct sweep *s)
{
	for (uint32_t i = 0; i < s->count && s->held > 0; i++) {
		struct sweep_one *one = &s->ones[i];

		if ((one->flags & HOST_HELD) == 0)
			continue;
		one->flags &= (uint8_t)~HOST_HELD;
		s->held--;
		judge(s, i, held_verdict(s, one));
	}
}
