/*
 * t_claims.c - the console's claims: what is sent and when, what answers mean, what is kept, and what is not fought for.
 * Tokens, journals and the disk are real; the cameras do what the test says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "app/claims.h"
#include "support/scratch.h"
#include "crew_double.h"

#define SECOND 1000000LL
#define OTHER "5f0e3ac5-9a44-4d3a-b9a3-2f0a7b9f2f22"

struct world {
	struct loop *loop;
	struct clk clk;
	struct bus *bus;
	struct crew *crew;
	struct fanout *fanout;
	struct diskq *queue;
	struct sphere *sphere;
	struct scribe *scribe;
	struct opt_set *settings;
	struct claims *claims;
	char *folder;
	int changes, notices, acks, ends;
	char notice[1024];
	struct ledger_line line;	/* the last ack */
	enum ledger_verdict verdict;
	bool had_ledger;
	struct err end, err;
};

static void
count_event(void *arg, const struct bus_event *ev)
{
	struct world *w = arg;

	w->changes += ev->kind == EV_CLAIM_CHANGED;
	if (ev->kind != EV_NOTICE)
		return;
	w->notices++;
	str_copy(w->notice, sizeof w->notice, ev->text);
}

static void
open_claims(struct world *w)
{
	w->claims = claims_new(w->loop, w->crew, w->fanout, w->scribe, w->sphere, w->bus, w->settings, &w->err);
	loop_fake_turn(w->loop);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_fake_new();
	w->clk = loop_fake_clk(w->loop);
	w->bus = bus_new();
	w->crew = double_new(w->bus);
	w->settings = double_settings();
	w->folder = scratch_new();
	setenv("XDG_STATE_HOME", scratch_path(w->folder, "state"), 1);
	setenv("USER", "anna", 1);
	w->sphere = sphere_open(scratch_path(w->folder, "s"), "Saturday episode", LOOP_FAKE_UTC_US, &w->err);
	assert_non_null(w->sphere);
	double_add(w->crew, "a", 1, "left guest");
	double_add(w->crew, "b", 2, "");
	w->queue = diskq_new(w->loop);
	w->scribe = scribe_new(w->loop, w->queue, w->sphere, w->crew, w->bus, &w->clk, NULL, NULL, &w->err);
	w->fanout = fanout_new(w->loop, w->crew, w->bus);
	bus_listen(w->bus, EV_KINDS, count_event, w);
	open_claims(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	claims_free(w->claims);
	fanout_free(w->fanout);
	scribe_free(w->scribe);
	diskq_free(w->queue);
	double_free(w->crew);
	sphere_close(w->sphere);
	opt_set_free(w->settings);
	loop_fake_turn(w->loop);
	assert_int_equal(loop_fake_alive(w->loop), 0);
	bus_free(w->bus);
	loop_free(w->loop);
	scratch_free(w->folder);
	free(w);
	return 0;
}

/* ---- The test's hand ---- */

static void
on_ack(void *arg, const struct ledger_line *line)
{
	struct world *w = arg;

	w->acks++;
	w->line = *line;
}

static void
on_done(void *arg, const struct ledger *l, int64_t took_us, const struct err *e)
{
	struct world *w = arg;

	(void)took_us;
	w->ends++;
	w->had_ledger = l != NULL;
	w->verdict = l != NULL ? ledger_verdict(l) : LEDGER_FAILED;
	w->end = *e;
}

static const struct target_set left = { .count = 1, .ids = { "a" } }, both = { .count = 2, .ids = { "a", "b" } };

static void
take(struct world *w, const struct target_set *targets, const char *pin)
{
	const struct claims_ask ask = { .targets = targets, .pin = pin, .ack = on_ack, .done = on_done, .arg = w };

	assert_true(claims_take(w->claims, &ask, &w->err));
}

static void
let_go(struct world *w, const struct target_set *targets)
{
	const struct claims_ask ask = { .targets = targets, .ack = on_ack, .done = on_done, .arg = w };

	claims_release(w->claims, &ask);
}

/* The newest claim that nobody has answered. */
static struct double_sent *
waits(struct world *w, enum node_verb verb, const char *node)
{
	struct double_sent *s = double_last(w->crew, verb, node);

	return s != NULL && !s->is_answered ? s : NULL;
}

static void
refuse(struct double_sent *s, int status, const char *code)
{
	struct node_answer a = { .result = NODE_REFUSED, .status = status };

	str_copy(a.code, sizeof a.code, code);
	str_copy(a.message, sizeof a.message, "No.");
	double_answer_with(s, &a);
}

static void
hold(struct world *w, const char *node)
{
	struct target_set set = { .count = 1 };
	const int ends = w->ends;

	str_copy(set.ids[0], ID_BYTES, node);
	take(w, &set, NULL);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, node) != NULL);
	double_answer(waits(w, NODE_CLAIM, node), NODE_OK);
	DOUBLE_WAIT(w->loop, w->ends == ends + 1);
	assert_int_equal(claims_of(w->claims, node), CLAIMS_OURS);
}

