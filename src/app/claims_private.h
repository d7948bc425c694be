/*
 * claims_private.h - what claims.c (who holds whom, and what is due) and claims_order.c (claims and releases on their way)
 * share.  Nobody else includes it.
 */
#ifndef APP_CLAIMS_PRIVATE_H
#define APP_CLAIMS_PRIVATE_H

#include "app/claims.h"
#include "base/list.h"
#include "base/map.h"
#include "io/tokens.h"

#define CLAIMS_RENEW_US 60000000	/* a claim ends ten minutes after its holder was last heard */
#define CLAIMS_AGAIN_US 30000000	/* between two questions whether somebody else's has ended */
#define CLAIMS_LOOK_US 5000000

struct order;

struct claims_node {
	char node[ID_BYTES];
	enum claims_state state;
	struct order *asker;		/* the order of ours that is on its way to it (claims_order.c's); NULL: none */
	bool let_go;			/* released by the operator: not claimed again by itself */
	bool is_token_wrong;		/* it said so: this Sphere holds it by another one */
	int64_t asked_us, looked_us;	/* loop's time: a claim was sent, its /info was asked; INT64_MIN: not yet */
};

struct claims {
	struct loop *loop;
	struct crew *crew;
	struct fanout *fanout;
	struct scribe *scribe;
	struct sphere *sphere;
	struct bus *bus;
	const struct opt_set *settings;
	struct tokens *tokens;		/* NULL: no_place says why */
	struct err no_place;
	char sphere_id[ID_BYTES], director[MAX_NAME_BYTES];
	struct map *nodes;		/* id -> struct claims_node */
	struct list orders;		/* claims_order.c's */
	struct loop_timer *look_timer;
	bool look_waits;
};

/* claims.c */
struct claims_node *claims_node(struct claims *c, const char *node);	/* made if it is new */
void claims_go(struct claims *c, struct claims_node *n, enum claims_state state);
void claims_judge(struct claims *c, struct claims_node *n);
bool claims_has_token(const struct claims *c, const char *node);
void claims_look_soon(struct claims *c);

/* claims_order.c */
void claims_ask_self(struct claims *c, const struct target_set *targets);
void claims_drop_orders(struct claims *c);

#endif
