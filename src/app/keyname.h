/*
 * keyname.h - the names of keys: what people write ("Ctrl-R", "BkSp", "hash") and what the program calls them ("ctrl-r").  Pure.
 */
#ifndef APP_KEYNAME_H
#define APP_KEYNAME_H

#include "base/err.h"

#define KEYNAME_BYTES 16

/* One character stays what it is; names are read in any case.  False + e: no such key, and which is the nearest. */
bool keyname_read(char key[static KEYNAME_BYTES], const char *word, struct err *e);
/* Ctrl with one letter. */
bool keyname_is_ctrl(const char *key);

#endif
