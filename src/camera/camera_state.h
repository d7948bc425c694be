/*
 * camera_state.h - how a node stands, as the contract words it and as its picture shows it.
 */
#ifndef CAMERA_CAMERA_STATE_H
#define CAMERA_CAMERA_STATE_H

#include "camera/camera_private.h"

void camera_state_health(struct camera *c, struct node_health *h);
struct jdoc *camera_state_health_json(struct camera *c);
struct jdoc *camera_state_info_json(struct camera *c);
struct jdoc *camera_state_hello(void *arg, bool missed);
double camera_state_zoom(const struct camera *c, int64_t mono_us);
double camera_state_zoom_max(bool is_front);
const char *camera_state_position(const struct camera *c);
void camera_state_scene(void *arg, struct scene *scene, int64_t mono_us);
/* Events of one value; command_id "": nobody's. */
void camera_state_say_camera(struct camera *c, int64_t time_us, const char *command_id);
void camera_state_say_zoom(struct camera *c, int64_t time_us, const char *command_id);
void camera_state_say_tally(struct camera *c, int64_t time_us, const char *command_id);
void camera_state_say_format(struct camera *c, int64_t time_us, const char *command_id);
void camera_state_say_lens(struct camera *c, int64_t time_us, const char *command_id);
void camera_state_say_audio(struct camera *c, const struct node_audio *audio);
void camera_state_say_recording(struct camera *c, int64_t time_us, const char *command_id);
void camera_state_say_health(struct camera *c);

#endif
