/*
 * link_ear.c - hears whether somebody on this network keeps a Link session: their "alive" datagrams, each quarter of a second.
 * Sends nothing, believes nothing of what is in them but that they are there.
 */
#include "io/link.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/xalloc.h"
#include "io/netif.h"

#define LINK_GROUP 0xE04C4E4B		/* 224.76.78.75 */
#define LINK_PORT 20808
#define MAX_ADDRESSES 64
#define ALIVE 1
#define HEAD_BYTES 9			/* "_asdp_v", a version, a type */

struct link_ear {
	struct loop *loop;
	loop_fn *heard;
	void *arg;
	int fd;
	struct loop_watch *watch;
	struct netif_watch *changes;
};

/* Joined already, on another address of that interface: no harm. */
static void
listen_everywhere(void *arg)
{
	struct link_ear *ear = arg;
	struct netif_address list[MAX_ADDRESSES];
	const int count = netif_list(list, MAX_ADDRESSES);

	for (int i = 0; i < count; i++) {
		struct ip_mreqn group = { .imr_multiaddr.s_addr = htonl(LINK_GROUP), .imr_ifindex = (int)list[i].index };

		if (list[i].family == AF_INET)
			(void)setsockopt(ear->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
	}
}

static bool
is_alive(const unsigned char *bytes, ssize_t len)
{
	return len >= HEAD_BYTES && memcmp(bytes, "_asdp_v", 7) == 0 && bytes[HEAD_BYTES - 1] == ALIVE;
}

static void
hear(void *arg, unsigned events)
{
	struct link_ear *ear = arg;
	unsigned char bytes[512];
	bool someone = false;
	ssize_t len;

	(void)events;
	for (int i = 0; i < 16 && (len = recv(ear->fd, bytes, sizeof bytes, MSG_DONTWAIT)) >= 0; i++)
		someone |= is_alive(bytes, len);
	if (someone)
		ear->heard(ear->arg);
}

static int
open_socket(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(LINK_PORT), .sin_addr.s_addr = htonl(LINK_GROUP) };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1, no = 0;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &no, sizeof no);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 && bind(fd, (const struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

struct link_ear *
link_ear_new(struct loop *loop, loop_fn *heard, void *arg)
{
	const int fd = open_socket();
	struct link_ear *ear;

	if (fd < 0)
		return NULL;
	ear = xcalloc(1, sizeof *ear);
	*ear = (struct link_ear){ .loop = loop, .heard = heard, .arg = arg, .fd = fd };
	listen_everywhere(ear);
	ear->watch = loop_watch_new(loop, fd, LOOP_READ, hear, ear);
	ear->changes = netif_watch_new(loop, listen_everywhere, ear);
	return ear;
}

void
link_ear_free(struct link_ear *ear)
{
	if (ear == NULL)
		return;
	netif_watch_free(ear->changes);
	loop_watch_free(ear->loop, ear->watch);
	close(ear->fd);
	free(ear);
}
