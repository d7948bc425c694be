/*
 * t_report.c - the day's report out of a folder: what it counts, what it names as missing, and that no text from outside can be
 * anything but text in it, neither in the page nor in the spreadsheet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "app/report.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "support/scratch.h"

#define T0 1763712000000000LL		/* 2025-11-21 08:00:00 UTC */

struct world {
	char *folder;
	struct report_facts facts;
	struct report r;
	struct buf out;
};

static char *
in_folder(const struct world *w, const char *name)
{
	return xasprintf("%s/%s", w->folder, name);
}

static void
make_folder(const struct world *w, const char *name)
{
	char *path = in_folder(w, name);

	assert_int_equal(mkdir(path, 0777), 0);
	free(path);
}

static void
write_file(const struct world *w, const char *name, const char *text)
{
	char *path = in_folder(w, name);

	scratch_write(path, text);
	free(path);
}

static int
setup(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	setenv("TZ", "UTC", 1);
	tzset();
	w->folder = scratch_new();
	make_folder(w, "takes");
	make_folder(w, "sidecars");
	make_folder(w, "exports");
	str_copy(w->facts.session, sizeof w->facts.session, "Saturday episode");
	str_copy(w->facts.sphere, sizeof w->facts.sphere, "11111111-2222-4333-8444-555555555555");
	str_copy(w->facts.console, sizeof w->facts.console, "studio");
	w->facts.created_us = T0;
	w->facts.made_us = T0 + 3600000000LL;
	buf_init(&w->out, 64 * 1024 * 1024);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	report_fini(&w->r);
	report_facts_fini(&w->facts);
	buf_fini(&w->out);
	scratch_free(w->folder);
	free(w);
	return 0;
}

static void
know_take(struct world *w, const char *number, const char *slate)
{
	struct report_facts *f = &w->facts;

	f->takes = xreallocarray(f->takes, (size_t)f->take_count + 1, sizeof *f->takes);
	memset(&f->takes[f->take_count], 0, sizeof *f->takes);
	str_copy(f->takes[f->take_count].take, TAKE_BYTES, number);
	str_copy(f->takes[f->take_count].slate, MAX_NAME_BYTES, slate);
	f->take_count++;
}

static void
know_name(struct world *w, const char *node, const char *name)
{
	struct report_facts *f = &w->facts;

	f->names = xreallocarray(f->names, (size_t)f->name_count + 1, sizeof *f->names);
	memset(&f->names[f->name_count], 0, sizeof *f->names);
	str_copy(f->names[f->name_count].node, ID_BYTES, node);
	str_copy(f->names[f->name_count].name, MAX_NAME_BYTES, name);
	f->name_count++;
}

/* A file of ten bytes, as far on its way as `to`. */
static void
add_file(struct world *w, struct take *t, struct take_device *d, const char *name, enum take_state to)
{
	const struct offset_estimate clock = { .known = true, .bound_us = 40, .at_us = T0 + 4100 };
	struct node_file f = { .part = d->part_count + 1, .bytes = 10, .start_us = T0 + 4100, .end_us = T0 + 61000000,
		.duration_ms = 60996, .width = 1920, .height = 1080, .fps = 30, .complete = true };
	char relative[256];
	struct take_part *p;

	snprintf(f.id, sizeof f.id, "rec-%.32s-%d", d->node, f.part);
	str_copy(f.take, sizeof f.take, t->take);
	str_copy(f.sha256, sizeof f.sha256, "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882");
	str_copy(f.video_codec, sizeof f.video_codec, "h264");
	if (d->state == TAKE_RECORDING)
		assert_true(take_go(d, TAKE_STOPPING, NULL, T0 + 61000000));
	assert_true(take_saved(d, &f, NULL, &clock, T0 + 62000000));
	p = take_part(d, f.part);
	for (int s = TAKE_FETCHING; s <= (int)to && to != TAKE_FAILED; s++)
		assert_true(take_part_go(d, f.part, (enum take_state)s, NULL, T0 + 63000000));
	if (to == TAKE_FAILED) {
		assert_true(take_part_go(d, f.part, TAKE_FETCHING, NULL, T0 + 63000000));
		assert_true(take_part_go(d, f.part, TAKE_FAILED, "SHA-256 differs from the node's", T0 + 63000000));
	}
	str_copy(p->file, sizeof p->file, name);
	if (to != TAKE_FETCHED && to != TAKE_VERIFIED)
		return;
	snprintf(relative, sizeof relative, "takes/%s/%s", t->take, name);
	write_file(w, relative, "0123456789");
}

