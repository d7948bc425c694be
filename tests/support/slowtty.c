/*
 * slowtty.c - runs a program on a terminal in memory (vt.c) behind a slow line: so many bytes a second, so long a round trip,
 * stopped for a while when the script says so.  Presses keys, waits for what the screen shows, measures how long that took.
 * usage: slowtty [-r BYTES/S] [-d MS] [-g COLSxROWS] [-k dumb|text|xterm|js|fenceless] [-l LOG] SCRIPT COMMAND...
 *
 * The script, a step a line ("-" is standard input); TEXT has no blank at its ends; BYTES know \e \r \n \t \xHH:
 *   wait SECONDS TEXT      until a row of the screen has TEXT; else the run fails
 *   never TEXT             no row has it now
 *   key BYTES              pressed now; their way up takes half a round trip
 *   slowly MS BYTES        one byte after another, so long apart
 *   junk COUNT SEED        random bytes, as fast as the program reads them
 *   paste TIMES TEXT       bracketed
 *   measure KEY TEXT       pressed now; from then until the screen has TEXT is one figure of the statistics
 *   for SECONDS            goes on
 *   stop SECONDS           the terminal reads nothing and answers nothing
 *   mute 0|1               1: it reads on, but answers nothing any more; 0: it does again
 *   rate BYTES/S           from now on
 *   area NAME ROW COL ROWS COLS   pictures that begin there are counted
 *   stats NAME             one line of figures since the last one
 *   dump FILE              the screen as text
 *   end                    the program is told to end (SIGTERM); so is it at the end of the script
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/vt.h"

#define CHUNK 4096
#define AREAS 8
#define FIGURES 10000
#define BUFFER_BYTES (256 * 1024)	/* what stands between the program and the line takes so much, as sockets do */
#define SAME_PICTURE_US 60000		/* pieces closer together than this are one picture */

struct chunk { struct chunk *next; int64_t at_us; size_t len; char bytes[CHUNK]; };
struct lane { struct chunk *first, **last; };
struct area { char name[32]; int row, col, rows, cols; int count; int64_t seen_us; };

struct run {
	int fd;
	pid_t pid;
	bool is_over;
	int64_t rate_bps, delay_us;	/* each way */
	double tokens;
	int64_t tokens_us, now_us;
	bool is_stopped, is_mute;
	struct lane waiting, down, up;	/* before the line, on it, on the way back */
	size_t waiting_bytes;
	struct vt vt;
	FILE *log;
	/* Figures since the last stats. */
	int64_t since_us, bytes;
	int64_t queue_us[FIGURES], key_us[FIGURES];
	int queues, keys, late_keys;
	int64_t queue_sample_us;
	struct area areas[AREAS];
	int area_count;
	int failed;
};

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- The line ---- */

static void
lane_put(struct lane *l, const char *bytes, size_t len, int64_t at_us)
{
	while (len > 0) {
		struct chunk *c = malloc(sizeof *c);

		if (c == NULL)
			abort();
		c->next = NULL;
		c->at_us = at_us;
		c->len = len < CHUNK ? len : CHUNK;
		memcpy(c->bytes, bytes, c->len);
		bytes += c->len;
		len -= c->len;
		*l->last = c;
		l->last = &c->next;
	}
}

static struct chunk *
lane_take(struct lane *l, int64_t now_us)
{
	struct chunk *c = l->first;

	if (c == NULL || c->at_us > now_us)
		return NULL;
	l->first = c->next;
	if (l->first == NULL)
		l->last = &l->first;
	return c;
}

static void
on_answer(void *arg, const char *bytes, size_t len)
{
	struct run *r = arg;

	if (!r->is_mute)
		lane_put(&r->up, bytes, len, r->now_us + r->delay_us);
}

static void
on_picture(void *arg, int row, int col, size_t bytes)
{
	struct run *r = arg;

	if (r->log != NULL)
		fprintf(r->log, "%lld picture %d %d %zu\n", (long long)r->now_us, row, col, bytes);
	for (int i = 0; i < r->area_count; i++) {
		struct area *a = &r->areas[i];

		if (row < a->row || row >= a->row + a->rows || col < a->col || col >= a->col + a->cols)
			continue;
		a->count += r->now_us - a->seen_us > SAME_PICTURE_US;
		a->seen_us = r->now_us;
	}
}

