/*
 * netif_private.h - what netif*.c share: one question to the kernel's routing netlink, and its attributes.
 */
#ifndef IO_NETIF_PRIVATE_H
#define IO_NETIF_PRIVATE_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>

typedef void netif_dump_fn(void *arg, const struct nlmsghdr *h);

/* A whole dump (RTM_GETLINK, RTM_GETADDR, ...) of one family (0: all), message by message.  False: the kernel did not
 * answer, or its answer changed while it was being read. */
bool netif_dump(int type, int family, netif_dump_fn *fn, void *arg);
/* The attribute of this type behind a message's fixed part of that size; NULL: not there or shorter than min. */
const void *netif_attribute(const struct nlmsghdr *h, size_t fixed, unsigned short type, size_t min, size_t *len);
bool netif_is_tailscale(const char *name, int family, const unsigned char *bytes);

#endif
