/*
 * roles.c - what a device does in the Sphere, as words and as bits.
 * Owns nothing.  Never says what a role allows: that is its user's affair.
 */
#include "domain/roles.h"

#include <stdio.h>
#include <string.h>

static const char *const role_names[ROLE_COUNT] = {
#define ROLE_NAME(id, name) [ROLE_BIT_##id] = name,
	ROLES(ROLE_NAME)
#undef ROLE_NAME
};

unsigned
roles_parse(const char *word)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (strcmp(role_names[i], word) == 0)
			return 1u << i;
	return 0;
}

const char *
roles_name(unsigned one)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (one == 1u << i)
			return role_names[i];
	return "";
}

void
roles_text(char *out, size_t out_size, unsigned roles)
{
	size_t used = 0;

	if (out_size == 0)
		return;
	out[0] = '\0';
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		size_t need = strlen(role_names[i]) + (used > 0);

		if ((roles & 1u << i) == 0)
			continue;
		if (used + need >= out_size)
			return;
		snprintf(out + used, out_size - used, "%s%s", used > 0 ? "," : "", role_names[i]);
		used += need;
	}
}
