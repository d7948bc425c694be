/*
 * fuzz_screen.c - any bytes as a show with hostile names, labels, errors and readings, drawn by every view and layout at
 * any size.  Aborts when a cell holds what no terminal may get, when widths do not add up, when a picture or a camera's
 * zone leaves the grid or meets another, or when a view writes beyond its rows.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/keymap.h"
#include "app/mesh.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "ui/view.h"

#define MOST_ROWS 110
#define MOST_COLS 410

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- Bytes as choices: read round and round, a little different each time ---- */

struct feed { const uint8_t *data; size_t size, at; };

static unsigned
byte(struct feed *f)
{
	const size_t round = f->size > 0 ? f->at / f->size : 0;
	const unsigned b = f->size > 0 ? f->data[f->at % f->size] : 0;

	f->at++;
	return (b ^ (unsigned)(round * 29)) & 0xff;
}

static int
below(struct feed *f, int count)
{
	const unsigned hi = byte(f);

	return count > 0 ? (int)((hi << 8 | byte(f)) % (unsigned)count) : 0;
}

static bool
coin(struct feed *f)
{
	return (byte(f) & 1) != 0;
}

static int64_t
wide(struct feed *f)
{
	uint64_t n = 0;
	const unsigned bytes = byte(f) % 9;

	for (unsigned i = 0; i < bytes; i++)
		n = n << 8 | byte(f);
	return (int64_t)n;
}

/* An age or a bound: -1, small, or large; the app gives no other. */
static int64_t
age(struct feed *f)
{
	const int64_t n = wide(f);

	return coin(f) ? -1 : (n < 0 ? ~n : n) >> (byte(f) % 50 + 2);
}

static const char *const nasty[] = { "\033[2J\033[1;1H", "\033]0;owned\007", "\033P1$r0m\033\\", "\x9b" "31m", "\xc2\x9b" "5n", "\r\n\n", "\t\b\b\b",
	"\xe2\x80\xae" "abc", "\xe2\x80\x8b", "e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86", "\xe6\xbc\xa2\xe5\xad\x97", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
	"\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa", "\xf0\x9f\x8f\xbd", "\xef\xbf\xbf", "\xed\xa0\x80", "\xff\xfe", "%s%n%08x", "\"quoted\\", "\xe2\x94\x82\xe2\x96\x88", "; rm -rf /", ": ",
	"\xf4\x8e\xbb\xae", "a b c d e f g h i j k l", "                                                  " };

static void
text(struct feed *f, char *out, size_t room)
{
	size_t len = 0, most = (size_t)below(f, (int)(byte(f) % 4 == 0 ? room : room < 24 ? room : 24));

	while (len < most) {
		const char *piece = nasty[byte(f) % (sizeof nasty / sizeof *nasty)];
		const unsigned kind = byte(f) % 4;

		if (kind == 0 && len + strlen(piece) < room) {
			memcpy(out + len, piece, strlen(piece));
			len += strlen(piece);
		} else {
			const unsigned b = kind == 1 ? byte(f) : 'a' + byte(f) % 26;

			out[len++] = (char)(b != 0 ? b : ' ');
		}
		if (len >= room - 1)
			break;
	}
	out[len < room ? len : room - 1] = '\0';
}

/* ---- A show of them ---- */

static void
make_readings(struct feed *f, struct show_tile *t)
{
	t->has_battery = coin(f);
	t->charging = coin(f);
	t->battery_percent = below(f, 101);
	t->storage_minutes = coin(f) ? -1 : (int)(wide(f) & 0x7fffffff);
	t->has_audio = coin(f);
	t->muted = coin(f);
	t->audio_silent = coin(f);
	t->peak_dbfs = -(double)below(f, 400) + 40;
	t->clips = wide(f);
	t->clip_utc_us = coin(f) ? 0 : wide(f) >> 8;
	t->zoom = (double)below(f, 4000) / 100;
	t->front = coin(f);
	t->fps = (double)below(f, 60000) / 7;
	t->picture_age_us = age(f);
	t->picture_bound_us = age(f);
	t->picture_utc_us = age(f);
	t->clock_bound_us = age(f);
	text(f, t->thermal, sizeof t->thermal);
	text(f, t->roles, sizeof t->roles);
}

