/*
 * draw_scene.c - a made-up show on a real terminal, through the console's own screen and curses: for golden screens.
 * draw_scene [-t THEME-FILE] [-p PAGE] [-n TILES-A-PAGE] [-f FOCUS] VIEW SCENE pictures|text
 * Pictures are dots.  It draws anew when the terminal changes its size, and ends with its input.  Where standard output
 * is no terminal, the canvas is printed as text, LINES by COLUMNS.
 */
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "app/keymap.h"
#include "tests/support/scene.h"
#include "ui/canvas_curses.h"
#include "ui/view.h"

static volatile sig_atomic_t resized = 1;

static void
on_resize(int sig)
{
	(void)sig;
	resized = 1;
}

static void
get_size(int *rows, int *cols)
{
	const char *lines = getenv("LINES"), *columns = getenv("COLUMNS");
	struct winsize size;

	*rows = lines != NULL ? atoi(lines) : 24;
	*cols = columns != NULL ? atoi(columns) : 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
		*rows = size.ws_row;
		*cols = size.ws_col;
	}
}

/* As a painter does: past curses, onto cells that curses never writes. */
static void
put_pictures(const struct canvas *c)
{
	for (int i = 0; i < c->picture_count; i++) {
		const struct canvas_picture *p = &c->pictures[i];

		for (int y = 0; y < p->rows && !p->awaited; y++) {
			printf("\x1b[%d;%dH\x1b[0m", p->row + y + 1, p->col + 1);
			for (int x = 0; x < p->cols; x++)
				putchar('.');
		}
	}
	fflush(stdout);
}

static void
print_canvas(struct canvas *c)
{
	char row[8192];

	for (int i = 0; i < c->picture_count; i++)
		for (int k = 0; k < c->pictures[i].rows * c->pictures[i].cols && !c->pictures[i].awaited; k++)
			c->cell[(c->pictures[i].row + k / c->pictures[i].cols) * c->cols + c->pictures[i].col + k % c->pictures[i].cols].text[0] = '.';
	for (int y = 0; y < c->rows; y++) {
		canvas_row_text(c, y, row, sizeof row);
		puts(row);
	}
}

static void
draw_on(struct canvas_curses *cc, const struct canvas *c)
{
	struct buf out;

	buf_init(&out, 8 * 1024 * 1024);
	canvas_curses_show(cc, c);
	canvas_curses_take(cc, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_fini(&out);
	put_pictures(c);
}

static bool
read_theme(struct theme *theme, const char *file, struct err *e)
{
	char text[16384];
	FILE *in = fopen(file, "re");
	size_t len = in != NULL ? fread(text, 1, sizeof text, in) : 0;

	if (in != NULL)
		fclose(in);
	return len > 0 ? theme_parse(theme, file, text, len, e) : err_set(e, ERR_ENVIRONMENT, "%s: not readable", file);
}

static struct canvas_curses *
open_curses(const char *theme_file, int rows, int cols)
{
	struct canvas_curses *cc;
	struct theme theme;
	struct err e;

	theme_plain(&theme);
	if ((theme_file != NULL && !read_theme(&theme, theme_file, &e)) || (cc = canvas_curses_new(&theme, rows, cols, &e)) == NULL) {
		fprintf(stderr, "draw_scene: %s\n", e.text);
		exit(1);
	}
	return cc;
}

/* A new size is only heard of here, so that none can slip by between looking and waiting.  False: the input has ended. */
static bool
wait_for_news(char *byte)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	sigset_t none;

	sigemptyset(&none);
	if (ppoll(&in, 1, NULL, &none) < 0)
		return true;
	return read(STDIN_FILENO, byte, 1) > 0;
}

static void
run(const struct view_ops *view, const struct view_frame *f, const char *theme_file)
{
	struct canvas_curses *cc = NULL;
	struct canvas c;
	char byte;
	int rows, cols;

	do {
		if (!resized)
			continue;
		resized = 0;
		get_size(&rows, &cols);
		canvas_init(&c, rows, cols);
		screen_draw(&c, view, f);
		if (!isatty(STDOUT_FILENO)) {
			print_canvas(&c);
			canvas_fini(&c);
			return;
		}
		if (cc == NULL)
			cc = open_curses(theme_file, rows, cols);
		else
			canvas_curses_resize(cc, rows, cols);
		draw_on(cc, &c);
		canvas_fini(&c);
	} while (wait_for_news(&byte));
	canvas_curses_free(cc);
}

static void
block_resizes(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int
main(int argc, char **argv)
{
	struct view_frame f = { .keymap = keymap_builtin("atem"), .bell = "visual", .prompt_cursor = -1 };
	const char *theme_file = NULL;
	const struct view_ops *view;
	struct mesh *mesh = scene_mesh();
	struct show *show;
	int opt;

	while ((opt = getopt(argc, argv, "t:p:n:f:")) != -1) {
		if (opt == 't')
			theme_file = optarg;
		else if (opt == 'p')
			f.page = atoi(optarg) - 1;
		else if (opt == 'n')
			f.per_page = atoi(optarg);
		else if (opt == 'f')
			snprintf(f.focus, sizeof f.focus, "%s", optarg);
		else
			return 2;
	}
	if (argc - optind != 3 || (view = view_find(argv[optind])) == NULL || (show = scene_new(argv[optind + 1])) == NULL) {
		fputs("usage: draw_scene [-t THEME-FILE] [-p PAGE] [-n TILES-A-PAGE] [-f FOCUS] VIEW SCENE pictures|text\n", stderr);
		return 2;
	}
	f.graphics = strcmp(argv[optind + 2], "pictures") == 0 ? VIEW_PICTURES : VIEW_NO_PICTURES;
	f.show = show;
	f.mesh = mesh;
	setlocale(LC_ALL, "");
	setenv("TZ", "UTC", 1);
	tzset();
	block_resizes();
	sigaction(SIGWINCH, &(struct sigaction){ .sa_handler = on_resize }, NULL);
	run(view, &f, theme_file);
	free(show);
	scene_mesh_free(mesh);
	return 0;
}
