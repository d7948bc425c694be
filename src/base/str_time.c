/*
 * str_time.c - durations and numbers, read strictly and written for people.
 * Owns nothing.  Never rounds up, never asks the locale for a decimal point.
 */
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define SECOND_US 1000000LL
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define MAX_TIME_US (100000 * HOUR_US)

static const struct {
	const char *name;
	int64_t us;
} units[] = { { "us", 1 }, { "ms", 1000 }, { "s", SECOND_US }, { "m", MINUTE_US }, { "h", HOUR_US } };

/* Digits, at most max of them; NULL: none. */
static const char *
read_digits(const char *p, int max, int64_t *value, int *count)
{
	*value = 0;
	*count = 0;
	while (*p >= '0' && *p <= '9') {
		if (++*count > max)
			return NULL;
		*value = *value * 10 + (*p++ - '0');
	}
	return *count > 0 ? p : NULL;
}

/* ".25" -> 250000 of a million; at the dot or not. */
static const char *
read_fraction(const char *p, int64_t *millionths)
{
	int count;

	*millionths = 0;
	if (*p != '.')
		return p;
	p = read_digits(p + 1, 6, millionths, &count);
	for (; p != NULL && count < 6; count++)
		*millionths *= 10;
	return p;
}

/* "4:00", "00:01:02.500"; first is what stood before the first colon. */
static bool
read_clock(const char *p, int64_t first, int64_t *us)
{
	int64_t fields[3] = { first }, millionths;
	int count = 1, digits;

	while (*p == ':' && count < 3) {
		p = read_digits(p + 1, 2, &fields[count], &digits);
		if (p == NULL || digits != 2 || fields[count] > 59)
			return false;
		count++;
	}
	p = read_fraction(p, &millionths);
	if (p == NULL || *p != '\0' || (count == 3 && first > 99999))
		return false;
	*us = millionths;
	for (int i = 0; i < count; i++)
		*us += fields[i] * (i == count - 1 ? SECOND_US : i == count - 2 ? MINUTE_US : HOUR_US);
	return *us <= MAX_TIME_US;
}

bool
str_time(const char *text, int64_t *us)
{
	int64_t whole, millionths;
	int count;
	const char *p = read_digits(text, 12, &whole, &count);

	if (p == NULL)
		return false;
	if (*p == ':')
		return whole <= 9999999 && read_clock(p, whole, us);
	p = read_fraction(p, &millionths);
	if (p == NULL)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strcmp(p, units[i].name) != 0)
			continue;
		if (whole > MAX_TIME_US / units[i].us)
			return false;
		/* Up to an hour times a million fits easily. */
		*us = whole * units[i].us + millionths * units[i].us / 1000000;
		return *us <= MAX_TIME_US;
	}
	return false;
}

void
str_time_words(char *out, size_t out_size, int64_t us)
{
	const char *sign = us < 0 ? "-" : "";
	uint64_t t = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	unsigned long long seconds = t / 1000000, tenth = t / 100000 % 10;

	if (t == 0)
		snprintf(out, out_size, "0s");
	else if (t < 1000)
		snprintf(out, out_size, "%s%lluus", sign, (unsigned long long)t);
	else if (t < 1000000)
		snprintf(out, out_size, "%s%llums", sign, (unsigned long long)t / 1000);
	else if (seconds < 10 && tenth != 0)
		snprintf(out, out_size, "%s%llu.%llus", sign, seconds, tenth);
	else if (seconds < 60)
		snprintf(out, out_size, "%s%llus", sign, seconds);
	else if (seconds < 3600)
		snprintf(out, out_size, "%s%llum %02llus", sign, seconds / 60, seconds % 60);
	else
		snprintf(out, out_size, "%s%lluh %02llum", sign, seconds / 3600, seconds / 60 % 60);
}

void
str_clock(char *out, size_t out_size, int64_t us)
{
	const char *sign = us <= -SECOND_US ? "-" : "";
	uint64_t t = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	unsigned long long seconds = t / 1000000;

	if (seconds < 3600)
		snprintf(out, out_size, "%s%02llu:%02llu", sign, seconds / 60, seconds % 60);
	else
		snprintf(out, out_size, "%s%02llu:%02llu:%02llu", sign, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

bool
str_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *text == '-';
	int64_t value;
	int count;
	const char *p = read_digits(text + negative, 18, &value, &count);

	if (p == NULL || *p != '\0')
		return false;
	if (negative)
		value = -value;
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

bool
str_double(const char *text, double min, double max, double *out)
{
	bool negative = *text == '-';
	int64_t mantissa, fraction = 0;
	int count;
	double value, scale = 1;
	const char *p = read_digits(text + negative, 15, &mantissa, &count);

	if (p != NULL && *p == '.') {
		p = read_digits(p + 1, 15, &fraction, &count);
		while (p != NULL && count-- > 0)
			scale *= 10;
	}
	if (p == NULL || *p != '\0')
		return false;
	/* One division of two exact numbers rounds once, as the decimal deserves. */
	value = (double)mantissa * scale + (double)fraction;
	value = value < 9007199254740992.0 ? value / scale : (double)mantissa + (double)fraction / scale;
	if (negative)
		value = -value;
	if (!(value >= min && value <= max))
		return false;
	*out = value;
	return true;
}

void
str_bytes(char *out, size_t out_size, int64_t bytes)
{
	static const char *const names[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	double n = bytes > 0 ? (double)bytes : 0;
	int unit = 0;

	for (; n >= 999.5 && unit < 5; unit++)
		n /= 1000;
	snprintf(out, out_size, "%.*f %s", n < 9.95 && unit > 0 ? 1 : 0, n, names[unit]);
}
