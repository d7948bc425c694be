/*
 * haul_state.c - the state beside a part file: two slots, written in turn, each with a checksum of itself.
 * Owns their form.  Never believes a slot that is torn, damaged, or speaks of another recording.
 */
#include "io/haul_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clk.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"

#define SUM_BYTES 65			/* hex and one blank */
#define STATE_FORMAT 1

static void
hex_of(const unsigned char *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static bool
hex_to(const char *hex, unsigned char *out, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(hex) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		const char *high = strchr(digits, hex[2 * i]), *low = strchr(digits, hex[2 * i + 1]);

		if (high == NULL || low == NULL)
			return false;
		out[i] = (unsigned char)((high - digits) << 4 | (low - digits));
	}
	return true;
}

static void
sum_of(const char *text, size_t len, char out[static 65])
{
	struct digest *d = digest_new();

	digest_add(d, text, len);
	digest_hex(d, out);
	digest_free(d);
}

static char *
words_of(const struct haul_part *p, const struct haul_mark *m)
{
	char hash[2 * DIGEST_BLOB_BYTES + 1];
	struct jdoc *j = jdoc_object();
	char *text;

	hex_of(m->hash, sizeof m->hash, hash);
	jdoc_set_int(j, "format", STATE_FORMAT);
	jdoc_set_int(j, "serial", (int64_t)p->serial);
	jdoc_set_text(j, "recording", p->recording);
	jdoc_set_int(j, "bytes", m->bytes);
	jdoc_set_text(j, "etag", m->etag);
	jdoc_set_int(j, "badTries", m->bad_tries);
	jdoc_set_text(j, "hashState", hash);
	text = jdoc_print(j);
	jdoc_free(j);
	return text;
}

bool
haul_state_write(struct haul_part *p, const struct haul_mark *m)
{
	char slot[HAUL_SLOT_BYTES], *words;
	size_t len;
	ssize_t n;

	p->serial++;
	words = words_of(p, m);
	len = strlen(words);
	XASSERT(SUM_BYTES + len < sizeof slot);		/* recording and etag have ceilings */
	memset(slot, ' ', sizeof slot);
	memcpy(slot + SUM_BYTES, words, len);
	free(words);
	slot[sizeof slot - 1] = '\n';
	sum_of(slot + SUM_BYTES, sizeof slot - SUM_BYTES, slot);
	slot[SUM_BYTES - 1] = ' ';
	errno = 0;
	n = pwrite(p->state_fd, slot, sizeof slot, (off_t)(p->serial % 2) * HAUL_SLOT_BYTES);
	if (n != (ssize_t)sizeof slot) {
		errno = errno != 0 ? errno : ENOSPC;
		return false;
	}
	return true;
}

bool
haul_state_flush(struct haul_part *p)
{
	p->flushed_us = clk_mono_us(clk_system());
	return fdatasync(p->state_fd) == 0;
}

static bool
mark_of(const struct jdoc *j, const char *recording, struct haul_mark *m)
{
	memset(m, 0, sizeof *m);
	m->bytes = jdoc_int(j, "bytes", -1);
	m->bad_tries = (int)jdoc_int(j, "badTries", 0);
	return jdoc_int(j, "format", 0) == STATE_FORMAT && strcmp(jdoc_text(j, "recording", ""), recording) == 0 && m->bytes >= 0 &&
	    str_copy(m->etag, sizeof m->etag, jdoc_text(j, "etag", "")) &&
	    hex_to(jdoc_text(j, "hashState", ""), m->hash, sizeof m->hash);
}

/* 0: nothing to be believed. */
static uint64_t
slot_read(struct haul_part *p, int which, struct haul_mark *m)
{
	char slot[HAUL_SLOT_BYTES], sum[65];
	uint64_t serial = 0;
	struct jdoc *j;

	if (pread(p->state_fd, slot, sizeof slot, (off_t)which * HAUL_SLOT_BYTES) != (ssize_t)sizeof slot)
		return 0;
	sum_of(slot + SUM_BYTES, sizeof slot - SUM_BYTES, sum);
	if (memcmp(sum, slot, SUM_BYTES - 1) != 0)
		return 0;
	j = jdoc_parse(slot + SUM_BYTES, sizeof slot - SUM_BYTES, sizeof slot, NULL);
	if (j != NULL && mark_of(j, p->recording, m))
		serial = (uint64_t)jdoc_int(j, "serial", 0);
	jdoc_free(j);
	return serial;
}

bool
haul_state_read(struct haul_part *p, struct haul_mark *m)
{
	struct haul_mark both[2];
	uint64_t serial[2];
	int newer;

	for (int i = 0; i < 2; i++)
		serial[i] = slot_read(p, i, &both[i]);
	newer = serial[1] > serial[0];
	if (serial[newer] == 0)
		return false;
	p->serial = serial[newer];
	*m = both[newer];
	return true;
}
