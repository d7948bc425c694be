/*
 * digest.c - SHA-256 through libcrypto.  Owns one hash in the making.
 * Never reads a file on the loop's thread: digest_file() is for workers.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/xalloc.h"
#include "io/digest.h"

#define DIGEST_BYTES 32
#define READ_BYTES (256 * 1024)

struct digest {
	EVP_MD_CTX *ctx;
};

struct digest *
digest_new(void)
{
	struct digest *d = xcalloc(1, sizeof *d);

	d->ctx = EVP_MD_CTX_new();
	XASSERT(d->ctx != NULL);
	XASSERT(EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) == 1);
	return d;
}

void
digest_setup(void)
{
	digest_free(digest_new());
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	XASSERT(EVP_DigestUpdate(d->ctx, data, len) == 1);
}

void
digest_hex(struct digest *d, char out[static 65])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	XASSERT(EVP_DigestFinal_ex(d->ctx, sum, &len) == 1 && len == DIGEST_BYTES);
	for (unsigned i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
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
