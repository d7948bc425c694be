/*
 * view_mesh.c - the mesh map: every device with all ways to it, what was seen and is no camera, and why.
 * Owns nothing; draws a snapshot, a line at a time, folded to the width there is.
 */
#include <stdio.h>
#include <string.h>

#include "app/mesh.h"
#include "base/str.h"
#include "ui/gauge.h"
#include "ui/pen.h"
#include "ui/view.h"

#define WIDE_COLS 100
#define NARROW_COLS 60
#define SEEN_FIRST 8			/* of what was seen, before the reasons; all the rest comes after them */

/* ---- Words ---- */

static enum theme_role
state_role(const struct mesh_node *n)
{
	switch (n->state) {
	case MESH_LIVE: return ROLE_GOOD;
	case MESH_STALE: return ROLE_WARN;
	case MESH_CONFLICT: return ROLE_ALARM;
	case MESH_VIEW_ONLY: return n->heard_age_us >= 0 ? ROLE_TEXT : ROLE_GONE;
	case MESH_LOST: break;
	}
	return n->is_known_only ? ROLE_GONE : ROLE_ALARM;
}

static const char *
state_word(const struct mesh_node *n)
{
	static const char *const words[] = { "LIVE", "STALE", "LOST", "CONFLICT", "VIEW ONLY" };

	if (n->state == MESH_LOST && n->is_known_only)
		return "NOT HERE";
	return words[n->state];
}

static void
append(char *out, size_t out_size, const char *between, const char *text)
{
	const size_t len = strlen(out);

	if (text[0] != '\0')
		snprintf(out + len, out_size - len, "%s%s", len > 0 ? between : "", text);
}

/* "camera, iPhone17,2, heard 4 s ago": who it is, beside its state. */
static void
who_words(char *out, size_t out_size, const struct mesh_node *n)
{
	char age[24], heard[48] = "never heard";

	out[0] = '\0';
	append(out, out_size, "  ", n->role);
	append(out, out_size, "  ", n->model);
	if (n->heard_age_us >= 0) {
		gauge_age(age, sizeof age, n->heard_age_us);
		snprintf(heard, sizeof heard, n->heard_age_us < 2000000 ? "heard now" : "heard %s ago", age);
	}
	append(out, out_size, "  ", heard);
	if (n->label[0] != '\0' && strcmp(n->label, n->device_name) != 0)
		append(out, out_size, "  ", n->device_name);
	if (n->has_no_id)
		append(out, out_size, "  ", "gives no id");
	if (n->is_out)
		append(out, out_size, "  ", "out of the show");
}

/* Why this way is used, or what is known of one that is not. */
static void
path_note(char *out, size_t out_size, const struct mesh_node *n, const struct mesh_path *p)
{
	char age[24] = "";

	if (p->answered_age_us >= 0)
		gauge_age(age, sizeof age, p->answered_age_us);
	if (p->in_use)
		snprintf(out, out_size, "%s", n->path_why[0] != '\0' ? n->path_why : "in use");
	else if (p->failures > 0 && age[0] != '\0')
		snprintf(out, out_size, "no answer, %d tr%s; last %s ago", p->failures, p->failures == 1 ? "y" : "ies", age);
	else if (p->failures > 0)
		snprintf(out, out_size, "no answer, %d tr%s", p->failures, p->failures == 1 ? "y" : "ies");
	else if (age[0] != '\0' && p->answered_age_us < 2000000)
		snprintf(out, out_size, "answers");
	else if (age[0] != '\0')
		snprintf(out, out_size, "heard %s ago", age);
	else
		snprintf(out, out_size, "not tried yet");
}

static void
rtt_word(char *out, size_t out_size, int64_t rtt_us)
{
	out[0] = '\0';
	if (rtt_us >= 0)
		snprintf(out, out_size, rtt_us < 100000 ? "%.1f ms" : "%.0f ms", (double)rtt_us / 1000.0);
}

/* ---- One device ---- */

struct widths { int place, via; };	/* of the columns of all paths */

/* The widest place, so that columns stand beneath each other; a longer one has a line of its own. */
static int
place_cells(const struct mesh *m, int cols)
{
	const int most = cols >= WIDE_COLS ? 44 : 24;
	int cells = 14;

	for (int i = 0; i < m->node_count; i++)
		for (int j = 0; j < m->nodes[i].path_count; j++) {
			const int one = str_cells(m->nodes[i].paths[j].place);

			cells = one > cells && one <= most ? one : cells;
		}
	return cells;
}

static int
via_cells(const struct mesh *m)
{
	int cells = 5;

	for (int i = 0; i < m->node_count; i++)
		for (int j = 0; j < m->nodes[i].path_count; j++) {
			char via[96];

			mesh_via_words(via, sizeof via, m->nodes[i].paths[j].via, m->nodes[i].paths[j].kind);
			cells = str_cells(via) > cells ? str_cells(via) : cells;
		}
	return cells;
}

