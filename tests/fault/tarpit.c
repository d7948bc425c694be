/*
 * tarpit.c - servers that are no camera: each listens until the program is ended.
 * usage: tarpit MODE ADDRESS PORT [MODE ADDRESS PORT]...	prints "ready"
 * Modes: silent (accepts, says nothing), endless (an /info that never ends), drip (a byte of it a second), page (a web
 * page), nothing (404), anonymous (an /info with no id), codes (a page whose every byte is an escape code), closed (accepts
 * and closes).  Shares no code with the product.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_SERVERS 64
#define MAX_GUESTS 2000

enum mode { SILENT, ENDLESS, DRIP, PAGE, NOTHING, ANONYMOUS, CODES, CLOSED, MODES };
static const char *const mode_names[MODES] = { "silent", "endless", "drip", "page", "nothing", "anonymous", "codes", "closed" };
static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"id\":\"";
static const char *const answers[MODES] = {
	[PAGE] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 26\r\nConnection: close\r\n\r\n<h1>a printer's page</h1>\r\n",
	[NOTHING] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	[ANONYMOUS] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{\"hello\":\"there\"}",
	[CODES] = "HTTP/1.1 200 \033]0;HOSTILE\007\033[2J\r\nServer: \033[5;31mHOSTILE\r\nContent-Type: application/json\r\nContent-Length: 36\r\n"
	    "Connection: close\r\n\r\n{\"id\":\"\\u001b[2J\\u009b31m\\u202eHOST\"}",
};

struct guest { enum mode mode; bool asked; };

static struct pollfd fds[MAX_SERVERS + MAX_GUESTS];
static struct guest guests[MAX_SERVERS + MAX_GUESTS];	/* beside its descriptor */
static nfds_t servers, count;

static bool
add_server(const char *mode, const char *address, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((unsigned short)strtoul(port, NULL, 10)) };
	const int one = 1;
	int fd;

	if (inet_pton(AF_INET, address, &at.sin_addr) != 1 || (fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 1000) != 0)
		return false;
	for (int m = 0; m < MODES; m++)
		if (strcmp(mode, mode_names[m]) == 0) {
			guests[count].mode = (enum mode)m;
			fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
			servers = count;
			return true;
		}
	return false;
}

static void
greet(nfds_t server)
{
	const int fd = accept(fds[server].fd, NULL, NULL);

	if (fd < 0)
		return;
	if (count == MAX_SERVERS + MAX_GUESTS || guests[server].mode == CLOSED) {
		close(fd);
		return;
	}
	guests[count] = (struct guest){ .mode = guests[server].mode };
	fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void
leave(nfds_t i)
{
	close(fds[i].fd);
	count--;
	fds[i] = fds[count];
	guests[i] = guests[count];
}

static bool
say(int fd, const char *text, size_t len)
{
	return send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

/* What the guest asked is thrown away; false: it left, or was answered. */
static bool
hear(nfds_t i)
{
	char bytes[4096];

	if (recv(fds[i].fd, bytes, sizeof bytes, MSG_DONTWAIT) <= 0)
		return false;
	if (guests[i].mode == SILENT || guests[i].asked)
		return true;
	guests[i].asked = true;
	if (answers[guests[i].mode] != NULL) {
		say(fds[i].fd, answers[guests[i].mode], strlen(answers[guests[i].mode]));
		return false;
	}
	if (guests[i].mode == ENDLESS)
		fds[i].events |= POLLOUT;
	return say(fds[i].fd, head, sizeof head - 1);
}

static void
serve(nfds_t i)
{
	static char flood[16384];

	if ((fds[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0 && !hear(i)) {
		leave(i);
		return;
	}
	if ((fds[i].revents & POLLOUT) != 0) {
		memset(flood, 'x', sizeof flood);
		send(fds[i].fd, flood, sizeof flood, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
}

static void
drip(void)
{
	for (nfds_t i = servers; i < count; i++)
		if (guests[i].mode == DRIP && guests[i].asked)
			say(fds[i].fd, "x", 1);
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i + 2 < argc && count < MAX_SERVERS; i += 3)
		if (!add_server(argv[i], argv[i + 1], argv[i + 2])) {
			fprintf(stderr, "tarpit: cannot serve %s on %s port %s\n", argv[i], argv[i + 1], argv[i + 2]);
			return 1;
		}
	puts("ready");
	fflush(stdout);
	for (;;) {
		const int n = poll(fds, count, 1000);

		if (n == 0)
			drip();
		for (nfds_t i = count; n > 0 && i-- > 0;) {
			if (fds[i].revents == 0)
				continue;
			if (i < servers)
				greet(i);
			else
				serve(i);
		}
	}
}