/* How long the last byte that the program wrote has to wait before the line takes it. */
static void
sample_queue(struct run *r)
{
	int64_t us = (int64_t)r->waiting_bytes * 1000000 / r->rate_bps;

	if (r->is_stopped || r->now_us - r->queue_sample_us < 2000)
		return;
	r->queue_sample_us = r->now_us;
	r->queue_us[r->queues < FIGURES ? r->queues++ : rand() % FIGURES] = us;
}

/* Everything the program writes is taken at once, up to a limit. */
static void
read_program(struct run *r)
{
	char bytes[CHUNK];
	ssize_t n;

	while (r->waiting_bytes < BUFFER_BYTES && (n = read(r->fd, bytes, sizeof bytes)) != 0) {
		if (n < 0) {
			r->is_over = r->is_over || (errno != EAGAIN && errno != EINTR);
			return;
		}
		lane_put(&r->waiting, bytes, (size_t)n, r->now_us);
		r->waiting_bytes += (size_t)n;
	}
}

static void
fill_line(struct run *r)
{
	double most = (double)r->rate_bps / 200.0 + 64.0;	/* a burst of 5 ms */

	r->tokens += (double)(r->now_us - r->tokens_us) * (double)r->rate_bps / 1e6;
	r->tokens = r->tokens > most ? most : r->tokens;
	r->tokens_us = r->now_us;
	sample_queue(r);
	while (!r->is_stopped && r->waiting.first != NULL && r->tokens >= 16.0) {
		struct chunk *c = r->waiting.first;
		size_t n = (double)c->len < r->tokens ? c->len : (size_t)r->tokens;

		lane_put(&r->down, c->bytes, n, r->now_us + r->delay_us);
		r->tokens -= (double)n;
		r->bytes += (int64_t)n;
		r->waiting_bytes -= n;
		c->len -= n;
		if (c->len > 0)
			memmove(c->bytes, c->bytes + n, c->len);
		else
			free(lane_take(&r->waiting, r->now_us));
	}
}

static void
turn(struct run *r)
{
	struct pollfd p = { .fd = r->fd, .events = r->waiting_bytes < BUFFER_BYTES ? POLLIN : 0 };
	struct chunk *c;

	(void)poll(&p, 1, 1);
	r->now_us = now();
	read_program(r);
	fill_line(r);
	while (!r->is_stopped && (c = lane_take(&r->down, r->now_us)) != NULL) {
		vt_feed(&r->vt, c->bytes, c->len);
		if (r->log != NULL)
			fprintf(r->log, "%lld bytes %zu\n", (long long)r->now_us, c->len);
		free(c);
	}
	while ((c = lane_take(&r->up, r->now_us)) != NULL) {
		ssize_t n = write(r->fd, c->bytes, c->len);
		(void)n;
		free(c);
	}
}

static void
press(struct run *r, const char *bytes, size_t len)
{
	lane_put(&r->up, bytes, len, now() + r->delay_us);
}

/* ---- The script ---- */

static size_t
unescape(char *text)
{
	size_t out = 0;

	for (size_t i = 0; text[i] != '\0'; i++) {
		unsigned hex;

		if (text[i] != '\\' || text[i + 1] == '\0') {
			text[out++] = text[i];
			continue;
		}
		i++;
		if (text[i] == 'x' && sscanf(text + i + 1, "%2x", &hex) == 1) {
			text[out++] = (char)hex;
			i += 2;
		} else
			text[out++] = text[i] == 'e' ? 0x1b : text[i] == 'r' ? '\r' : text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i];
	}
	text[out] = '\0';
	return out;
}

static void
dump(struct run *r, const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stderr : fopen(path, "w");
	char row[8192];

	for (int y = 0; f != NULL && y < r->vt.rows; y++) {
		vt_row(&r->vt, y, row, sizeof row);
		fprintf(f, "%s\n", row);
	}
	if (f != NULL && f != stderr)
		fclose(f);
}

