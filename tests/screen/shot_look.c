/*
 * shot_look.c - looks at a screenshot of the console: each camera's colour must fill its own place and no other cell.
 * Owns what "right" means to an eye; never runs anything, never waits.
 *
 *   shot_look SHOT.ppm SCENE      prints what is wrong, a line each; exit 1 when anything is
 *
 * SCENE is lines of words:
 *   grid X Y CELL_W CELL_H ROWS COLS      where the text is in the screenshot; pixels, fractions allowed
 *   colour ID RED GREEN BLUE              a camera's colour, plain but for a white mark
 *   picture ID ROW COL ROWS COLS          where the console says that it shows that camera
 *   title ID TEXT                         stands in the row above each of its pictures
 *   text FILE                             the terminal's own text, a line a row
 *   mark                                  prints "mark ID X Y" for each picture: where its white mark is
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CAMERAS 64
#define MAX_PICTURES 64
#define MAX_ROWS 300
#define MAX_COLS 600
#define NEAR 44			/* a channel may differ so far: JPEG, then a palette */
#define WHITE 200
#define STAIN 0.2		/* of a cell's pixels; a picture may hang over by a hairline */

struct camera { char id[64], title[64]; int rgb[3]; };
struct place { int camera; int row, col, rows, cols; };
struct box { int left, top, right, bottom; };

struct look {
	unsigned char *rgb;
	int w, h;
	double x, y, cell_w, cell_h;
	int rows, cols;
	struct camera cameras[MAX_CAMERAS];
	int camera_count;
	struct place places[MAX_PICTURES];
	int place_count;
	unsigned text[MAX_ROWS][MAX_COLS];
	int text_rows;
	bool wants_mark;
	int problems;
};

static void
problem(struct look *l, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	l->problems++;
}

static void
give_up(const char *what)
{
	fprintf(stderr, "shot_look: %s\n", what);
	exit(2);
}

/* ---- reading ---- */

static void
read_ppm(struct look *l, const char *path)
{
	FILE *f = fopen(path, "rb");
	int max;

	if (f == NULL || fscanf(f, "P6 %d %d %d", &l->w, &l->h, &max) != 3 || max != 255 || getc(f) == EOF ||
	    l->w < 1 || l->h < 1 || l->w > 10000 || l->h > 10000)
		give_up("not an 8-bit binary PPM");
	size_t bytes = (size_t)l->w * (size_t)l->h * 3;
	l->rgb = malloc(bytes);
	if (l->rgb == NULL || fread(l->rgb, 1, bytes, f) != bytes)
		give_up("a screenshot cut short");
	fclose(f);
}

/* One code point a cell: what the console writes beside its pictures is one cell wide. */
static void
read_text(struct look *l, const char *path)
{
	FILE *f = fopen(path, "rb");
	int row = 0, col = 0, c;

	if (f == NULL)
		give_up("no such text");
	while (row < MAX_ROWS && (c = getc(f)) != EOF) {
		if (c == '\n') {
			row++;
			col = 0;
		} else if ((c & 0xc0) == 0x80)
			continue;
		else if (col < MAX_COLS)
			l->text[row][col++] = (unsigned)(c < 0x80 ? c : '?');
	}
	l->text_rows = row;
	fclose(f);
}

static int
camera_by_id(struct look *l, const char *id)
{
	for (int i = 0; i < l->camera_count; i++)
		if (strcmp(l->cameras[i].id, id) == 0)
			return i;
	if (l->camera_count == MAX_CAMERAS)
		give_up("too many cameras");
	snprintf(l->cameras[l->camera_count].id, sizeof l->cameras[0].id, "%s", id);
	l->cameras[l->camera_count].rgb[0] = -1;
	return l->camera_count++;
}