static struct take_device *
add_camera(struct take *t, const char *node, int number, const char *label)
{
	struct take_device *d = take_ask(t, node, number, label, T0);

	assert_true(take_go(d, TAKE_STARTING, NULL, T0));
	assert_true(take_go(d, TAKE_RECORDING, NULL, T0 + 4100));
	return d;
}

/* The take with this number is opened; its folder is there. */
static void
begin_take(struct world *w, struct take *t, const char *number, const char *slate, int slate_take)
{
	char relative[64];

	take_init(t, number, slate, slate_take, w->facts.sphere, TAKE_WILLING, T0);
	t->started_us = T0;
	t->stopped_us = T0 + 61000000;
	know_take(w, number, slate);
	snprintf(relative, sizeof relative, "takes/%s", number);
	make_folder(w, relative);
}

static void
end_take(struct world *w, struct take *t)
{
	char relative[64], *text = sphere_print_take(t);

	snprintf(relative, sizeof relative, "takes/%s/take.json", t->take);
	write_file(w, relative, text);
	free(text);
	take_fini(t);
}

static void
read_it(struct world *w)
{
	report_read(&w->r, &w->facts, w->folder);
}

static const char *
page(struct world *w)
{
	buf_clear(&w->out);
	report_html(&w->r, &w->out);
	return buf_text(&w->out);
}

static const char *
sheet(struct world *w)
{
	buf_clear(&w->out);
	report_csv(&w->r, &w->out);
	return buf_text(&w->out);
}

static void
has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void
lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" is in:\n%s", part, text);
}

/* ---- A good day ---- */

static void
good_day(struct world *w)
{
	struct take t;

	begin_take(w, &t, "001", "ep12", 1);
	add_file(w, &t, add_camera(&t, "cam-a", 1, "left guest"), "001-cam1-left-guest.mp4", TAKE_VERIFIED);
	add_file(w, &t, add_camera(&t, "cam-b", 2, ""), "001-cam2-iPhone.mp4", TAKE_VERIFIED);
	end_take(w, &t);
	know_name(w, "cam-b", "iPhone 16");
	write_file(w, "sidecars/markers.jsonl",
	    "{\"seq\":1,\"timeUs\":1763712000000000,\"monoNs\":1,\"type\":\"open\",\"run\":\"x\"}\n"
	    "{\"seq\":2,\"timeUs\":1763712070000000,\"monoNs\":1,\"type\":\"mark\",\"take\":\"001\",\"verdict\":\"ng\"}\n"
	    "{\"seq\":3,\"timeUs\":1763712010000000,\"monoNs\":1,\"type\":\"tag\",\"text\":\"good laugh\",\"take\":\"001\"}\n"
	    "{\"seq\":4,\"timeUs\":1763712080000000,\"monoNs\":1,\"type\":\"mark\",\"take\":\"001\",\"verdict\":\"good\",\"text\":\"the one\"}\n"
	    "{\"seq\":5,\"timeUs\":1763712090000000,\"monoNs\":1,\"type\":\"tag\",\"text\":\"lunch\",\"take\":null}\n");
	write_file(w, "sidecars/cuts.jsonl",
	    "{\"seq\":1,\"timeUs\":1,\"monoNs\":1,\"type\":\"open\",\"run\":\"x\"}\n"
	    "{\"seq\":2,\"timeUs\":1,\"monoNs\":1,\"type\":\"cut\"}\n{\"seq\":3,\"timeUs\":1,\"monoNs\":1,\"type\":\"cut\"}\n"
	    "{\"seq\":4,\"timeUs\":1,\"monoNs\":1,\"type\":\"cut\"}\n{\"seq\":5,\"timeUs\":1,\"monoNs\":1,\"type\":\"strike\",\"of\":[2,3]}\n");
	read_it(w);
}

