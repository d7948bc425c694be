/*
 * scribe_camera.c - camera.jsonl: flips, zooms, formats and lens changes, whoever caused them.
 * A change heard as an event has the node's own time; one found later is marked as such.
 */
#include <math.h>
#include <string.h>
#include "app/scribe_private.h"
#include "base/str.h"

static void
camera_end(struct scribe *s, const char *type, const char *node, struct jdoc *line, const struct node_event *ev)
{
	scribe_int_or_null(line, "nodeUs", ev != NULL ? ev->time_us : 0, ev != NULL && ev->time_us != 0);
	jdoc_set_text(line, "commandId", ev != NULL && ev->command_id[0] != '\0' ? ev->command_id : NULL);
	jdoc_set_text(line, "told", ev != NULL ? "event" : "health");
	scribe_put(s, SCRIBE_CAMERA, type, ev != NULL ? scribe_event_time(s, node, ev) : 0, line);
}

static void
write_flip(struct scribe *s, const char *node, const char *camera, const struct node_event *ev)
{
	struct jdoc *line = scribe_line(node);

	jdoc_set_text(line, "camera", camera);
	camera_end(s, "flip", node, line, ev);
}

static void
write_zoom(struct scribe *s, const char *node, double factor, const struct node_event *ev)
{
	struct jdoc *line = scribe_line(node);

	jdoc_set_real(line, "factor", factor);
	camera_end(s, "zoom", node, line, ev);
}

static void
write_format(struct scribe *s, const char *node, const struct node_format *f, const struct node_event *ev)
{
	struct jdoc *line = scribe_line(node);

	jdoc_set_int(line, "width", f->width);
	jdoc_set_int(line, "height", f->height);
	jdoc_set_real(line, "rate", f->rate);
	jdoc_set_text(line, "codec", f->codec);
	jdoc_set_int(line, "bitrateBps", f->bitrate_bps);
	camera_end(s, "format", node, line, ev);
}

static void
write_lens(struct scribe *s, const char *node, const struct node_health *h, const struct node_event *ev)
{
	struct jdoc *line = scribe_line(node);

	jdoc_set_bool(line, "exposureLocked", h->exposure_locked);
	jdoc_set_bool(line, "focusLocked", h->focus_locked);
	jdoc_set_bool(line, "whiteBalanceLocked", h->white_balance_locked);
	camera_end(s, "lens", node, line, ev);
}

static bool
format_differs(const struct node_format *a, const struct node_format *b)
{
	return a->width != b->width || a->height != b->height || fabs(a->rate - b->rate) > 0.001;
}

static bool
lens_differs(const struct node_health *a, const struct node_health *b)
{
	return a->exposure_locked != b->exposure_locked || a->focus_locked != b->focus_locked ||
	    a->white_balance_locked != b->white_balance_locked;
}

/* What changed while nobody listened; what a node is found with at first is no change. */
void
scribe_camera_compare(struct scribe *s, struct scribe_node *n, const struct node_health *h)
{
	const struct node_health *was = &n->camera;

	if (n->has_camera && h->camera[0] != '\0' && was->camera[0] != '\0' && strcmp(h->camera, was->camera) != 0)
		write_flip(s, n->id, h->camera, NULL);
	if (n->has_camera && h->has_zoom && was->has_zoom && fabs(h->zoom - was->zoom) > 0.001)
		write_zoom(s, n->id, h->zoom, NULL);
	if (n->has_camera && h->has_format && was->has_format && format_differs(&h->format, &was->format))
		write_format(s, n->id, &h->format, NULL);
	if (n->has_camera && h->has_lens && was->has_lens && lens_differs(h, was))
		write_lens(s, n->id, h, NULL);
	n->has_camera = true;
	n->camera = *h;
}

void
scribe_camera_flip(struct scribe *s, const char *node, const struct node_event *ev)
{
	str_copy(scribe_node_of(s, node)->camera.camera, NODE_WORD, ev->text);
	write_flip(s, node, ev->text, ev);
}

void
scribe_camera_zoom(struct scribe *s, const char *node, const struct node_event *ev)
{
	struct node_health *h = &scribe_node_of(s, node)->camera;

	h->has_zoom = true;
	h->zoom = ev->value;
	write_zoom(s, node, ev->value, ev);
}

void
scribe_camera_format(struct scribe *s, const char *node, const struct node_event *ev)
{
	struct node_health *h = &scribe_node_of(s, node)->camera;

	h->has_format = true;
	h->format = ev->format;
	write_format(s, node, &ev->format, ev);
}

void
scribe_camera_lens(struct scribe *s, const char *node, const struct node_event *ev)
{
	struct node_health *h = &scribe_node_of(s, node)->camera;

	h->has_lens = true;
	h->exposure_locked = ev->health.exposure_locked;
	h->focus_locked = ev->health.focus_locked;
	h->white_balance_locked = ev->health.white_balance_locked;
	write_lens(s, node, &ev->health, ev);
}
