/*
 * httpd_listen.c - the sockets a server listens on, and which ports are free.
 * Owns no socket: they are its caller's.  Never accepts a connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "io/httpd.h"
#include "io/httpd_private.h"

#define HTTPD_PORT_TRIES 16

static bool
listen_address(struct sockaddr_storage *sa, socklen_t *len, const char *bind_to, int port, struct err *e)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *found;
	char service[8];

	snprintf(service, sizeof service, "%u", (unsigned)port & 0xffffU);
	if (getaddrinfo(bind_to, service, &hints, &found) != 0)
		return err_set(e, ERR_USAGE, "\"%s\" is not a numeric address to bind to", bind_to);
	memcpy(sa, found->ai_addr, found->ai_addrlen);
	*len = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

static int
listen_on(const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, zero = 0, saved;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (sa->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
	if (bind(fd, sa, len) == 0 && listen(fd, 64) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* All addresses: one dual-stack socket, or IPv4 alone where the machine has no IPv6. */
int
httpd_listen_open(const char *bind_to, int port, struct err *e)
{
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	struct sockaddr_in any4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_storage sa;
	socklen_t len = 0;
	int fd;

	if (bind_to != NULL) {
		if (!listen_address(&sa, &len, bind_to, port, e))
			return -1;
		fd = listen_on((struct sockaddr *)&sa, len);
	} else {
		fd = listen_on((struct sockaddr *)&any6, sizeof any6);
		if (fd < 0 && errno != EADDRINUSE && errno != EACCES)
			fd = listen_on((struct sockaddr *)&any4, sizeof any4);
	}
	if (fd < 0)
		err_errno(e, ERR_NETWORK, errno, "cannot serve on port %d%s%s", port, bind_to != NULL ? " of " : "",
		    bind_to != NULL ? bind_to : "");
	return fd;
}

int
httpd_listen_port(int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof sa;

	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		return 0;
	if (sa.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&sa)->sin6_port);
	return ntohs(((struct sockaddr_in *)&sa)->sin_port);
}

/* The first of count consecutive ports, beginning where the system says; 0: one of them is taken. */
static int
free_run(const char *bind_to, int count)
{
	int fds[count], open = 1, first = 0;
	struct err e;

	fds[0] = httpd_listen_open(bind_to, 0, &e);
	if (fds[0] < 0)
		return 0;
	first = httpd_listen_port(fds[0]);
	for (; open < count && first + open <= 65535; open++) {
		fds[open] = httpd_listen_open(bind_to, first + open, &e);
		if (fds[open] < 0)
			break;
	}
	if (open < count)
		first = 0;
	while (open > 0)
		close(fds[--open]);
	return first;
}

int
httpd_free_ports(const char *bind_to, int count)
{
	int first = 0;

	for (int i = 0; count > 0 && i < HTTPD_PORT_TRIES && first == 0; i++)
		first = free_run(bind_to, count);
	return first;
}