/* What its /info says from now on. */
static void
say_held(struct world *w, const char *node, const char *sphere, const char *name, const char *director)
{
	struct node_claim *claim = &double_member(w->crew, node)->node->info.claim;

	memset(claim, 0, sizeof *claim);
	claim->held = sphere != NULL;
	str_copy(claim->sphere, sizeof claim->sphere, sphere != NULL ? sphere : "");
	str_copy(claim->name, sizeof claim->name, name);
	str_copy(claim->director, sizeof claim->director, director);
	bus_tell(w->bus, EV_NODE_INFO, node, "%s", "");
	loop_fake_turn(w->loop);
}

static char *
token_file(struct world *w)
{
	char name[200];

	snprintf(name, sizeof name, "state/livedirector/claims/%s.json", sphere_manifest(w->sphere)->sphere);
	return scratch_exists(scratch_path(w->folder, name)) ? scratch_read(scratch_path(w->folder, name)) : strdup("");
}

static bool
is_kept(struct world *w, const char *token)
{
	char *text = token_file(w);
	const bool found = token != NULL && strstr(text, token) != NULL;

	free(text);
	return found;
}

static char *
journal(struct world *w)
{
	return scratch_read(scratch_path(w->folder, "s/sidecars/health.jsonl"));
}

/* ---- Tests ---- */

static void
token_is_on_disk_before_it_is_sent(void **state)
{
	struct world *w = *state;
	const struct double_sent *s;

	take(w, &both, NULL);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 0);	/* nothing went out in the same turn */
	DOUBLE_WAIT(w->loop, double_sent_of(w->crew, NODE_CLAIM, NULL) == 2);
	s = double_last(w->crew, NODE_CLAIM, "a");
	assert_true(is_kept(w, s->r.token));
	assert_true(is_kept(w, double_last(w->crew, NODE_CLAIM, "b")->r.token));
	assert_string_not_equal(s->r.token, double_last(w->crew, NODE_CLAIM, "b")->r.token);
	assert_string_equal(s->r.sphere, sphere_manifest(w->sphere)->sphere);
	assert_string_equal(s->r.text, "Saturday episode");
	assert_true(str_has_prefix(s->r.director, "anna@"));
	assert_string_equal(s->r.pin, "");
	double_answer_all(w->crew, NODE_OK);
	assert_int_equal(w->ends, 1);
	assert_int_equal(w->verdict, LEDGER_OK);
	assert_int_equal(w->acks, 2);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
	assert_int_equal(w->changes, 2);
}

static void
on_sent(void *arg, const struct ledger *l, int64_t took_us)
{
	(void)arg;
	(void)l;
	(void)took_us;
}

static void
every_command_to_a_held_camera_carries_its_token(void **state)
{
	static const struct fanout_fns fns = { .done = on_sent };
	const struct node_request zoom = { .verb = NODE_ZOOM };
	struct world *w = *state;

	hold(w, "a");
	fanout_send(w->fanout, &zoom, &both, NULL, &fns, NULL);
	assert_string_equal(double_last(w->crew, NODE_ZOOM, "a")->r.bearer, claims_bearer(w->claims, "a"));
	assert_string_equal(double_last(w->crew, NODE_ZOOM, "b")->r.bearer, "");
	assert_null(claims_bearer(w->claims, "b"));
}

