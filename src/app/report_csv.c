/*
 * report_csv.c - the report for a spreadsheet: RFC 4180, one row a file, or a device without one.
 * Owns the columns.  Text that a spreadsheet would take for a formula is given a quote before it (CWE-1236).
 */
#include "app/report_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static const char *const columns[] = {
	"take", "slate", "slateTake", "rehearsal", "takeStarted", "takeStopped", "mark", "markText", "number", "name", "node",
	"deviceState", "deviceReason", "part", "state", "missing", "archive", "file", "bytes", "durationMs", "started", "offsetUs",
	"boundUs", "width", "height", "fps", "videoCodec", "audioCodec", "droppedFrames", "thermalPeak", "complete", "sha256",
};

struct row { struct buf *out; int cells; };

static void
cell_begin(struct row *row)
{
	if (row->cells++ > 0)
		buf_add(row->out, ",", 1);
}

static void
cell_text(struct row *row, const char *text)
{
	const bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;

	cell_begin(row);
	if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
		buf_add_text(row->out, text);
		return;
	}
	buf_add_text(row->out, formula ? "\"'" : "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_add(row->out, "\"", 1);
		buf_add(row->out, text, 1);
	}
	buf_add(row->out, "\"", 1);
}

static void __attribute__((format(printf, 2, 3)))
cell_number(struct row *row, const char *format, ...)
{
	va_list ap;

	cell_begin(row);
	va_start(ap, format);
	buf_add_vformat(row->out, format, ap);
	va_end(ap);
}

/* 0 is not known. */
static void
cell_known(struct row *row, int64_t value)
{
	if (value > 0)
		cell_number(row, "%" PRId64, value);
	else
		cell_begin(row);
}

static void
cell_time(struct row *row, int64_t utc_us)
{
	char text[40];

	report_utc(text, sizeof text, utc_us);
	cell_text(row, text);
}

static void
row_end(struct row *row)
{
	while (row->cells < (int)(sizeof columns / sizeof columns[0]))
		cell_begin(row);
	buf_add(row->out, "\r\n", 2);
}

/* ---- Rows ---- */

static void
row_take(struct row *row, const struct report *r, const struct take *t)
{
	const struct report_note *mark = report_mark(r, t->take);

	cell_text(row, t->take);
	cell_text(row, t->slate);
	cell_number(row, "%d", t->slate_take);
	cell_text(row, t->rehearsal ? "true" : "false");
	cell_time(row, t->started_us);
	cell_time(row, t->stopped_us);
	cell_text(row, mark != NULL ? mark->verdict : "");
	cell_text(row, mark != NULL ? mark->text : "");
}

static void
row_device(struct row *row, const struct report *r, const struct take_device *d)
{
	cell_known(row, d->number);
	cell_text(row, report_device_name(r, d));
	cell_text(row, d->node);
	cell_text(row, take_state_name(d->state));
	cell_text(row, d->reason);
}

static void
row_part(struct row *row, const struct take *t, const struct take_part *p)
{
	char archive[sizeof t->archive];

	report_archive(t, archive, sizeof archive);
	cell_text(row, archive);
	cell_text(row, p->file);
	cell_known(row, p->meta.bytes);
	cell_known(row, p->meta.duration_ms);
	cell_time(row, p->start_us);
	cell_number(row, "%" PRId64, p->offset_us);
	cell_number(row, "%" PRId64, p->bound_us);
	cell_known(row, p->meta.width);
	cell_known(row, p->meta.height);
	if (p->meta.fps > 0)
		cell_number(row, "%.3f", p->meta.fps);
	else
		cell_begin(row);
	cell_text(row, p->meta.video_codec);
	cell_text(row, p->meta.audio_codec);
	cell_number(row, "%" PRId64, p->meta.dropped_frames);
	cell_text(row, p->meta.thermal_peak);
	cell_text(row, p->meta.complete ? "true" : "false");
	cell_text(row, p->meta.sha256);
}

static void
csv_row(const struct report *r, const struct take *t, const struct take_device *d, const struct take_part *p, struct buf *out)
{
	struct row row = { .out = out };
	char why[MAX_TEXT_FIELD];

	report_why(r, t, d, p, why, sizeof why);
	row_take(&row, r, t);
	row_device(&row, r, d);
	if (p != NULL)
		cell_number(&row, "%d", p->part);
	else
		cell_begin(&row);
	cell_text(&row, p != NULL ? take_state_name(p->state) : "");
	cell_text(&row, why);
	if (p != NULL)
		row_part(&row, t, p);
	row_end(&row);
}

static void
csv_lost(const struct report_known *known, struct buf *out)
{
	struct row row = { .out = out };

	cell_text(&row, known->take);
	cell_text(&row, known->slate);
	while (row.cells < 15)		/* up to "missing" */
		cell_begin(&row);
	cell_text(&row, "the proof is not there, or cannot be read");
	row_end(&row);
}

static void
csv_take(const struct report *r, const struct take *t, struct buf *out)
{
	for (int i = 0; i < t->device_count; i++) {
		const struct take_device *d = &t->devices[i];

		for (int k = 0; k < d->part_count; k++)
			csv_row(r, t, d, &d->parts[k], out);
		if (d->part_count == 0)
			csv_row(r, t, d, NULL, out);
	}
}

void
report_csv(const struct report *r, struct buf *out)
{
	struct row row = { .out = out };

	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
		cell_text(&row, columns[i]);
	row_end(&row);
	for (int i = 0; i < r->take_count; i++)
		csv_take(r, &r->takes[i], out);
	for (int i = 0; i < r->lost_count; i++)
		csv_lost(&r->lost[i], out);
}
