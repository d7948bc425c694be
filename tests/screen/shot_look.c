/*
 * shot_look.c - looks at a screenshot of the console: each camera's colour must fill its own place and no other cell.
 * Owns what "right" means to an eye; never runs anything, never waits.
 *
 *   shot_look SHOT SCENE      prints what is wrong, a line each; exit 1 when anything is.  SHOT: a PPM, or an XWD of 32 bits a pixel
 *
 * SCENE is lines of words:
 *   grid X Y CELL_W CELL_H ROWS COLS      where the text is in the screenshot; pixels, fractions allowed
 *   colour ID RED GREEN BLUE              a camera's colour, plain but for a white mark; hues must be 45 degrees apart
 *   picture ID ROW COL ROWS COLS  ROW COL ROWS COLS    where the console says that it shows that camera, and in which place:
 *                                         larger, where a slow terminal made it give up size
 *   title ID TEXT                         its tile's number, as [3]: stands in the row above each of its pictures
 *   text FILE                             the terminal's own text, a line a row
 *   mark                                  prints "mark ID X Y" for each picture: where its white mark is
 */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CAMERAS 64
#define MAX_PICTURES 64
#define MAX_ROWS 300
#define MAX_COLS 600
#define WHITE 200
#define LEAST_BRIGHT 50
#define LEAST_LAMP_CELLS 2
#define STAIN 0.2		/* of a cell's pixels; a picture may hang over by a hairline */

struct camera { char id[64], title[64]; double hue; };
struct place { int camera; int row, col, rows, cols; int tile_row, tile_col, tile_rows, tile_cols; };
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
	unsigned text[MAX_ROWS][MAX_COLS + 80];	/* a title may begin at the edge */
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

/* 0..360; -1: no colour to speak of.  strength: how far from grey, 0..1. */
static double
hue_of(const int *rgb, double *strength)
{
	int most = rgb[0], least = rgb[0], range;
	double hue;

	for (int k = 1; k < 3; k++) {
		most = rgb[k] > most ? rgb[k] : most;
		least = rgb[k] < least ? rgb[k] : least;
	}
	range = most - least;
	*strength = most > 0 ? (double)range / most : 0;
	if (range == 0 || most < LEAST_BRIGHT)
		return -1;
	if (most == rgb[0])
		hue = 60.0 * (rgb[1] - rgb[2]) / range;
	else if (most == rgb[1])
		hue = 120 + 60.0 * (rgb[2] - rgb[0]) / range;
	else
		hue = 240 + 60.0 * (rgb[0] - rgb[1]) / range;
	return hue < 0 ? hue + 360 : hue;
}

/* ---- reading ---- */

static void
make_room(struct look *l, size_t *bytes)
{
	if (l->w < 1 || l->h < 1 || l->w > 10000 || l->h > 10000)
		give_up("a screenshot of an unlikely size");
	*bytes = (size_t)l->w * (size_t)l->h * 3;
	l->rgb = malloc(*bytes);
	if (l->rgb == NULL)
		give_up("no memory");
}

static void
read_ppm(struct look *l, FILE *f)
{
	size_t bytes;
	int max;

	if (fscanf(f, " %d %d %d", &l->w, &l->h, &max) != 3 || max != 255 || getc(f) == EOF)
		give_up("not an 8-bit binary PPM");
	make_room(l, &bytes);
	if (fread(l->rgb, 1, bytes, f) != bytes)
		give_up("a screenshot cut short");
}

static unsigned
read_word32(FILE *f)
{
	unsigned char b[4];

	if (fread(b, 1, sizeof b, f) != sizeof b)
		give_up("a screenshot cut short");
	return (unsigned)b[0] << 24 | (unsigned)b[1] << 16 | (unsigned)b[2] << 8 | b[3];
}