static void
a_good_day_misses_nothing(void **state)
{
	struct world *w = *state;
	const char *text;

	good_day(w);
	assert_int_equal(w->r.files, 2);
	assert_int_equal(w->r.verified, 2);
	assert_int_equal(w->r.missing_count, 0);
	assert_int_equal(w->r.bytes, 20);
	text = page(w);
	has(text, "Nothing is missing.");
	has(text, "1 take, 2 files (20 B), 2 verified; 1 cut.");
	has(text, "left guest");
	has(text, "iPhone 16");
	has(text, "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882");
	has(text, "01:01");			/* it ran for a minute and a second */
	has(text, "+4.1 ms \302\261 0.1");	/* a bound is rounded up, and is never none */
	has(text, "Report of 2025-11-21 09:00:00 (UTC), made on studio.");
}

static void
the_newest_mark_counts_and_notes_stand_in_order_of_time(void **state)
{
	struct world *w = *state;
	const char *text, *tag, *first, *second;

	good_day(w);
	assert_string_equal(report_mark(&w->r, "001")->verdict, "good");
	assert_null(report_mark(&w->r, "002"));
	text = page(w);
	tag = strstr(text, "good laugh");
	first = strstr(text, "</span> ng");
	second = strstr(text, "good: the one");
	assert_non_null(tag);
	assert_non_null(first);
	assert_non_null(second);
	assert_true(tag < first && first < second);
	has(text, "Notes between takes");
	has(text, "lunch");
}

static void
the_page_needs_nothing_from_elsewhere(void **state)
{
	struct world *w = *state;
	const char *text;

	good_day(w);
	text = page(w);
	has(text, "<meta charset=utf-8>");
	has(text, "default-src 'none'");
	has(text, "@media print");
	lacks(text, "<script");
	lacks(text, "src=");
	lacks(text, "href=\"http");
	lacks(text, "url(");
	lacks(text, "@import");
	assert_true(strlen(text) > 10 && strcmp(text + strlen(text) - 8, "</html>\n") == 0);
}

static void
each_file_is_a_row(void **state)
{
	struct world *w = *state;
	const char *text, *rows;

	good_day(w);
	text = sheet(w);
	assert_true(str_has_prefix(text, "take,slate,slateTake,"));
	rows = strstr(text, "\r\n") + 2;
	assert_true(str_has_prefix(rows, "001,ep12,1,false,2025-11-21T08:00:00.000000Z,2025-11-21T08:01:01.000000Z,good,the one,1,left guest,"
	    "cam-a,verified,,1,verified,,takes/001,001-cam1-left-guest.mp4,10,60996,2025-11-21T08:00:00.004100Z,0,"));
	has(rows, "\r\n001,ep12,1,false,");
	has(rows, ",2,iPhone 16,cam-b,");
	has(rows, ",true,84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882\r\n");
}

/* RFC 4180: as many cells in each row; a quote opens and closes a cell. */
static void
every_row_has_every_column(void **state)
{
	struct world *w = *state;
	int cells = 1, want = 0, rows = 0;
	bool quoted = false;
	struct take t;

	know_take(w, "009", "=gone,\"x\"");
	begin_take(w, &t, "002", "a,b", 1);
	take_go(take_ask(&t, "cam-c", 3, "never", T0), TAKE_FAILED, "refused, \"busy\"", T0);
	end_take(w, &t);
	good_day(w);
	for (const char *p = sheet(w); *p != '\0'; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ',' && !quoted)
			cells++;
		else if (*p == '\n' && !quoted) {
			assert_int_equal(p[-1], '\r');
			if (want == 0)
				want = cells;
			assert_int_equal(cells, want);
			cells = 1;
			rows++;
		}
	}
	assert_false(quoted);
	assert_int_equal(rows, 5);	/* the head, two files, one camera without, one lost take */
}

