/*
 * crew_private.h - what crew.c (sightings, look-ups), crew_link.c (conns and who they turn out to be), crew_place.c
 * (addresses), crew_typed.c (typed lists of them), crew_news.c (words) and crew_judge.c (live, stale, lost) share.
 * Nobody else includes it.
 */
#ifndef APP_CREW_PRIVATE_H
#define APP_CREW_PRIVATE_H

#include "app/crew.h"
#include "base/list.h"
#include "base/map.h"

/* Why a member counts as lost before its silence is long enough. */
enum crew_gone { CREW_GONE_NOT, CREW_GONE_BYE, CREW_GONE_WITHDRAWN };

struct crew_entry {			/* one member of the show */
	struct crew_member pub;
	struct crew *crew;
	struct crew_link *link;		/* NULL: no address is known at which it might answer */
	struct list grave;		/* crew->forgotten, when is_forgotten: freed in a later turn */
	bool is_forgotten;		/* pub.node is gone */
	uint32_t given;			/* sum over the addresses the conn was given last */
	enum crew_gone gone;
	bool doubted;			/* its record was withdrawn and it has not spoken since */
	int64_t doubted_us, bye_us;
	char bye[NODE_WORD];		/* the reason it gave */
	int samples;			/* clock samples since the last EV_CLOCK_SAMPLE */
	char conn_trouble[MAX_TEXT_FIELD], decode_trouble[MAX_TEXT_FIELD];
};

struct crew_link {			/* one conn */
	struct list link;		/* in crew->links, or crew->graves when dead */
	struct crew *crew;
	struct conn *conn;
	struct crew_entry *entry;	/* NULL: pending, nobody answered yet */
	struct registry_address address;	/* pending: the candidate's */
	bool failed_told;		/* the operator knows that it does not answer */
	bool dead;			/* its callbacks are not heard any more */
	int64_t buried_us;
};

struct crew_origin {			/* an open discovery source */
	struct list link;
	struct crew *crew;
	const struct disc_source *source;
	void *self;
	struct crew_source pub;
};

struct crew {
	struct loop *loop;
	struct http *http;
	struct registry *reg;
	struct bus *bus;
	const struct clk *clk;
	const struct opt_set *settings;
	struct conn_conf conf;		/* outlives every conn */
	struct health_limits limits;
	struct map *entries;		/* id -> struct crew_entry */
	struct list links, graves, forgotten, origins;
	struct crew_typed *typed;	/* NULL: no list of addresses waits */
	int64_t judge_at_us;		/* when judge_timer fires; 0: it is stopped */
	struct loop_timer *judge_timer, *grave_timer;
	void (*frame)(void *arg, const char *node, const char *jpeg, size_t len);
	void *frame_arg;
};

/* crew.c */
struct crew_entry *crew_entry_of(struct crew *c, struct registry_node *n);	/* makes it if it is new */
int64_t crew_now_us(const struct crew *c);

/* crew_link.c */
/* A candidate from discovery; NULL when there are too many already. */
struct crew_link *crew_link_try(struct crew *c, const struct registry_address *a);
struct crew_link *crew_link_pending(struct crew *c, const struct registry_address *a);	/* the one tried already */
/* Sees to it that the entry's conn tries all its addresses, best path first; opens one if there is none. */
void crew_link_update(struct crew_entry *e);
/* A member was sighted at this address: merged, and tried at once when the link is down. */
/* "HOST:PORT: why" of a pending one. */
void crew_link_describe(const struct crew_link *l, char *out, size_t out_size);
void crew_link_sight(struct crew_entry *e, const struct registry_address *a);
void crew_link_bury(struct crew_link *l);
void crew_link_free(struct crew_link *l);
void crew_link_exhume(void *crew);	/* grave timer: frees what nobody can be using any more */
bool crew_link_is_down(const struct crew_link *l);

/* crew_place.c */
bool crew_place_is_same(const struct registry_address *a, const struct registry_address *b);
struct registry_address *crew_place_in(struct registry_node *n, const struct registry_address *a);	/* NULL: not there */
void crew_place_drop(struct registry_node *n, struct registry_address *a);
int crew_place_rank(enum registry_path path);			/* smaller is better */
void crew_place_add(struct crew_entry *e, const struct registry_address *a);
void crew_place_give(struct crew_entry *e);			/* to its conn, when they differ from what it has */
void crew_place_mark(struct crew_entry *e, const struct registry_address *at, bool is_up);	/* in_use */

/* crew_typed.c */
void crew_typed_look(struct crew *c);	/* a camera was identified: the next address may be tried */
void crew_typed_free(struct crew *c);

/* crew_news.c: the callbacks of conns; arg is the struct crew_link */
void crew_news_heard(void *arg, struct conn *conn);
void crew_news_event(void *arg, struct conn *conn, const struct node_event *ev);
void crew_news_clock(void *arg, struct conn *conn, const struct offset_sample *s, const char *epoch);
void crew_news_frame(void *arg, struct conn *conn, const char *jpeg, size_t len, int64_t timestamp_us, int64_t frame);
void crew_news_picture_trouble(void *arg, struct conn *conn, const char *why);
void crew_news_recordings(void *arg, struct conn *conn, const struct node_file *files, char *const *json, int count);
void crew_news_trouble(struct crew_entry *e);			/* joins both complaints about a picture */

/* crew_judge.c */
void crew_judge_entry(struct crew_entry *e);
void crew_judge_soon(struct crew_entry *e);	/* sees to it that it is judged in time */
void crew_judge_all(void *crew);	/* the timer */
void crew_judge_hello(struct crew_entry *e);	/* it is on the line anew: bye and doubt are over */
void crew_judge_bye(struct crew_entry *e, const char *reason);
void crew_judge_withdrawn(struct crew_entry *e);
void crew_judge_limits(struct crew *c);	/* reads the settings */

#endif
