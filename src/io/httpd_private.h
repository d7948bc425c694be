/*
 * httpd_private.h - what httpd*.c share.
 */
#ifndef IO_HTTPD_PRIVATE_H
#define IO_HTTPD_PRIVATE_H

#include "base/err.h"

/* A listening socket, -1 with a sentence in e; bind_to NULL: all addresses. */
int httpd_listen_open(const char *bind_to, int port, struct err *e);
int httpd_listen_port(int fd);

#endif
