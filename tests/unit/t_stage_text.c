/*
 * t_stage_text.c - guarded lines, JSON Lines and TAP, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "app/settings.h"
#include "app/stage_text.h"
#include "base/str.h"
#include "support/loop_fake.h"

struct page {
	struct loop *loop;
	struct clk clk;
	struct bus *bus;
	struct registry *reg;
	struct opt_set *settings;
	struct crew *crew;
	struct stage_text *text;
	FILE *out;
	char *said;
	size_t len, hushed;
	int quits;
};

static void
on_quit(void *arg, int status)
{
	struct page *p = arg;

	p->quits += status + 1;
}

static void
on_put(void *arg, const char *lines, size_t len)
{
	struct page *p = arg;

	assert_true(len > 0 && lines[len - 1] == '\n');
	assert_int_equal(fwrite(lines, 1, len, p->out), len);
}

static struct page *
page_new(bool json)
{
	struct page *p = calloc(1, sizeof *p);
	struct registry_node *n;

	assert_non_null(p);
	p->loop = loop_fake_new();
	p->clk = loop_fake_clk(p->loop);
	p->bus = bus_new();
	p->reg = registry_new();
	p->settings = opt_set_new(settings_table);
	n = registry_remember(p->reg, "id-1");
	str_copy(n->label, sizeof n->label, "left guest");
	p->crew = crew_new(p->loop, NULL, p->reg, p->bus, &p->clk, p->settings);
	p->out = open_memstream(&p->said, &p->len);
	p->text = stage_text_new(&(struct stage_text_out){ on_put, p }, json, p->bus, p->crew, on_quit, p);
	return p;
}

static void
page_free(struct page *p)
{
	stage_text_free(p->text);
	crew_free(p->crew);
	registry_free(p->reg);
	bus_free(p->bus);
	opt_set_free(p->settings);
	loop_free(p->loop);
	fclose(p->out);
	free(p->said);
	free(p);
}

static void
reads(struct page *p, const char *all)
{
	fflush(p->out);
	assert_string_equal(p->said + p->hushed, all);
	p->hushed = p->len;
}

static struct ledger_line
ledger_line_of(enum node_result result, int64_t us, const char *code, const char *message)
{
	struct ledger_line line = { .node = "id-1", .answered = true, .result = result, .ms_us = us, .tries = 1 };

	str_copy(line.code, sizeof line.code, code);
	str_copy(line.message, sizeof line.message, message);
	return line;
}

static void
guarded_lines(void **state)
{
	struct page *p = page_new(false);
	const struct reply *r = stage_text_reply(p->text);
	struct ledger_line ok = ledger_line_of(NODE_OK, 4100, "", ""), late = ledger_line_of(NODE_LATE, 2000000, "", "no answer");
	struct reply_end partial = { .result = REPLY_PARTIAL, .acked = 3, .asked = 4, .took_us = 2001000 };
	struct reply_end refused = { .result = REPLY_ERROR, .took_us = 40 };

	(void)state;
	r->begin(r->arg, 7, "record start slate-12");
	r->ack(r->arg, 7, "id-1", "left", &ok);
	r->ack(r->arg, 7, "id-1", "left guest", &late);
	r->end(r->arg, 7, &partial);
	err_set(&refused.err, ERR_REFUSED, "take \"003\" rolls");
	r->end(r->arg, 8, &refused);
	r->say(r->arg, 9, "one\ntwo");
	reads(p, "begin 7 record start slate-12\n"
	    "ack 7 left ok 4.1ms\n"
	    "ack 7 \"left guest\" late 2000ms \"no answer\"\n"
	    "end 7 partial 3/4 2001ms\n"
	    "end 8 error 0.0ms \"take \\\"003\\\" rolls\"\n"
	    "say 9 \"one\\ntwo\"\n");
	page_free(p);
}

static void
control_characters_never_reach_the_terminal(void **state)
{
	struct page *p = page_new(false);
	const struct reply *r = stage_text_reply(p->text);

	(void)state;
	r->begin(r->arg, 1, "tag \x1b[2J\nend 1 ok");
	bus_tell(p->bus, EV_NODE_LOST, "\x1b]0;x\x07", "a\x1b[31mb\r\nc");
	fflush(p->out);
	for (const char *c = p->said; *c != '\0'; c++)
		assert_true((unsigned char)*c >= 0x20 || *c == '\n');
	assert_int_equal(strchr(p->said, '\n') != NULL, 1);
	assert_null(strstr(p->said, "\nend 1 ok"));
	page_free(p);
}

static void
events_with_names_and_words(void **state)
{
	struct page *p = page_new(false);

	(void)state;
	bus_tell(p->bus, EV_NODE_LOST, "id-1", "no word for 6.0 s");
	bus_tell(p->bus, EV_CUE, NULL, "saturday.cue:4 scheduled=1 landed=2 error=0.4ms");
	bus_tell(p->bus, EV_STILL_ROLLING, NULL, "003 left,wide");
	bus_tell(p->bus, EV_SAVED, "unknown-id", "x");
	bus_tell(p->bus, EV_TILE_DIRTY, "id-1", "inner news stay inside");
	bus_say(p->bus, &(struct bus_event){ .kind = EV_NODE_LIVE, .node = "id-1" });
	reads(p, "event node-lost \"left guest\" \"no word for 6.0 s\"\n"
	    "event cue saturday.cue:4 scheduled=1 landed=2 error=0.4ms\n"
	    "event still-rolling 003 left,wide\n"
	    "event saved unknown-id \"x\"\n"
	    "event node-live \"left guest\"\n");
	page_free(p);
}

static void
json_lines(void **state)
{
	struct page *p = page_new(true);
	const struct reply *r = stage_text_reply(p->text);
	struct ledger_line late = ledger_line_of(NODE_LATE, 2000000, "", "no answer"), ok = ledger_line_of(NODE_OK, 4500, "", "");
	struct reply_end partial = { .result = REPLY_PARTIAL, .acked = 3, .asked = 4, .took_us = 2001000 };

	(void)state;
	r->begin(r->arg, 7, "tag \"a b\"");
	r->ack(r->arg, 7, "id-1", "left guest", &ok);
	r->ack(r->arg, 7, "id-1", "left guest", &late);
	r->end(r->arg, 7, &partial);
	bus_say(p->bus, &(struct bus_event){ .kind = EV_CUT, .node = "id-1", .text = "by key", .time_us = 1763712000000000LL });
	bus_say(p->bus, &(struct bus_event){ .kind = EV_CUT, .time_us = 5 });
	stage_text_summary(p->text, 2, 1);
	reads(p, "{\"record\":\"begin\",\"n\":7,\"text\":\"tag \\\"a b\\\"\"}\n"
	    "{\"record\":\"ack\",\"n\":7,\"node\":\"id-1\",\"name\":\"left guest\",\"result\":\"ok\",\"ms\":4.5,\"code\":null,\"message\":null}\n"
	    "{\"record\":\"ack\",\"n\":7,\"node\":\"id-1\",\"name\":\"left guest\",\"result\":\"late\",\"ms\":2000,\"code\":null,\"message\":\"no answer\"}\n"
	    "{\"record\":\"end\",\"n\":7,\"result\":\"partial\",\"acked\":3,\"asked\":4,\"ms\":2001}\n"
	    "{\"record\":\"event\",\"event\":\"cut\",\"node\":\"id-1\",\"text\":\"by key\",\"timeUs\":1763712000000000}\n"
	    "{\"record\":\"event\",\"event\":\"cut\",\"node\":null,\"text\":\"\",\"timeUs\":5}\n"
	    "{\"record\":\"summary\",\"text\":\"2 passed, 1 failed\",\"passed\":2,\"failed\":1}\n");
	page_free(p);
}

static void
tap_tests_are_the_waits_and_expects(void **state)
{
	struct page *p = page_new(false);
	const struct reply *r = stage_text_reply(p->text);
	const struct reply_end ok = { .result = REPLY_OK }, failed = { .result = REPLY_FAILED };

	(void)state;
	stage_text_tap(p->text);
	r->begin(r->arg, 1, "wait nodes 2");
	r->end(r->arg, 1, &ok);
	r->begin(r->arg, 2, "tag x");
	r->end(r->arg, 2, &failed);
	r->begin(r->arg, 3, "expect event marker \"#1\"");
	r->end(r->arg, 3, &failed);
	stage_text_summary(p->text, 1, 1);
	reads(p, "TAP version 13\n# begin 1 wait nodes 2\nok 1 - wait nodes 2\n# end 1 ok 0.0ms\n"
	    "# begin 2 tag x\n# end 2 failed 0.0ms\n"
	    "# begin 3 expect event marker \"#1\"\nnot ok 2 - expect event marker \"\\#1\"\n# end 3 failed 0.0ms\n"
	    "1..2\n# 1 passed, 1 failed\n");
	page_free(p);
}

static void
missing_lines_are_an_alarm_among_the_others(void **state)
{
	struct page *p = page_new(false), *j = page_new(true);

	(void)state;
	stage_text_lost(p->text, 4711, 5);
	reads(p, "event alarm \"4711 lines are missing here: whoever reads them took nothing for too long\"\n");
	stage_text_lost(j->text, 2, 5);
	reads(j, "{\"record\":\"event\",\"event\":\"alarm\",\"node\":null,"
	    "\"text\":\"2 lines are missing here: whoever reads them took nothing for too long\",\"timeUs\":5}\n");
	page_free(p);
	page_free(j);
}

static void
the_summary_is_one_plain_line(void **state)
{
	struct page *p = page_new(false);

	(void)state;
	stage_text_summary(p->text, 12, 0);
	reads(p, "12 passed, 0 failed\n");
	page_free(p);
}

static void
the_stage_knows_the_words_of_a_screen(void **state)
{
	struct page *p = page_new(false);
	const struct stage *stage = stage_text_stage(p->text);
	struct err e = { .kind = ERR_NONE };

	(void)state;
	assert_true(stage->view(stage->arg, "takes", "", &e));
	assert_true(stage->view(stage->arg, "mesh", "", &e));
	assert_false(stage->view(stage->arg, "maze", "", &e));
	assert_true(stage->layout(stage->arg, "sheet", &e));
	assert_false(stage->layout(stage->arg, "pile", &e));
	assert_true(stage->graphics(stage->arg, "next", &e));
	assert_false(stage->graphics(stage->arg, "oil", &e));
	assert_null(stage->help);	/* the command prints it */
	stage->quit(stage->arg, 0);
	assert_int_equal(p->quits, 1);
	reads(p, "");
	page_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guarded_lines),
		cmocka_unit_test(control_characters_never_reach_the_terminal),
		cmocka_unit_test(events_with_names_and_words),
		cmocka_unit_test(json_lines),
		cmocka_unit_test(tap_tests_are_the_waits_and_expects),
		cmocka_unit_test(missing_lines_are_an_alarm_among_the_others), cmocka_unit_test(the_summary_is_one_plain_line),
		cmocka_unit_test(the_stage_knows_the_words_of_a_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
