/*
 * bench_fanout_peers.c - the other ways to send one POST to many: one bare write() per warm socket (the limit), libcurl's
 * multi interface and Node's keep-alive agent with warm connections, and `curl --parallel`.
 */
#include "bench/bench_fanout.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

extern char **environ;

/* ---- The limit: nothing but the unavoidable system calls ---- */

static int raw[BENCH_MOST_NODES];

static bool
raw_open(int node_count, int port)
{
	const int one = 1;
	char host[32];

	for (int i = 0; i < node_count; i++) {
		struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

		bench_host(i, host);
		inet_pton(AF_INET, host, &a.sin_addr);
		raw[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(raw[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		if (connect(raw[i], (struct sockaddr *)&a, sizeof a) != 0)
			bench_die(host);
	}
	return true;
}

static bool
raw_round(int node_count, int port, int64_t *start_ns)
{
	static const char head[] = "POST /marker HTTP/1.1\r\nHost: 127.1.0.1:40000\r\nUser-Agent: livedirector\r\nAccept: */*\r\n"
	    "Content-Type: application/json\r\nContent-Length: ";
	char request[512], bytes[4096];
	const int len = snprintf(request, sizeof request, "%s%zu\r\n\r\n%s", head, sizeof BENCH_BODY - 1, BENCH_BODY);
	bool ok = true;

	(void)port;
	*start_ns = bench_now_ns();
	for (int i = 0; i < node_count; i++)
		ok &= write(raw[i], request, (size_t)len) == len;
	for (int i = 0; i < node_count; i++)
		ok &= read(raw[i], bytes, sizeof bytes) > 0;
	return ok;
}

/* ---- libcurl's multi interface, one kept handle and connection for each node ---- */

static CURLM *multi;
static CURL *easies[BENCH_MOST_NODES];

static size_t
swallow(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	return size * count;
}

static void
multi_run(int node_count)
{
	int running;

	for (int i = 0; i < node_count; i++)
		curl_multi_add_handle(multi, easies[i]);
	do {
		curl_multi_perform(multi, &running);
		if (running > 0)
			curl_multi_poll(multi, NULL, 0, 100, NULL);
	} while (running > 0);
	for (int i = 0; i < node_count; i++)
		curl_multi_remove_handle(multi, easies[i]);
}

static bool
multi_open(int node_count, int port)
{
	static struct curl_slist *headers;
	char host[32], url[96];

	curl_global_init(CURL_GLOBAL_DEFAULT);
	multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)node_count + 8);
	headers = curl_slist_append(NULL, "Content-Type: application/json");
	for (int i = 0; i < node_count; i++) {
		bench_host(i, host);
		snprintf(url, sizeof url, "http://%s:%d/marker", host, port);
		easies[i] = curl_easy_init();
		curl_easy_setopt(easies[i], CURLOPT_URL, url);
		curl_easy_setopt(easies[i], CURLOPT_POSTFIELDS, BENCH_BODY);
		curl_easy_setopt(easies[i], CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(easies[i], CURLOPT_WRITEFUNCTION, swallow);
		curl_easy_setopt(easies[i], CURLOPT_NOSIGNAL, 1L);
	}
	multi_run(node_count);
	return true;
}

static bool
multi_round(int node_count, int port, int64_t *start_ns)
{
	(void)port;
	*start_ns = bench_now_ns();
	multi_run(node_count);
	return true;
}

/* ---- Node: a program that stays, and is told "go" ---- */

static FILE *node_in, *node_out;

static bool
node_open(int node_count, int port)
{
	const char *script = getenv("BENCH_FANOUT_MJS");
	char count[16], number[16], line[64];
	char *const argv[] = { "node", (char *)(uintptr_t)script, count, number, BENCH_BODY, NULL };
	posix_spawn_file_actions_t actions;
	int to[2], from[2];
	pid_t pid;

	if (script == NULL || pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
		return false;
	snprintf(count, sizeof count, "%d", node_count);
	snprintf(number, sizeof number, "%d", port);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	if (posix_spawnp(&pid, "node", &actions, NULL, argv, environ) != 0)
		return false;
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	node_in = fdopen(to[1], "w");
	node_out = fdopen(from[0], "r");
	return fgets(line, sizeof line, node_out) != NULL;	/* "ready" */
}

/* It says when it began: the pipe between is not its work.  Its clock is CLOCK_MONOTONIC, too. */
static bool
node_round(int node_count, int port, int64_t *start_ns)
{
	char line[64];

	(void)node_count;
	(void)port;
	fputs("go\n", node_in);
	fflush(node_in);
	if (fgets(line, sizeof line, node_out) == NULL)
		return false;
	*start_ns = atoll(line);
	return *start_ns > 0;
}

/* ---- curl --parallel ---- */

static bool
curl_open(int node_count, int port)
{
	(void)node_count;
	(void)port;
	return system("curl --version >/dev/null 2>&1") == 0;
}

/* Its globs have one range each; further nets are further URLs. */
static bool
curl_round(int node_count, int port, int64_t *start_ns)
{
	char urls[8][64];
	char *argv[40] = { "curl", "-s", "--parallel", "--parallel-immediate", "--parallel-max", "300", "-H",
		"Content-Type: application/json", "-d", BENCH_BODY };
	posix_spawn_file_actions_t actions;
	int status = 0, n = 10;
	pid_t pid;

	for (int net = 0; net * 250 < node_count; net++) {
		const int left = node_count - net * 250;

		snprintf(urls[net], sizeof urls[net], "http://127.1.%d.[1-%d]:%d/marker", net, left < 250 ? left : 250, port);
		argv[n++] = "-o";
		argv[n++] = "/dev/null";
		argv[n++] = urls[net];
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);	/* its progress meter */
	*start_ns = bench_now_ns();
	if (posix_spawnp(&pid, "curl", &actions, NULL, argv, environ) != 0)
		return false;
	waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

const struct bench_peer bench_peers[BENCH_PEERS] = {
	{ "bare write(), warm", raw_open, raw_round },
	{ "libcurl multi, warm", multi_open, multi_round },
	{ "node, keep-alive agent", node_open, node_round },
	{ "curl --parallel", curl_open, curl_round },
};