static void
draw_path_columns(struct pen *p, const struct mesh_node *n, const struct mesh_path *path, const struct widths *w, enum theme_role role)
{
	char via[96], note[400], rtt[24], words[620];
	const int cells = w->place, at = 15 + cells + 1 + 9 + 2;

	pen_put(p, 5, 9, role, registry_path_name(path->kind));
	pen_put(p, 15, p->cols, role, path->place);
	if (pen_is_wider(path->place, cells))
		p->at++;
	rtt_word(rtt, sizeof rtt, path->rtt_us);
	pen_put(p, 15 + cells + 1 + 9 - str_cells(rtt), 9, role, rtt);
	mesh_via_words(via, sizeof via, path->via, path->kind);
	path_note(note, sizeof note, n, path);
	snprintf(words, sizeof words, "%s%s", path->wireless ? "Wi-Fi, " : "", note);
	if (p->cols < WIDE_COLS || p->cols - 1 - at - w->via - 2 < str_cells(words)) {	/* no room for a column of its own */
		snprintf(words, sizeof words, "%s  %s%s", via, path->wireless ? "Wi-Fi, " : "", note);
		pen_fold(p, at, role, words);
		return;
	}
	pen_put(p, at, w->via, role, via);
	pen_fold(p, at + w->via + 2, role, words);
}

/* Where there is no room for columns: the place, then a sentence. */
static void
draw_path_narrow(struct pen *p, const struct mesh_node *n, const struct mesh_path *path, enum theme_role role)
{
	char via[96], note[400], rtt[24], words[620];

	pen_fold(p, 5, role, path->place);
	rtt_word(rtt, sizeof rtt, path->rtt_us);
	mesh_via_words(via, sizeof via, path->via, path->kind);
	path_note(note, sizeof note, n, path);
	snprintf(words, sizeof words, "%s%s%s, %s%s, %s", registry_path_name(path->kind), rtt[0] != '\0' ? " " : "", rtt, via,
	    path->wireless ? ", Wi-Fi" : "", note);
	pen_fold(p, 7, ROLE_DIM, words);
}

static void
draw_path(struct pen *p, const struct mesh_node *n, const struct mesh_path *path, const struct widths *w)
{
	const enum theme_role role = path->in_use ? ROLE_TEXT : path->failures > 0 ? ROLE_WARN : ROLE_DIM;

	if (path->in_use)
		pen_put(p, 3, 1, ROLE_GOOD, ">");
	if (p->cols < NARROW_COLS)
		draw_path_narrow(p, n, path, role);
	else
		draw_path_columns(p, n, path, w, role);
}

static void
draw_node(struct pen *p, const struct mesh_node *n, const struct widths *w)
{
	const int name_cells = p->cols >= WIDE_COLS ? 24 : p->cols < NARROW_COLS ? p->cols - 16 : 18;
	char text[1200], number[16] = "";

	if (n->number > 0)
		snprintf(number, sizeof number, "%2d", n->number);
	pen_put(p, 1, 2, ROLE_HEAD, number);
	pen_put(p, 4, name_cells, ROLE_HEAD, n->name);
	pen_put(p, 5 + name_cells, 9, state_role(n), state_word(n));
	who_words(text, sizeof text, n);
	if (p->cols < NARROW_COLS) {
		p->at++;
		pen_fold(p, 4, ROLE_DIM, text);
	} else {
		pen_fold(p, 5 + name_cells + 11, ROLE_DIM, text);
	}
	if (n->why[0] != '\0')
		pen_fold(p, 5, ROLE_WARN, n->why);
	for (int i = 0; i < n->path_count; i++)
		draw_path(p, n, &n->paths[i], w);
	if (n->path_count == 0)
		pen_fold(p, 5, ROLE_WARN, "no address is known");
	mesh_service_words(text, sizeof text, n);
	if (text[0] != '\0')
		pen_fold(p, 5, ROLE_DIM, text);
}

/* ---- Seen, not in the show ---- */

static void
draw_seen(struct pen *p, const struct mesh_seen *s)
{
	const enum theme_role role = s->state == CREW_SEEN_SILENT ? ROLE_WARN : s->state == CREW_SEEN_TRYING ? ROLE_TEXT : ROLE_DIM;
	const int place_at = p->cols >= WIDE_COLS ? 29 : 23, rest_at = place_at + (p->cols >= WIDE_COLS ? 30 : 24);
	char via[96], words[500];

	mesh_via_words(via, sizeof via, s->via, s->kind);
	snprintf(words, sizeof words, "%-9s  %s%s%s", via, mesh_seen_name(s->state), s->why[0] != '\0' ? ": " : "", s->why);
	if (p->cols < NARROW_COLS) {
		if (s->name[0] != '\0')
			pen_fold(p, 2, ROLE_TEXT, s->name);
		pen_fold(p, 4, role, s->place);
		pen_fold(p, 6, ROLE_DIM, words);
		return;
	}
	pen_put(p, 2, place_at - 3, ROLE_TEXT, s->name[0] != '\0' ? s->name : "-");
	pen_put(p, place_at, p->cols, role, s->place);
	if (pen_is_wider(s->place, rest_at - place_at - 1))
		p->at++;
	pen_fold(p, rest_at, role, words);
}

