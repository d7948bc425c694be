/*
 * camera_private.h - what camera*.c share: the node's parts and its small state.
 */
#ifndef CAMERA_CAMERA_PRIVATE_H
#define CAMERA_CAMERA_PRIVATE_H

#include <stdatomic.h>
#include "camera/camera.h"
#include "camera/claim.h"
#include "camera/claim_file.h"
#include "camera/cmdmem.h"
#include "camera/engine.h"
#include "camera/nodeclk.h"
#include "camera/recorder.h"
#include "camera/schedule.h"
#include "camera/senses.h"
#include "camera/ssehub.h"
#include "camera/store.h"
#include "camera/tally.h"
#include "camera/viewers.h"
#include "domain/node.h"
#include "io/dnssd.h"
#include "io/httpd.h"
#include "io/jdoc.h"

#define ZOOM_MIN 1.0

struct zoom_ramp {
	double from, to;
	int64_t start_us, length_us;	/* monotonic; length 0: it stands at `to` */
	char command_id[ID_BYTES];	/* whose ramp it is: its end is told with it */
};

/* What the operator of the camera sees and does; plain values. */
struct stance {
	struct node_format format;
	bool is_front;
	struct zoom_ramp zoom;
	bool exposure_locked, focus_locked, white_balance_locked;
	int64_t flash_from_us, flash_until_us;	/* monotonic */
	int64_t beep_us;		/* node's clock */
	char message[128];
	int64_t message_until_us;	/* monotonic */
	char thermal[NODE_WORD];
	int64_t cool_at_us;		/* monotonic; 0: it is cool */
	double peak_dbfs;		/* as last told by an audio event */
};

struct camera {
	struct loop *loop;
	struct camera_conf conf;
	struct nodeclk clk;
	struct stance stance;
	char network[NODE_WORD];
	struct store *store;
	struct source *source;
	struct engine *engine;
	struct recorder *recorder;
	struct viewers *viewers;
	struct senses *senses;		/* NULL: none were asked for */
	struct ssehub *hub;
	struct schedule *schedule;
	struct tally *tally;
	struct claim claim;
	struct claim_file *claim_file;
	struct cmdmem *memory;
	struct httpd *httpd;
	struct dnssd_register *advert;
	struct loop_timer *advert_timer;	/* runs until the daemon has taken the name */
	struct loop_timer *second, *audio, *zoom_end, *heat, *die, *silence, *freeze, *linger;
	unsigned random;		/* for --fault drop */
	unsigned long long nameless;	/* commands without a commandId */
	bool is_silent, is_dead, is_closing;
	bool is_closed_but_jobs;	/* only jobs in the pool are left */
	atomic_bool is_hurrying;	/* workers: give up what can wait */
	int pool_jobs;			/* hashing, claims on their way to the disk, deletions: the end waits for them */
	void (*died)(void *arg, struct camera *c);
	void *died_arg;
	loop_fn *closed;
	void *closed_arg;
};

/* camera.c */
void camera_check_closed(struct camera *c);
void camera_set_format(struct camera *c, int width_px, int height_px, double rate);
void camera_set_bitrate(struct camera *c);	/* that of its format, or of a rehearsed fault */
/* camera_fault.c */
void camera_fault_begin(struct camera *c);	/* its timers */
void camera_fault_heat(struct camera *c);	/* a recording has begun */
/* camera_command.c: what a command does to the node. */
struct verdict {
	int status;
	const char *code;		/* NULL: ok */
	char message[256];
	bool has_range;
	double min, max;		/* of out_of_range */
	int retry_s;			/* Retry-After; 0: none */
	int64_t time_us;
	bool scheduled, late;
	bool is_settled;		/* ok, and nothing is left to do */
};
void camera_command_judge(struct camera *c, const struct node_request *rq, const char *sender, struct verdict *v);
void camera_command_due(void *arg, const struct node_request *rq);
void camera_command_superseded(void *arg, const char *command_id);
void camera_command_refuse(struct verdict *v, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* camera_act.c: one function per verb. */
void camera_act(struct camera *c, const struct node_request *rq, struct verdict *v);

/* camera_routes.c */
void camera_routes_serve(void *arg, struct httpd_request *rq);
/* camera_claim.c */
/* The claim changed: kept, and then told to whoever waits for it under that key with this answer; body NULL: nobody does. */
void camera_claim_changed(struct camera *c, const char *key, const struct verdict *v, const char *body);
void camera_claim_look(struct camera *c);	/* each second: is its holder still heard? */
/* DELETE /recordings/{id} */
void camera_claim_delete(struct camera *c, struct httpd_request *rq, const char *id, const char *token);
void camera_claim_refuse(struct camera *c, struct httpd_request *rq, const char *command_id);	/* 401 */

/* camera_files.c: GET /recordings... */
void camera_files_list(struct camera *c, struct httpd_request *rq);
void camera_files_one(struct camera *c, struct httpd_request *rq, const char *id);
void camera_files_send(struct camera *c, struct httpd_request *rq, const char *id);
/* Hashes what a crash left without a hash, one after the other: the next in the list after that id, "" the first. */
void camera_files_hash_next(struct camera *c, const char *after);
/* camera_reply.c */
void camera_reply_json(struct httpd_request *rq, int status, struct jdoc *body, const struct httpd_extra *extra);
void camera_reply_error(struct httpd_request *rq, int status, const char *command_id, const char *code, const char *message,
    const struct httpd_extra *extra);
char *camera_reply_verdict(struct camera *c, const struct verdict *v, const char *command_id);

#endif