/* ---- A bad day ---- */

static void
all_that_is_missing_is_named_with_its_reason(void **state)
{
	static const char *const want[] = {
		"take 003: its proof takes/003/take.json is not there, or cannot be read",
		"take 004 saved: still on the camera",
		"take 004 bad: given up: SHA-256 differs from the node's",
		"take 004 unproved: fetched, but the camera has not told its SHA-256",
		"take 004 refused: no file: refused, busy",
		"take 004 gone: 004-gone.mp4 is not where it was put, or has another size",
		"take 004 short: 004-short.mp4 is not where it was put, or has another size",
		"take 004 twice part 2: still on the camera",
		"take 004 silent: no file of it is known",
	};
	struct world *w = *state;
	struct take_device *d;
	struct take t;

	begin_take(w, &t, "004", "", 1);
	add_file(w, &t, add_camera(&t, "n1", 1, "saved"), "", TAKE_SAVED);
	add_file(w, &t, add_camera(&t, "n2", 2, "bad"), "", TAKE_FAILED);
	add_file(w, &t, add_camera(&t, "n3", 3, "unproved"), "004-unproved.mp4", TAKE_FETCHED);
	take_go(take_ask(&t, "n4", 4, "refused", T0), TAKE_FAILED, "refused, busy", T0);
	add_file(w, &t, add_camera(&t, "n5", 5, "gone"), "004-gone.mp4", TAKE_VERIFIED);
	add_file(w, &t, add_camera(&t, "n6", 6, "short"), "004-short.mp4", TAKE_VERIFIED);
	d = add_camera(&t, "n7", 7, "twice");
	add_file(w, &t, d, "004-twice.mp4", TAKE_VERIFIED);
	add_file(w, &t, take_device(&t, "n7"), "004-twice-p2.mp4", TAKE_SAVED);
	d = add_camera(&t, "n8", 8, "silent");
	assert_true(take_go(d, TAKE_STOPPING, NULL, T0));
	assert_true(take_go(d, TAKE_SAVED, NULL, T0));
	end_take(w, &t);
	know_take(w, "003", "lost one");
	unlink(scratch_path(w->folder, "takes/004/004-gone.mp4"));
	write_file(w, "takes/004/004-short.mp4", "012");
	read_it(w);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		bool found = false;

		for (int k = 0; k < w->r.missing_count; k++)
			found = found || strcmp(w->r.missing[k], want[i]) == 0;
		if (!found) {
			for (int k = 0; k < w->r.missing_count; k++)
				print_message("%s\n", w->r.missing[k]);
			fail_msg("nobody said: %s", want[i]);
		}
	}
	assert_int_equal(w->r.missing_count, sizeof want / sizeof want[0]);
	has(page(w), "<p class=word>9 missing:</p>");
	has(page(w), "<li>take 004 bad: given up: SHA-256 differs from the node&#39;s</li>");
	has(sheet(w), "003,lost one,");
}

static void
a_renamed_folder_is_no_proof_of_another_take(void **state)
{
	struct world *w = *state;
	struct take t;
	char *from;

	begin_take(w, &t, "001", "", 1);
	add_file(w, &t, add_camera(&t, "n1", 1, "left"), "001-left.mp4", TAKE_VERIFIED);
	end_take(w, &t);
	from = in_folder(w, "takes/001");
	assert_int_equal(rename(from, scratch_path(w->folder, "takes/002")), 0);
	free(from);
	know_take(w, "002", "");
	read_it(w);
	assert_int_equal(w->r.take_count, 0);
	assert_int_equal(w->r.lost_count, 2);
}

