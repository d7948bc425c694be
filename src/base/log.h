/*
 * log.h - diagnostic lines by topic, for the maintainer, never for the operator.
 * One process-wide sink, set up once in main() before any thread starts; writing
 * is thread-safe.  All text is made printable on its way out.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#define LOG_TOPICS(X) \
	X(LOOP, "loop") X(DISC, "disc") X(CONN, "conn") X(HTTP, "http") X(FANOUT, "fanout") \
	X(TAKE, "take") X(DISK, "disk") X(UI, "ui") X(CUE, "cue") X(CAMERA, "camera") X(CMD, "cmd")

enum log_topic {
#define LOG_ENUM(id, name) LOG_##id,
	LOG_TOPICS(LOG_ENUM)
#undef LOG_ENUM
	LOG_TOPIC_COUNT
};

/* topics: comma list of names or "all"; "" switches off.  False: an unknown name (told in *bad). */
bool log_setup(const char *topics, const char *path, const char **bad);
bool log_is_on(enum log_topic topic);
void log_line(enum log_topic topic, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_close(void);

#endif