static void
make_tile(struct feed *f, struct show_tile *t, int index)
{
	memset(t, 0, sizeof *t);
	snprintf(t->id, sizeof t->id, "node-%d", index);
	text(f, t->name, sizeof t->name);
	t->number = below(f, 3) == 0 ? below(f, 100) : index + 1;
	t->light = (enum show_light)(byte(f) % 8 < 6 ? 0 : byte(f) % 3);
	t->view_only = byte(f) % 8 == 0;
	t->out = byte(f) % 8 == 0;
	t->known_only = byte(f) % 8 == 0;
	t->link = (enum health_link)(byte(f) % 4);
	t->link_since_us = age(f);
	t->silent_us = age(f);
	t->heard_utc_us = age(f);
	t->rec = (enum health_rec)(byte(f) % (HEALTH_REC_FAILED + 1));
	t->rec_elapsed_us = age(f);
	t->stopped_unasked = coin(f);
	t->stopped_after_us = age(f);
	t->stopped_since_us = age(f);
	t->out_since_us = age(f);
	text(f, t->stop_reason, sizeof t->stop_reason);
	t->frozen = coin(f);
	t->frozen_us = age(f);
	t->conflict = byte(f) % 8 == 0;
	t->tally_differs = coin(f);
	make_readings(f, t);
	text(f, t->why, sizeof t->why);
	text(f, t->path, sizeof t->path);
	text(f, t->model, sizeof t->model);
	text(f, t->address, sizeof t->address);
}

static void
make_lists(struct feed *f, struct show *s)
{
	s->alarm_count = below(f, SHOW_ALARMS + 1);
	s->alarm_total = s->alarm_count + below(f, 80);
	for (int i = 0; i < s->alarm_count; i++) {
		s->alarms[i].utc_us = age(f);
		s->alarms[i].over = coin(f);
		text(f, s->alarms[i].text, sizeof s->alarms[i].text);
		text(f, s->alarms[i].brief, sizeof s->alarms[i].brief);
	}
	s->take_count = below(f, 9) == 0 ? SHOW_TAKES : below(f, 5);
	for (int i = 0; i < s->take_count; i++) {
		struct show_take *t = &s->takes[i];

		text(f, t->take, sizeof t->take);
		text(f, t->slate, sizeof t->slate);
		t->asked = below(f, 300);
		t->recording = below(f, 3);
		t->saved = below(f, 300);
		t->failed = below(f, 3);
		t->started_us = age(f);
		t->stopped_us = age(f);
	}
	s->log_count = below(f, 9) == 0 ? SHOW_LOG : below(f, 30);
	for (int i = 0; i < s->log_count; i++) {
		s->log[i].utc_us = age(f);
		snprintf(s->log[i].node, sizeof s->log[i].node, "node-%d", below(f, 5));
		text(f, s->log[i].topic, sizeof s->log[i].topic);
		text(f, s->log[i].text, sizeof s->log[i].text);
	}
	s->stranger_count = below(f, 4) == 0 ? below(f, SHOW_STRANGERS + 1) : 0;
	s->stranger_total = s->stranger_count + below(f, 40);
	for (int i = 0; i < s->stranger_count; i++)
		text(f, s->strangers[i], sizeof s->strangers[i]);
}

