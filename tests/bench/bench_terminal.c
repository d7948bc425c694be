/*
 * bench_terminal.c - runs a console on a pseudo-terminal that answers like an xterm with sixel, over a line of any speed,
 * and tells what it cost: bytes, CPU of the whole process, wake-ups, pictures, time from key to effect.  Asserts nothing.
 *
 *	bench_terminal [OPTIONS] COMMAND...
 *	  -r ROWS -c COLS -w WIDTH -h HEIGHT	the screen, and a cell's pixels
 *	  -u SECONDS -t SECONDS		run in before, and measure
 *	  -l LOG			the console's log, whose "pictures shown N" is counted
 *	  -b BITS -d MS			the line: bits a second (0: no limit), and half its round trip
 *	  -k				presses digits, and waits for the preview to be there
 *	  -K TEXT			typed before the measuring; _ is a blank
 *	  -x				draws the pictures, and reads the frame codes in their corners
 *	  -s				prints the last screen
 *	  -p FILE			keeps its pixels (PPM; with -x)
 * The line is as ssh makes it: whatever is written is taken at once, and waits in a queue without an end.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
#include <time.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/xalloc.h"
#include "bench_screen.h"
#include "bench_tiles.h"

#define PACKET_BYTES 512
#define MOST_KEYS 4000
#define KEY_EVERY_US 400000
#define KEY_PATIENCE_US 5000000
#define REFRESH_GAP_US 5000
#define TYPED_EVERY_US 600000

struct packet { int64_t at_us; size_t len; char *bytes; struct packet *next; };
struct line { struct packet *first, **end; int64_t free_us; size_t queued; };

struct place { int rows, cols; };

struct counts { int64_t text, picture, pictures, rolls, wakes, fences, refreshes; long log_length; double cpu_s, at_s; };

struct terminal {
	int rows, cols, cell_w_px, cell_h_px;
	double warm_s, span_s;
	const char *log, *keys, *pixels;
	int64_t bits, delay_us;
	bool presses, draws, prints;
	char **command;
	pid_t pid;
	int fd;
	struct bench_screen screen;
	struct line down, up;		/* to the screen, and to the program */
	struct bench_tiles tiles;
	int key;			/* the camera asked for last; 0: none is awaited */
	int64_t pressed_us, next_key_us;
	double key_ms[MOST_KEYS], queue_ms[1 << 16];
	int key_count, keys_lost, queue_count;
	int64_t refreshes, read_us;	/* bursts of bytes, 5 ms apart */
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_terminal: %s: %s\n", what, strerror(errno));
	exit(4);
}

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- The line ---- */

static void
line_add(struct line *l, const char *bytes, size_t len, int64_t bits, int64_t delay_us)
{
	const int64_t now = now_us();

	while (len > 0) {
		const size_t n = len < PACKET_BYTES ? len : PACKET_BYTES;
		struct packet *p = xcalloc(1, sizeof *p);

		l->free_us = (l->free_us > now ? l->free_us : now) + (bits > 0 ? (int64_t)n * 8 * 1000000 / bits : 0);
		p->at_us = l->free_us + delay_us;
		p->len = n;
		p->bytes = xmalloc(n);
		memcpy(p->bytes, bytes, n);
		if (l->end == NULL || l->first == NULL)
			l->end = &l->first;
		*l->end = p;
		l->end = &p->next;
		bytes += n;
		len -= n;
	}
}

static struct packet *
line_take(struct line *l)
{
	struct packet *p = l->first;

	if (p == NULL || p->at_us > now_us())
		return NULL;
	l->first = p->next;
	return p;
}

static void
packet_free(struct packet *p)
{
	free(p->bytes);
	free(p);
}

/* ---- What the program uses ---- */

static int64_t
voluntary_switches(pid_t pid)
{
	char path[320], row[256];
	int64_t sum = 0, n;
	DIR *tasks;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	if ((tasks = opendir(path)) == NULL)
		return 0;
	for (struct dirent *d; (d = readdir(tasks)) != NULL;) {
		snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)pid, d->d_name);
		if (d->d_name[0] == '.' || (f = fopen(path, "r")) == NULL)
			continue;
		while (fgets(row, sizeof row, f) != NULL)
			if (sscanf(row, "voluntary_ctxt_switches: %ld", &n) == 1)
				sum += n;
		fclose(f);
	}
	closedir(tasks);
	return sum;
}