static bool
wait_for(struct run *r, double seconds, const char *text)
{
	int64_t end_us = now() + (int64_t)(seconds * 1e6);

	while (!r->is_over && now() < end_us) {
		if (vt_shows(&r->vt, text))
			return true;
		turn(r);
	}
	return false;
}

static void
go_on(struct run *r, double seconds)
{
	int64_t end_us = now() + (int64_t)(seconds * 1e6);

	while (!r->is_over && now() < end_us)
		turn(r);
}

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
percentile_ms(int64_t *figures, int count, int percent)
{
	if (count == 0)
		return 0;
	qsort(figures, (size_t)count, sizeof figures[0], by_size);
	return (double)figures[(count - 1) * percent / 100] / 1000.0;
}

static void
stats(struct run *r, const char *name)
{
	double seconds = (double)(now() - r->since_us) / 1e6;

	printf("stats %s: %.1f s, %.0f bytes/s, %.0f %% of the line, queue p50 %.1f p99 %.1f max %.1f ms", name, seconds,
	    (double)r->bytes / seconds, (double)r->bytes * 100.0 / seconds / (double)r->rate_bps, percentile_ms(r->queue_us, r->queues, 50),
	    percentile_ms(r->queue_us, r->queues, 99), percentile_ms(r->queue_us, r->queues, 100));
	if (r->keys > 0)
		printf(", %d keys p50 %.1f p99 %.1f max %.1f ms, %d never", r->keys, percentile_ms(r->key_us, r->keys, 50),
		    percentile_ms(r->key_us, r->keys, 99), percentile_ms(r->key_us, r->keys, 100), r->late_keys);
	for (int i = 0; i < r->area_count; i++) {
		printf(", %s %.2f fps", r->areas[i].name, r->areas[i].count / seconds);
		r->areas[i].count = 0;
	}
	printf(", %ld scrolled", r->vt.scrolls);
	if (r->vt.scrolls > 0)
		printf(" at %d,%d", r->vt.scrolled_row, r->vt.scrolled_col);
	printf(", %ld unknown %s\n", r->vt.unknown, r->vt.unknown_text);
	fflush(stdout);
	r->since_us = now();
	r->bytes = 0;
	r->queues = r->keys = r->late_keys = 0;
}

static void
fail(struct run *r, const char *step)
{
	printf("failed: %s\n", step);
	fflush(stdout);
	dump(r, "-");
	r->failed = 1;
}

static void
measure(struct run *r, char *text)
{
	char *want = strchr(text, ' ');
	int64_t begun_us = now();

	if (want == NULL)
		return;
	*want++ = '\0';
	press(r, text, unescape(text));
	if (!wait_for(r, 10, want))
		r->late_keys++;
	if (r->keys < FIGURES)
		r->key_us[r->keys++] = now() - begun_us;
}

static void
junk(struct run *r, long count, unsigned seed)
{
	while (count > 0 && !r->is_over) {
		char bytes[512];
		size_t n = count < 512 ? (size_t)count : 512;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525u + 1013904223u;
			bytes[i] = (char)(seed >> 24);
		}
		ssize_t done = write(r->fd, bytes, n);

		if (done > 0)
			count -= done;
		turn(r);
	}
}

static void
paste(struct run *r, long times, const char *text)
{
	char bytes[1024];

	for (long i = 0; i < times && !r->is_over; i++) {
		int n = snprintf(bytes, sizeof bytes, "\x1b[200~%s\x1b[201~", text);

		press(r, bytes, (size_t)n);
		turn(r);
	}
}

static void
slowly(struct run *r, double ms, char *bytes)
{
	size_t n = unescape(bytes);

	for (size_t i = 0; i < n; i++) {
		press(r, bytes + i, 1);
		go_on(r, ms / 1000);
	}
}

static void
add_area(struct run *r, const char *text)
{
	struct area *a = &r->areas[r->area_count];

	if (r->area_count < AREAS && sscanf(text, "%31s %d %d %d %d", a->name, &a->row, &a->col, &a->rows, &a->cols) == 5)
		r->area_count++;
}

