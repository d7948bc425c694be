/*
 * jpg_private.h - what jpg.c (reading) and jpg_encode.c (writing) share: errors of libjpeg
 * caught where the work began.  Not for anybody else.
 */
#ifndef IO_JPG_PRIVATE_H
#define IO_JPG_PRIVATE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <jpeglib.h>
#include "base/err.h"

/* The first member is what libjpeg knows. */
struct jpg_trap {
	struct jpeg_error_mgr mgr;
	jmp_buf escape;
	char text[JMSG_LENGTH_MAX];	/* why, as libjpeg says it */
	bool is_damaged;		/* pixels are missing or made up */
};

/* For cinfo->err: nothing is printed, a fatal error jumps to escape, warnings are passed over. */
struct jpeg_error_mgr *jpg_trap_set(struct jpg_trap *t);
/* e says what libjpeg said; false. */
bool jpg_trap_tell(const struct jpg_trap *t, const char *what, struct err *e);

#endif
