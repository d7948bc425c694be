/*
 * linkemu.c - a slow, jittering, lossy cable between two network namespaces: a TAP device in each, and this program that
 * moves the frames from one to the other.  For kernels without netem.  Knows nothing of what it carries but the addresses
 * and ports: frames of one connection stay in order, as on a real way; those of different ones overtake each other.
 *
 *	linkemu [-d MS] [-j MS] [-l SHARE] [-r KBIT] [-s SEED] A:DEVICE B:DEVICE
 *
 * A and B: a process's id, or the path of a namespace (/run/netns/NAME).  Each way: at least -d, up to -j more, evenly
 * spread; -l of the frames are lost; -r kbit/s.  Says "ready", runs until SIGTERM or SIGINT, then says what it moved.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define FRAME_BYTES 2048
#define FLOWS 1024
#define HELD 16384		/* frames under way, each direction: at most */

struct frame {
	int64_t due_ns;
	uint64_t order;		/* of those due at once the first to come is the first to go */
	int length;
	unsigned char bytes[FRAME_BYTES];
};

struct way {
	int in, out;
	struct frame *heap[HELD];
	int held;
	int64_t last_ns[FLOWS];	/* when the newest frame of a flow is due */
	int64_t free_ns;	/* when the line has carried what it has been given */
	uint64_t next;
	long moved, lost;
};

static double delay_ms = 5, jitter_ms = 20, loss = 0.02, rate_kbit;
static uint64_t seed = 1;
static volatile sig_atomic_t is_over;

static void
on_signal(int number)
{
	(void)number;
	is_over = 1;
}

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double
chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (double)(seed >> 11) / 9007199254740992.0;
}

/* ---- The devices ---- */

static void
die(const char *what, const char *which)
{
	fprintf(stderr, "linkemu: %s %s: %s\n", what, which, strerror(errno));
	exit(2);
}

/* "PID:NAME" or "/run/netns/X:NAME": the device is made there; its descriptor serves from anywhere. */
static int
device_open(char *place)
{
	char path[256], *name = strrchr(place, ':');
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, fd;
	struct ifreq request;

	if (name == NULL) {
		fprintf(stderr, "linkemu: %s: expected NAMESPACE:DEVICE\n", place);
		exit(2);
	}
	*name++ = '\0';
	snprintf(path, sizeof path, strchr(place, '/') != NULL ? "%s" : "/proc/%s/ns/net", place);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (there < 0 || setns(there, CLONE_NEWNET) != 0)
		die("namespace", path);
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	memset(&request, 0, sizeof request);
	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) != 0)
		die("device", name);
	if (setns(home, CLONE_NEWNET) != 0)
		die("namespace", "home");
	close(there);
	close(home);
	return fd;
}

/* ---- Frames under way: a heap, the soonest on top ---- */

static int
is_sooner(const struct frame *a, const struct frame *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void
heap_put(struct way *w, struct frame *f)
{
	int i = w->held++;

	for (; i > 0 && is_sooner(f, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = f;
}

static struct frame *
heap_take(struct way *w)
{
	struct frame *top = w->heap[0], *last = w->heap[--w->held];
	int i = 0, child;

	while ((child = 2 * i + 1) < w->held) {
		if (child + 1 < w->held && is_sooner(w->heap[child + 1], w->heap[child]))
			child++;
		if (!is_sooner(w->heap[child], last))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = last;
	return top;
}

/* ---- The cable ---- */

/* Addresses and ports of IPv4 and IPv6; everything else is one flow. */
static unsigned
flow_of(const struct frame *f)
{
	int type = f->length > 14 ? f->bytes[12] << 8 | f->bytes[13] : 0;
	int from = type == 0x0800 ? 26 : type == 0x86dd ? 22 : 0, upto = type == 0x0800 ? 38 : 58;
	unsigned hash = 2166136261U;

	for (int i = from; from > 0 && i < upto && i < f->length; i++)
		hash = (hash ^ f->bytes[i]) * 16777619U;
	return hash % FLOWS;
}

static void
way_accept(struct way *w, struct frame *f)
{
	int64_t now = now_ns(), *last = &w->last_ns[flow_of(f)];

	if (w->held == HELD || chance() < loss) {
		w->lost++;
		free(f);
		return;
	}
	f->due_ns = now + (int64_t)((delay_ms + chance() * jitter_ms) * 1e6);
	if (rate_kbit > 0) {
		w->free_ns = (w->free_ns > now ? w->free_ns : now) + (int64_t)(f->length * 8 * 1e6 / rate_kbit);
		f->due_ns += w->free_ns - now;
	}
	if (f->due_ns < *last)
		f->due_ns = *last;
	*last = f->due_ns;
	f->order = w->next++;
	heap_put(w, f);
}

static void
way_read(struct way *w)
{
	for (;;) {
		struct frame *f = malloc(sizeof *f);
		ssize_t n = f != NULL ? read(w->in, f->bytes, sizeof f->bytes) : -1;

		if (n <= 0) {
			free(f);
			return;
		}
		f->length = (int)n;
		way_accept(w, f);
	}
}

static void
way_deliver(struct way *w)
{
	int64_t now = now_ns();

	while (w->held > 0 && w->heap[0]->due_ns <= now) {
		struct frame *f = heap_take(w);

		if (write(w->out, f->bytes, (size_t)f->length) == f->length)
			w->moved++;
		else
			w->lost++;	/* its device is down, or full */
		free(f);
	}
}

static void
run(struct way ways[2])
{
	struct pollfd fds[2] = { { ways[0].in, POLLIN, 0 }, { ways[1].in, POLLIN, 0 } };

	while (!is_over) {
		int64_t wait = 1000000000, now = now_ns();

		for (int i = 0; i < 2; i++)
			if (ways[i].held > 0 && ways[i].heap[0]->due_ns - now < wait)
				wait = ways[i].heap[0]->due_ns > now ? ways[i].heap[0]->due_ns - now : 0;
		(void)ppoll(fds, 2, &(struct timespec){ wait / 1000000000, wait % 1000000000 }, NULL);
		for (int i = 0; i < 2; i++) {
			way_read(&ways[i]);
			way_deliver(&ways[i]);
		}
	}
}

int
main(int argc, char **argv)
{
	static struct way ways[2];
	int option;

	while ((option = getopt(argc, argv, "d:j:l:r:s:")) != -1) {
		switch (option) {
		case 'd': delay_ms = atof(optarg); break;
		case 'j': jitter_ms = atof(optarg); break;
		case 'l': loss = atof(optarg); break;
		case 'r': rate_kbit = atof(optarg); break;
		case 's': seed = strtoull(optarg, NULL, 10) * 2 + 1; break;
		default: return 2;
		}
	}
	if (argc - optind != 2) {
		fprintf(stderr, "usage: linkemu [-d MS] [-j MS] [-l SHARE] [-r KBIT] [-s SEED] NAMESPACE:DEVICE NAMESPACE:DEVICE\n");
		return 2;
	}
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	ways[0].in = ways[1].out = device_open(argv[optind]);
	ways[1].in = ways[0].out = device_open(argv[optind + 1]);
	printf("ready\n");
	fflush(stdout);
	run(ways);
	printf("moved %ld and %ld frames, lost %ld and %ld\n", ways[0].moved, ways[1].moved, ways[0].lost, ways[1].lost);
	return 0;
}
