/*
 * bench_discovery.c - the two ends of tests/bench/bench_discovery.sh; shares no code with the product.
 * usage: bench_discovery serve ADDRESS...		a tiny camera node on port 8081 of each: /info, /time, /health; else 404
 *        bench_discovery time ADDRESS,... COMMAND...	runs it; prints ms until its end, ms until its output (standard output
 *							or error) has named all the addresses (-1: never), CPU ms, how many named
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_NODES 16
#define MAX_GUESTS 512

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- Serving ---- */

static struct pollfd fds[MAX_NODES + MAX_GUESTS];
static int node_of[MAX_NODES + MAX_GUESTS];
static nfds_t servers, count;

static bool
open_node(const char *address)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(8081) };
	const int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, address, &at.sin_addr) != 1)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4096) != 0)
		return false;
	node_of[count] = (int)count;
	fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	servers = count;
	return true;
}

static void
answer(int fd, int node, const char *request)
{
	char body[300] = "", head[200];
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (strncmp(request, "GET /info ", 10) == 0)
		snprintf(body, sizeof body, "{\"contract\":1,\"id\":\"b0000000-0000-4000-8000-%012d\",\"deviceName\":\"node %d\",\"cameras\":[]}", node, node);
	else if (strncmp(request, "GET /time ", 10) == 0)
		snprintf(body, sizeof body, "{\"receivedUs\":%lld,\"sentUs\":%lld,\"epoch\":\"e%d\"}", (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000,
		    (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000, node);
	else if (strncmp(request, "GET /health ", 12) == 0)
		snprintf(body, sizeof body, "{\"timeUs\":%lld,\"recording\":{\"state\":\"idle\"}}", (long long)t.tv_sec * 1000000);
	snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    body[0] != '\0' ? "200 OK" : "404 Not Found", strlen(body));
	if (send(fd, head, strlen(head), MSG_NOSIGNAL | MSG_MORE) >= 0)
		send(fd, body, strlen(body), MSG_NOSIGNAL);
}

static void
greet(nfds_t server)
{
	const int fd = accept(fds[server].fd, NULL, NULL);

	if (fd >= 0 && count == MAX_NODES + MAX_GUESTS) {
		close(fd);
	} else if (fd >= 0) {
		node_of[count] = node_of[server];
		fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
}

static void
hear(nfds_t i)
{
	char request[4096];
	const ssize_t n = recv(fds[i].fd, request, sizeof request - 1, 0);

	if (n > 0) {
		request[n] = '\0';
		answer(fds[i].fd, node_of[i], request);
		return;
	}
	close(fds[i].fd);
	count--;
	fds[i] = fds[count];
	node_of[i] = node_of[count];
}

static int
serve(char **addresses)
{
	for (; *addresses != NULL && count < MAX_NODES; addresses++)
		if (!open_node(*addresses)) {
			fprintf(stderr, "bench_discovery: cannot serve at %s\n", *addresses);
			return 1;
		}
	puts("ready");
	fflush(stdout);
	for (;;) {
		poll(fds, count, -1);
		for (nfds_t i = count; i-- > 0;) {
			if (fds[i].revents == 0)
				continue;
			if (i < servers)
				greet(i);
			else
				hear(i);
		}
	}
}

/* ---- Timing ---- */

struct hunt {
	char *addresses[MAX_NODES];
	bool named[MAX_NODES];
	int wanted, found;
	char text[1 << 16];	/* of the line that is not over yet */
	size_t len;
};

/* Does the address stand in the line, and not as the beginning of a longer one? */
static bool
names(const char *line, const char *address)
{
	const size_t len = strlen(address);

	for (const char *p = line; (p = strstr(p, address)) != NULL; p += len)
		if ((p == line || strchr("0123456789.", p[-1]) == NULL) && (p[len] < '0' || p[len] > '9'))
			return true;
	return false;
}

/* What nmap says of addresses that are closed or asked in passing does not count. */
static bool
is_finding(const char *line)
{
	return strstr(line, "closed") == NULL && strstr(line, "silent") == NULL;
}

static void
look(struct hunt *h)
{
	for (int i = 0; i < h->wanted; i++)
		if (!h->named[i] && is_finding(h->text) && names(h->text, h->addresses[i])) {
			h->named[i] = true;
			h->found++;
		}
}

static void
take(struct hunt *h, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '\n' && h->len < sizeof h->text - 1) {
			h->text[h->len++] = bytes[i];
			continue;
		}
		h->text[h->len] = '\0';
		look(h);
		h->len = 0;
	}
}

static int
time_command(char *list, char **command)
{
	static struct hunt h;
	static char bytes[1 << 16];
	char *save = NULL;
	struct rusage used;
	double began, all = -1;
	int out[2], status;
	ssize_t n;
	pid_t pid;

	for (char *a = strtok_r(list, ",", &save); a != NULL && h.wanted < MAX_NODES; a = strtok_r(NULL, ",", &save))
		h.addresses[h.wanted++] = a;
	if (pipe(out) != 0)
		return 1;
	began = now_ms();
	if ((pid = fork()) == 0) {
		dup2(out[1], 1);
		dup2(out[1], 2);
		close(out[0]);
		execvp(command[0], command);
		_exit(127);
	}
	close(out[1]);
	while ((n = read(out[0], bytes, sizeof bytes)) > 0) {
		take(&h, bytes, (size_t)n);
		if (all < 0 && h.found == h.wanted)
			all = now_ms() - began;
	}
	wait4(pid, &status, 0, &used);
	printf("%.1f %.1f %.1f %d\n", now_ms() - began, all,
	    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3, h.found);
	return 0;
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && strcmp(argv[1], "serve") == 0)
		return serve(argv + 2);
	if (argc > 3 && strcmp(argv[1], "time") == 0)
		return time_command(argv[2], argv + 3);
	fputs("usage: bench_discovery serve ADDRESS... | time ADDRESS,... COMMAND...\n", stderr);
	return 2;
}