/* Cheap also when somebody tags all day. */
static void
many_notes_find_their_takes(void **state)
{
	struct world *w = *state;
	char *path = in_folder(w, "sidecars/markers.jsonl");
	struct take t;
	FILE *f = fopen(path, "w");

	free(path);
	assert_non_null(f);
	fprintf(f, "{\"seq\":1,\"timeUs\":1,\"monoNs\":1,\"type\":\"open\",\"run\":\"x\"}\n");
	for (int i = 2; i <= 20001; i++)
		fprintf(f, "{\"seq\":%d,\"timeUs\":%lld,\"monoNs\":1,\"type\":\"tag\",\"text\":\"note %d\",\"take\":\"%03d\"}\n", i,
		    T0 + i * 7919 % 20000, i, i % 2 + 1);
	fclose(f);
	for (int i = 1; i <= 2; i++) {
		begin_take(w, &t, i == 1 ? "001" : "002", "", 1);
		end_take(w, &t);
	}
	read_it(w);
	assert_int_equal(w->r.note_count, 20000);
	for (int i = 1; i < w->r.note_count; i++)
		assert_true(strcmp(w->r.notes[i - 1].take, w->r.notes[i].take) != 0 || w->r.notes[i - 1].time_us <= w->r.notes[i].time_us);
	has(page(w), "note 20001<");
}

static void
what_still_rolls_is_missing(void **state)
{
	struct world *w = *state;
	struct take t;

	begin_take(w, &t, "005", "", 1);
	t.stopped_us = 0;
	add_camera(&t, "n1", 1, "left");
	take_ask(&t, "n2", 2, "right", T0);
	end_take(w, &t);
	read_it(w);
	assert_int_equal(w->r.missing_count, 2);
	assert_string_equal(w->r.missing[0], "take 005 left: had not stopped when last heard");
	assert_string_equal(w->r.missing[1], "take 005 right: has not begun yet");
}

/* A camera that stopped by itself has failed; its file is home all the same: the report says both. */
static void
a_failure_whose_file_is_home_is_told_and_not_missing(void **state)
{
	struct world *w = *state;
	struct take_device *d;
	struct take t;

	begin_take(w, &t, "006", "", 1);
	d = add_camera(&t, "n1", 1, "hot");
	assert_true(take_go(d, TAKE_FAILED, "stopped by itself: heat", T0 + 9));
	add_file(w, &t, d, "006-hot.mp4", TAKE_VERIFIED);
	end_take(w, &t);
	read_it(w);
	assert_int_equal(w->r.missing_count, 0);
	has(page(w), "stopped by itself: heat");
	has(sheet(w), ",failed,stopped by itself: heat,1,verified,,");
}

static void
an_archive_elsewhere_is_named_and_looked_at_there(void **state)
{
	struct world *w = *state;
	struct take t;

	begin_take(w, &t, "007", "", 1);
	add_file(w, &t, add_camera(&t, "n1", 1, "left"), "007-left.mp4", TAKE_VERIFIED);
	str_copy(t.archive, sizeof t.archive, "s3://rushes/saturday/007");
	end_take(w, &t);
	begin_take(w, &t, "008", "", 1);
	add_file(w, &t, add_camera(&t, "n1", 1, "left"), "008-left.mp4", TAKE_VERIFIED);
	snprintf(t.archive, sizeof t.archive, "%s/nas", w->folder);
	end_take(w, &t);
	read_it(w);
	assert_int_equal(w->r.missing_count, 1);
	assert_string_equal(w->r.missing[0], "take 008 left: 008-left.mp4 is not where it was put, or has another size");
	has(page(w), "<code>s3://rushes/saturday/007</code>");
}

/* ---- Texts from outside ---- */

