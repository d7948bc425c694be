/*
 * sweep_connect.c - the connects of a sweep: sockets under way, what became of them, when their time is up.
 * Owns the sockets and the descriptor budget.  Nothing is ever sent over a connection: it is reset at once.
 */
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "io/sweep_parts.h"

#define WINDOW_MAX 8192
#define WINDOW_MIN 16
#define DESCRIPTORS_LEFT 256		/* for the rest of the program */
#define PAUSE_US 50000
#define EXPIRE_SLICE 128

enum step { STEP_SENT, STEP_NONE, STEP_BLOCKED };

/* ---- Descriptors ---- */

static int
open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int count = 0;

	if (d == NULL)
		return DESCRIPTORS_LEFT;
	while (readdir(d) != NULL)
		count++;
	closedir(d);
	return count;
}

/* The limit is raised as far as it may be, never beyond what is needed. */
static int
descriptors_for(int wanted)
{
	struct rlimit limit;
	rlim_t need = (rlim_t)(wanted + open_descriptors() + DESCRIPTORS_LEFT);

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return WINDOW_MIN;
	if (limit.rlim_cur < need && limit.rlim_cur < limit.rlim_max) {
		rlim_t before = limit.rlim_cur;

		limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
			limit.rlim_cur = before;
	}
	if (limit.rlim_cur >= need)
		return wanted;
	wanted -= (int)(need - limit.rlim_cur);
	return wanted > WINDOW_MIN ? wanted : WINDOW_MIN;
}

void
sweep_connect_open(struct sweep *s)
{
	int64_t all = (int64_t)s->counts.of * s->ask.port_count;
	int wanted = s->ask.window > 0 && s->ask.window < WINDOW_MAX ? s->ask.window : WINDOW_MAX;

	if (wanted > all)
		wanted = (int)all;
	s->window = wanted > 0 ? descriptors_for(wanted) : 0;
	s->probes = xcalloc((size_t)s->window + 1, sizeof *s->probes);
	for (int i = 0; i < s->window; i++) {
		s->probes[i].fd = -1;
		list_insert_tail(&s->idle, &s->probes[i].link);
	}
	s->now.one = s->count;
}

void
sweep_connect_close(struct sweep *s)
{
	for (int i = 0; i < s->window; i++)
		if (s->probes[i].fd >= 0)
			close(s->probes[i].fd);
	free(s->probes);
	s->probes = NULL;
	s->window = 0;
}

/* ---- What became of one ---- */

static void
let_go(struct sweep *s, struct sweep_probe *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	list_remove(&p->link);
	list_insert_tail(&s->idle, &p->link);
	s->live_count--;
}

/* A port of this machine's own may have met itself. */
static bool
is_self(int fd)
{
	struct sockaddr_storage here, there;
	socklen_t a = sizeof here, b = sizeof there;

	memset(&here, 0, sizeof here);
	memset(&there, 0, sizeof there);
	return getsockname(fd, (struct sockaddr *)&here, &a) == 0 && getpeername(fd, (struct sockaddr *)&there, &b) == 0 &&
	    a == b && memcmp(&here, &there, a) == 0;
}

static enum sweep_verdict
verdict_of(const struct sweep *s, uint32_t one, int fd, int error)
{
	struct linger reset = { .l_onoff = 1 };

	switch (error) {
	case 0:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		return is_self(fd) ? SWEEP_REFUSED : SWEEP_OPEN;
	case ECONNREFUSED:
	case ECONNRESET:
		return SWEEP_REFUSED;
	case ETIMEDOUT:
	case ENOBUFS:		/* the kernel's ARP table had no room */
		return SWEEP_SILENT;
	case EHOSTUNREACH:	/* on this machine's own network the kernel says so when ARP is not answered */
		return (s->ones[one].flags & (HOST_ON_LINK | HOST_THERE)) == HOST_ON_LINK ? SWEEP_SILENT : SWEEP_UNREACHABLE;
	default:
		return SWEEP_UNREACHABLE;
	}
}

static void
settle(struct sweep *s, struct sweep_probe *p, int error)
{
	enum sweep_verdict v = verdict_of(s, p->one, p->fd, error);
	uint32_t one = p->one;
	uint8_t port = p->port;

	let_go(s, p);
	sweep_judge_port(s, one, port, v);
}

