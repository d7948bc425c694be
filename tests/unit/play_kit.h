/*
 * play_kit.h - a cue sheet upon the deck kit's cameras: virtual time, answers when the test says so, tags as footprints.
 * Include it in one file of a test only.
 */
#ifndef TESTS_PLAY_KIT_H
#define TESTS_PLAY_KIT_H

#include "unit/deck_kit.h"
#include "app/cueplay.h"

struct show {
	struct deck_kit *d;
	struct cue_sheet sheet;
	struct cueplay *play;
	struct cueplay_result result;
	int dones;
	int64_t begun_us;		/* loop time */
	bool answers;			/* every camera says ok at once */
	char texts[1024];
};

FAKE void
over(void *arg, const struct cueplay_result *r)
{
	struct show *s = arg;

	s->dones++;
	s->result = *r;
}

FAKE struct show *
show_load(void **state, int cameras, const char *text, const struct cueplay_conf *conf)
{
	struct show *s = xcalloc(1, sizeof *s);
	struct err e = { .kind = ERR_NONE };

	s->d = deck_new(state, cameras);
	if (!cue_sheet_parse(&s->sheet, "show.cue", text, strlen(text), cmd_check_cue, NULL, NULL, &e))
		fail_msg("%s", e.text);
	s->play = cueplay_new(&s->d->deck, s->d->q, &s->sheet, conf, stage_text_reply(s->d->text), over, s);
	s->begun_us = loop_now_us(s->d->k->loop);
	return s;
}

FAKE struct show *
show_new(void **state, int cameras, const char *text)
{
	struct show *s = show_load(state, cameras, text, &(struct cueplay_conf){ .speed = 1.0 });

	cueplay_start(s->play);
	return s;
}

FAKE void
show_free(struct show *s, void **state)
{
	cueplay_free(s->play);
	deck_free(s->d, state);
	cue_sheet_fini(&s->sheet);
	free(s);
}

/* Whoever was asked and has not answered says ok. */
FAKE void
answer_all(struct show *s)
{
	for (int i = 0; i < fake_conn_count; i++)
		for (int k = 0; k < fake_conns[i]->command_count; k++) {
			struct fake_command *c = &fake_conns[i]->commands[k];
			struct node_answer a = { .result = NODE_OK, .status = 200, .scheduled = c->request.at_us != 0,
				.time_us = c->request.at_us };

			if (!c->is_answered)
				fake_answer_with(fake_conns[i], k, &a, 3000, 1);
		}
	loop_fake_advance(s->d->k->loop, 0);
}

/* Time goes by in steps of 10 ms, cameras answering and staying alive. */
FAKE void
play_for(struct show *s, int64_t us)
{
	for (int64_t t = 0; t < us; t += 10000) {
		loop_fake_advance(s->d->k->loop, 10000);
		if (s->answers)
			answer_all(s);
		if (t % 500000 == 0)
			for (int i = 0; i < fake_conn_count; i++)
				fake_word(fake_conns[i]);
	}
}

FAKE int
tags(const struct show *s)
{
	int count = 0;

	for (int i = 0; i < s->d->scribe.line_count; i++)
		count += strcmp(s->d->scribe.lines[i].type, "tag") == 0;
	return count;
}

FAKE const struct fake_line *
last_tag(const struct show *s)
{
	for (int i = s->d->scribe.line_count - 1; i >= 0; i--)
		if (strcmp(s->d->scribe.lines[i].type, "tag") == 0)
			return &s->d->scribe.lines[i];
	fail_msg("there is no tag");
	return NULL;
}

FAKE int64_t
at(const struct show *s, int64_t us)
{
	return LOOP_FAKE_UTC_US + (s->begun_us - LOOP_FAKE_MONO_US) + us;
}

/* Texts of the tags so far, in order, each with a blank behind it. */
FAKE const char *
tag_texts(struct show *s)
{
	s->texts[0] = '\0';
	for (int i = 0; i < s->d->scribe.line_count; i++) {
		const struct fake_line *l = &s->d->scribe.lines[i];
		const char *text = strstr(l->json, "\"text\":\"");

		if (strcmp(l->type, "tag") != 0 || text == NULL)
			continue;
		text += 8;
		snprintf(s->texts + strlen(s->texts), sizeof s->texts - strlen(s->texts), "%.*s ", (int)strcspn(text, "\""), text);
	}
	return s->texts;
}

/* refusal: the sentence it is refused with; NULL: it is not. */
FAKE bool
go(struct show *s, const char *refusal)
{
	struct err e = { .kind = ERR_NONE };
	const bool ok = cueplay_go(s->play, &e);

	if (refusal == NULL)
		assert_true(ok);
	else
		assert_string_equal(e.text, refusal);
	return ok;
}

FAKE void
tell(struct show *s, enum event_kind kind, const char *node)
{
	bus_tell(s->d->k->bus, kind, node, "test");
}

#endif