static void
draw_seen_part(struct pen *p, const struct mesh *m, int from, int to)
{
	char hint[96] = "none";

	if (from > 0 && from >= m->seen_count)
		return;
	p->at++;
	if (from == 0 && m->seen_count > to)
		snprintf(hint, sizeof hint, "%d; the first %d here, the rest at the end", m->seen_count, to);
	else if (m->seen_count > 0)
		snprintf(hint, sizeof hint, from == 0 ? "%d" : "%d, the rest of them", m->seen_count);
	pen_head(p, "SEEN, NOT IN THE SHOW", hint);
	for (int i = from; i < to && i < m->seen_count; i++)
		draw_seen(p, &m->seen[i]);
}

/* ---- Why ---- */

static void
draw_source(struct pen *p, const struct mesh_source *s)
{
	const bool is_narrow = p->cols < NARROW_COLS;
	const enum theme_role role = s->is_off || s->absent ? ROLE_DIM : s->working ? ROLE_TEXT : ROLE_WARN;
	char line[MAX_WHY_BYTES + 80];

	pen_put(p, 2, 10, ROLE_HEAD, s->name);
	pen_put(p, 13, 11, s->working && s->finished && !s->absent ? ROLE_GOOD : role, mesh_source_word(s));
	if (is_narrow)
		p->at++;
	pen_fold(p, is_narrow ? 4 : 26, role, s->sentence[0] != '\0' ? mesh_source_rest(s) : "begins");
	for (int i = 0; i < s->line_count; i++) {
		mesh_line_words(line, sizeof line, &s->lines[i]);
		pen_fold(p, is_narrow ? 6 : 28, ROLE_DIM, line);
	}
}

static void
draw_why(struct pen *p, const struct mesh *m)
{
	char own[MAX_TEXT_FIELD + 32];

	p->at++;
	pen_head(p, "WHY", "how cameras are looked for, and what follows");
	for (int i = 0; i < m->conclusion_count; i++) {
		pen_put(p, 2, 1, ROLE_HEAD, "*");
		pen_fold(p, 4, ROLE_TEXT, m->conclusions[i]);
	}
	for (int i = 0; i < m->source_count; i++)
		draw_source(p, &m->sources[i]);
	snprintf(own, sizeof own, "this machine: %s", m->own[0] != '\0' ? m->own : "no network address");
	pen_fold(p, 2, ROLE_DIM, own);
}

/* ---- The whole ---- */

static void
draw_all(struct pen *p, const struct mesh *m)
{
	const struct widths w = { .place = place_cells(m, p->cols), .via = via_cells(m) };

	for (int i = 0; i < m->node_count; i++)
		draw_node(p, &m->nodes[i], &w);
	if (m->node_count == 0)
		pen_fold(p, 1, ROLE_TEXT, "no camera yet");
	draw_seen_part(p, m, 0, SEEN_FIRST);
	draw_why(p, m);
	draw_seen_part(p, m, SEEN_FIRST, m->seen_count);
}

static void
mesh_draw(struct canvas *c, const struct view_frame *f, int top, int bottom)
{
	struct pen title = { c, c->cols, top, bottom, 0, 0 }, p = { c, c->cols, top + 1, bottom, 0, f->scroll };
	char hint[96] = "";
	int paths = 0;

	for (int i = 0; f->mesh != NULL && i < f->mesh->node_count; i++)
		paths += f->mesh->nodes[i].path_count;
	if (f->mesh != NULL)
		snprintf(hint, sizeof hint, "%d device%s, %d path%s; Esc back, down: more", f->mesh->node_count,
		    f->mesh->node_count == 1 ? "" : "s", paths, paths == 1 ? "" : "s");
	pen_head(&title, "MESH", hint);
	if (f->mesh != NULL)
		draw_all(&p, f->mesh);
}

static int
mesh_lines(const struct view_frame *f, int cols)
{
	struct pen p = { NULL, cols, 0, 0, 0, 0 };

	if (f->mesh != NULL)
		draw_all(&p, f->mesh);
	return p.at + 1;
}

const struct view_ops view_mesh = { .name = "mesh", .draw = mesh_draw, .lines = mesh_lines };
