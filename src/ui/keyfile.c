/*
 * keyfile.c - finds and reads sets of keys.  Owns nothing; knows no key.
 */
#include "ui/keyfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "ui/livefile.h"

static bool
unknown_set(const char *folders, const char *name, struct err *e)
{
	char **names = livefile_names(folders), list[160] = "", clean[64];

	for (size_t i = 0; names[i] != NULL; i++)
		snprintf(list + strlen(list), sizeof list - strlen(list), ", %.40s", names[i]);
	livefile_names_free(names);
	str_clean(clean, sizeof clean, name, strlen(name), 40);
	return err_set(e, ERR_NOT_FOUND, "there is no set of keys \"%s\"; expected atem, voctomix, nle%s or a file", clean, list);
}

const struct keymap *
keyfile_load(const char *folders, const char *name, struct keymap **own, char *path, size_t path_size, struct err *e)
{
	const struct keymap *built_in = keymap_builtin(name);
	const char *slash;
	char *text;
	size_t len;

	*own = NULL;
	path[0] = '\0';
	if (built_in != NULL)
		return built_in;
	if (!livefile_find(path, path_size, folders, name) && (access(name, F_OK) != 0 || !str_copy(path, path_size, name))) {
		path[0] = '\0';
		unknown_set(folders, name, e);
		return NULL;
	}
	if ((text = livefile_read(path, &len, e)) == NULL)
		return NULL;
	*own = keymap_parse(path, text, len, e);
	free(text);
	slash = strrchr(path, '/');
	if (*own != NULL)
		keymap_set_name(*own, slash != NULL ? slash + 1 : path);
	return *own;
}
