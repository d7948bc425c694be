/*
 * keys.h - "keys that can do no harm": what a key press may do now.  Pure state machine; time comes in.
 * Turns keys into command text; never runs anything.
 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include "app/show.h"
#include "ui/input.h"

enum keys_act { KEYS_NOTHING, KEYS_SUBMIT, KEYS_UI, KEYS_SAY };

struct keys_result {
	enum keys_act act;
	char text[512];			/* SUBMIT: command; UI: action word; SAY: one sentence */
	int64_t pressed_us;		/* monotonic: when the finger came down */
};
typedef void keys_fn(void *arg, const struct keys_result *r);

struct keymap;
struct keys;
struct keys *keys_new(keys_fn *fn, void *arg);
void keys_free(struct keys *k);
/* Which keys do what from now on; kept, not copied.  At first: atem.  Hot cuts go off, questions close. */
void keys_set_map(struct keys *k, const struct keymap *map);
/* A key outside the prompt.  show: what the screen showed when it was pressed. */
void keys_press(struct keys *k, const struct input_event *ev, const struct show *show, int64_t now_us);
/* The cut just submitted was refused: the same key again within 3 s says --force. */
void keys_refused(struct keys *k, int64_t now_us);
/* The `cut back` just submitted was refused: its key again is no strike. */
void keys_back_refused(struct keys *k);
/* Noise or a paste outside the prompt: dangerous keys rest for a moment. */
void keys_noise(struct keys *k, int64_t now_us);
/* The prompt closed by this key (NULL: by itself): for 400 ms Space, Enter and what cuts do nothing and say so. */
void keys_prompt_closed(struct keys *k, const char *key, int64_t now_us);
/* A key that went into the prompt. */
void keys_typed(struct keys *k, const struct input_event *ev);
/* The camera the operator looks at; "" = none. */
void keys_set_focus(struct keys *k, const char *node);
/* A camera chosen by hand but without a key. */
void keys_preview(struct keys *k, const char *node, int64_t now_us);
/* Capitals come that nobody means: said once, and until a lower-case letter comes they do little. */
bool keys_has_caps(const struct keys *k);
/* How many alarms the screen shows: those `a` marks as seen. */
void keys_alarms_shown(struct keys *k, int count);
int64_t keys_deadline(const struct keys *k);
void keys_tick(struct keys *k, const struct show *show, int64_t now_us);
/* The question standing on the prompt row ("" = none): "STOP take 003 on 4 cameras? s Enter stops, Esc rolls on". */
const char *keys_question(const struct keys *k);
bool keys_is_locked(const struct keys *k);
bool keys_is_hot(const struct keys *k);
void keys_set_locked(struct keys *k, bool locked);

#endif
