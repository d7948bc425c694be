/*
 * root_nodes.h - the list that `nodes` prints for people, from one snapshot of the mesh.
 */
#ifndef ROOT_NODES_H
#define ROOT_NODES_H

#include "app/mesh.h"

/* The table; nothing when no camera is there. */
void root_nodes_text_table(const struct mesh *m);
/* The why panel. */
void root_nodes_text_explain(const struct mesh *m);

#endif