static void
make_show(struct feed *f, struct show *s)
{
	memset(s, 0, offsetof(struct show, tiles));
	text(f, s->session, sizeof s->session);
	s->rehearsal = coin(f);
	s->idle = coin(f);
	s->utc_us = age(f);
	s->change_us = coin(f) ? INT64_MAX : age(f);
	s->rolling = coin(f);
	s->starting = byte(f) % 4 == 0;
	s->stopping = byte(f) % 4 == 0;
	text(f, s->take, sizeof s->take);
	text(f, s->slate, sizeof s->slate);
	s->take_elapsed_us = age(f);
	s->rolling_count = below(f, 300);
	s->rolling_asked = below(f, 300);
	s->stopped_count = below(f, 3);
	s->silent_count = below(f, 3);
	s->shot_us = age(f);
	s->tally_asked = below(f, 300);
	s->tally_ok = below(f, 300);
	s->left_minutes = (int)(wide(f) & 0x7fffffff) - 1;
	text(f, s->left_name, sizeof s->left_name);
	text(f, s->next, sizeof s->next);
	text(f, s->last, sizeof s->last);
	text(f, s->searching, sizeof s->searching);
	s->last_ok = coin(f);
	s->tile_count = below(f, 12) == 0 ? below(f, MAX_NODES + 1) : below(f, 30);
	for (int i = 0; i < s->tile_count; i++)
		make_tile(f, &s->tiles[i], i);
	snprintf(s->program, sizeof s->program, "node-%d", below(f, 32));
	snprintf(s->preview, sizeof s->preview, "node-%d", below(f, 32));
	make_lists(f, s);
}

/* ---- A mesh of them ---- */

struct made_mesh { struct mesh mesh; struct mesh_node nodes[3]; struct mesh_seen seen[12]; struct mesh_source sources[3]; struct crew_line lines[2]; };

static void
make_mesh(struct feed *f, struct made_mesh *m)
{
	memset(m, 0, sizeof *m);
	m->mesh = (struct mesh){ .node_count = below(f, 4), .seen_count = below(f, 13), .source_count = below(f, 4), .conclusion_count = below(f, 4),
		.nodes = m->nodes, .seen = m->seen, .sources = m->sources };
	for (int i = 0; i < m->mesh.node_count; i++) {
		struct mesh_node *n = &m->nodes[i];

		text(f, n->name, sizeof n->name);
		text(f, n->model, sizeof n->model);
		text(f, n->why, sizeof n->why);
		text(f, n->path_why, sizeof n->path_why);
		n->state = (enum mesh_state)(byte(f) % 5);
		n->heard_age_us = age(f);
		n->path_count = below(f, 4);
		for (int j = 0; j < n->path_count; j++) {
			text(f, n->paths[j].place, sizeof n->paths[j].place);
			n->paths[j].kind = (enum registry_path)(byte(f) % 4);
			n->paths[j].via = byte(f) & 31;
			n->paths[j].rtt_us = age(f);
			n->paths[j].answered_age_us = age(f);
			n->paths[j].failures = below(f, 9);
			n->paths[j].in_use = j == 0;
		}
		n->service_count = below(f, 3);
		for (int j = 0; j < n->service_count; j++)
			text(f, n->services[j], sizeof n->services[j]);
	}
	for (int i = 0; i < m->mesh.seen_count; i++) {
		text(f, m->seen[i].name, sizeof m->seen[i].name);
		text(f, m->seen[i].place, sizeof m->seen[i].place);
		text(f, m->seen[i].why, sizeof m->seen[i].why);
		m->seen[i].state = (enum crew_seen_state)(byte(f) % 4);
		m->seen[i].via = byte(f) & 31;
	}
	for (int i = 0; i < m->mesh.source_count; i++) {
		text(f, m->sources[i].name, sizeof m->sources[i].name);
		text(f, m->sources[i].sentence, sizeof m->sources[i].sentence);
		m->sources[i].working = coin(f);
		m->sources[i].finished = coin(f);
		m->sources[i].absent = coin(f);
		m->sources[i].line_count = below(f, 3);
		m->sources[i].lines = m->lines;
	}
	for (int i = 0; i < 2; i++) {
		text(f, m->lines[i].topic, sizeof m->lines[i].topic);
		text(f, m->lines[i].sentence, sizeof m->lines[i].sentence);
	}
	for (int i = 0; i < m->mesh.conclusion_count; i++)
		text(f, m->mesh.conclusions[i], sizeof m->mesh.conclusions[i]);
	text(f, m->mesh.own, sizeof m->mesh.own);
}