static void
claim_outlives_its_console(void **state)
{
	struct world *w = *state;
	char token[ID_BYTES];

	hold(w, "a");
	str_copy(token, sizeof token, claims_bearer(w->claims, "a"));
	claims_free(w->claims);
	open_claims(w);
	assert_string_equal(claims_bearer(w->claims, "a"), token);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);	/* is it still ours? */
	assert_string_equal(waits(w, NODE_CLAIM, "a")->r.token, token);
	assert_string_equal(waits(w, NODE_CLAIM, "a")->r.bearer, token);
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, "b"), 0);
}

static void
held_claim_is_renewed_once_a_minute_and_with_a_new_name_at_once(void **state)
{
	struct world *w = *state;

	hold(w, "a");
	loop_fake_advance(w->loop, 55 * SECOND);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 1);
	loop_fake_advance(w->loop, 10 * SECOND);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 2);
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	str_copy(sphere_manifest(w->sphere)->name, MAX_NAME_BYTES, "Sunday");
	bus_tell(w->bus, EV_CREW_CHANGED, NULL, "name");
	loop_fake_turn(w->loop);
	loop_fake_turn(w->loop);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 3);
	assert_string_equal(double_last(w->crew, NODE_CLAIM, "a")->r.text, "Sunday");
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	loop_fake_advance(w->loop, 30 * SECOND);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 3);
}

static void
camera_that_was_away_and_lost_its_claim_is_claimed_again(void **state)
{
	struct world *w = *state;

	hold(w, "a");
	double_link(w->crew, "a", HEALTH_LOST);
	loop_fake_advance(w->loop, 700 * SECOND);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 1);	/* not to one that is not there */
	say_held(w, "a", NULL, "", "");
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_FREE);
	double_link(w->crew, "a", HEALTH_LIVE);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
}

static void
released_camera_is_forgotten_and_not_claimed_again(void **state)
{
	struct world *w = *state;
	char token[ID_BYTES];

	opt_assign(w->settings, "claim", "on", NULL);
	hold(w, "a");
	str_copy(token, sizeof token, claims_bearer(w->claims, "a"));
	let_go(w, &left);
	DOUBLE_WAIT(w->loop, waits(w, NODE_RELEASE, "a") != NULL);
	assert_string_equal(waits(w, NODE_RELEASE, "a")->r.bearer, token);
	assert_string_equal(waits(w, NODE_RELEASE, "a")->r.token, "");
	double_answer(waits(w, NODE_RELEASE, "a"), NODE_OK);
	assert_int_equal(w->ends, 1);			/* not before the disk has forgotten it, too */
	DOUBLE_WAIT(w->loop, w->ends == 2);
	assert_int_equal(w->verdict, LEDGER_OK);
	assert_false(is_kept(w, token));
	assert_null(claims_bearer(w->claims, "a"));
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_FREE);
	loop_fake_advance(w->loop, 300 * SECOND);
	assert_null(waits(w, NODE_CLAIM, "a"));
	bus_tell(w->bus, EV_SETTING_CHANGED, NULL, "claim");		/* the operator says it once more */
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
}

static void
release_whose_answer_was_lost_keeps_the_token(void **state)
{
	struct world *w = *state;

	hold(w, "a");
	let_go(w, &left);
	DOUBLE_WAIT(w->loop, waits(w, NODE_RELEASE, "a") != NULL);
	double_answer(waits(w, NODE_RELEASE, "a"), NODE_LATE);
	assert_int_equal(w->ends, 2);
	assert_int_equal(w->verdict, LEDGER_FAILED);
	assert_non_null(claims_bearer(w->claims, "a"));
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
}

