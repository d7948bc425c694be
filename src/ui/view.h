/*
 * view.h - a view draws the show on a canvas and says which keys of its own it takes.
 * State: cursor, scroll, page and nothing else.  Views never ask the app; they get a snapshot.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "app/show.h"
#include "ui/canvas.h"

struct keymap;
struct mesh;
struct opt_set;

enum view_graphics { VIEW_NO_PICTURES, VIEW_PICTURES };

/* What the screen itself adds to the snapshot. */
struct view_frame {
	const struct show *show;
	const struct mesh *mesh;	/* view mesh only, else NULL */
	enum view_graphics graphics;
	int cell_w_px, cell_h_px;	/* where pictures are drawn in pixels; 0: a cell counts as twice as high as wide */
	int page, scroll;
	int per_page;			/* sheet: 1, 4, 9, 16, 25 tiles a page; 0: as many as fit well */
	char focus[ID_BYTES];		/* the camera the operator looks at; "" = none */
	char sort[16];			/* health: "number" "state" "battery" ...; "" = number */
	char filter_node[ID_BYTES], filter_topic[24];	/* log; "" = all */
	const struct keymap *keymap;
	bool caps_lock;			/* capitals come that nothing is bound to */
	bool locked, hot;
	const char *bell;		/* "off" "visual" "audible" */
	bool ringing;			/* a visual bell: now */
	int64_t line_bps, line_rtt_us;	/* of the way to the terminal, bytes a second; 0: not known, or it is not full */
	char prompt[256];		/* what is being typed; drawn by the screen's own rows */
	int prompt_cursor;		/* column in prompt, -1: prompt closed */
	char reply[256];		/* one-line answer or question in the prompt row */
	enum theme_role reply_role;
	const char *help_command;	/* view help: one command, or NULL */
	const struct opt_set *settings;	/* view help: their values; NULL: as they are at first */
};

struct view_ops {
	const char *name;		/* "sheet" */
	/* Draws everything but the frame rows that screen_draw() owns; rows [top, bottom). */
	void (*draw)(struct canvas *c, const struct view_frame *f, int top, int bottom);
	/* Lines it would like; for scrolling.  May be NULL. */
	int (*lines)(const struct view_frame *f, int cols);
	int (*pages)(const struct view_frame *f, int rows, int cols);	/* may be NULL: 1 */
	/* It names program, its shot and preview itself on such a terminal; may be NULL: it does not. */
	bool (*has_buses)(const struct view_frame *f, int rows, int cols);
};

/* The layouts: what `view sheet` shows is the one chosen last. */
extern const struct view_ops view_sheet, view_switch, view_quad, view_single;
/* "sheet" "switch" "quad" "single"; NULL: no such layout. */
const struct view_ops *layout_find(const char *name);
extern const struct view_ops view_help, view_health, view_arm, view_takes, view_mesh, view_log;
const struct view_ops *view_find(const char *name);

/* Rows [top, bottom) of a terminal that belong to the view. */
void screen_view_rows(int rows, int *top, int *bottom);
/* How many alarms such a screen shows, the newest. */
int screen_alarms_shown(const struct show *s, int rows, int cols);
/* The whole screen: header rows, the view, alarms, NEXT, LAST, prompt row, key line. */
void screen_draw(struct canvas *c, const struct view_ops *view, const struct view_frame *f);
/*
 * After how long such a screen would look different by time alone, nothing else happening: a clock, a running take, an
 * age; changes close together count as one.  -1: never.  What the stage itself put there (reply, bell, prompt) is not in it.
 */
int64_t screen_next_change_us(const struct view_ops *view, const struct view_frame *f);

#endif
