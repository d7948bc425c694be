/*
 * camopt.h - mmcamd's command line: one table that parsing, --help and the manual share.
 * Pure: reads no file, starts nothing.
 */
#ifndef CAMERA_CAMOPT_H
#define CAMERA_CAMOPT_H

#include <stdbool.h>
#include <stdio.h>
#include "base/ceilings.h"
#include "base/err.h"
#include "domain/fault.h"
#include "domain/ids.h"

#define CAMOPT_PATH 1024

/* What one node is asked to be; plain values. */
struct camera_conf {
	char name[MAX_NAME_BYTES], model[MAX_NAME_BYTES];
	char id[ID_BYTES];		/* "": the folder's */
	char bind[64];			/* "": all addresses */
	int port;			/* 0: any free one */
	char source[CAMOPT_PATH];
	char events[CAMOPT_PATH];	/* "generate" or "file:PATH"; "": none */
	int width, height;
	double rate;
	char folder[CAMOPT_PATH];
	bool advertise;
	char pin[32];			/* "": none */
	int number;			/* in its fleet, from 1 */
	struct fault fault;
	void (*say)(const char *sentence);	/* to whoever started it, while it runs; NULL: nobody hears */
};

struct camopt {
	struct camera_conf base;	/* folder "": by default */
	int fleet;			/* 0: one node, without a number in its name */
	struct fault faults[MAX_FLEET];
	bool faults_follow;		/* --fault -: more of them come, one specification a line, on standard input */
	char log[256];
	bool help, version;
};

struct camopt_def {
	const char *name;		/* "fault" */
	const char *value;		/* "SPEC[,SPEC]"; NULL: takes none */
	const char *text;
};
extern const struct camopt_def camopt_table[];	/* ends with name NULL */

/* host: this machine's name, for the node's default name. */
bool camopt_parse(struct camopt *o, int argc, char *const *argv, const char *host, struct err *e);
/* Node index (0...) of what was asked; state: the folder under which default folders lie. */
void camopt_node(struct camera_conf *out, const struct camopt *o, int index, const char *state);
int camopt_count(const struct camopt *o);
void camopt_help(FILE *out);

#endif