static void
camera_of_another_sphere_is_named_and_its_token_never_kept(void **state)
{
	struct world *w = *state;
	char text[MAX_TEXT_FIELD];

	say_held(w, "a", OTHER, "Morning show", "ben@studio2");
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OTHER);
	assert_string_equal(double_member(w->crew, "a")->node->held_by, "\"Morning show\" (ben@studio2)");
	claims_word(w->claims, "a", text, sizeof text);
	assert_string_equal(text, "\"Morning show\" (ben@studio2)");
	assert_true(claims_trouble(w->claims, "a", text, sizeof text));
	assert_non_null(strstr(text, "held by \"Morning show\" (ben@studio2): release it there"));
	assert_non_null(strstr(text, ":out \"left guest\""));
	take(w, &left, NULL);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	refuse(waits(w, NODE_CLAIM, "a"), 409, "claimed");
	DOUBLE_WAIT(w->loop, w->ends == 1);
	assert_int_equal(w->verdict, LEDGER_FAILED);
	assert_null(claims_bearer(w->claims, "a"));
	assert_false(is_kept(w, double_last(w->crew, NODE_CLAIM, "a")->r.token));
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OTHER);
	say_held(w, "a", NULL, "", "");
	assert_string_equal(double_member(w->crew, "a")->node->held_by, "");
	assert_false(claims_trouble(w->claims, "a", text, sizeof text));
	loop_fake_advance(w->loop, 100 * SECOND);
	assert_null(waits(w, NODE_CLAIM, "a"));		/* asked for once, and refused: not taken later unasked */
}

static void
strangers_claim_is_looked_at_until_it_ends(void **state)
{
	struct world *w = *state;

	say_held(w, "b", OTHER, "Morning show", "");
	loop_fake_advance(w->loop, 95 * SECOND);
	assert_in_range(crew_conn(w->crew, "b")->infos_asked, 3, 4);
	assert_int_equal(crew_conn(w->crew, "a")->infos_asked, 0);
	say_held(w, "b", NULL, "", "");
	loop_fake_advance(w->loop, 95 * SECOND);
	assert_in_range(crew_conn(w->crew, "b")->infos_asked, 3, 4);
}

static void
this_sphere_on_another_machine_is_not_fought(void **state)
{
	struct world *w = *state;
	char text[MAX_TEXT_FIELD], token[ID_BYTES];

	hold(w, "a");
	str_copy(token, sizeof token, claims_bearer(w->claims, "a"));
	loop_fake_advance(w->loop, 65 * SECOND);
	refuse(waits(w, NODE_CLAIM, "a"), 401, "token_required");	/* it expired, and another console took it over */
	loop_fake_turn(w->loop);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_ELSEWHERE);
	assert_null(claims_bearer(w->claims, "a"));
	assert_true(claims_trouble(w->claims, "a", text, sizeof text));
	assert_non_null(strstr(text, "for this Sphere by another console"));
	assert_non_null(strstr(text, ":claim -t \"left guest\""));
	loop_fake_advance(w->loop, 300 * SECOND);
	assert_null(waits(w, NODE_CLAIM, "a"));
	DOUBLE_WAIT(w->loop, !is_kept(w, token));
	claims_free(w->claims);				/* nor by the console that comes after this one */
	open_claims(w);
	loop_fake_advance(w->loop, 10 * SECOND);
	assert_null(waits(w, NODE_CLAIM, "a"));
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_ELSEWHERE);
}

static void
takeover_comes_with_the_end_of_the_old_claim(void **state)
{
	struct world *w = *state;

	opt_assign(w->settings, "claim", "on", NULL);
	say_held(w, "a", sphere_manifest(w->sphere)->sphere, "Saturday episode", "anna@laptop");
	for (int i = 0; i < 3; i++) {
		DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
		refuse(waits(w, NODE_CLAIM, "a"), 401, "token_required");
		loop_fake_turn(w->loop);
		assert_int_equal(claims_of(w->claims, "a"), CLAIMS_ELSEWHERE);
		loop_fake_advance(w->loop, 36 * SECOND);
	}
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
	assert_true(is_kept(w, claims_bearer(w->claims, "a")));
}

static void
answer_that_never_came_does_not_make_it_ours(void **state)
{
	struct world *w = *state;

	say_held(w, "a", sphere_manifest(w->sphere)->sphere, "Saturday episode", "anna@laptop");
	take(w, &left, NULL);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_ELSEWHERE);
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_LATE);
	loop_fake_turn(w->loop);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_ELSEWHERE);
	assert_non_null(claims_bearer(w->claims, "a"));	/* it may have been taken: asked again with the same */
	loop_fake_advance(w->loop, 41 * SECOND);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	assert_string_equal(waits(w, NODE_CLAIM, "a")->r.token, claims_bearer(w->claims, "a"));
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
}

