/*
 * report_html.c - the report as one page for screen and paper: no script, no picture, nothing from elsewhere.
 * Owns its look.  Every text that is not ours passes html_text(), which is the only door.
 */
#include "app/report_private.h"

#include <stdio.h>
#include <string.h>
#include "base/str.h"

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;color:#111;background:#fff;margin:2em auto;max-width:75em;padding:0 1em}"
    "h1{font-size:1.6em;margin:0}h2{font-size:1.15em;margin:2em 0 .4em}p{margin:.4em 0}"
    "table{border-collapse:collapse;width:100%;font-size:.9em}"
    "th,td{text-align:left;vertical-align:top;padding:.25em .6em .25em 0;border-bottom:1px solid #ccc}"
    "th{border-bottom:2px solid #111}td.n,th.n{text-align:right}"
    "code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}"
    ".facts,.small{color:#555;font-size:.9em}.good{border-left:.5em solid #2a7d2a;padding-left:.7em}"
    ".bad{border-left:.5em solid #b00020;padding-left:.7em}.word{font-weight:600}"
    ".rehearsal{border:2px solid #111;padding:.1em .5em;font-weight:700}ul{margin:.3em 0;padding-left:1.2em}"
    "@media print{body{margin:0;max-width:none;font-size:10pt}section,tr{break-inside:avoid}h2{break-after:avoid}"
    "thead{display:table-header-group}}";

static void
html_text(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&': buf_add_text(b, "&amp;"); break;
		case '<': buf_add_text(b, "&lt;"); break;
		case '>': buf_add_text(b, "&gt;"); break;
		case '"': buf_add_text(b, "&quot;"); break;
		case '\'': buf_add_text(b, "&#39;"); break;
		default: buf_add(b, text, 1); break;
		}
	}
}

/* <tag>text</tag>; how: what stands behind the tag's name, ours. */
static void
element(struct buf *b, const char *tag, const char *how, const char *text)
{
	buf_add_format(b, "<%s%s>", tag, how);
	html_text(b, text);
	buf_add_format(b, "</%s>", tag);
}

static void
cell(struct buf *b, const char *text)
{
	element(b, "td", "", text);
}

static void
cell_right(struct buf *b, const char *text)
{
	element(b, "td", " class=n", text);
}