static double
cpu_s(pid_t pid)
{
	struct timespec t = { 0 };
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* What the console says it brought to the screen since the log was so long, for each second; and the picture's place. */
static double
pictures_rate(const struct terminal *t, long from, struct place *place)
{
	long long ms, sum_ms = 0, pictures, sum = 0;
	char row[512], *at;
	FILE *f = t->log != NULL ? fopen(t->log, "r") : NULL;

	if (f == NULL)
		return 0;
	while (fgets(row, sizeof row, f) != NULL) {
		if ((at = strstr(row, " row ")) != NULL)
			(void)sscanf(at, " row %*d col %*d rows %d cols %d", &place->rows, &place->cols);
		if (ftell(f) > from && (at = strstr(row, "pictures in ")) != NULL
		    && sscanf(at, "pictures in %lld ms: %lld", &ms, &pictures) == 2 && ms < 60000) {
			sum_ms += ms;
			sum += pictures;
		}
	}
	fclose(f);
	return sum_ms > 0 ? (double)sum * 1000 / (double)sum_ms : 0;
}

static long
log_length(const char *path)
{
	struct stat st;

	return path != NULL && stat(path, &st) == 0 ? (long)st.st_size : 0;
}

static struct counts
take_counts(const struct terminal *t)
{
	const struct bench_screen *s = &t->screen;

	return (struct counts){ .text = s->text_bytes, .picture = s->picture_bytes, .pictures = s->pictures, .rolls = s->rolls,
		.fences = s->fences, .refreshes = t->refreshes, .log_length = log_length(t->log), .wakes = voluntary_switches(t->pid), .cpu_s = cpu_s(t->pid),
		.at_s = (double)now_us() * 1e-6 };
}

/* ---- Keys ---- */

static bool
is_previewed(const struct terminal *t, int camera)
{
	char row[4096], want[16];

	snprintf(want, sizeof want, "PVW %d ", camera);
	for (int y = 0; y < 2 && y < t->rows; y++) {
		bench_screen_row(&t->screen, y, row, sizeof row - 1);
		strcat(row, " ");
		if (strstr(row, want) != NULL)
			return true;
	}
	return false;
}

static void
press(struct terminal *t, int64_t now)
{
	static int nth;
	int camera = 2 + nth++ % 8;		/* 1 is program where there is one */
	char key;

	if (is_previewed(t, camera))
		camera = 2 + nth++ % 8;
	key = (char)('0' + camera);
	t->key = camera;
	t->pressed_us = now;
	line_add(&t->up, &key, 1, 0, t->delay_us);
}

static void
watch_keys(struct terminal *t)
{
	const int64_t now = now_us();

	if (t->key > 0 && is_previewed(t, t->key)) {
		if (t->key_count < MOST_KEYS)
			t->key_ms[t->key_count++] = (double)(now - t->pressed_us) / 1000;
		t->key = 0;
	} else if (t->key > 0 && now - t->pressed_us > KEY_PATIENCE_US) {
		t->keys_lost++;
		t->key = 0;
	} else if (t->key == 0 && now >= t->next_key_us) {
		press(t, now);
		t->next_key_us = now + KEY_EVERY_US + rand() % 200000;
	}
}

/* ---- Turning ---- */

static void
read_program(struct terminal *t)
{
	char bytes[65536];
	ssize_t n;

	if (now_us() - t->read_us > REFRESH_GAP_US)
		t->refreshes++;
	t->read_us = now_us();
	while ((n = read(t->fd, bytes, sizeof bytes)) > 0) {
		if (t->bits == 0 && t->delay_us == 0)
			bench_screen_feed(&t->screen, bytes, (size_t)n);
		else
			line_add(&t->down, bytes, (size_t)n, t->bits, t->delay_us);
		if (n < 4096)
			break;
	}
	if (n < 0 && errno == EIO)
		die("the console has ended");
	if (t->bits > 0 && t->queue_count < 1 << 16) {
		const int64_t wait_us = t->down.free_us - now_us();

		t->queue_ms[t->queue_count++] = wait_us > 0 ? (double)wait_us / 1000 : 0;
	}
}

static void
deliver(struct terminal *t)
{
	struct packet *p;

	while ((p = line_take(&t->down)) != NULL) {
		bench_screen_feed(&t->screen, p->bytes, p->len);
		packet_free(p);
	}
	if (t->screen.answers.len > 0) {
		line_add(&t->up, t->screen.answers.data, t->screen.answers.len, 0, t->delay_us);
		buf_clear(&t->screen.answers);
	}
	while ((p = line_take(&t->up)) != NULL) {
		if (write(t->fd, p->bytes, p->len) < 0 && errno != EAGAIN)
			die("write");
		packet_free(p);
	}
}

static int
wait_ms(const struct terminal *t, int64_t until_us)
{
	int64_t next = until_us, now = now_us();

	if (t->down.first != NULL && t->down.first->at_us < next)
		next = t->down.first->at_us;
	if (t->up.first != NULL && t->up.first->at_us < next)
		next = t->up.first->at_us;
	if (next - now > 100000)
		return 100;
	return next > now ? (int)((next - now + 999) / 1000) : 0;
}

static void
turn_until(struct terminal *t, int64_t until_us, bool measures)
{
	while (now_us() < until_us) {
		struct pollfd p = { .fd = t->fd, .events = POLLIN };
		int64_t stop_us = until_us;

		if (measures && t->presses && t->next_key_us > now_us() && t->next_key_us < stop_us)
			stop_us = t->next_key_us;
		if (poll(&p, 1, wait_ms(t, stop_us)) < 0 && errno != EINTR)
			die("poll");
		if (p.revents & (POLLIN | POLLHUP))
			read_program(t);
		deliver(t);
		if (measures && t->presses)
			watch_keys(t);
		if (t->draws)
			bench_tiles_look(&t->tiles, &t->screen);
	}
}

/* ---- The report ---- */

static int
by_size(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double
quantile(double *values, int count, double q)
{
	int at = (int)(q * count);

	qsort(values, (size_t)count, sizeof *values, by_size);
	return count == 0 ? -1 : values[at < count ? at : count - 1];
}

static void
tell(struct terminal *t, const struct counts *a, const struct counts *b)
{
	const double span_s = b->at_s - a->at_s, cpu = b->cpu_s - a->cpu_s;
	const int64_t picture = b->picture - a->picture;
	struct place place = { 0 };
	const double rate = pictures_rate(t, a->log_length, &place), shown = rate * span_s;

	printf("seconds %.2f cpu_s %.4f cpu_percent %.2f wakes_per_s %.1f\n", span_s, cpu, cpu / span_s * 100,
	    (double)(b->wakes - a->wakes) / span_s);
	printf("shown %.0f cpu_per_1000 %.4f bytes_per_thumb %.0f words_per_thumb %.0f sixels %lld place %dx%d\n", shown, shown > 0 ? cpu * 1000 / shown : 0,
	    shown > 0 ? (double)picture / shown : 0, shown > 0 ? (double)(b->text - a->text) / shown : 0, (long long)(b->pictures - a->pictures),
	    place.cols * t->cell_w_px, place.rows * t->cell_h_px);
	printf("refreshes %.1f bytes_a_refresh %.0f cpu_us_a_refresh %.0f rate %.1f\n", (double)(b->refreshes - a->refreshes) / span_s,
	    b->refreshes > a->refreshes ? (double)(b->text - a->text) / (double)(b->refreshes - a->refreshes) : 0,
	    b->refreshes > a->refreshes ? cpu * 1e6 / (double)(b->refreshes - a->refreshes) : 0, rate);
	printf("text_bytes %lld picture_bytes %lld mbit_per_s %.3f rolls %lld fences %lld unknown %lld %s\n", (long long)(b->text - a->text),
	    (long long)picture, (double)(b->text - a->text + picture) * 8e-6 / span_s, (long long)(b->rolls - a->rolls),
	    (long long)(b->fences - a->fences), (long long)t->screen.unknown, t->screen.unknown_text);
	if (t->presses)
		printf("keys %d lost %d p50_ms %.1f p99_ms %.1f worst_ms %.1f\n", t->key_count, t->keys_lost, quantile(t->key_ms, t->key_count, 0.5),
		    quantile(t->key_ms, t->key_count, 0.99), quantile(t->key_ms, t->key_count, 1));
	if (t->bits > 0)
		printf("queue p50_ms %.1f p99_ms %.1f worst_ms %.1f\n", quantile(t->queue_ms, t->queue_count, 0.5),
		    quantile(t->queue_ms, t->queue_count, 0.99), quantile(t->queue_ms, t->queue_count, 1));
	if (t->draws) {
		bench_tiles_tell(&t->tiles, span_s);
		printf("program_fps %.2f\n", (double)t->tiles.tiles[1].changes / span_s);
	}
}

static void
print_screen(const struct terminal *t)
{
	char row[8192];

	for (int y = 0; y < t->rows; y++) {
		bench_screen_row(&t->screen, y, row, sizeof row);
		printf("|%s\n", row);
	}
}

static void
keep_pixels(const struct terminal *t)
{
	FILE *f = fopen(t->pixels, "wb");

	if (f == NULL || t->screen.rgb == NULL)
		die(t->pixels);
	fprintf(f, "P6\n%d %d\n255\n", bench_screen_width_px(&t->screen), bench_screen_height_px(&t->screen));
	fwrite(t->screen.rgb, 3, (size_t)bench_screen_width_px(&t->screen) * (size_t)bench_screen_height_px(&t->screen), f);
	fclose(f);
}

/* ---- Start and end ---- */

static void
start(struct terminal *t)
{
	struct winsize size = { .ws_row = (unsigned short)t->rows, .ws_col = (unsigned short)t->cols,
		.ws_xpixel = (unsigned short)(t->cols * t->cell_w_px), .ws_ypixel = (unsigned short)(t->rows * t->cell_h_px) };

	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	if (t->pid < 0)
		die("forkpty");
	if (t->pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		execvp(t->command[0], t->command);
		_exit(127);
	}
	fcntl(t->fd, F_SETFL, O_NONBLOCK);
	/* On a busy machine the terminal must not be what is late; without the right to it, it may be. */
	(void)setpriority(PRIO_PROCESS, 0, -15);
}

static void
stop(struct terminal *t)
{
	kill(t->pid, SIGTERM);
	for (int i = 0; i < 300 && waitpid(t->pid, NULL, WNOHANG) == 0; i++) {
		char bytes[65536];

		while (read(t->fd, bytes, sizeof bytes) > 0)
			;
		usleep(10000);
		if (i == 250)
			kill(t->pid, SIGKILL);
	}
	close(t->fd);
}

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: bench_terminal [-r ROWS] [-c COLS] [-w WIDTH] [-h HEIGHT] [-u SECONDS] [-t SECONDS] [-l LOG] [-b BITS]"
	    " [-d MS] [-kxs] [-K TEXT] [-p FILE] COMMAND...\n");
	exit(2);
}