static void
pin_is_asked_for_sent_once_and_kept_nowhere(void **state)
{
	struct world *w = *state;
	char text[MAX_TEXT_FIELD], *file;

	take(w, &left, NULL);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	refuse(waits(w, NODE_CLAIM, "a"), 403, "pin_required");
	DOUBLE_WAIT(w->loop, w->ends == 1);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_PIN);
	assert_true(claims_trouble(w->claims, "a", text, sizeof text));
	assert_string_equal(text, "asks for its pin: :claim -t \"left guest\" pin DIGITS");
	loop_fake_advance(w->loop, 200 * SECOND);
	assert_null(waits(w, NODE_CLAIM, "a"));
	bus_tell(w->bus, EV_SETTING_CHANGED, NULL, "claim");	/* it is off: nobody wants the pin any more */
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_FREE);
	assert_false(claims_trouble(w->claims, "a", text, sizeof text));
	take(w, &left, "86420975");
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	assert_string_equal(waits(w, NODE_CLAIM, "a")->r.pin, "86420975");
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
	loop_fake_advance(w->loop, 65 * SECOND);
	assert_string_equal(waits(w, NODE_CLAIM, "a")->r.pin, "");	/* a renewal needs none */
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	file = token_file(w);
	assert_null(strstr(file, "86420975"));
	free(file);
}

static void
with_the_setting_on_cameras_are_claimed_as_they_join(void **state)
{
	struct world *w = *state;

	double_member(w->crew, "b")->node->out = true;
	double_add(w->crew, "c", 3, "");
	double_member(w->crew, "c")->node->view_only = true;
	double_add(w->crew, "d", 4, "");
	double_member(w->crew, "d")->link = HEALTH_LOST;
	opt_assign(w->settings, "claim", "on", NULL);
	bus_tell(w->bus, EV_SETTING_CHANGED, NULL, "claim");
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 1);	/* none that is out, a picture only, or away */
	refuse(waits(w, NODE_CLAIM, "a"), 403, "pin_required");
	assert_int_equal(w->notices, 1);		/* nobody asked: it is told */
	assert_non_null(strstr(w->notice, "pin DIGITS"));
	double_link(w->crew, "d", HEALTH_LIVE);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "d") != NULL);
	double_answer(waits(w, NODE_CLAIM, "d"), NODE_NOT_OFFERED);
	assert_int_equal(claims_of(w->claims, "d"), CLAIMS_NOT_OFFERED);
	loop_fake_advance(w->loop, 300 * SECOND);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, "d"), 1);
	assert_int_equal(w->notices, 1);
}

static void
nothing_is_claimed_by_itself_with_the_setting_off(void **state)
{
	struct world *w = *state;

	bus_tell(w->bus, EV_NODE_LIVE, "a", "%s", "");
	loop_fake_advance(w->loop, 300 * SECOND);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 0);
}

static void
end_of_anothers_claim_is_used_at_once(void **state)
{
	struct world *w = *state;

	opt_assign(w->settings, "claim", "on", NULL);
	say_held(w, "a", OTHER, "Morning show", "");
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	refuse(waits(w, NODE_CLAIM, "a"), 409, "claimed");
	loop_fake_advance(w->loop, SECOND);
	assert_null(waits(w, NODE_CLAIM, "a"));
	say_held(w, "a", NULL, "", "");
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
}

static void
refused_command_asks_whose_the_camera_is(void **state)
{
	static const struct fanout_fns fns = { .done = on_sent };
	const struct node_request zoom = { .verb = NODE_ZOOM };
	struct world *w = *state;

	hold(w, "b");
	for (int i = 0; i < 3; i++) {
		fanout_send(w->fanout, &zoom, &both, NULL, &fns, NULL);
		refuse(waits(w, NODE_ZOOM, "a"), 401, "token_required");
		refuse(waits(w, NODE_ZOOM, "b"), 401, "token_required");
		loop_fake_turn(w->loop);
	}
	assert_int_equal(crew_conn(w->crew, "a")->infos_asked, 1);	/* once for a burst of commands */
	assert_non_null(waits(w, NODE_CLAIM, "b"));		/* is it not ours any more? */
	refuse(waits(w, NODE_CLAIM, "b"), 409, "claimed");
	assert_null(claims_bearer(w->claims, "b"));
	say_held(w, "b", OTHER, "Morning show", "");
	assert_int_equal(claims_of(w->claims, "b"), CLAIMS_OTHER);
}

