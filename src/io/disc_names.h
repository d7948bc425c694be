/*
 * disc_names.h - host names that phones give themselves, to be asked for where Bonjour's service is not announced.
 */
#ifndef IO_DISC_NAMES_H
#define IO_DISC_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* A conf of disc_names: what phones and tablets are called that nobody named. */
const char *disc_names_patterns(void);
/*
 * The host name that Apple's systems make of a device's name: "Anna's iPhone 16" -> "Annas-iPhone-16.local".
 * Apostrophes go, letters lose their accents, whatever else is no letter or digit is a hyphen.  False: nothing is left.
 */
bool disc_names_of_device(char *out, size_t out_size, const char *device_name);

#endif
