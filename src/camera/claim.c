/*
 * claim.c - a node's claim.
 * Owns the rules and the holder's token while it holds.  Keeps nothing on disk itself (claim_file.c).
 */
#include <string.h>
#include "base/str.h"
#include "camera/claim.h"

#define SILENT_US (600LL * 1000000)
#define PIN_WINDOW_US 60000000
#define PIN_TRIES 5
#define TOKEN_CHARS 43			/* 256 bits in base64url, RFC 4648 section 5 */

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
claim_init(struct claim *c, const char *pin)
{
	memset(c, 0, sizeof *c);
	str_copy(c->pin, sizeof c->pin, pin);
}

/* Takes as long for a near miss as for a far one. */
static bool
same_secret(const char *a, const char *b)
{
	size_t len = strlen(a);
	unsigned char differs = 0;

	if (len != strlen(b))
		return false;
	for (size_t i = 0; i < len; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return differs == 0;
}

static bool
is_token(const char *token)
{
	size_t len = strlen(token);

	return len >= TOKEN_CHARS && len < ID_BYTES && strspn(token, base64url) == len;
}

int
claim_retry_s(const struct claim *c, int64_t now_us)
{
	int64_t oldest_us = c->wrong_us[c->wrong_count % PIN_TRIES];

	if (c->wrong_count < PIN_TRIES || now_us - oldest_us >= PIN_WINDOW_US)
		return 0;
	return (int)((oldest_us + PIN_WINDOW_US - now_us) / 1000000) + 1;
}

static enum claim_result
check_pin(struct claim *c, const char *pin, int64_t now_us)
{
	if (c->pin[0] == '\0')
		return CLAIM_OK;
	if (claim_retry_s(c, now_us) > 0)
		return CLAIM_PIN_LOCKED;
	if (same_secret(c->pin, pin))
		return CLAIM_OK;
	if (pin[0] != '\0')		/* to ask without one is no guess */
		c->wrong_us[c->wrong_count++ % PIN_TRIES] = now_us;
	return CLAIM_PIN_REQUIRED;
}

enum claim_result
claim_ask(struct claim *c, const struct node_request *rq, int64_t now_us)
{
	enum claim_result pin;

	if (!is_token(rq->token))
		return CLAIM_BAD_TOKEN;
	if (c->held.held && strcmp(c->held.sphere, rq->sphere) != 0)
		return CLAIM_TAKEN;
	if (c->held.held && !same_secret(c->token, rq->token))
		return CLAIM_TOKEN_REQUIRED;
	if (!c->held.held && (pin = check_pin(c, rq->pin, now_us)) != CLAIM_OK)
		return pin;
	c->held.held = true;
	str_copy(c->held.sphere, sizeof c->held.sphere, rq->sphere);
	str_copy(c->held.name, sizeof c->held.name, rq->text);
	str_copy(c->held.director, sizeof c->held.director, rq->director);
	str_copy(c->token, sizeof c->token, rq->token);
	c->heard_us = now_us;
	return CLAIM_OK;
}

void
claim_release(struct claim *c)
{
	memset(&c->held, 0, sizeof c->held);
	explicit_bzero(c->token, sizeof c->token);
}

bool
claim_restore(struct claim *c, const struct node_claim *held, const char *token, int64_t heard_us)
{
	if (!is_token(token) || !held->held || held->sphere[0] == '\0')
		return false;
	c->held = *held;
	str_copy(c->token, sizeof c->token, token);
	c->heard_us = heard_us;
	return true;
}

bool
claim_hear(struct claim *c, const char *token, int64_t now_us)
{
	if (!c->held.held || token == NULL || !same_secret(c->token, token))
		return false;
	c->heard_us = now_us;
	return true;
}

bool
claim_expire(struct claim *c, int64_t now_us, bool is_recording)
{
	if (!c->held.held || is_recording || now_us - c->heard_us < SILENT_US)
		return false;
	claim_release(c);
	return true;
}
