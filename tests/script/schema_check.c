/*
 * schema_check.c - real files against the published schemas: `schema_check SPHERE` reads a whole folder, `schema_check NAME
 * FILE` one file.  Prints the first place that is wrong in each; exit status 1 when there is one.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/schema.h"
#include "support/scratch.h"

static bool
whole_file(const char *schema, const char *path)
{
	char *text = scratch_read(path), why[512];
	bool ok = schema_accepts(schema, text, strlen(text), why, sizeof why);

	if (!ok)
		printf("%s: %s\n", path, why);
	free(text);
	return ok;
}

static bool
journals(const char *folder)
{
	static const char *const names[] = { "cuts", "commands", "sources", "timebase", "markers", "camera", "health", "pose", "gesture", "evidence" };
	char path[4096], why[512];
	bool ok = true;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/sidecars/%s.jsonl", folder, names[i]);
		if (schema_accepts_lines(names[i], path, why, sizeof why))
			continue;
		printf("%s\n", why);
		ok = false;
	}
	return ok;
}

static bool
takes(const char *folder)
{
	char path[4096];
	DIR *d = opendir(scratch_path(folder, "takes"));
	const struct dirent *entry;
	bool ok = d != NULL;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/takes/%s/take.json", folder, entry->d_name);
		ok = (!scratch_exists(path) || whole_file("take", path)) && ok;
	}
	if (d != NULL)
		closedir(d);
	return ok;
}

int
main(int argc, char **argv)
{
	bool ok;

	if (argc == 3)
		return whole_file(argv[1], argv[2]) ? 0 : 1;
	if (argc != 2) {
		fprintf(stderr, "usage: schema_check SPHERE, or schema_check NAME FILE\n");
		return 2;
	}
	ok = whole_file("sphere", scratch_path(argv[1], "sphere.json"));
	ok = journals(argv[1]) && ok;
	ok = takes(argv[1]) && ok;
	return ok ? 0 : 1;
}