/* XWDFile.h: a header of 25 words, the first two of which were read; the window's name, the colours, then lines of B G R x. */
static void
read_xwd(struct look *l, FILE *f, unsigned header_bytes)
{
	unsigned word[25] = { 0 };
	size_t bytes;

	for (int i = 2; i < 25; i++)
		word[i] = read_word32(f);
	l->w = (int)word[4];
	l->h = (int)word[5];
	make_room(l, &bytes);
	if (word[2] != 2 || word[7] != 0 || word[11] != 32 || word[14] != 0xff0000 || word[16] != 0xff || word[12] / 4 < word[4])
		give_up("an XWD of another kind");
	if (fseek(f, (long)header_bytes + 12L * (long)word[19], SEEK_SET) != 0)
		give_up("a screenshot cut short");
	unsigned char *line = malloc(word[12]), *to = l->rgb;
	for (int y = 0; line != NULL && y < l->h; y++) {
		if (fread(line, 1, word[12], f) != word[12])
			give_up("a screenshot cut short");
		for (int x = 0; x < l->w; x++)
			for (int k = 2; k >= 0; k--)
				*to++ = line[4 * x + k];
	}
	free(line);
}

static void
read_shot(struct look *l, const char *path)
{
	FILE *f = fopen(path, "rb");
	int first, second;

	if (f == NULL)
		give_up("no such screenshot");
	first = getc(f);
	second = getc(f);
	if (first == 'P' && second == '6') {
		read_ppm(l, f);
	} else {
		rewind(f);
		unsigned header_bytes = read_word32(f);
		if (read_word32(f) != 7)
			give_up("neither a PPM nor an XWD");
		read_xwd(l, f, header_bytes);
	}
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
	l->cameras[l->camera_count].hue = -1;
	return l->camera_count++;
}

