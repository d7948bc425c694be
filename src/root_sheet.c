/*
 * root_sheet.c - cue sheets named on the command line: read with all they include, checked, listed.
 * Never plays one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app/cmd.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "io/jdoc.h"
#include "io/sheetfile.h"
#include "root.h"
#include "root_sheet.h"

#define SHOWN_CELLS 1000	/* of one line in the list */

bool
root_sheet_read(struct cue_sheet *sheet, const char *path)
{
	const char *file = strcmp(path, "-") == 0 ? "<stdin>" : path;
	struct err e = { .kind = ERR_NONE };
	size_t len = 0;
	char *text = sheetfile_read(path, &len, &e);
	bool ok;

	if (text == NULL) {
		root_complain("%s", e.text);
		return false;
	}
	ok = cue_sheet_parse(sheet, file, text, len, cmd_check_cue, sheetfile_load, NULL, &e);
	if (!ok)
		fprintf(stderr, "%s\n", e.text);	/* file:line:column: sentence, as compilers say it */
	free(text);
	return ok;
}

static int
list_place(const struct cue *cue, char *out, size_t out_size)
{
	char file[400];

	str_clean(file, sizeof file, cue->file, strlen(cue->file), SHOWN_CELLS);
	snprintf(out, out_size, "%s:%d", file, cue->line);
	return str_cells(out);
}

/* show.cue:12    intro: on go "sponsor"  cut host */
static void
list_line(const struct cue *cue, int place_cells)
{
	char place[440], text[MAX_COMMAND_LINE + 256], *shown = cue_shown(cue);
	int cells = list_place(cue, place, sizeof place);

	str_clean(text, sizeof text, shown, strlen(shown), SHOWN_CELLS);
	printf("%s%*s  %*s%s%s%s\n", place, place_cells - cells, "", 2 * cue->depth, "", cue->name,
	    cue->name[0] != '\0' ? ": " : "", text);
	free(shown);
}

static void
list_json(const struct cue *cue)
{
	static const char *const moods[] = { [CUE_PLAIN] = "", [CUE_TRY] = "try", [CUE_MUST] = "must" };
	struct jdoc *line = jdoc_object();
	char *text;

	jdoc_set_text(line, "record", "cue");
	jdoc_set_text(line, "file", cue->file);
	jdoc_set_int(line, "line", cue->line);
	jdoc_set_text(line, "name", cue->name);
	jdoc_set_text(line, "when", cue->when_text);
	jdoc_set_text(line, "mood", moods[cue->mood]);
	jdoc_set_text(line, "text", cue->text);
	jdoc_set_int(line, "depth", cue->depth);
	text = jdoc_print(line);
	puts(text);
	free(text);
	jdoc_free(line);
}

void
root_sheet_list(const struct cue_sheet *sheet, const char *path, bool json)
{
	size_t cues = 0;
	int widest = 0;

	for (size_t i = 0; i < sheet->count; i++) {
		char place[440];
		int cells = list_place(&sheet->cues[i], place, sizeof place);

		widest = cells > widest ? cells : widest;
		cues += sheet->cues[i].kind == CUE_LINE;
	}
	for (size_t i = 0; i < sheet->count; i++) {
		if (json)
			list_json(&sheet->cues[i]);
		else
			list_line(&sheet->cues[i], widest);
	}
	if (!json)
		printf("%s: %zu cue%s, no error\n", path, cues, cues == 1 ? "" : "s");
}