static void
busy_camera_stays_ours(void **state)
{
	struct world *w = *state;

	hold(w, "a");
	loop_fake_advance(w->loop, 65 * SECOND);
	refuse(waits(w, NODE_CLAIM, "a"), 503, "busy");
	loop_fake_turn(w->loop);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
	assert_non_null(claims_bearer(w->claims, "a"));
}

static void
camera_let_go_by_hand_is_not_taken_back(void **state)
{
	struct world *w = *state;
	struct node_event *ev = calloc(1, sizeof *ev);

	hold(w, "a");
	ev->kind = NODE_EV_BYE;
	str_copy(ev->text, sizeof ev->text, "quit");
	double_event(w->crew, "a", ev);
	assert_non_null(claims_bearer(w->claims, "a"));
	str_copy(ev->text, sizeof ev->text, "released");
	double_event(w->crew, "a", ev);
	assert_null(claims_bearer(w->claims, "a"));
	say_held(w, "a", NULL, "", "");
	loop_fake_advance(w->loop, 200 * SECOND);
	assert_null(waits(w, NODE_CLAIM, "a"));
	free(ev);
}

static void
disk_that_refuses_the_token_sends_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(rmdir(scratch_path(w->folder, "state/livedirector/claims")), 0);
	scratch_write(scratch_path(w->folder, "state/livedirector/claims"), "in the way");
	take(w, &both, NULL);
	DOUBLE_WAIT(w->loop, w->ends == 1);
	assert_int_equal(w->end.kind, ERR_DISK);
	assert_false(w->had_ledger);
	assert_int_equal(double_sent_of(w->crew, NODE_CLAIM, NULL), 0);
	assert_null(claims_bearer(w->claims, "a"));
}

static void
states_are_journaled_and_no_token_ever(void **state)
{
	struct world *w = *state;
	char token[ID_BYTES], *text;

	hold(w, "a");
	str_copy(token, sizeof token, claims_bearer(w->claims, "a"));
	say_held(w, "b", OTHER, "Morning show", "ben@studio2");
	loop_fake_advance(w->loop, 2 * SECOND);
	for (int i = 0; i < 20000; i++) {
		text = journal(w);
		if (strstr(text, "\"state\":\"other\"") != NULL)
			break;
		free(text);
		loop_fake_advance(w->loop, SECOND / 10);
		usleep(200);
	}
	assert_non_null(strstr(text, "\"type\":\"claim\",\"node\":\"a\",\"state\":\"ours\""));
	assert_non_null(strstr(text, "\"node\":\"b\",\"state\":\"other\",\"sphere\":\"" OTHER "\",\"name\":\"Morning show\",\"director\":\"ben@studio2\""));
	assert_null(strstr(text, token));
	free(text);
	text = scratch_read(scratch_path(w->folder, "s/sphere.json"));
	assert_null(strstr(text, token));
	free(text);
}

static void
closing_in_the_midst_of_it_leaves_nothing_behind(void **state)
{
	struct world *w = *state;

	take(w, &both, NULL);			/* the disk is being asked */
	claims_free(w->claims);
	open_claims(w);
	take(w, &both, NULL);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	claims_free(w->claims);			/* the cameras are being asked */
	open_claims(w);
	assert_int_equal(w->ends, 0);
	double_answer_all(w->crew, NODE_OK);
	assert_int_equal(w->acks, 0);
}

