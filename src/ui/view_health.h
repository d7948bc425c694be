/*
 * view_health.h - by what the health view can be sorted.
 */
#ifndef UI_VIEW_HEALTH_H
#define UI_VIEW_HEALTH_H

/* "number" "name" "state" ... in the order of the columns; NULL past the last. */
const char *view_health_sort_at(int index);

#endif