/* One line; false: the script is over. */
static bool
step(struct run *r, char *line)
{
	char copy[1024], *rest = line + strcspn(line, " "), *text;
	double figure;

	snprintf(copy, sizeof copy, "%s", line);
	if (*rest != '\0')
		*rest++ = '\0';
	figure = strtod(rest, &text);
	text += *text == ' ';
	if (strcmp(line, "wait") == 0) {
		if (!wait_for(r, figure, text))
			fail(r, copy);
	} else if (strcmp(line, "never") == 0) {
		if (vt_shows(&r->vt, rest))
			fail(r, copy);
	} else if (strcmp(line, "key") == 0)
		press(r, rest, unescape(rest));
	else if (strcmp(line, "slowly") == 0)
		slowly(r, figure, text);
	else if (strcmp(line, "junk") == 0)
		junk(r, (long)figure, (unsigned)strtoul(text, NULL, 10));
	else if (strcmp(line, "paste") == 0)
		paste(r, (long)figure, text);
	else if (strcmp(line, "measure") == 0)
		measure(r, rest);
	else if (strcmp(line, "for") == 0)
		go_on(r, figure);
	else if (strcmp(line, "stop") == 0) {
		r->is_stopped = true;
		go_on(r, figure);
		r->is_stopped = false;
		r->tokens_us = now();
	} else if (strcmp(line, "mute") == 0)
		r->is_mute = figure > 0;
	else if (strcmp(line, "rate") == 0)
		r->rate_bps = (int64_t)figure;
	else if (strcmp(line, "area") == 0)
		add_area(r, rest);
	else if (strcmp(line, "stats") == 0)
		stats(r, rest);
	else if (strcmp(line, "dump") == 0)
		dump(r, rest);
	else
		return false;
	return true;
}

static enum vt_kind
kind_of(const char *name)
{
	return strcmp(name, "dumb") == 0 ? VT_DUMB : strcmp(name, "text") == 0 ? VT_TEXT : strcmp(name, "js") == 0 ? VT_JS :
	    strcmp(name, "fenceless") == 0 ? VT_FENCELESS : VT_XTERM;
}

static void
end(struct run *r)
{
	int status = 0;

	kill(r->pid, SIGTERM);
	for (int64_t until = now() + 5000000; now() < until && waitpid(r->pid, &status, WNOHANG) == 0;)
		turn(r);
	close(r->fd);
}

int
main(int argc, char **argv)
{
	static struct run r;
	static const struct vt_fns fns = { .answer = on_answer, .picture = on_picture };
	struct winsize size = { .ws_row = 43, .ws_col = 132 };
	enum vt_kind kind = VT_XTERM;
	int rate = 125000, delay_ms = 80, cols, rows, option;
	char line[1024];
	FILE *script;

	setlocale(LC_ALL, "");
	while ((option = getopt(argc, argv, "+r:d:g:k:l:")) != -1)
		switch (option) {
		case 'r':
			rate = atoi(optarg);
			break;
		case 'd':
			delay_ms = atoi(optarg);
			break;
		case 'g':
			if (sscanf(optarg, "%dx%d", &cols, &rows) == 2)
				size = (struct winsize){ .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
			break;
		case 'k':
			kind = kind_of(optarg);
			break;
		case 'l':
			r.log = fopen(optarg, "w");
			break;
		default:
			return 2;
		}
	if (argc - optind < 2 || rate < 1)
		return 2;
	script = strcmp(argv[optind], "-") == 0 ? stdin : fopen(argv[optind], "r");
	if (script == NULL)
		return 2;
	r.rate_bps = rate;
	r.delay_us = delay_ms * 500;
	r.waiting.last = &r.waiting.first;
	r.down.last = &r.down.first;
	r.up.last = &r.up.first;
	r.tokens_us = r.since_us = now();
	vt_init(&r.vt, kind, size.ws_row, size.ws_col, &fns, &r);
	r.pid = forkpty(&r.fd, NULL, NULL, &size);
	if (r.pid < 0)
		return 1;
	if (r.pid == 0) {
		execvp(argv[optind + 1], argv + optind + 1);
		_exit(127);
	}
	fcntl(r.fd, F_SETFL, O_NONBLOCK);
	while (r.failed == 0 && fgets(line, sizeof line, script) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0' && line[0] != '#' && !step(&r, line))
			break;
	}
	end(&r);
	vt_fini(&r.vt);
	return r.failed;
}