static bool
read_word(struct look *l, const char *line)
{
	char id[64], text[400];
	struct place p;
	int rgb[3];

	if (sscanf(line, "grid %lf %lf %lf %lf %d %d", &l->x, &l->y, &l->cell_w, &l->cell_h, &l->rows, &l->cols) == 6)
		return l->rows > 0 && l->cols > 0 && l->rows <= MAX_ROWS && l->cols <= MAX_COLS && l->cell_w >= 1 && l->cell_h >= 1;
	if (sscanf(line, "colour %63s %d %d %d", id, &rgb[0], &rgb[1], &rgb[2]) == 4) {
		memcpy(l->cameras[camera_by_id(l, id)].rgb, rgb, sizeof rgb);
		return true;
	}
	if (sscanf(line, "picture %63s %d %d %d %d", id, &p.row, &p.col, &p.rows, &p.cols) == 5 && l->place_count < MAX_PICTURES) {
		p.camera = camera_by_id(l, id);
		l->places[l->place_count++] = p;
		return true;
	}
	if (sscanf(line, "title %63s %63s", id, text) == 2) {
		snprintf(l->cameras[camera_by_id(l, id)].title, sizeof l->cameras[0].title, "%.63s", text);
		return true;
	}
	if (sscanf(line, "text %399s", text) == 1) {
		read_text(l, text);
		return true;
	}
	l->wants_mark = l->wants_mark || strncmp(line, "mark", 4) == 0;
	return strncmp(line, "mark", 4) == 0 || line[0] == '\n';
}

static void
read_scene(struct look *l, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512];

	if (f == NULL)
		give_up("no such scene");
	while (fgets(line, sizeof line, f) != NULL)
		if (!read_word(l, line))
			give_up(line);
	fclose(f);
	if (l->rows == 0)
		give_up("a scene without a grid");
}

/* ---- pixels ---- */

static const unsigned char *
pixel(const struct look *l, int x, int y)
{
	return l->rgb + ((size_t)y * (size_t)l->w + (size_t)x) * 3;
}

static bool
is_white(const unsigned char *p)
{
	return p[0] >= WHITE && p[1] >= WHITE && p[2] >= WHITE;
}

/* A camera's colour, its white mark, or what lies between the two at the mark's edge. */
static bool
is_painted_by(const struct camera *c, const unsigned char *p)
{
	double along = 0, length = 0, t;

	for (int k = 0; k < 3; k++) {
		along += (double)(p[k] - c->rgb[k]) * (255 - c->rgb[k]);
		length += (double)(255 - c->rgb[k]) * (255 - c->rgb[k]);
	}
	t = length > 0 ? along / length : 0;
	t = t < 0 ? 0 : t > 1 ? 1 : t;
	for (int k = 0; k < 3; k++) {
		double want = c->rgb[k] + t * (255 - c->rgb[k]);

		if (p[k] < want - NEAR || p[k] > want + NEAR)
			return false;
	}
	return true;
}

/* Whose colour it is; -1: nobody's. */
static int
camera_of(const struct look *l, const unsigned char *p)
{
	int best = -1, best_far = NEAR + 1;

	for (int i = 0; i < l->camera_count; i++) {
		int far = 0;

		for (int k = 0; k < 3; k++) {
			int d = abs(p[k] - l->cameras[i].rgb[k]);

			far = d > far ? d : far;
		}
		if (l->cameras[i].rgb[0] >= 0 && far < best_far) {
			best = i;
			best_far = far;
		}
	}
	return best;
}

/* The pixels of a rectangle of cells, rounded outwards and kept inside the screenshot. */
static struct box
pixels_of(const struct look *l, int row, int col, int rows, int cols)
{
	struct box b = {
		(int)(l->x + col * l->cell_w), (int)(l->y + row * l->cell_h),
		(int)(l->x + (col + cols) * l->cell_w + 0.999), (int)(l->y + (row + rows) * l->cell_h + 0.999),
	};

	b.right = b.right < l->w ? b.right : l->w;
	b.bottom = b.bottom < l->h ? b.bottom : l->h;
	return b;
}

/* ---- what must hold ---- */

