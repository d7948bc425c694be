/*
 * crew_private.h - what crew.c (members, look-ups), crew_source.c (discovery), crew_seen.c (candidates), crew_link.c
 * (conns), crew_same.c (who is whom), crew_place.c (addresses), crew_typed.c (typed lists of them), crew_news.c (words)
 * and crew_judge.c (live, stale, lost) share.  Nobody else includes it.
 */
#ifndef APP_CREW_PRIVATE_H
#define APP_CREW_PRIVATE_H

#include "app/crew_parts.h"

/* crew.c */
struct crew_entry *crew_entry_find(const struct crew *c, const char *node);
void crew_entry_free(struct crew_entry *e);
struct crew_entry *crew_entry_of(struct crew *c, struct registry_node *n);	/* makes it if it is new */
int64_t crew_now_us(const struct crew *c);

/* crew_source.c */
/* A sighting is a candidate: it becomes an address of the member it names, or a conn that finds out who is there. */
void crew_sight(struct crew *c, const struct registry_address *a, const char *node, const char *name);
void crew_source_close_all(struct crew *c);

/* crew_seen.c */
void crew_seen_sight(struct crew *c, const struct registry_address *a, const char *node, const char *name);
/* Another device than the member who had this address until now answers there: it is asked who it is. */
void crew_seen_apart(struct crew *c, const struct registry_address *a);
void crew_seen_goodbye(struct crew *c, enum registry_via via, const struct registry_address *a);
void crew_seen_failed(struct crew_link *l);	/* a candidate's conn gave up for now */
void crew_seen_forget(struct crew *c, struct seen_place *p);	/* ends its conn, too */
void crew_seen_network_changed(struct crew *c);
void crew_seen_pump(void *crew);	/* the timer: asks whoever is next */

/* crew_link.c */
struct crew_link *crew_link_open(struct crew *c);
/* Sees to it that the entry's conn tries all its addresses, best path first; opens one if there is none. */
void crew_link_update(struct crew_entry *e);
/* A member was sighted at this address: merged, and tried at once when the link is down. */
void crew_link_sight(struct crew_entry *e, const struct registry_address *a);
/* The member's address belongs to another device, or to another member: the conn that found it is ended. */
void crew_link_leave(struct crew_link *l, const struct registry_address *at, const char *why);
void crew_link_bury(struct crew_link *l);
void crew_link_free(struct crew_link *l);
void crew_link_exhume(void *crew);	/* grave timer: frees what nobody can be using any more */
void crew_link_pace(struct crew *c);	/* how often those that are absent are tried */
bool crew_link_is_down(const struct crew_link *l);
/* A candidate is the member of this id from here on; NULL: there is no room for one more. */
struct crew_entry *crew_link_adopt(struct crew_link *l, const char *id, const struct node_info *info,
    const struct registry_address *at, bool view_only);

/* crew_same.c */
/* The member at whom a sighting is aimed; NULL: it has to be asked who it is. */
struct crew_entry *crew_same_sighted(struct crew *c, const char *node, const struct registry_address *a);
/* A candidate has said who it is. */
void crew_same_candidate(struct crew_link *l, const struct node_info *info, const struct registry_address *at, bool view_only);
/* A member's conn has said who it is: false, and the conn is ended, when it is somebody else. */
bool crew_same_member(struct crew_link *l, const struct node_info *info, const struct registry_address *at);
void crew_same_look(struct crew *c);		/* something was heard: contests may be over */
void crew_same_timer(void *crew);
void crew_same_end(struct crew_link *l);	/* its contest, if it has one */
void crew_same_flag(struct crew *c, const char *id);	/* marks conflicts, and that they are over */

/* crew_place.c */
bool crew_place_is_same(const struct registry_address *a, const struct registry_address *b);
struct registry_address *crew_place_in(struct registry_node *n, const struct registry_address *a);	/* NULL: not there */
void crew_place_drop(struct registry_node *n, struct registry_address *a);
bool crew_place_may_add(const struct crew_entry *e, const struct registry_address *a);
void crew_place_add(struct crew_entry *e, const struct registry_address *a);
void crew_place_told(struct crew_entry *e, const struct node_info *info, const struct registry_address *at);	/* its own word */
void crew_place_give(struct crew_entry *e);			/* to its conn, when they differ from what it has */
void crew_place_claim(struct crew *c, const char *node, const struct registry_address *a);	/* it is this node's alone */
void crew_place_mark(struct crew_entry *e, const struct registry_address *at, bool is_up);	/* in_use */
void crew_place_say_why(struct crew_entry *e);			/* path_why */
void crew_place_path(void *arg, struct conn *conn, const struct conn_path *p);	/* a conn's callback */
void crew_place_learn(struct registry_address *a);	/* by what kind of interface it is reached; NULL is fine */
void crew_place_tidy(struct crew_entry *e);	/* drops what has been of no use for long */
void crew_place_changed(struct crew_entry *e);	/* this machine's network */

/* crew_typed.c */
void crew_typed_look(struct crew *c);	/* a camera was identified: the next address may be tried */
int crew_typed_waiting(const struct crew *c);	/* of the list, not tried yet */
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