static bool
read_word(struct look *l, const char *line)
{
	char id[64], text[400];
	struct place p;
	double strength;
	int rgb[3];

	if (sscanf(line, "grid %lf %lf %lf %lf %d %d", &l->x, &l->y, &l->cell_w, &l->cell_h, &l->rows, &l->cols) == 6)
		return l->rows > 0 && l->cols > 0 && l->rows <= MAX_ROWS && l->cols <= MAX_COLS && l->cell_w >= 1 && l->cell_h >= 1;
	if (sscanf(line, "colour %63s %d %d %d", id, &rgb[0], &rgb[1], &rgb[2]) == 4) {
		l->cameras[camera_by_id(l, id)].hue = hue_of(rgb, &strength);
		return true;
	}
	if (l->place_count < MAX_PICTURES && sscanf(line, "picture %63s %d %d %d %d %d %d %d %d", id, &p.row, &p.col, &p.rows, &p.cols,
	    &p.tile_row, &p.tile_col, &p.tile_rows, &p.tile_cols) == 9) {
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

/* Which camera a colour may be of, by its hue: palettes keep that best.  -1: none. */
static int
camera_near(const struct look *l, const unsigned char *p, double degrees, double least_strength)
{
	const int rgb[3] = { p[0], p[1], p[2] };
	double strength, hue = hue_of(rgb, &strength), best_far = degrees;
	int best = -1;

	if (hue < 0 || strength < least_strength)
		return -1;
	for (int i = 0; i < l->camera_count; i++) {
		double far = fabs(hue - l->cameras[i].hue);

		far = far > 180 ? 360 - far : far;
		if (l->cameras[i].hue >= 0 && far <= best_far) {
			best = i;
			best_far = far;
		}
	}
	return best;
}

static int
camera_of(const struct look *l, const unsigned char *p)
{
	return camera_near(l, p, 22, 0.5);
}

/* Red and green: the lamp that a camera on air shows in its picture. */
static bool
is_lamp(const unsigned char *p)
{
	return (p[0] > 140 && p[1] < 70 && p[2] < 70) || (p[1] > 100 && p[0] < 70 && p[2] < 50);
}

/* A camera's colour, its white mark, what lies between the two at the mark's edge, or its lamp. */
static bool
is_painted_by(const struct look *l, const unsigned char *p, int camera)
{
	return is_white(p) || is_lamp(p) || camera_near(l, p, 30, 0) == camera || (p[0] > 120 && p[1] > 120 && p[2] > 120);
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

/* Only the pixels that are wholly a cell's: a neighbour may own a part of those at its edge. */
static struct box
inner_pixels_of(const struct look *l, int row, int col)
{
	struct box b = pixels_of(l, row, col, 1, 1);

	b.left = (int)(l->x + col * l->cell_w + 0.999);
	b.top = (int)(l->y + row * l->cell_h + 0.999);
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
			own += is_painted_by(l, pixel(l, x, y), camera);
	return all > 0 ? (double)own / (double)all : 0;
}

/* With few colours the lamp of a camera on air may look like another camera; it stands at the upper right. */
static bool
is_lamp_corner(const struct place *p, int row, int col)
{
	return row < p->row + 2 + p->rows / 6 && col >= p->col + p->cols * 3 / 4;
}

/* So many cells it may cover: the larger the picture, the more of its edge cells are half the lamp's. */
static int
lamp_cells(const struct place *p)
{
	return LEAST_LAMP_CELLS + p->rows * p->cols / 400;
}

/* A cell of a picture that shows something else was erased by text, or never painted. */
static void
check_holes(struct look *l, const struct place *p, const struct box *picture)
{
	int holes = 0, row = 0, col = 0, lamps = 0;

	for (int r = p->row; r < p->row + p->rows; r++)
		for (int c = p->col; c < p->col + p->cols; c++) {
			struct box cell = pixels_of(l, r, c, 1, 1);

			if (!is_inside(&cell, picture) || share(l, &cell, p->camera) >= 0.5 ||
			    (is_lamp_corner(p, r, c) && lamps++ < lamp_cells(p)))
				continue;
			holes++;
			row = r;
			col = c;
		}
	if (holes > 0)
		problem(l, "%s: %d cells of its picture are not painted, as row %d column %d", l->cameras[p->camera].id, holes, row, col);
}

/* Whose colour covers more than a part of a cell; -1: nobody's.  The themes' colours are 20 degrees away and more. */
static int
stained_by(const struct look *l, int row, int col, double part, double degrees, bool has_lamp)
{
	struct box b = has_lamp ? pixels_of(l, row, col, 1, 1) : inner_pixels_of(l, row, col);
	int count[MAX_CAMERAS] = { 0 }, all = (b.right - b.left) * (b.bottom - b.top);

	for (int y = b.top; y < b.bottom; y++)
		for (int x = b.left; x < b.right; x++) {
			int k = camera_near(l, pixel(l, x, y), degrees, 0.6);

			if (k >= 0 && !(has_lamp && is_lamp(pixel(l, x, y))) && ++count[k] > part * all)
				return k;
		}
	return -1;
}

static void
check_strangers(struct look *l, const struct place *p)
{
	int cells = 0, stranger = 0, lamps = 0;

	for (int r = p->row; r < p->row + p->rows; r++)
		for (int c = p->col; c < p->col + p->cols; c++) {
			int whose = stained_by(l, r, c, 0.5, 20, true);

			if (whose >= 0 && whose != p->camera && !(is_lamp_corner(p, r, c) && lamps++ < lamp_cells(p))) {
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

	if (p->row < p->tile_row || p->col < p->tile_col || p->row + p->rows > p->tile_row + p->tile_rows ||
	    p->col + p->cols > p->tile_col + p->tile_cols)
		problem(l, "%s: it is shown outside its place", id);
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
			int k = is_place(l, r, c) ? -1 : stained_by(l, r, c, STAIN, 12, false);

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
			stained += camera_near(l, pixel(l, x, y), 12, 0.6) >= 0;
	if (stained > 30)
		problem(l, "%ld pixels of cameras outside the text area", stained);
}

/* The title of the tile: the nearest "[number]" in the row above, from the picture's right edge leftwards. */
static void
check_title(struct look *l, const struct place *p)
{
	const char *title = l->cameras[p->camera].title;
	int c = p->tile_col + p->tile_cols, row = p->tile_row - 1, i = 0;

	if (title[0] == '\0' || l->text_rows == 0 || row < 0)
		return;
	while (c > 0 && (l->text[row][c] != '[' || l->text[row][c + 1] < '0' || l->text[row][c + 1] > '9'))
		c--;
	while (title[i] != '\0' && l->text[row][c + i] == (unsigned)title[i])
		i++;
	if (title[i] != '\0')
		problem(l, "%s: the tile of its picture at row %d column %d is not %s", l->cameras[p->camera].id, p->row, p->col, title);
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
		give_up("usage: shot_look SHOT SCENE");
	read_scene(&l, argv[2]);
	read_shot(&l, argv[1]);
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
