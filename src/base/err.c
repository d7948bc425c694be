/*
 * err.c - failures of the world as one clear sentence.
 * Owns nothing.  Never logs: whoever asked decides where it is read.
 */
#include "base/err.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* Other programs' messages come with line feeds; in a sentence they are blanks. */
static void
err_take_text(struct err *e, char *raw)
{
	size_t len = strlen(raw);

	while (len > 0 && (raw[len - 1] == '\n' || raw[len - 1] == '\r'))
		raw[--len] = '\0';
	for (char *p = raw; *p != '\0'; p++)
		if (*p == '\n' || *p == '\r' || *p == '\t')
			*p = ' ';
	str_clean(e->text, sizeof e->text, raw, len, INT_MAX);
}

bool
err_set(struct err *e, enum err_kind kind, const char *format, ...)
{
	char raw[2048];
	va_list ap;

	if (e == NULL)
		return false;
	va_start(ap, format);
	vsnprintf(raw, sizeof raw, format, ap);
	va_end(ap);
	err_take_text(e, raw);
	e->kind = kind;
	return false;
}

bool
err_errno(struct err *e, enum err_kind kind, int errnum, const char *format, ...)
{
	char raw[2048], why[128];
	va_list ap;
	size_t len;

	if (e == NULL)
		return false;
	va_start(ap, format);
	vsnprintf(raw, sizeof raw, format, ap);
	va_end(ap);
	len = strlen(raw);
	snprintf(raw + len, sizeof raw - len, ": %s", strerror_r(errnum, why, sizeof why));
	err_take_text(e, raw);
	e->kind = kind;
	return false;
}

void
err_clear(struct err *e)
{
	e->kind = ERR_NONE;
	e->text[0] = '\0';
}

void
err_prefix(struct err *e, const char *format, ...)
{
	char raw[2048 + sizeof e->text];
	va_list ap;
	size_t len;

	va_start(ap, format);
	vsnprintf(raw, 2048, format, ap);
	va_end(ap);
	len = strlen(raw);
	snprintf(raw + len, sizeof raw - len, ": %s", e->text);
	err_take_text(e, raw);
}

bool
err_is_refusal(const struct err *e)
{
	return e->kind == ERR_REFUSED || e->kind == ERR_UNFORCED;
}