/* The smallest box around a camera's own pixels. */
static struct box
find_picture(const struct look *l, const struct box *in, int camera)
{
	struct box b = { in->right, in->bottom, in->left, in->top };

	for (int y = in->top; y < in->bottom; y++)
		for (int x = in->left; x < in->right; x++) {
			if (camera_of(l, pixel(l, x, y)) != camera)
				continue;
			b.left = x < b.left ? x : b.left;
			b.right = x >= b.right ? x + 1 : b.right;
			b.top = y < b.top ? y : b.top;
			b.bottom = y >= b.bottom ? y + 1 : b.bottom;
		}
	return b;
}

static bool
is_inside(const struct box *in, const struct box *out)
{
	return in->left >= out->left && in->right <= out->right && in->top >= out->top && in->bottom <= out->bottom;
}

/* How much of a box is the camera's picture. */
static double
share(const struct look *l, const struct box *b, int camera)
{
	long own = 0, all = (long)(b->right - b->left) * (b->bottom - b->top);

	for (int y = b->top; y < b->bottom; y++)
		for (int x = b->left; x < b->right; x++)
			own += is_painted_by(&l->cameras[camera], pixel(l, x, y));
	return all > 0 ? (double)own / (double)all : 0;
}

/* A cell of a picture that shows something else was erased by text, or never painted. */
static void
check_holes(struct look *l, const struct place *p, const struct box *picture)
{
	int holes = 0, row = 0, col = 0;

	for (int r = p->row; r < p->row + p->rows; r++)
		for (int c = p->col; c < p->col + p->cols; c++) {
			struct box cell = pixels_of(l, r, c, 1, 1);

			if (!is_inside(&cell, picture) || share(l, &cell, p->camera) >= 0.5)
				continue;
			holes++;
			row = r;
			col = c;
		}
	if (holes > 0)
		problem(l, "%s: %d cells of its picture are not painted, as row %d column %d", l->cameras[p->camera].id, holes, row, col);
}

/* Whose colour covers more than a part of a cell; -1: nobody's. */
static int
stained_by(const struct look *l, int row, int col, double part)
{
	struct box b = pixels_of(l, row, col, 1, 1);
	int count[MAX_CAMERAS] = { 0 }, all = (b.right - b.left) * (b.bottom - b.top);

	for (int y = b.top; y < b.bottom; y++)
		for (int x = b.left; x < b.right; x++) {
			int k = camera_of(l, pixel(l, x, y));

			if (k >= 0 && ++count[k] > part * all)
				return k;
		}
	return -1;
}

static void
check_strangers(struct look *l, const struct place *p)
{
	int cells = 0, stranger = 0;

	for (int r = p->row; r < p->row + p->rows; r++)
		for (int c = p->col; c < p->col + p->cols; c++) {
			int whose = stained_by(l, r, c, 0.5);

			if (whose >= 0 && whose != p->camera) {
				cells++;
				stranger = whose;
			}
		}
	if (cells > 0)
		problem(l, "%s: %d cells of its place show %s", l->cameras[p->camera].id, cells, l->cameras[stranger].id);
}

static void
check_place(struct look *l, const struct place *p)
{
	const char *id = l->cameras[p->camera].id;
	struct box in = pixels_of(l, p->row, p->col, p->rows, p->cols);
	struct box b = find_picture(l, &in, p->camera);
	int w = b.right - b.left, h = b.bottom - b.top, room_w = in.right - in.left, room_h = in.bottom - in.top;

	if (p->row < 0 || p->col < 0 || p->row + p->rows > l->rows - 1 || p->col + p->cols > l->cols)
		problem(l, "%s: its place (%d,%d %dx%d) leaves the screen or touches the last row", id, p->row, p->col, p->rows, p->cols);
	check_strangers(l, p);
	if (w <= 0 || h <= 0) {
		problem(l, "%s: no picture in its place (row %d column %d, %d x %d cells)", id, p->row, p->col, p->rows, p->cols);
		return;
	}
	if (w < room_w - 3 * l->cell_w && h < room_h - 3 * l->cell_h)
		problem(l, "%s: its picture is only %dx%d of %dx%d pixels", id, w, h, room_w, room_h);
	if (share(l, &b, p->camera) < 0.9)
		problem(l, "%s: only %.0f %% of its picture is in its colour", id, share(l, &b, p->camera) * 100);
	check_holes(l, p, &b);
}

