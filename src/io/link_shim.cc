// link_shim.cc - io/link.h upon Ableton Link's headers: the one C++ file of the house.
// Owns the Link instance.  Its callbacks, on Link's thread, ring a bell that is heard on the loop, and do nothing else; no exception
// leaves this file.
#include <ableton/Link.hpp>

#include <atomic>
#include <chrono>

extern "C" {
#include "io/link.h"
}

namespace {

// What a callback may touch: outlives the link until the last ring of it was heard.
struct bell {
	struct loop *loop;
	struct link_session *link;		// NULL: gone; loop's thread only
	std::atomic<bool> is_rung;
};

void heard(void *arg);

void
ring(bell *b)
{
	if (!b->is_rung.exchange(true))
		loop_post(b->loop, heard, b);
}

}

struct link_session {
	ableton::Link shared;
	struct loop *loop;
	link_changed_fn *changed;
	void *arg;
	bell *rings;

	link_session(struct loop *on, double bpm, link_changed_fn *fn, void *with)
	    : shared(bpm), loop(on), changed(fn), arg(with), rings(new bell{ on, this, { false } })
	{
		bell *b = rings;

		shared.setNumPeersCallback([b](std::size_t) { ring(b); });
		shared.setTempoCallback([b](double) { ring(b); });
		shared.enable(true);
	}
};

namespace {

void
heard(void *arg)
{
	bell *b = static_cast<bell *>(arg);

	b->is_rung = false;
	if (b->link != nullptr)
		b->link->changed(b->link->arg);
	else
		delete b;
}

// Link counts on CLOCK_MONOTONIC_RAW, the loop on CLOCK_MONOTONIC: both read together, the reading that took least time counts.
struct moment {
	std::chrono::microseconds link_us;
	int64_t loop_us;
};

moment
read_clocks(const struct link_session *l)
{
	moment best = { std::chrono::microseconds(0), 0 };
	int64_t least_us = INT64_MAX;

	for (int i = 0; i < 4 && least_us > 4; i++) {
		const int64_t before_us = loop_now_us(l->loop);
		const std::chrono::microseconds link_us = l->shared.clock().micros();
		const int64_t after_us = loop_now_us(l->loop);

		if (after_us - before_us >= least_us)
			continue;
		least_us = after_us - before_us;
		best = { link_us, before_us + least_us / 2 };
	}
	return best;
}

}

extern "C" {

bool
link_is_built(void)
{
	return true;
}

struct link_session *
link_new(struct loop *loop, double bpm, link_changed_fn *changed, void *arg, struct err *e)
{
	try {
		return new link_session(loop, bpm, changed, arg);
	} catch (const std::exception &why) {
		err_set(e, ERR_NETWORK, "Ableton Link cannot begin: %.200s", why.what());
	} catch (...) {
		err_set(e, ERR_NETWORK, "Ableton Link cannot begin");
	}
	return nullptr;
}

void
link_free(struct link_session *l)
{
	if (l == nullptr)
		return;
	bell *b = l->rings;

	b->link = nullptr;
	try {
		l->shared.enable(false);
		delete l;		// from here on nobody rings
	} catch (...) {
	}
	if (!b->is_rung)
		delete b;
}

unsigned
link_peers(const struct link_session *l)
{
	return static_cast<unsigned>(l->shared.numPeers());
}

struct beat_line
link_line(const struct link_session *l, int quantum)
{
	const moment now = read_clocks(l);
	const auto state = l->shared.captureAppSessionState();

	return { now.loop_us, state.beatAtTime(now.link_us, quantum), state.tempo() };
}

void
link_set_tempo(struct link_session *l, double bpm)
{
	auto state = l->shared.captureAppSessionState();

	state.setTempo(bpm, l->shared.clock().micros());
	l->shared.commitAppSessionState(state);
}

void
link_set_beat(struct link_session *l, int64_t at_us, double beat, int quantum)
{
	const moment now = read_clocks(l);
	auto state = l->shared.captureAppSessionState();

	state.forceBeatAtTime(beat, now.link_us + std::chrono::microseconds(at_us - now.loop_us), quantum);
	l->shared.commitAppSessionState(state);
}

}