/* ---- What must hold ---- */

/* What str_clean_drawn() leaves as it is may go to a terminal; the ellipsis and the lines of borders are such. */
static void
judge_cell(const struct canvas *c, int row, int col)
{
	const struct canvas_cell *cell = &c->cell[row * c->cols + col];
	char clean[4 * CANVAS_CELL_BYTES];

	XASSERT(cell->role < THEME_ROLE_COUNT);
	XASSERT(memchr(cell->text, '\0', sizeof cell->text) != NULL);
	if (cell->cells == 1 && strcmp(cell->text, " ") == 0)
		return;
	if (cell->cells == 0) {
		XASSERT(col > 0 && cell[-1].cells == 2 && cell->text[0] == '\0');
		return;
	}
	XASSERT(cell->cells == 1 || (cell->cells == 2 && col + 1 < c->cols && cell[1].cells == 0));
	XASSERT(cell->text[0] != '\0' && str_is_utf8(cell->text, strlen(cell->text)));
	XASSERT(str_cells(cell->text) == cell->cells);
	str_clean_drawn(clean, sizeof clean, cell->text, strlen(cell->text), 2);
	XASSERT(strcmp(clean, cell->text) == 0);
	XASSERT(!cell->picture);
}

static bool
meet(int row, int col, int rows, int cols, int row2, int col2, int rows2, int cols2)
{
	return row < row2 + rows2 && row2 < row + rows && col < col2 + cols2 && col2 < col + cols;
}

/* Inside, apart, never in the last row: a picture there makes the terminal scroll. */
static void
judge_pictures(const struct canvas *c)
{
	XASSERT(c->picture_count >= 0 && c->picture_count <= CANVAS_PICTURES);
	for (int i = 0; i < c->picture_count; i++) {
		const struct canvas_picture *p = &c->pictures[i];

		XASSERT(p->row >= 0 && p->col >= 0 && p->rows > 0 && p->cols > 0);
		XASSERT(p->row + p->rows <= c->rows - 1 && p->col + p->cols <= c->cols);
		XASSERT(p->priority >= 0 && p->priority <= 2);
		for (int j = 0; j < i; j++) {
			const struct canvas_picture *q = &c->pictures[j];

			XASSERT(!meet(p->row, p->col, p->rows, p->cols, q->row, q->col, q->rows, q->cols));
		}
		for (int y = p->row; !p->awaited && y < p->row + p->rows; y++)
			for (int x = p->col; x < p->col + p->cols; x++)
				XASSERT(c->cell[y * c->cols + x].picture);
	}
}

static void
judge_zones(const struct canvas *c)
{
	XASSERT(c->zone_count >= 0 && c->zone_count <= CANVAS_ZONES);
	for (int i = 0; i < c->zone_count; i++) {
		const struct canvas_zone *z = &c->zones[i];

		XASSERT(z->row >= 0 && z->col >= 0 && z->rows > 0 && z->cols > 0);
		XASSERT(z->row + z->rows <= c->rows && z->col + z->cols <= c->cols);
		XASSERT(z->node[0] != '\0');
		for (int j = 0; j < i; j++)
			XASSERT(!meet(z->row, z->col, z->rows, z->cols, c->zones[j].row, c->zones[j].col, c->zones[j].rows, c->zones[j].cols));
	}
}

static void
judge_canvas(const struct canvas *c)
{
	char row[MOST_COLS * CANVAS_CELL_BYTES + 1];

	for (int y = 0; y < c->rows; y++) {
		for (int x = 0; x < c->cols; x++)
			judge_cell(c, y, x);
		canvas_row_text(c, y, row, sizeof row);
		XASSERT(str_is_utf8(row, strlen(row)) && str_cells(row) <= c->cols);
	}
	XASSERT(c->cursor_row < c->rows && c->cursor_col < c->cols);
	judge_pictures(c);
	judge_zones(c);
}

