/*
 * ceilings.h - the one page of limits on everything that comes from outside.
 * Sizes in bytes unless the name says otherwise.
 */
#ifndef BASE_CEILINGS_H
#define BASE_CEILINGS_H

#define MAX_JSON_BODY		(1024 * 1024)	/* an answer of a node: /info, /health, an acknowledgement */
#define MAX_JSON_DEPTH		32		/* nesting, checked before the parser sees it */
#define MAX_RECORDINGS_BODY	(8 * 1024 * 1024)
#define MAX_REQUEST_BODY	(64 * 1024)	/* contract: over 64 KiB is 413 */
#define MAX_SSE_LINE		(256 * 1024)
#define MAX_SSE_EVENT		(512 * 1024)
#define MAX_MULTIPART_HEADER	(8 * 1024)	/* all header lines of one part */
#define MAX_BOUNDARY		200
#define MAX_JPEG_FRAME		(8 * 1024 * 1024)
#define MAX_JPEG_SIDE_PX	16384		/* either side; and: */
#define MAX_JPEG_PIXELS		(64 * 1024 * 1024)
#define MAX_HTTP_HEADERS	(64 * 1024)
#define MAX_TEXT_FIELD		1024		/* any string field of a node's JSON, after cleaning */
#define MAX_NAME_BYTES		256		/* device names and labels, after cleaning */
#define MAX_NAME_CELLS		64
#define MAX_NODES		256		/* nodes one console keeps */
#define MAX_NODE_ADDRESSES	16
#define MAX_TXT_BYTES		1300
#define MAX_COMMAND_LINE	4096		/* one text command */
#define MAX_COMMAND_WORDS	64
#define MAX_CUE_SHEET		(1024 * 1024)
#define MAX_CUES		20000
#define MAX_INCLUDE_DEPTH	8
#define MAX_KEY_SEQUENCE	256		/* bytes of one escape sequence from the keyboard */
#define MAX_PASTE		(64 * 1024)
#define MAX_JOURNAL_LINE	(256 * 1024)
#define MAX_CONFIG_FILE		(256 * 1024)
#define MAX_HTTP_CONNECTIONS	128		/* one camera node serves at once */
#define MAX_SSE_RING		512		/* events a node keeps for resuming clients */
#define MAX_COMMAND_MEMORY	4096		/* commandIds a node remembers */

#endif
