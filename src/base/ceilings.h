/*
 * ceilings.h - the one page of limits on everything that comes from outside.
 * Sizes in bytes unless the name says otherwise.
 */
#ifndef BASE_CEILINGS_H
#define BASE_CEILINGS_H

#define MAX_JSON_BODY		(1024 * 1024)	/* an answer of a node: /info, /health, an acknowledgement */
#define MAX_JSON_DEPTH		32		/* nesting, checked before the parser sees it */
#define MAX_KEPT_HEALTH		(16 * 1024)	/* of a node's /health, kept as it was sent */
#define MAX_KEPT_POSE		(32 * 1024)	/* of one pose, kept as it was sent */
#define MAX_POSE_PEOPLE		32
#define MAX_POSE_JOINTS		64		/* of one of them */
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
#define MAX_FLEET		64		/* cameras of one mmcamd, and of a rehearsal */
#define MAX_NODE_ADDRESSES	16
#define MAX_SIGHTINGS		4096		/* places where a camera may be, kept beside the cameras */
#define MAX_TRIES_AT_ONCE	32		/* of these, asked at the same time */
#define MAX_TRIES_PER_HOST	8		/* ... at one host */
#define MAX_TXT_BYTES		1300
#define MAX_DNS_PACKET		9000		/* RFC 6762 section 17 */
#define MAX_DNS_RECORDS		2048		/* of one packet */
#define MAX_MDNS_SERVICES	4096		/* instances an mDNS querier keeps */
#define MAX_MDNS_HOSTS		1024
#define MAX_SERVICE_TYPES	32		/* DNS-SD types asked for on behalf of the mesh map */
#define MAX_HOST_SERVICES	16		/* of one host */
#define MAX_INTERFACES		64		/* addresses of this machine that are looked at */
#define MAX_NEIGHBOURS		256		/* of the kernel's IPv6 table */
#define MAX_SWEEP_ADDRESSES	(1 << 16)	/* of one asked for network */
#define MAX_SWEEP_NETWORKS	16
#define MAX_TAILSCALE_BYTES	(4 * 1024 * 1024)
#define MAX_TAILSCALE_PEERS	512
#define MAX_WHY_LINES		64		/* of one discovery source */
#define MAX_WHY_BYTES		256		/* of each */
#define MAX_COMMAND_LINE	4096		/* one text command */
#define MAX_COMMAND_WORDS	64
#define MAX_CUE_SHEET		(1024 * 1024)
#define MAX_CUES		20000
#define MAX_INCLUDE_DEPTH	8
#define MAX_CUE_FILES		256		/* a sheet and all that it includes */
#define MAX_CUE_TEXT		(8 * 1024 * 1024)	/* of all its cues, with their variables put in */
#define MAX_CUE_VARIABLES	1000
#define MAX_CUE_REPEATS		16		/* within each other */
#define MAX_CUE_ROUNDS		10000		/* of one repeat */
#define MAX_KEY_SEQUENCE	256		/* bytes of one escape sequence from the keyboard */
#define MAX_PASTE		(64 * 1024)
#define MAX_CELL_PX		200		/* a character cell, either side, as the terminal says */
#define MAX_SCREEN_PX		20000		/* its window, either side */
#define MAX_COLOUR_REGISTERS	4096
#define MAX_SCREEN_ROWS	200		/* of a terminal, whatever it says of itself: all are drawn anew in memory */
#define MAX_SCREEN_COLS	500
#define MAX_JOURNAL_LINE	(256 * 1024)
#define MAX_CONFIG_FILE		(256 * 1024)
#define MAX_HTTP_CONNECTIONS	128		/* one camera node serves at once */
#define MAX_SENSES_FILE		(64 * 1024 * 1024)	/* poses and levels that a camera node plays */
#define MAX_SSE_RING		512		/* events a node keeps for resuming clients */
#define MAX_COMMAND_MEMORY	4096		/* commandIds a node remembers */

#endif
