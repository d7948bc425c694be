/*
 * wire_request.c - a command's body read by a node.
 * Owns what is required and of which type, and the sentence that says so.
 * Never judges values against a device: ranges and states are its user's (422, 409).
 */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/ceilings.h"
#include "base/str.h"
#include "io/wire.h"
#include "io/wire_private.h"

enum need { OPTIONAL, REQUIRED };

static bool
missing(enum need need, const char *key, struct err *e)
{
	return need == OPTIONAL || err_set(e, ERR_FORMAT, "\"%s\" is missing", key);
}

/* Free text: cleaned and cut, since it is only shown. */
static bool
take_text(const struct jdoc *j, const char *key, enum need need, char *out, size_t out_size, struct err *e)
{
	if (!jdoc_has(j, key))
		return missing(need, key, e);
	if (jdoc_text(j, key, NULL) == NULL)
		return err_set(e, ERR_FORMAT, "\"%s\" must be a text", key);
	wire_text(j, key, out, out_size);
	if (need == REQUIRED && out[0] == '\0')
		return err_set(e, ERR_FORMAT, "\"%s\" must not be empty", key);
	return true;
}

/* Free text that is kept: what has no room is refused, not cut. */
static bool
take_whole_text(const struct jdoc *j, const char *key, char *out, size_t out_size, struct err *e)
{
	const char *text = jdoc_text(j, key, NULL);

	if (text != NULL && strlen(text) >= out_size)
		return err_set(e, ERR_FORMAT, "\"%s\" must be no longer than %zu bytes", key, out_size - 1);
	return take_text(j, key, REQUIRED, out, out_size, e);
}

/* A key that something is remembered by: cutting it or changing a character could make two of them one. */
static bool
take_key(const struct jdoc *j, const char *key, enum need need, char *out, size_t out_size, struct err *e)
{
	const char *text = jdoc_text(j, key, NULL);
	char same[ID_BYTES];

	if (!jdoc_has(j, key))
		return missing(need, key, e);
	if (text == NULL)
		return err_set(e, ERR_FORMAT, "\"%s\" must be a text", key);
	if (!ids_copy(same, text) || strcmp(same, text) != 0 || !str_copy(out, out_size, text)) {
		out[0] = '\0';
		return err_set(e, ERR_FORMAT, "\"%s\" must be 1 to %zu of A-Z a-z 0-9 . _ : -", key, out_size - 1);
	}
	return true;
}

static bool
is_whole(double value)
{
	return value == floor(value);
}

static bool
take_int(const struct jdoc *j, const char *key, enum need need, int64_t *out, struct err *e)
{
	if (!jdoc_has(j, key))
		return missing(need, key, e);
	*out = jdoc_int(j, key, -1);
	if (*out < 0 || !is_whole(jdoc_real(j, key, 0.0))) {
		*out = 0;
		return err_set(e, ERR_FORMAT, "\"%s\" must be a whole number, not negative", key);
	}
	return true;
}

static bool
take_px(const struct jdoc *j, const char *key, int *out, struct err *e)
{
	int64_t n = 0;

	if (!take_int(j, key, REQUIRED, &n, e))
		return false;
	*out = n > INT_MAX ? INT_MAX : (int)n;
	return true;
}

static bool
take_real(const struct jdoc *j, const char *key, enum need need, double *out, struct err *e)
{
	if (!jdoc_has(j, key))
		return missing(need, key, e);
	if (!wire_is_number(j, key) || !isfinite(jdoc_real(j, key, 0.0)))
		return err_set(e, ERR_FORMAT, "\"%s\" must be a number", key);
	*out = jdoc_real(j, key, 0.0);
	return true;
}

static bool
take_bool(const struct jdoc *j, const char *key, bool *out, struct err *e)
{
	if (jdoc_has(j, key) && jdoc_bool(j, key, false) != jdoc_bool(j, key, true))
		return err_set(e, ERR_FORMAT, "\"%s\" must be true or false", key);
	*out = jdoc_bool(j, key, false);
	return true;
}

static bool
read_record_stop(struct node_request *out, const struct jdoc *j, struct err *e)
{
	return take_key(j, "take", REQUIRED, out->take, sizeof out->take, e)
	    && take_key(j, "sphere", REQUIRED, out->sphere, sizeof out->sphere, e);
}

static bool
read_record_start(struct node_request *out, const struct jdoc *j, struct err *e)
{
	return read_record_stop(out, j, e)
	    && take_text(j, "label", OPTIONAL, out->label, sizeof out->label, e);
}

static bool
read_flip(struct node_request *out, const struct jdoc *j, struct err *e)
{
	return take_text(j, "position", OPTIONAL, out->position, sizeof out->position, e);
}

static bool
read_zoom(struct node_request *out, const struct jdoc *j, struct err *e)
{
	return take_real(j, "factor", REQUIRED, &out->factor, e)
	    && take_int(j, "rampMs", OPTIONAL, &out->ramp_ms, e);
}

static bool
read_format(struct node_request *out, const struct jdoc *j, struct err *e)
{
	return take_px(j, "width", &out->width, e) && take_px(j, "height", &out->height, e)
	    && take_real(j, "rate", OPTIONAL, &out->rate, e);
}