/* Rows that are not the view's stay as they were. */
static void
judge_rows(const struct canvas *c, int top, int bottom)
{
	for (int y = 0; y < c->rows; y++)
		for (int x = 0; (y < top || y >= bottom) && x < c->cols; x++)
			XASSERT(strcmp(c->cell[y * c->cols + x].text, " ") == 0 && !c->cell[y * c->cols + x].picture);
}

/* ---- The run ---- */

static const struct view_ops *
pick_view(struct feed *f)
{
	static const char *const layouts[] = { "sheet", "switch", "quad", "single" };
	static const char *const views[] = { "health", "takes", "mesh", "log", "help", "arm" };
	const struct view_ops *v = coin(f) ? layout_find(layouts[byte(f) % 4]) : view_find(views[byte(f) % 6]);

	return v != NULL ? v : layout_find("sheet");
}

static void
make_frame(struct feed *f, struct view_frame *v, const struct show *s, const struct mesh *m)
{
	static const char *const sorts[] = { "", "number", "name", "state", "battery", "storage", "age", "path", "\033[2J" };
	static const int pages[] = { 0, 1, 4, 9, 16, 25 };

	memset(v, 0, sizeof *v);
	v->show = s;
	v->mesh = m;
	v->graphics = coin(f) ? VIEW_PICTURES : VIEW_NO_PICTURES;
	v->page = below(f, 40);
	v->scroll = byte(f) % 3 == 0 ? below(f, 3000) : below(f, 10);
	v->per_page = pages[byte(f) % 6];
	snprintf(v->focus, sizeof v->focus, "node-%d", below(f, 40));
	str_copy(v->sort, sizeof v->sort, sorts[byte(f) % 9]);
	if (byte(f) % 4 == 0)
		snprintf(v->filter_node, sizeof v->filter_node, "node-%d", below(f, 5));
	if (byte(f) % 8 == 0)
		text(f, v->filter_topic, sizeof v->filter_topic);
	v->keymap = keymap_builtin("atem");
	v->caps_lock = coin(f);
	v->locked = coin(f);
	v->hot = coin(f);
	v->ringing = coin(f);
	v->bell = "visual";
	v->prompt_cursor = coin(f) ? -1 : below(f, 60);
	text(f, v->prompt, sizeof v->prompt);
	text(f, v->reply, sizeof v->reply);
	v->help_command = byte(f) % 8 == 0 ? "cut" : NULL;
}

static void
draw_one(const struct view_ops *view, const struct view_frame *v, int rows, int cols)
{
	struct canvas c;
	int top, bottom, shown;

	canvas_init(&c, rows, cols);
	screen_draw(&c, view, v);
	judge_canvas(&c);
	screen_view_rows(rows, &top, &bottom);
	canvas_clear(&c);
	if (top < bottom)
		view->draw(&c, v, top, bottom);
	judge_canvas(&c);
	judge_rows(&c, top, bottom);
	canvas_fini(&c);
	shown = screen_alarms_shown(v->show, rows, cols);
	XASSERT(shown >= 0 && shown <= v->show->alarm_count);
	XASSERT(view->lines == NULL || view->lines(v, cols) >= 0);
	XASSERT(view->pages == NULL || view->pages(v, rows, cols) >= 1);
	XASSERT(screen_next_change_us(view, v) >= -1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct show *s;		/* megabytes: made once, what counts of it is written anew */
	static struct made_mesh *m;
	struct feed f = { data, size, 0 };

	if (s == NULL) {
		s = xcalloc(1, sizeof *s);
		m = xcalloc(1, sizeof *m);
	}

	/* Sizes first: they are what one byte changes most. */
	for (int i = 0; i < 2; i++) {
		const int rows = 1 + below(&f, byte(&f) % 2 ? 50 : MOST_ROWS), cols = 1 + below(&f, byte(&f) % 2 ? 140 : MOST_COLS);
		const struct view_ops *view = pick_view(&f);
		struct view_frame v;

		make_show(&f, s);
		make_mesh(&f, m);
		make_frame(&f, &v, s, &m->mesh);
		draw_one(view, &v, rows, cols);
	}
	return 0;
}
