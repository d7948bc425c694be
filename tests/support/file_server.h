/*
 * file_server.h - an HTTP/1.1 server of plain sockets with files that are made up as they are sent: any size costs nothing.
 * Ranges, If-Range, ETag; and every bad day of a camera on request.  Threads of its own, one for each connection, on a free
 * port of 127.0.0.1.  Callable from any thread; what a file shall do may be changed while it is sent.
 */
#ifndef TESTS_FILE_SERVER_H
#define TESTS_FILE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#define FILE_SERVER_FILES 64
#define FILE_SERVER_DROPS 64

struct file_server;

struct file_server_day {		/* what one file does; all 0: well-behaved */
	int64_t drops[FILE_SERVER_DROPS];	/* the connection ends before this byte of the file is sent; each once; in order */
	int drop_count;
	bool reset;			/* ... with a reset, not orderly */
	int corrupt_times;		/* so many answers have a wrong byte ... */
	int64_t corrupt_at;		/* ... here */
	int64_t short_bytes;		/* > 0: the file has only so many, and says so */
	int64_t cut_bytes;		/* > 0: says the whole length, ends after so many, always */
	int64_t stall_at;		/* > 0: nothing more from this byte on, until stall_times are used up */
	int stall_times;
	int refuse_times, refuse_status;	/* so many answers are this */
	int retry_after_s;
	const char *refuse_body;
	bool no_range;			/* always 200 */
	bool wrong_range;		/* 206 of another part */
	bool chunked;			/* no length */
	bool no_etag, weak_etag;
	bool encoded;			/* says gzip */
	int64_t bytes_a_second;		/* > 0: slow */
	const char *token;		/* wanted as bearer; a literal */
	int etag_version;
};

struct file_server *file_server_new(void);
void file_server_free(struct file_server *s);		/* ends every connection */
int file_server_port(const struct file_server *s);
/* Its bytes follow from seed and place alone.  Returns its number. */
int file_server_add(struct file_server *s, int64_t bytes, unsigned seed);
void file_server_url(const struct file_server *s, int file, char *out, int out_size);
/* The SHA-256 of a whole one, in hex. */
void file_server_sha256(int64_t bytes, unsigned seed, char out[65]);
/* Bytes of a file, as they must arrive. */
void file_server_bytes(unsigned seed, int64_t from, void *out, int64_t len);
void file_server_etag(struct file_server *s, int file, char *out, int out_size);
void file_server_set(struct file_server *s, int file, const struct file_server_day *day);
void file_server_get(struct file_server *s, int file, struct file_server_day *day);	/* as it is now: used up ones gone */

struct file_server_seen {		/* of one file, until now */
	int requests, ranged, answered_200, answered_206, answered_416;
	int64_t body_bytes;		/* given to the socket */
	int64_t last_from;		/* of the last request's Range; -1: none */
	char last_if_range[128], last_token[128];
	int open, most_open;		/* connections */
};
void file_server_seen(struct file_server *s, int file, struct file_server_seen *out);
int file_server_open(struct file_server *s);		/* connections now, of all files */
int file_server_most_open(struct file_server *s);
/* No new connection is taken, and those there are end; and back. */
void file_server_pull_plug(struct file_server *s, bool out);

#endif