void
sweep_connect_ready(struct sweep *s, struct sweep_probe *p)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (p->fd < 0)
		return;
	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	settle(s, p, error);
}

bool
sweep_connect_expire(struct sweep *s, int64_t now_us)
{
	for (int i = 0; !list_is_empty(&s->live) && !s->dead; i++) {
		struct sweep_probe *p = LIST_ENTRY(s->live.next, struct sweep_probe, link);

		if (p->end_us > now_us)
			return false;
		if (i == EXPIRE_SLICE)
			return true;
		settle(s, p, ETIMEDOUT);
	}
	return false;
}

/* ---- Sending ---- */

void
sweep_connect_queue(struct sweep *s, uint32_t one)
{
	s->queue[(s->queue_head + s->queue_len++) % (s->count + 1)] = one;
}

static bool
is_plain(const struct sweep_one *one)
{
	return (one->flags & (HOST_LEFT_OUT | HOST_ARP)) == 0;
}

/* The next host comes under way; false: there is none now. */
static bool
take_host(struct sweep *s)
{
	if (s->now.one < s->count)
		return true;
	s->now.port = 0;
	if (s->queue_len > 0) {
		s->now.one = s->queue[s->queue_head];
		s->queue_head = (s->queue_head + 1) % (s->count + 1);
		s->queue_len--;
		return true;
	}
	while (s->plain < s->count && !is_plain(&s->ones[s->plain]))
		s->plain++;
	if (s->plain == s->count)
		return false;
	s->now.one = s->plain++;
	return true;
}

static int
open_socket(struct sweep *s, int64_t now_us)
{
	int fd = socket(s->hosts != NULL ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		return fd;
	/* Somebody else needs descriptors, too: no more at once than there are now. */
	s->pause_us = now_us + PAUSE_US;
	return -1;
}

/* A connect to a host that nobody has heard of makes the kernel ask by ARP three times, and the connect comes on top. */
static int
price(const struct sweep_one *one)
{
	if ((one->flags & HOST_THERE) != 0)
		return 2;
	return (one->flags & HOST_ON_LINK) != 0 ? 3 : 1;
}

static void
begin(struct sweep *s, int fd, int64_t now_us)
{
	struct sweep_probe *p = LIST_ENTRY(s->idle.next, struct sweep_probe, link);
	struct epoll_event e = { .events = EPOLLOUT, .data.ptr = p };
	struct sockaddr_storage place;
	socklen_t len = sweep_host_place(s, s->now.one, s->ask.ports[s->now.port], &place);
	bool ready;

	p->fd = fd;
	p->one = s->now.one;
	p->port = s->now.port;
	p->end_us = now_us + s->ask.timeout_us;
	list_remove(&p->link);
	list_insert_tail(&s->live, &p->link);
	s->live_count++;
	if (++s->now.port == s->ask.port_count)
		s->now.one = s->count;
	ready = connect(fd, (struct sockaddr *)&place, len) == 0;
	if (ready || errno != EINPROGRESS)
		settle(s, p, ready ? 0 : errno);
	else if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		settle(s, p, errno);
}

static enum step
step(struct sweep *s, int64_t now_us, int *cost)
{
	struct sweep_one *one;
	bool toll;
	int fd;

	if (!take_host(s))
		return STEP_NONE;
	one = &s->ones[s->now.one];
	toll = (one->flags & HOST_ON_LINK) != 0 && s->now.port == 0;
	if (list_is_empty(&s->idle) || (toll && !sweep_pace_toll(s, now_us)))
		return STEP_BLOCKED;
	fd = open_socket(s, now_us);
	if (fd < 0)
		return STEP_BLOCKED;
	*cost = toll ? price(one) : 1;
	if (toll)
		sweep_pace_toll_pay(s, now_us);
	sweep_judge_asked(s, s->now.one);
	s->counts.packets++;
	begin(s, fd, now_us);
	return STEP_SENT;
}

int
sweep_connect_send(struct sweep *s, int budget, int64_t now_us)
{
	int sent = 0, cost = 0;

	while (sent < budget && !s->dead && step(s, now_us, &cost) == STEP_SENT) {
		sweep_pace_pay(s, cost);
		sent += cost;
	}
	return sent;
}

bool
sweep_connect_has_work(const struct sweep *s)
{
	return s->now.one < s->count || s->queue_len > 0 || s->plain < s->count;
}
