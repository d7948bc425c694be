/*
 * sweep_parts.h - what sweep*.c do for each other; each part is one file's.
 */
#ifndef IO_SWEEP_PARTS_H
#define IO_SWEEP_PARTS_H

#include "io/sweep_private.h"

/* sweep_net.c: which addresses there are, and where. */
void sweep_prepare(struct sweep *s);
void sweep_host_text(const struct sweep *s, uint32_t one, char out[SWEEP_HOST_BYTES]);
socklen_t sweep_host_place(const struct sweep *s, uint32_t one, int port, struct sockaddr_storage *out);

/* sweep_arp.c */
void sweep_arp_open(struct sweep *s);
void sweep_arp_close(struct sweep *s);
int sweep_arp_send(struct sweep *s, int budget, int64_t now_us);
void sweep_arp_heard(struct sweep *s, int link);
void sweep_arp_again(struct sweep *s);				/* from the first on, those that are not there */
void sweep_arp_expire(struct sweep *s, int64_t now_us);
bool sweep_arp_is_over(const struct sweep *s);
int64_t sweep_arp_next_us(const struct sweep *s);

/* sweep_pace.c: when something may be sent. */
int sweep_pace_budget(struct sweep *s, int64_t now_us);
void sweep_pace_pay(struct sweep *s, int packets);
int64_t sweep_pace_next_us(const struct sweep *s, int64_t now_us);
bool sweep_pace_toll(struct sweep *s, int64_t now_us);		/* may an on-link host be connected to now? */
void sweep_pace_toll_pay(struct sweep *s, int64_t now_us);
int64_t sweep_pace_toll_next_us(const struct sweep *s);
void sweep_pace_begin(struct sweep *s);				/* a round */
/* It is over: true when what was silent is to be asked again (again_us says when). */
bool sweep_pace_repeat(struct sweep *s, int64_t now_us);
void sweep_pace_look(struct sweep *s, int64_t now_us);

/* sweep_connect.c */
void sweep_connect_open(struct sweep *s);
void sweep_connect_close(struct sweep *s);
int sweep_connect_send(struct sweep *s, int budget, int64_t now_us);
void sweep_connect_ready(struct sweep *s, struct sweep_probe *p);
/* At most a slice of those whose time is up; true: there are more. */
bool sweep_connect_expire(struct sweep *s, int64_t now_us);
bool sweep_connect_has_work(const struct sweep *s);
void sweep_connect_queue(struct sweep *s, uint32_t one);	/* it comes next */

/* sweep_judge.c: what is known of an address; the only one that calls back. */
void sweep_judge_asked(struct sweep *s, uint32_t one);
void sweep_judge_there(struct sweep *s, uint32_t one);
void sweep_judge_absent(struct sweep *s, uint32_t one);
void sweep_judge_port(struct sweep *s, uint32_t one, uint8_t port, enum sweep_verdict v);
void sweep_judge_again(struct sweep *s);			/* what is silent or absent has no verdict any more */
void sweep_judge_held(struct sweep *s);				/* no repeat any more: they are what they seem */

#endif
