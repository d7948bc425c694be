/*
 * settings.c - owns the table of the console's options: type, range, default and one sentence each.
 * The manual's section and the help are printed from it.  Never holds a value.
 */
#include "app/settings.h"

#include <stddef.h>
#include "app/weights.h"

#define MS 1000LL
#define SECOND 1000000LL
#define MINUTE (60 * SECOND)

const struct opt_def settings_table[] = {
	{ .name = "ack-timeout", .type = OPT_TIME, .min = 50 * MS, .max = MINUTE, .def = "2s",
	  .text = "How long a camera may take to confirm a command." },
	{ .name = "stale-after", .type = OPT_TIME, .min = 500 * MS, .max = MINUTE, .def = "3s",
	  .text = "How long a camera may be silent before its tile says STALE." },
	{ .name = "lost-after", .type = OPT_TIME, .min = SECOND, .max = 10 * MINUTE, .def = "6s",
	  .text = "How long a camera may be silent before it counts as LOST." },
	{ .name = "record-lead", .type = OPT_TIME, .min = 0, .max = 10 * SECOND, .def = "500ms",
	  .text = "How far ahead a roll, its stop and a clap are planned, so that all cameras do it in the same instant; further where the slowest way needs it, and 0 not at all." },
	{ .name = "roll-policy", .type = OPT_CHOICE, .choices = "willing|must|all", .def = "willing",
	  .text = "What a camera that cannot roll does to a take: the others roll on (willing), a camera with role +must stops the roll (must), any camera does (all)." },
	{ .name = "arm-storage", .type = OPT_TIME, .min = 0, .max = 24 * 60 * MINUTE, .def = "10m",
	  .text = "How long a camera, and the archive for all of them, must have room for to count as armed." },
	{ .name = "arm-format", .type = OPT_CHOICE, .choices = "same|any", .def = "same",
	  .text = "Whether a camera whose size or rate is not the one that most have counts as armed: not (same), or all the same (any)." },
	{ .name = "growth-time", .type = OPT_TIME, .min = 500 * MS, .max = MINUTE, .def = "3s",
	  .text = "How long the file of a recording camera may stand still before RECORDING becomes REC?." },
	{ .name = "auto-fetch", .type = OPT_BOOL, .def = "on",
	  .text = "Whether files are brought home by themselves once a take is over." },
	{ .name = "fetch-while-rolling", .type = OPT_TEXT, .def = "pause",
	  .text = "What fetching does while a take rolls: pause, or a rate such as 2MB/s that it keeps below." },
	{ .name = "s3-keys", .type = OPT_TEXT, .def = "auto",
	  .text = "The file with the keys of object storage where AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, as ~/.aws/credentials is written; auto: s3-keys beside the configuration file." },
	{ .name = "cut-guard", .type = OPT_TIME, .min = 0, .max = 5 * SECOND, .def = "250ms",
	  .text = "How long a repeat of the cut that was just done is swallowed." },
	{ .name = "link", .type = OPT_BOOL, .def = "on",
	  .text = "Whether the beat is shared by Ableton Link with others on this network; off: the clock of the show is its own." },
	{ .name = "program-lost", .type = OPT_CHOICE, .choices = "ask|safe|stay", .def = "ask",
	  .text = "What happens when the program source fails: a question (ask), a cut to the safe source (safe), nothing (stay)." },
	{ .name = "auto-shot-min", .type = OPT_TIME, .min = 500 * MS, .max = 10 * MINUTE, .def = "4s",
	  .text = "How long a shot of the auto director lasts at least." },
	{ .name = "auto-shot-max", .type = OPT_TIME, .min = 500 * MS, .max = 60 * MINUTE, .def = "12s",
	  .text = "How long it lasts at most; while a clock runs, until the first bar where none comes sooner." },
	{ .name = "auto-weights", .type = OPT_TEXT, .def = "", .check = weights_check,
	  .text = "How much cameras are worth to the auto director, such as left=2,@guest=1.5,desk=0: a name, a role or all, 0 leaves out, who is not named is worth 1." },
	{ .name = "auto-yield", .type = OPT_TIME, .min = 0, .max = 10 * MINUTE, .def = "10s",
	  .text = "How long the auto director holds back after any cut that was not its own." },
	{ .name = "claim", .type = OPT_BOOL, .def = "off",
	  .text = "Whether cameras are claimed for this Sphere as they join." },
	{ .name = "sweep-rate", .type = OPT_INT, .min = 0, .max = 100000, .def = "500",
	  .text = "How many packets a second the search of the local network may send; 0 is no limit." },
	{ .name = "sweep-ports", .type = OPT_TEXT, .def = "8081",
	  .text = "The ports that the search of the local network asks, joined by commas; read at the start." },
	{ .name = "tailscale", .type = OPT_TEXT, .def = "auto",
	  .text = "The program that is asked for the peers of a Tailscale network: a path, or auto, or off; read at the start." },
	{ .name = "bell", .type = OPT_CHOICE, .choices = "off|visual|audible", .def = "visual",
	  .text = "How an alarm calls for attention." },
	{ .name = "mouse", .type = OPT_BOOL, .def = "on",
	  .text = "Whether the screen takes the mouse: a click is focus, a double click preview, the wheel pages; off, or with Shift held, the terminal selects text." },
	{ .name = "preview-fps", .type = OPT_INT, .min = 1, .max = 30, .def = "10",
	  .text = "How many pictures a second a tile shows at most." },
	{ .name = "hook-timeout", .type = OPT_TIME, .min = 50 * MS, .max = 10 * MINUTE, .def = "5s",
	  .text = "How long a program of a hook may run, and the answer to its POST may take; then it is ended." },
	{ .name = "player", .type = OPT_TEXT, .def = "mpv",
	  .text = "The program that `take play` opens a file with: a command, its words apart by blanks; the files follow it." },
	{ .name = "clock-every", .type = OPT_TIME, .min = SECOND, .max = 10 * MINUTE, .def = "10s",
	  .text = "How often the clock of each camera is compared with the console's." },
	{ .name = NULL }
};
