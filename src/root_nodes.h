/*
 * root_nodes.h - the list that `nodes` prints, as JSON and as text, from one snapshot of the mesh.
 */
#ifndef ROOT_NODES_H
#define ROOT_NODES_H

#include "app/mesh.h"

/* The console specification's object on one line, to standard output.  crew: for health as the nodes sent it. */
void root_nodes_json_print(const struct mesh *m, const struct crew *crew, bool explain);
/* The table; nothing when no camera is there. */
void root_nodes_text_table(const struct mesh *m);
/* The why panel. */
void root_nodes_text_explain(const struct mesh *m);

#endif
