/*
 * dnssd_txt.h - TXT records of DNS-SD as cameras write them (RFC 6763 section 6), for every source that reads some.
 */
#ifndef IO_DNSSD_TXT_H
#define IO_DNSSD_TXT_H

#include <stdbool.h>
#include <stddef.h>
#include "io/dnssd.h"

/* A value of a TXT record by its key, any case; the first one wins (RFC 6763 section 6.4).  False: absent. */
bool dnssd_txt_get(const unsigned char *txt, size_t len, const char *key, char *out, size_t out_size);
/* What a camera says of itself there: device name, model, role, id, apiPort.  Absent or unfit: "" and 0. */
void dnssd_txt_read(struct dnssd_found *out, const unsigned char *txt, size_t len);

#endif
