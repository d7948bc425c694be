/*
 * roles.h - what a device does in the Sphere; a device may hold several.
 */
#ifndef DOMAIN_ROLES_H
#define DOMAIN_ROLES_H

#include <stdbool.h>
#include <stddef.h>

#define ROLES(X) \
	X(HOST, "host") X(CO_HOST, "co-host") X(CAMERA, "camera") X(AUDIO, "audio") X(GUEST, "guest") \
	X(DIRECTOR, "director") X(STAGE_VIEWER, "stage-viewer") X(ARCHIVE, "archive") X(OBSERVER, "observer") \
	X(MUST, "must") X(SAFE, "safe") X(BACKUP, "backup")
enum role_bit {
#define ROLE_ENUM(id, name) ROLE_BIT_##id,
	ROLES(ROLE_ENUM)
#undef ROLE_ENUM
	ROLE_COUNT
};
#define ROLE(id) (1u << ROLE_BIT_##id)

/* 0 for an unknown word. */
unsigned roles_parse(const char *word);
const char *roles_name(unsigned one);
/* "camera,guest" */
void roles_text(char *out, size_t out_size, unsigned roles);

#endif