static bool
read_lens(struct node_request *out, const struct jdoc *j, struct err *e)
{
	if (!jdoc_has(j, "exposure") && !jdoc_has(j, "focus") && !jdoc_has(j, "whiteBalance"))
		return err_set(e, ERR_FORMAT, "one of \"exposure\", \"focus\", \"whiteBalance\" is needed");
	return take_bool(j, "exposure", &out->exposure, e) && take_bool(j, "focus", &out->focus, e)
	    && take_bool(j, "whiteBalance", &out->white_balance, e);
}

static bool
read_tally(struct node_request *out, const struct jdoc *j, struct err *e)
{
	bool stateless;

	if (!take_bool(j, "identify", &out->identify, e) || !take_bool(j, "renew", &out->renew, e))
		return false;
	stateless = out->identify || out->renew;
	if (!jdoc_has(j, "state") && !stateless)
		return err_set(e, ERR_FORMAT, "\"state\" is missing");
	if (jdoc_has(j, "state") && !node_tally_parse(jdoc_text(j, "state", ""), &out->tally))
		return err_set(e, ERR_FORMAT, "\"state\" must be off, preview or program");
	out->has_order = jdoc_has(j, "order");
	return take_int(j, "order", OPTIONAL, &out->order, e)
	    && take_int(j, "leaseMs", OPTIONAL, &out->lease_ms, e);
}

static bool
read_marker(struct node_request *out, const struct jdoc *j, struct err *e)
{
	return take_whole_text(j, "name", out->name, sizeof out->name, e)
	    && take_bool(j, "sound", &out->sound, e);
}

static bool
take_replies(const struct jdoc *j, struct err *e)
{
	struct jdoc *list = jdoc_get(j, "replies");
	bool fine = !jdoc_has(j, "replies") || jdoc_is_array(list);

	for (size_t i = 0; fine && i < jdoc_count(list); i++)
		fine = jdoc_self_text(jdoc_at(list, i), NULL) != NULL;
	return fine || err_set(e, ERR_FORMAT, "\"replies\" must be a list of texts");
}

static bool
read_message(struct node_request *out, const struct jdoc *j, struct err *e)
{
	str_copy(out->level, sizeof out->level, "info");
	if (!take_text(j, "text", REQUIRED, out->text, sizeof out->text, e)
	    || !take_text(j, "level", OPTIONAL, out->level, sizeof out->level, e)
	    || !take_int(j, "forMs", OPTIONAL, &out->for_ms, e) || !take_replies(j, e))
		return false;
	if (!wire_is_one_of(out->level, wire_level_words))
		return err_set(e, ERR_FORMAT, "\"level\" must be info, standby or urgent");
	return true;
}

static bool
read_claim(struct node_request *out, const struct jdoc *j, struct err *e)
{
	return take_key(j, "sphere", REQUIRED, out->sphere, sizeof out->sphere, e)
	    && take_key(j, "token", REQUIRED, out->token, sizeof out->token, e)
	    && take_text(j, "name", OPTIONAL, out->text, sizeof out->text, e)
	    && take_text(j, "director", OPTIONAL, out->director, sizeof out->director, e)
	    && take_text(j, "pin", OPTIONAL, out->pin, sizeof out->pin, e);
}

static bool
read_release(struct node_request *out, const struct jdoc *j, struct err *e)
{
	(void)out;
	(void)j;
	(void)e;
	return true;
}

static const struct {
	bool (*read)(struct node_request *out, const struct jdoc *j, struct err *e);
	bool can_wait;			/* may carry atUs */
} verb_table[NODE_VERBS] = {
	[NODE_RECORD_START] = { read_record_start, true },
	[NODE_RECORD_STOP] = { read_record_stop, true },
	[NODE_FLIP] = { read_flip, true },
	[NODE_ZOOM] = { read_zoom, true },
	[NODE_FORMAT] = { read_format, true },
	[NODE_LENS] = { read_lens, true },
	[NODE_TALLY] = { read_tally, true },
	[NODE_MARKER] = { read_marker, true },
	[NODE_MESSAGE] = { read_message, false },
	[NODE_CLAIM] = { read_claim, false },
	[NODE_RELEASE] = { read_release, false },
};

static bool
read_body(struct node_request *out, const struct jdoc *j, struct err *e)
{
	if (!jdoc_is_object(j))
		return err_set(e, ERR_FORMAT, "the body must be a JSON object");
	if (!take_key(j, "commandId", OPTIONAL, out->command_id, sizeof out->command_id, e))
		return false;
	if (verb_table[out->verb].can_wait && !take_int(j, "atUs", OPTIONAL, &out->at_us, e))
		return false;
	return verb_table[out->verb].read(out, j, e);
}

bool
wire_read_request(struct node_request *out, enum node_verb verb, const char *body, size_t len, struct err *e)
{
	struct jdoc *j;
	bool fine;

	memset(out, 0, sizeof *out);
	out->verb = verb;
	if (len == 0) {		/* curl -X POST …/camera/flip */
		body = "{}";
		len = 2;
	}
	j = jdoc_parse(body, len, MAX_REQUEST_BODY, e);
	if (j == NULL)
		return false;
	fine = read_body(out, j, e);
	jdoc_free(j);
	return fine;
}