/* A claim of ours that is on its way, a camera whose pin it lacks, and the operator who says it meanwhile. */
static void
operators_claim_is_not_undone_by_our_own_that_was_refused(void **state)
{
	struct world *w = *state;
	struct double_sent *own;

	hold(w, "a");
	say_held(w, "a", NULL, "", "");			/* it expired */
	bus_tell(w->bus, EV_NODE_LIVE, "a", "%s", "");
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	own = waits(w, NODE_CLAIM, "a");
	take(w, &left, "86420975");
	for (int i = 0; i < 100; i++) {			/* however long the camera takes */
		loop_fake_turn(w->loop);
		usleep(200);
	}
	refuse(own, 403, "pin_required");
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	assert_string_equal(waits(w, NODE_CLAIM, "a")->r.pin, "86420975");
	assert_string_not_equal(waits(w, NODE_CLAIM, "a")->r.token, "");
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	DOUBLE_WAIT(w->loop, w->ends == 2);
	assert_int_equal(w->verdict, LEDGER_OK);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
	assert_non_null(claims_bearer(w->claims, "a"));
	assert_string_equal(claims_bearer(w->claims, "a"), double_last(w->crew, NODE_CLAIM, "a")->r.token);
	assert_true(is_kept(w, claims_bearer(w->claims, "a")));
}

/* The other way round the camera would be held by a token that nobody has any more. */
static void
release_comes_after_the_renewal_that_is_on_its_way(void **state)
{
	struct world *w = *state;

	hold(w, "a");
	loop_fake_advance(w->loop, 65 * SECOND);
	assert_non_null(waits(w, NODE_CLAIM, "a"));
	let_go(w, &both);
	take(w, &left, NULL);				/* and what is said next comes after that */
	loop_fake_turn(w->loop);
	assert_int_equal(double_sent_of(w->crew, NODE_RELEASE, NULL), 0);
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	DOUBLE_WAIT(w->loop, waits(w, NODE_RELEASE, "b") != NULL);
	loop_fake_advance(w->loop, 10 * SECOND);	/* nothing is due by itself meanwhile */
	assert_null(waits(w, NODE_CLAIM, "a"));
	double_answer(waits(w, NODE_RELEASE, "a"), NODE_OK);
	DOUBLE_WAIT(w->loop, waits(w, NODE_CLAIM, "a") != NULL);
	double_answer(waits(w, NODE_RELEASE, "b"), NODE_OK);
	double_answer(waits(w, NODE_CLAIM, "a"), NODE_OK);
	DOUBLE_WAIT(w->loop, w->ends == 3);
	assert_int_equal(claims_of(w->claims, "a"), CLAIMS_OURS);
	assert_true(is_kept(w, claims_bearer(w->claims, "a")));
}

static void
closing_while_one_waits_for_another_leaves_nothing_behind(void **state)
{
	struct world *w = *state;

	take(w, &both, NULL);
	let_go(w, &left);
	take(w, &both, NULL);
	claims_free(w->claims);
	open_claims(w);
	loop_fake_advance(w->loop, SECOND);
	assert_int_equal(w->ends, 0);
	assert_int_equal(double_sent_of(w->crew, NODE_RELEASE, NULL), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(token_is_on_disk_before_it_is_sent), T(every_command_to_a_held_camera_carries_its_token), T(claim_outlives_its_console),
		T(held_claim_is_renewed_once_a_minute_and_with_a_new_name_at_once),
		T(camera_that_was_away_and_lost_its_claim_is_claimed_again), T(released_camera_is_forgotten_and_not_claimed_again),
		T(release_whose_answer_was_lost_keeps_the_token), T(camera_of_another_sphere_is_named_and_its_token_never_kept),
		T(strangers_claim_is_looked_at_until_it_ends), T(this_sphere_on_another_machine_is_not_fought),
		T(takeover_comes_with_the_end_of_the_old_claim), T(answer_that_never_came_does_not_make_it_ours),
		T(pin_is_asked_for_sent_once_and_kept_nowhere), T(with_the_setting_on_cameras_are_claimed_as_they_join),
		T(nothing_is_claimed_by_itself_with_the_setting_off), T(busy_camera_stays_ours), T(end_of_anothers_claim_is_used_at_once),
		T(refused_command_asks_whose_the_camera_is), T(camera_let_go_by_hand_is_not_taken_back),
		T(disk_that_refuses_the_token_sends_nothing), T(states_are_journaled_and_no_token_ever),
		T(closing_in_the_midst_of_it_leaves_nothing_behind), T(operators_claim_is_not_undone_by_our_own_that_was_refused),
		T(release_comes_after_the_renewal_that_is_on_its_way), T(closing_while_one_waits_for_another_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
