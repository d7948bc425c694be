/*
 * root_nodes_text.c - `nodes` for people: a table of devices and ways, and the why panel.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/str.h"
#include "base/xalloc.h"
#include "root_nodes.h"

#define COLUMNS 7

struct row { char cells[COLUMNS][4 * 64 + 4]; };

static const struct { const char *name; int most; bool is_right; } columns[COLUMNS] = {
	{ "name", 32, false }, { "state", 9, false }, { "path", 9, false }, { "rtt", 9, true }, { "address", 64, false },
	{ "via", 48, false }, { "model", 32, false },
};

static void
set(struct row *row, int column, const char *text)
{
	str_cut(row->cells[column], sizeof row->cells[column], text, columns[column].most);
}

static void
set_path(struct row *row, const struct mesh_path *p, int64_t rtt_us)
{
	char text[96];

	set(row, 2, p != NULL ? registry_path_name(p->kind) : "-");
	set(row, 3, "-");
	if (rtt_us >= 0) {
		snprintf(text, sizeof text, "%.1fms", (double)rtt_us / 1000);
		set(row, 3, text);
	}
	set(row, 4, p != NULL ? p->place : "-");
	if (p != NULL)
		mesh_via_words(text, sizeof text, p->via, p->kind);
	set(row, 5, p != NULL ? text : "-");
}

/* Its first row is the way that is used; the others follow without a name. */
static int
fill_rows(struct row *rows, const struct mesh_node *n)
{
	int count = 0;

	set(&rows[0], 0, n->name);
	set(&rows[0], 1, mesh_state_name(n->state));
	set_path(&rows[0], n->used >= 0 ? &n->paths[n->used] : NULL, n->rtt_us);
	set(&rows[count++], 6, n->model);
	for (int i = 0; i < n->path_count; i++) {
		const struct mesh_path *p = &n->paths[i];

		if (i == n->used)
			continue;
		set(&rows[count], 1, p->failures > 0 ? "no answer" : p->answered_age_us >= 0 ? "also" : "untried");
		set_path(&rows[count++], p, p->rtt_us);
	}
	return count;
}

static void
print_row(const struct row *row, const int widths[static COLUMNS])
{
	int owed = 0;			/* blanks that stand only before something */

	for (int i = 0; i < COLUMNS; i++) {
		const int cells = str_cells(row->cells[i]), pad = widths[i] > cells ? widths[i] - cells : 0;

		owed += columns[i].is_right ? pad : 0;
		if (cells > 0) {
			printf("%*s%s", owed, "", row->cells[i]);
			owed = 0;
		}
		owed += columns[i].is_right ? 2 : pad + 2;
	}
	putchar('\n');
}

void
root_nodes_text_table(const struct mesh *m)
{
	struct row *rows;
	int widths[COLUMNS] = { 0 }, count = 0, most = 1;

	for (int i = 0; i < m->node_count; i++)
		most += m->nodes[i].path_count + 1;
	if (m->node_count == 0)
		return;
	rows = xcalloc((size_t)most, sizeof *rows);
	for (int i = 0; i < COLUMNS; i++)
		set(&rows[0], i, columns[i].name);
	count = 1;
	for (int i = 0; i < m->node_count; i++)
		count += fill_rows(&rows[count], &m->nodes[i]);
	for (int i = 0; i < count; i++)
		for (int j = 0; j < COLUMNS; j++)
			widths[j] = str_cells(rows[i].cells[j]) > widths[j] ? str_cells(rows[i].cells[j]) : widths[j];
	for (int i = 0; i < count; i++)
		print_row(&rows[i], widths);
	free(rows);
}

static void
print_source(const struct mesh_source *s)
{
	const bool is_named = mesh_source_rest(s) != s->sentence;

	if (s->is_off)
		printf("%s: off (%s)\n", s->name, s->sentence);
	else if (s->sentence[0] == '\0')
		printf("%s: has not said anything yet\n", s->name);
	else
		printf("%s%s%s%s\n", is_named ? "" : s->name, is_named ? "" : ": ", s->sentence,
		    s->working && !s->finished ? " (looks on)" : "");
	for (int i = 0; i < s->line_count; i++) {
		char line[MAX_WHY_BYTES + 80];

		mesh_line_words(line, sizeof line, &s->lines[i]);
		printf("%s%s%s\n", str_has_prefix(line, s->name) ? "" : s->name, str_has_prefix(line, s->name) ? "" : ": ", line);
	}
}

static void
print_seen(const struct mesh_seen *s)
{
	char via[96];

	mesh_via_words(via, sizeof via, s->via, s->kind);
	printf("seen: %s%s%s%s (%s): %s%s%s\n", s->place, s->name[0] != '\0' ? " \"" : "", s->name, s->name[0] != '\0' ? "\"" : "", via,
	    mesh_seen_name(s->state), s->why[0] != '\0' ? ": " : "", s->why);
}

void
root_nodes_text_explain(const struct mesh *m)
{
	char words[1200];

	for (int i = 0; i < m->node_count; i++) {
		const struct mesh_node *n = &m->nodes[i];

		mesh_service_words(words, sizeof words, n);
		printf("device: %s%s%s%s%s%s%s\n", n->name, n->role[0] != '\0' ? ": " : "", n->role, words[0] != '\0' ? ": " : "", words,
		    n->path_why[0] != '\0' ? "; path: " : "", n->path_why);
		if (n->why[0] != '\0')
			printf("device: %s: %s\n", n->name, n->why);
	}
	for (int i = 0; i < m->source_count; i++) {
		const struct mesh_source *s = &m->sources[i];

		print_source(s);
	}
	printf("this machine: %s\n", m->own[0] != '\0' ? m->own : "no network address");
	for (int i = 0; i < m->seen_count; i++)
		print_seen(&m->seen[i]);
	for (int i = 0; i < m->conclusion_count; i++)
		printf("why: %s\n", m->conclusions[i]);
}
