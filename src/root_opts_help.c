/*
 * root_opts_help.c - --help and the tables that the manual is made of, printed from the tables the program reads.
 */
#include <stdio.h>
#include <string.h>
#include "app/cmd_help.h"
#include "app/keymap.h"
#include "app/settings.h"
#include "app/status.h"
#include "root_opts_private.h"

static void
opt_usage(const struct root_opt *opt, char *out, size_t out_size)
{
	char letter[8] = "";

	if (opt->letter != 0)
		snprintf(letter, sizeof letter, "-%c, ", opt->letter);
	snprintf(out, out_size, "%s--%s%s%s", letter, opt->name, opt->arg != NULL ? " " : "", opt->arg != NULL ? opt->arg : "");
}

/* help, broken at blanks, each line begun with the indent. */
static void
print_help_text(const char *text, int indent, int width)
{
	int column = indent;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > indent && column + 1 + (int)len > width) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)len, text);
		column += (int)len;
		text += len + strspn(text + len, " ");
	}
	putchar('\n');
}

static void
print_options(unsigned subs, unsigned not_subs)
{
	char usage[96];

	for (const struct root_opt *opt = root_opts_table; opt->name != NULL; opt++) {
		if ((opt->subs & subs) == 0 || (not_subs != 0 && (opt->subs & ~not_subs) == 0))
			continue;
		opt_usage(opt, usage, sizeof usage);
		printf("  %-26s", usage);
		if (strlen(usage) > 25)
			printf("\n%28s", "");
		print_help_text(opt->help, 28, 79);
	}
}

static void
print_groups(void)
{
	char list[512];

	printf("\nCommands, at the : prompt, in cue sheets and for do (do help COMMAND says more):\n");
	for (int i = 0; cmd_help_at(i) != NULL; i++) {
		const char *group = cmd_help_at(i)->group;

		if (i > 0 && strcmp(cmd_help_at(i - 1)->group, group) == 0)
			continue;
		list[0] = '\0';
		for (int j = i; cmd_help_at(j) != NULL; j++)
			if (strcmp(cmd_help_at(j)->group, group) == 0)
				snprintf(list + strlen(list), sizeof list - strlen(list), "%s ", cmd_help_at(j)->name);
		printf("  %-10s", group);
		print_help_text(list, 12, 79);
	}
}

void
root_opts_help(enum root_sub sub)
{
	const unsigned alone = (unsigned)(ROOT_RUN | ROOT_NODES | ROOT_REHEARSE | ROOT_VERIFY);

	for (const struct root_sub_words *w = root_opts_subs; w->usage != NULL; w++)
		if (sub == ROOT_CONSOLE || w->sub == sub) {
			printf("%s livedirector %s\n         ", w == root_opts_subs || sub != ROOT_CONSOLE ? "Usage:" : "   or:",
			    w->usage);
			print_help_text(w->help, 9, 79);
		}
	if (sub == ROOT_CONSOLE) {
		printf("\nOptions of all:\n");
		print_options(ROOT_ANY, alone);
		printf("\nOptions of run, nodes, rehearse and verify: --help after each.\n");
		print_groups();
	} else {
		printf("\nOptions:\n");
		print_options((unsigned)sub, 0);
	}
	printf("\nExit status: 0 all well, 1 an expectation or a command failed, 2 usage or cue\n"
	    "sheet error, 3 no camera found, 4 the disk, the terminal or the network failed.\n");
}

static void
print_sub_names(unsigned subs)
{
	const char *comma = "";

	if (subs == ROOT_ANY) {
		printf("all");
		return;
	}
	for (const struct root_sub_words *w = root_opts_subs; w->usage != NULL; w++)
		if ((subs & (unsigned)w->sub) != 0) {
			printf("%s%s", comma, w == root_opts_subs ? "console" : w->name);
			comma = ",";
		}
}

static void
print_option_table(void)
{
	char usage[96];

	for (const struct root_opt *opt = root_opts_table; opt->name != NULL; opt++) {
		opt_usage(opt, usage, sizeof usage);
		printf("%s\t%s\t%s\t", opt->name, usage, opt->help);
		print_sub_names(opt->subs);
		putchar('\n');
	}
}

static void
print_setting_table(void)
{
	static const char *const types[] = { [OPT_BOOL] = "on|off", [OPT_INT] = "N", [OPT_TIME] = "TIME", [OPT_TEXT] = "TEXT" };

	for (const struct opt_def *def = settings_table; def->name != NULL; def++)
		printf("%s\t%s\t%s\t%s\n", def->name, def->type == OPT_CHOICE ? def->choices : types[def->type], def->text, def->def);
}

/* besides: only what is not as in that set. */
static void
print_key_table(const struct keymap *map, const struct keymap *besides)
{
	for (int i = 0; i < keymap_count(map); i++) {
		const struct keymap_entry *k = keymap_at(map, i);
		const struct keymap_entry *other = besides != NULL ? keymap_find(besides, k->key, false) : NULL;

		if (other == NULL || other->help == NULL || strcmp(other->help, k->help) != 0)
			printf("%s\t%s\t%s\n", k->key, k->command, k->help);
	}
}

bool
root_opts_print(const char *topic)
{
	if (strcmp(topic, "options") == 0) {
		print_option_table();
	} else if (strcmp(topic, "commands") == 0) {
		for (int i = 0; cmd_help_at(i) != NULL; i++)
			printf("%s\t%s\t%s\t%s\n", cmd_help_at(i)->name, cmd_help_at(i)->usage, cmd_help_at(i)->help, cmd_help_at(i)->group);
	} else if (strcmp(topic, "settings") == 0) {
		print_setting_table();
	} else if (strcmp(topic, "keys") == 0) {
		print_key_table(keymap_builtin("atem"), NULL);
	} else if (strncmp(topic, "keys-", 5) == 0 && keymap_builtin(topic + 5) != NULL) {
		print_key_table(keymap_builtin(topic + 5), keymap_builtin("atem"));
	} else if (strcmp(topic, "status") == 0) {
		for (int i = 0; status_item_at(i) != NULL; i++)
			printf("%s\t%s\n", status_item_at(i)->name, status_item_at(i)->help);
	} else if (strcmp(topic, "actions") == 0) {
		for (int i = 0; keymap_action_at(i) != NULL; i++)
			printf("%s\t%s\t%s\n", keymap_action_at(i)->name, "", keymap_action_at(i)->help);
	} else {
		return false;
	}
	return true;
}
