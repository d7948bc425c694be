// link_peer.cc - somebody else in a Link session: shares none of our code, tells where its own beat stands, and changes the tempo
// now and then, as a band would.
//	link_peer [-b] [-c SECONDS] [-s SEED] [-r LOW:HIGH] BPM
// -c: a new tempo so often, on the average, drawn from -r (60:180); -b: on a beat, as a band does it, not in between.  One line on standard output for each change, and ten a second:
//	line UTC_US BEAT BPM PEERS		its beat at that microsecond, the session's phase in 4
// Ends with SIGTERM, or when its standard output is gone.
#include <ableton/Link.hpp>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <unistd.h>

static volatile std::sig_atomic_t is_over;

static void
on_signal(int)
{
	is_over = 1;
}

static int64_t
utc_us()
{
	return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

struct place {
	int64_t utc_us;
	double beat, bpm;
};

static place
look(const ableton::Link &link)
{
	const int64_t before = utc_us();
	const auto now = link.clock().micros();
	const int64_t after = utc_us();
	const auto state = link.captureAppSessionState();

	return { before + (after - before) / 2, state.beatAtTime(now, 4), state.tempo() };
}

int
main(int argc, char **argv)
{
	double every = 0, low = 60, high = 180;
	unsigned seed = 1;
	bool on_beat = false;
	int option;

	while ((option = getopt(argc, argv, "bc:s:r:")) != -1) {
		if (option == 'c')
			every = std::atof(optarg);
		else if (option == 'b')
			on_beat = true;
		else if (option == 's')
			seed = static_cast<unsigned>(std::atoi(optarg));
		else if (option != 'r' || std::sscanf(optarg, "%lf:%lf", &low, &high) != 2)
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	std::signal(SIGTERM, on_signal);
	std::signal(SIGINT, on_signal);
	std::mt19937 chance(seed);
	std::uniform_real_distribution<double> tempo(low, high), pause(0.5, 1.5);
	ableton::Link link(std::atof(argv[optind]));
	place last = { 0, 0, 0 };
	double last_beat = 0;
	int64_t told = 0, next = utc_us() + static_cast<int64_t>(every * 1e6 * pause(chance));

	link.enable(true);
	while (!is_over) {
		const bool is_beat = std::floor(last_beat) < std::floor(look(link).beat);

		last_beat = look(link).beat;
		if (every > 0 && utc_us() >= next && (is_beat || !on_beat)) {
			auto state = link.captureAppSessionState();

			state.setTempo(std::round(tempo(chance) * 10) / 10, link.clock().micros());
			link.commitAppSessionState(state);
			next = utc_us() + static_cast<int64_t>(every * 1e6 * pause(chance));
		}
		const place now = look(link);
		const double due = last.beat + static_cast<double>(now.utc_us - last.utc_us) * last.bpm / 60e6;

		if (now.bpm != last.bpm || std::fabs(now.beat - due) > 1e-3 || now.utc_us - told >= 100000) {
			if (std::printf("line %lld %.6f %.6f %zu\n", static_cast<long long>(now.utc_us), now.beat, now.bpm, link.numPeers()) < 0 ||
			    std::fflush(stdout) != 0)
				return 1;
			told = now.utc_us;
			last = now;
		}
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	}
	return 0;
}