static bool
is_place(const struct look *l, int row, int col)
{
	for (int i = 0; i < l->place_count; i++) {
		const struct place *p = &l->places[i];

		if (row >= p->row && row < p->row + p->rows && col >= p->col && col < p->col + p->cols)
			return true;
	}
	return false;
}

static void
check_outside(struct look *l)
{
	int stains = 0, row = 0, col = 0, whose = 0;

	for (int r = 0; r < l->rows; r++)
		for (int c = 0; c < l->cols; c++) {
			int k = is_place(l, r, c) ? -1 : stained_by(l, r, c, STAIN);

			if (k < 0)
				continue;
			stains++;
			row = r;
			col = c;
			whose = k;
		}
	if (stains > 0)
		problem(l, "%d cells outside every picture are in a camera's colour, as row %d column %d in that of %s", stains, row, col,
		    l->cameras[whose].id);
}

/* The strip that is left where the window is not a whole number of cells. */
static void
check_margin(struct look *l)
{
	int right = (int)(l->x + l->cols * l->cell_w + 1.999), bottom = (int)(l->y + l->rows * l->cell_h + 1.999);
	long stained = 0;

	for (int y = 0; y < l->h; y++)
		for (int x = y < bottom ? right : 0; x < l->w; x++)
			stained += camera_of(l, pixel(l, x, y)) >= 0;
	if (stained > 30)
		problem(l, "%ld pixels of cameras outside the text area", stained);
}

static void
check_title(struct look *l, const struct place *p)
{
	const char *title = l->cameras[p->camera].title;
	int len = (int)strlen(title), first = p->col > 2 ? p->col - 2 : 0;

	if (len == 0 || l->text_rows == 0)
		return;
	for (int c = first; p->row > 0 && c + len <= MAX_COLS && c < p->col + p->cols; c++) {
		int i = 0;

		while (i < len && l->text[p->row - 1][c + i] == (unsigned)title[i])
			i++;
		if (i == len)
			return;
	}
	problem(l, "%s: no %s in the row above its picture at row %d column %d", l->cameras[p->camera].id, title, p->row, p->col);
}

static void
print_mark(const struct look *l, const struct place *p)
{
	struct box in = pixels_of(l, p->row, p->col, p->rows, p->cols);
	long n = 0, sum_x = 0, sum_y = 0;

	for (int y = in.top; y < in.bottom; y++)
		for (int x = in.left; x < in.right; x++)
			if (is_white(pixel(l, x, y))) {
				n++;
				sum_x += x;
				sum_y += y;
			}
	if (n > 0)
		printf("mark %s %ld %ld\n", l->cameras[p->camera].id, sum_x / n, sum_y / n);
}

int
main(int argc, char **argv)
{
	static struct look l;

	if (argc != 3)
		give_up("usage: shot_look SHOT.ppm SCENE");
	read_scene(&l, argv[2]);
	read_ppm(&l, argv[1]);
	if ((int)(l.x + l.cols * l.cell_w) > l.w + 1 || (int)(l.y + l.rows * l.cell_h) > l.h + 1)
		problem(&l, "%d x %d cells do not fit into %d x %d pixels", l.rows, l.cols, l.w, l.h);
	for (int i = 0; i < l.place_count; i++) {
		check_place(&l, &l.places[i]);
		check_title(&l, &l.places[i]);
		if (l.wants_mark)
			print_mark(&l, &l.places[i]);
	}
	check_outside(&l);
	check_margin(&l);
	free(l.rgb);
	return l.problems > 0;
}
