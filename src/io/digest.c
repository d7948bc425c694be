/*
 * digest.c - SHA-256 through libcrypto.  Owns one hash in the making, and how it looks when it is put away.
 * Never reads a file on the loop's thread: digest_file() is for workers.
 */
/* SHA256_CTX is the only hash of libcrypto whose state can be written down: an EVP_MD_CTX cannot.  Same code below both. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/xalloc.h"
#include "io/digest.h"

#define DIGEST_BYTES SHA256_DIGEST_LENGTH
#define READ_BYTES (256 * 1024)

/* The stored form, all numbers big-endian: magic and version, length so far, chaining state, what waits for a full block, SHA-256 of all that. */
#define BLOB_LENGTH 4
#define BLOB_STATE (BLOB_LENGTH + 8)
#define BLOB_BLOCK (BLOB_STATE + 32)
#define BLOB_CHECK (BLOB_BLOCK + SHA256_CBLOCK)
_Static_assert(BLOB_CHECK + DIGEST_BYTES == DIGEST_BLOB_BYTES, "the header says how large it is");

static const unsigned char blob_magic[BLOB_LENGTH] = { 'S', '2', '5', 1 };

struct digest {
	SHA256_CTX ctx;
};

struct digest *
digest_new(void)
{
	struct digest *d = xcalloc(1, sizeof *d);

	XASSERT(SHA256_Init(&d->ctx) == 1);
	return d;
}

void
digest_free(struct digest *d)
{
	free(d);
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	XASSERT(SHA256_Update(&d->ctx, data, len) == 1);
}

void
digest_hex(struct digest *d, char out[static 65])
{
	unsigned char sum[DIGEST_BYTES];

	XASSERT(SHA256_Final(sum, &d->ctx) == 1);
	for (size_t i = 0; i < sizeof sum; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

uint64_t
digest_length(const struct digest *d)
{
	return ((uint64_t)d->ctx.Nh << 32 | d->ctx.Nl) >> 3;	/* it counts bits */
}

static void
put_number(unsigned char *at, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--, value >>= 8)
		at[i] = (unsigned char)value;
}

static uint64_t
get_number(const unsigned char *at, int bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

void
digest_save(const struct digest *d, unsigned char out[static DIGEST_BLOB_BYTES])
{
	memset(out, 0, DIGEST_BLOB_BYTES);
	memcpy(out, blob_magic, sizeof blob_magic);
	put_number(out + BLOB_LENGTH, digest_length(d), 8);
	for (int i = 0; i < 8; i++)
		put_number(out + BLOB_STATE + 4 * i, d->ctx.h[i], 4);
	memcpy(out + BLOB_BLOCK, d->ctx.data, d->ctx.num);
	SHA256(out, BLOB_CHECK, out + BLOB_CHECK);
}

struct digest *
digest_load(const unsigned char *blob, size_t len)
{
	unsigned char check[DIGEST_BYTES];
	uint64_t length;
	struct digest *d;

	if (len != DIGEST_BLOB_BYTES || memcmp(blob, blob_magic, sizeof blob_magic) != 0)
		return NULL;
	SHA256(blob, BLOB_CHECK, check);
	if (memcmp(check, blob + BLOB_CHECK, sizeof check) != 0)
		return NULL;
	length = get_number(blob + BLOB_LENGTH, 8);
	d = digest_new();
	d->ctx.Nl = (SHA_LONG)(length << 3);
	d->ctx.Nh = (SHA_LONG)(length >> 29);
	d->ctx.num = (unsigned)(length % SHA256_CBLOCK);
	for (int i = 0; i < 8; i++)
		d->ctx.h[i] = (SHA_LONG)get_number(blob + BLOB_STATE + 4 * i, 4);
	memcpy(d->ctx.data, blob + BLOB_BLOCK, d->ctx.num);
	return d;
}

/* Reads to the end; 0, or the errno that stopped it. */
static int
digest_fd(struct digest *d, int fd)
{
	char *block = xmalloc(READ_BYTES);
	ssize_t got;
	int why = 0;

	while ((got = read(fd, block, READ_BYTES)) != 0) {
		if (got > 0)
			digest_add(d, block, (size_t)got);
		else if (errno != EINTR) {
			why = errno;
			break;
		}
	}
	free(block);
	return why;
}

bool
digest_file(const char *path, char out[static 65], struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), why;
	struct digest *d;

	if (fd < 0)
		return err_errno(e, ERR_DISK, errno, "cannot open %s", path);
	d = digest_new();
	why = digest_fd(d, fd);
	close(fd);
	if (why == 0)
		digest_hex(d, out);
	digest_free(d);
	return why == 0 || err_errno(e, ERR_DISK, why, "cannot read %s", path);
}

static unsigned
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 0;
}

void
digest_base64(const char hex[static 65], char out[static 45])
{
	unsigned char sum[DIGEST_BYTES];

	for (int i = 0; i < DIGEST_BYTES; i++)
		sum[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	EVP_EncodeBlock((unsigned char *)out, sum, DIGEST_BYTES);
}