static void
no_text_is_anything_but_text(void **state)
{
	static const char *const evil = "<img src=x onerror=alert(1)>&amp;\"'</td></table>";
	struct world *w = *state;
	struct take_device *d;
	struct take t;
	const char *text;

	str_copy(w->facts.session, sizeof w->facts.session, evil);
	str_copy(w->facts.console, sizeof w->facts.console, evil);
	begin_take(w, &t, "001", evil, 1);
	d = add_camera(&t, "n1", 1, evil);
	add_file(w, &t, d, "001.mp4", TAKE_VERIFIED);
	str_copy(d->parts[0].meta.video_codec, NODE_WORD, "<b>");
	take_go(take_ask(&t, "n2", 2, "", T0), TAKE_FAILED, evil, T0);
	know_name(w, "n2", evil);
	end_take(w, &t);
	write_file(w, "sidecars/markers.jsonl",
	    "{\"seq\":1,\"timeUs\":1,\"monoNs\":1,\"type\":\"open\",\"run\":\"x\"}\n"
	    "{\"seq\":2,\"timeUs\":1763712010000000,\"monoNs\":1,\"type\":\"tag\",\"text\":\"<script>alert(1)</script>\\u202e\",\"take\":\"001\"}\n"
	    "{\"seq\":3,\"timeUs\":1763712010000000,\"monoNs\":1,\"type\":\"mark\",\"text\":\"x\",\"take\":\"001\",\"verdict\":\"<b>\"}\n");
	read_it(w);
	text = page(w);
	lacks(text, "<img");
	lacks(text, "<script");
	lacks(text, "<b>");
	lacks(text, "\342\200\256");		/* a bidi override */
	has(text, "&lt;img src=x onerror=alert(1)&gt;&amp;amp;&quot;&#39;&lt;/td&gt;");
	has(text, "&lt;script&gt;");
}

static void
no_cell_is_a_formula(void **state)
{
	static const char *const evil[] = { "=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)" };
	struct world *w = *state;
	struct take t;

	begin_take(w, &t, "001", "=1+1", 1);
	for (size_t i = 0; i < 4; i++) {
		char node[8];

		snprintf(node, sizeof node, "n%zu", i);
		take_go(take_ask(&t, node, (int)i + 1, evil[i], T0), TAKE_FAILED, evil[i], T0);
	}
	end_take(w, &t);
	read_it(w);
	has(sheet(w), "001,\"'=1+1\",1,");
	has(sheet(w), ",\"'=HYPERLINK(\"\"http://x\"\")\",n0,failed,\"'=HYPERLINK(\"\"http://x\"\")\",");
	has(sheet(w), ",\"'+1\",n1,");
	has(sheet(w), ",\"'-1\",n2,");
	has(sheet(w), ",\"'@SUM(A1)\",n3,");
}

/* ---- An empty folder, and writing ---- */

static void
an_empty_folder_is_a_report_too(void **state)
{
	struct world *w = *state;

	read_it(w);
	has(page(w), "There is no take yet.");
	assert_string_equal(strstr(sheet(w), "\r\n"), "\r\n");
}

static void
both_are_written_and_replaced(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };
	char *text;

	good_day(w);
	write_file(w, REPORT_HTML, "an older one");
	assert_true(report_write(&w->r, &e));
	text = scratch_read(scratch_path(w->folder, REPORT_HTML));
	has(text, "Nothing is missing.");
	free(text);
	text = scratch_read(scratch_path(w->folder, REPORT_CSV));
	has(text, "left guest");
	free(text);
}

static void
a_folder_that_cannot_be_written_is_named(void **state)
{
	struct world *w = *state;
	struct err e = { .kind = ERR_NONE };

	read_it(w);
	assert_int_equal(rmdir(scratch_path(w->folder, "exports")), 0);
	write_file(w, "exports", "somebody's file");
	assert_false(report_write(&w->r, &e));
	assert_int_equal(e.kind, ERR_DISK);
	has(e.text, "exports/report.html");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int
main(void)
{
	static const struct CMUnitTest tests[] = {
		T(a_good_day_misses_nothing),
		T(the_newest_mark_counts_and_notes_stand_in_order_of_time),
		T(the_page_needs_nothing_from_elsewhere),
		T(each_file_is_a_row),
		T(every_row_has_every_column),
		T(all_that_is_missing_is_named_with_its_reason),
		T(a_renamed_folder_is_no_proof_of_another_take),
		T(many_notes_find_their_takes),
		T(what_still_rolls_is_missing),
		T(a_failure_whose_file_is_home_is_told_and_not_missing),
		T(an_archive_elsewhere_is_named_and_looked_at_there),
		T(no_text_is_anything_but_text),
		T(no_cell_is_a_formula),
		T(an_empty_folder_is_a_report_too),
		T(both_are_written_and_replaced),
		T(a_folder_that_cannot_be_written_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
