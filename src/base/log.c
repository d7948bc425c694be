/*
 * log.c - diagnostic lines by topic.
 * Owns the one sink of the process.  Never writes a byte that could move a terminal.
 */
#include "base/log.h"

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

static const char *const log_names[] = {
#define LOG_NAME(id, name) [LOG_##id] = name,
	LOG_TOPICS(LOG_NAME)
#undef LOG_NAME
};

static struct {
	pthread_mutex_t lock;
	FILE *out;
	char bad[64];
} log_sink = { .lock = PTHREAD_MUTEX_INITIALIZER };
static atomic_uint log_mask;

static int
log_topic_parse(const char *name, size_t len)
{
	for (int i = 0; i < LOG_TOPIC_COUNT; i++)
		if (strlen(log_names[i]) == len && memcmp(log_names[i], name, len) == 0)
			return i;
	return -1;
}

static bool
log_mask_parse(const char *topics, unsigned *mask, const char **bad)
{
	*mask = 0;
	while (*topics != '\0') {
		size_t len = strcspn(topics, ",");
		int topic = log_topic_parse(topics, len);

		if (len == 3 && memcmp(topics, "all", 3) == 0) {
			*mask = ~0u;
		} else if (topic >= 0) {
			*mask |= 1u << topic;
		} else if (len > 0) {
			snprintf(log_sink.bad, sizeof log_sink.bad, "%.*s", (int)(len < 60 ? len : 60), topics);
			*bad = log_sink.bad;
			return false;
		}
		topics += len + (topics[len] == ',');
	}
	return true;
}

bool
log_setup(const char *topics, const char *path, const char **bad)
{
	unsigned mask;
	FILE *out = stderr;

	if (!log_mask_parse(topics, &mask, bad))
		return false;
	if (mask != 0 && path != NULL && path[0] != '\0') {
		out = fopen(path, "ae");
		if (out == NULL) {
			*bad = path;
			return false;
		}
	}
	log_close();
	log_sink.out = out;
	atomic_store(&log_mask, mask);
	return true;
}

bool
log_is_on(enum log_topic topic)
{
	return (atomic_load_explicit(&log_mask, memory_order_relaxed) & (1u << topic)) != 0;
}

/* Control bytes and bytes that are not UTF-8 stay readable as \xNN; the rest is str_clean's. */
static void
log_printable(char *out, size_t out_size, const char *raw)
{
	char escaped[4096];
	size_t used = 0, len = strlen(raw), step;
	uint32_t cp;

	for (size_t i = 0; i < len && used + 5 < sizeof escaped; i += step) {
		unsigned char byte = (unsigned char)raw[i];

		step = str_next(raw + i, len - i, &cp);
		if (byte < 0x20 || byte == 0x7f || (cp == 0xfffd && byte != 0xef)) {
			step = 1;
			used += (size_t)snprintf(escaped + used, 5, "\\x%02x", byte);
		} else {
			memcpy(escaped + used, raw + i, step);
			used += step;
		}
	}
	str_clean(out, out_size, escaped, used, INT_MAX);
}

void
log_line(enum log_topic topic, const char *format, ...)
{
	char raw[2048], text[4096], stamp[32];
	struct timespec now;
	struct tm tm;
	va_list ap;

	if (!log_is_on(topic))
		return;
	va_start(ap, format);
	vsnprintf(raw, sizeof raw, format, ap);
	va_end(ap);
	log_printable(text, sizeof text, raw);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof stamp, "%H:%M:%S", &tm);
	pthread_mutex_lock(&log_sink.lock);
	if (log_sink.out != NULL) {
		fprintf(log_sink.out, "%s.%06ld %-6s %s\n", stamp, now.tv_nsec / 1000, log_names[topic], text);
		fflush(log_sink.out);
	}
	pthread_mutex_unlock(&log_sink.lock);
}

void
log_close(void)
{
	pthread_mutex_lock(&log_sink.lock);
	atomic_store(&log_mask, 0);
	if (log_sink.out != NULL && log_sink.out != stderr)
		fclose(log_sink.out);
	log_sink.out = NULL;
	pthread_mutex_unlock(&log_sink.lock);
}