static void
options(struct terminal *t, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+r:c:w:h:u:t:l:b:d:K:p:kxs")) != -1) {
		switch (c) {
		case 'r': t->rows = atoi(optarg); break;
		case 'c': t->cols = atoi(optarg); break;
		case 'w': t->cell_w_px = atoi(optarg); break;
		case 'h': t->cell_h_px = atoi(optarg); break;
		case 'u': t->warm_s = atof(optarg); break;
		case 't': t->span_s = atof(optarg); break;
		case 'l': t->log = optarg; break;
		case 'b': t->bits = atoll(optarg); break;
		case 'd': t->delay_us = atoll(optarg) * 1000; break;
		case 'K': t->keys = optarg; break;
		case 'p': t->pixels = optarg; break;
		case 'k': t->presses = true; break;
		case 'x': t->draws = true; break;
		case 's': t->prints = true; break;
		default: usage();
		}
	}
	t->command = argv + optind;
	if (optind == argc || t->rows < 2 || t->cols < 10 || t->cell_w_px < 1 || t->cell_h_px < 1)
		usage();
}

int
main(int argc, char **argv)
{
	static struct terminal t = { .rows = 43, .cols = 132, .cell_w_px = 8, .cell_h_px = 16, .warm_s = 3, .span_s = 5 };
	struct counts before, after;

	setlocale(LC_ALL, "C.UTF-8");
	options(&t, argc, argv);
	bench_screen_init(&t.screen, t.rows, t.cols, t.cell_w_px, t.cell_h_px, t.draws);
	start(&t);
	turn_until(&t, now_us() + (int64_t)(t.warm_s * 5e5), false);
	for (const char *key = t.keys; key != NULL && *key != '\0'; key++) {
		line_add(&t.up, *key == '_' ? " " : key, 1, 0, t.delay_us);
		turn_until(&t, now_us() + TYPED_EVERY_US, false);	/* slower than a key that is held */
	}
	turn_until(&t, now_us() + (int64_t)(t.warm_s * 5e5), false);
	t.queue_count = 0;
	bench_tiles_begin(&t.tiles);
	before = take_counts(&t);
	turn_until(&t, now_us() + (int64_t)(t.span_s * 1e6), true);
	after = take_counts(&t);
	if (t.prints)
		print_screen(&t);
	if (t.pixels != NULL)
		keep_pixels(&t);
	tell(&t, &before, &after);
	stop(&t);
	return 0;
}
