/*
 * take_name.c - what a recording is called at home: <take>-cam<number>-<label>[-p2].<ext> (the Sphere folder).
 * Made once, of what the device was called then; never a path, whatever a stranger says.
 */
#include "domain/take.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define SLUG_BYTES 81			/* 80 and its end */
#define EXT_BYTES 6

/* The ending that the node gave its file, if it is a plain one. */
static void
ending_of(char out[static EXT_BYTES], const struct node_file *f)
{
	const char *dot = strrchr(f->file_name, '.');
	size_t len = 0;

	str_copy(out, EXT_BYTES, strcmp(f->content_type, "video/quicktime") == 0 ? "mov" : "mp4");
	if (dot == NULL || dot[1] == '\0' || strlen(dot + 1) >= EXT_BYTES)
		return;
	for (len = 1; dot[len] != '\0'; len++)
		if (!isascii((unsigned char)dot[len]) || !isalnum((unsigned char)dot[len]))
			return;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)tolower((unsigned char)dot[i + 1]);
}

void
take_part_name(char *out, size_t out_size, const char *take, const struct take_device *d, const char *device_name,
    const struct take_part *p)
{
	char name[SLUG_BYTES], number[TAKE_BYTES], ending[EXT_BYTES], part[16] = "", cam[16] = "";

	str_slug(name, sizeof name, d->label[0] != '\0' ? d->label : device_name != NULL && device_name[0] != '\0' ? device_name : d->node);
	str_slug(number, sizeof number, take);
	ending_of(ending, &p->meta);
	if (d->number > 0)
		snprintf(cam, sizeof cam, "cam%d-", d->number);
	if (p->part > 1)
		snprintf(part, sizeof part, "-p%d", p->part);
	snprintf(out, out_size, "%s-%s%s%s.%s", number, cam, name, part, ending);
}