static void
size_words(char *out, size_t out_size, int64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
		value /= 1000;
		unit++;
	}
	snprintf(out, out_size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

/* ---- The head ---- */

static void
html_facts(const struct report *r, struct buf *b)
{
	char made[32], created[32], zone[16];

	report_local(made, sizeof made, r->facts.made_us);
	report_local(created, sizeof created, r->facts.created_us);
	report_zone(zone, sizeof zone, r->facts.made_us);
	buf_add_format(b, "<p class=facts>Report of %s (%s)", made, zone);
	if (r->facts.console[0] != '\0') {
		buf_add_text(b, ", made on ");
		html_text(b, r->facts.console);
	}
	buf_add_text(b, ". Sphere <code>");
	html_text(b, r->facts.sphere);
	buf_add_format(b, "</code>, begun %s.</p>\n", created);
}

static void
html_sum(const struct report *r, struct buf *b)
{
	const int takes = r->take_count + r->lost_count;
	char size[32];

	size_words(size, sizeof size, r->bytes);
	buf_add_format(b, "<p>%d take%s, %d file%s (%s), %d verified; %d cut%s.</p>\n", takes, takes == 1 ? "" : "s", r->files,
	    r->files == 1 ? "" : "s", size, r->verified, r->cuts, r->cuts == 1 ? "" : "s");
}

static void
html_missing(const struct report *r, struct buf *b)
{
	if (r->missing_count == 0) {
		buf_add_format(b, "<p class=good>%s</p>\n", r->files > 0 ?
		    "<span class=word>Nothing is missing.</span> Every file that was recorded is here and verified." :
		    r->take_count > 0 ? "Nothing is missing: nothing was recorded." : "There is no take yet.");
		return;
	}
	buf_add_format(b, "<div class=bad><p class=word>%d missing:</p>\n<ul>\n", r->missing_count);
	for (int i = 0; i < r->missing_count; i++) {
		element(b, "li", "", r->missing[i]);
		buf_add_text(b, "\n");
	}
	buf_add_text(b, "</ul></div>\n");
}

/* ---- All takes, one line each ---- */

static void
html_row(const struct report *r, const struct take *t, struct buf *b)
{
	const struct report_note *mark = report_mark(r, t->take);
	struct take_counts c;
	char started[32], length[32] = "", text[64];

	take_counts(t, &c);
	report_local(started, sizeof started, t->started_us);
	if (t->stopped_us > t->started_us && t->started_us > 0)
		str_clock(length, sizeof length, t->stopped_us - t->started_us);
	buf_add_format(b, "<tr><td><a href=\"#take-%s\">%s</a></td>", t->take, t->take);
	if (t->slate[0] != '\0')
		snprintf(text, sizeof text, " take %d", t->slate_take);
	else
		text[0] = '\0';
	buf_add_text(b, "<td>");
	html_text(b, t->slate);
	html_text(b, text);
	buf_add_text(b, "</td>");
	cell(b, mark != NULL ? mark->verdict : "");
	cell(b, started);
	cell_right(b, length);
	for (size_t i = 0; i < 6; i++) {
		snprintf(text, sizeof text, "%d", (const int[]){ c.asked, c.recorded, c.saved, c.fetched, c.verified, c.failed }[i]);
		cell_right(b, text);
	}
	buf_add_text(b, "</tr>\n");
}

static void
html_takes(const struct report *r, struct buf *b)
{
	if (r->take_count == 0)
		return;
	buf_add_text(b, "<h2>Takes</h2>\n<table><thead><tr><th>Take</th><th>Slate</th><th>Mark</th><th>Started</th><th class=n>Length</th>"
	    "<th class=n>Asked</th><th class=n>Recorded</th><th class=n>Saved</th><th class=n>Fetched</th><th class=n>Verified</th>"
	    "<th class=n>Failed</th></tr></thead>\n<tbody>\n");
	for (int i = 0; i < r->take_count; i++)
		html_row(r, &r->takes[i], b);
	buf_add_text(b, "</tbody></table>\n");
}

/* ---- One take ---- */

static void
html_file(const struct report *r, const struct take *t, const struct take_device *d, const struct take_part *p, struct buf *b)
{
	char text[64] = "", why[MAX_TEXT_FIELD];

	report_why(r, t, d, p, why, sizeof why);
	buf_add_text(b, "<td>");
	element(b, "code", "", p->file[0] != '\0' ? p->file : p->meta.file_name);
	if (why[0] != '\0')
		element(b, "div", " class=bad", why);
	if (!p->meta.complete)
		buf_add_text(b, "<div class=small>cut short: playable up to its last full second</div>");
	buf_add_text(b, "</td>");
	cell(b, take_state_name(p->state));
	if (p->meta.bytes > 0)
		size_words(text, sizeof text, p->meta.bytes);
	cell_right(b, text);
	text[0] = '\0';
	if (p->meta.duration_ms > 0)
		str_clock(text, sizeof text, p->meta.duration_ms * 1000);
	cell_right(b, text);
	text[0] = '\0';
	if (p->start_us != 0 && t->started_us != 0)
		snprintf(text, sizeof text, "%+.1f ms \302\261 %.1f", (double)(p->start_us - t->started_us) / 1000,
		    (double)((p->bound_us + 99) / 100) / 10);	/* a bound is rounded up: none is "0.0" */
	cell_right(b, text);
	buf_add_text(b, "<td>");
	element(b, "code", "", p->meta.sha256);
	buf_add_text(b, "</td>");
}

static void
html_camera(const struct report *r, const struct take *t, const struct take_device *d, const struct take_part *p, struct buf *b)
{
	char text[MAX_TEXT_FIELD + 32];

	buf_add_text(b, "<tr>");
	if (d->number > 0)
		snprintf(text, sizeof text, "%d", d->number);
	else
		text[0] = '\0';
	cell_right(b, text);
	buf_add_text(b, "<td>");
	html_text(b, report_device_name(r, d));
	if (d->reason[0] != '\0')
		element(b, "div", " class=bad", d->reason);
	buf_add_text(b, "</td>");
	if (p != NULL) {
		html_file(r, t, d, p, b);
	} else {
		report_why(r, t, d, NULL, text, sizeof text);
		element(b, "td", " colspan=6 class=bad", text);
	}
	buf_add_text(b, "</tr>\n");
}

static void
html_note(const struct report_note *n, struct buf *b)
{
	static const char *const words[] = { [REPORT_TAG] = "tag", [REPORT_MARK] = "mark", [REPORT_CLAP] = "clap" };
	char at[32];

	report_local(at, sizeof at, n->time_us);
	buf_add_text(b, "<li>");
	html_text(b, at);
	buf_add_format(b, " <span class=word>%s</span> ", words[n->kind]);
	html_text(b, n->verdict);
	buf_add_text(b, n->verdict[0] != '\0' && n->text[0] != '\0' ? ": " : "");
	html_text(b, n->kind == REPORT_CLAP ? "" : n->text);
	buf_add_text(b, "</li>\n");
}

static void
html_notes(const struct report *r, const char *take, struct buf *b)
{
	int count;
	const struct report_note *notes = report_notes_of(r, take, &count);

	if (count == 0)
		return;
	buf_add_text(b, "<ul>\n");
	for (int i = 0; i < count; i++)
		html_note(&notes[i], b);
	buf_add_text(b, "</ul>\n");
}

static void
html_take_head(const struct take *t, struct buf *b)
{
	char started[32], text[64], archive[sizeof t->archive];

	report_local(started, sizeof started, t->started_us);
	report_archive(t, archive, sizeof archive);
	buf_add_format(b, "<section id=\"take-%s\">\n<h2>Take %s", t->take, t->take);
	if (t->slate[0] != '\0') {
		snprintf(text, sizeof text, " take %d", t->slate_take);
		buf_add_text(b, " \302\267 ");
		html_text(b, t->slate);
		html_text(b, text);
	}
	buf_add_text(b, t->rehearsal ? " <span class=rehearsal>REHEARSAL</span></h2>\n" : "</h2>\n");
	buf_add_format(b, "<p class=facts>%s%sin <code>", started, started[0] != '\0' ? ", " : "");
	html_text(b, archive);
	buf_add_format(b, "</code>, policy %s</p>\n", take_policy_name(t->policy));
}

static void
html_take(const struct report *r, const struct take *t, struct buf *b)
{
	html_take_head(t, b);
	html_notes(r, t->take, b);
	buf_add_text(b, "<table><thead><tr><th class=n>No.</th><th>Camera</th><th>File</th><th>State</th><th class=n>Size</th>"
	    "<th class=n>Length</th><th class=n>First picture</th><th>SHA-256</th></tr></thead>\n<tbody>\n");
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];

		for (int k = 0; k < d->part_count; k++)
			html_camera(r, t, d, &d->parts[k], b);
		if (d->part_count == 0)
			html_camera(r, t, d, NULL, b);
	}
	buf_add_text(b, "</tbody></table>\n</section>\n");
}

void
report_html(const struct report *r, struct buf *b)
{
	int between;

	buf_add_text(b, "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=viewport content=\"width=device-width\">\n");
	element(b, "title", "", r->facts.session);
	buf_add_format(b, "\n<style>%s</style>\n</head>\n<body>\n", style);
	element(b, "h1", "", r->facts.session);
	buf_add_text(b, "\n");
	html_facts(r, b);
	html_sum(r, b);
	html_missing(r, b);
	html_takes(r, b);
	for (int i = 0; i < r->take_count; i++)
		html_take(r, &r->takes[i], b);
	(void)report_notes_of(r, "", &between);
	if (between > 0) {
		buf_add_text(b, "<h2>Notes between takes</h2>\n");
		html_notes(r, "", b);
	}
	buf_add_text(b, "<h2>What this says</h2>\n<p class=small>Verified: the file is here with every byte that the camera promised, its "
	    "SHA-256 equal to the camera's own. Not promised: that the picture is sharp or the sound is on. "
	    "<code>livedirector verify</code> on the folder reads every byte again.</p>\n</body>\n</html>\n");
}
