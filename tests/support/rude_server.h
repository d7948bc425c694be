/*
 * rude_server.h - a small HTTP server of plain sockets that can behave badly on request.
 * Runs on threads of its own, one per connection, on a free port of 127.0.0.1.
 *
 * GET /hello /echo /time /204 /slow?MS /close /leave /continue /redirect        well-behaved
 *     /huge /big-chunked /headers /drip /drop /silent /hangup /http09 /noise   not
 *     /stream /stream-broken /stream-silent /stream-flood                streams
 */
#ifndef TESTS_RUDE_SERVER_H
#define TESTS_RUDE_SERVER_H

struct rude_server;

struct rude_server *rude_server_new(void);
void rude_server_free(struct rude_server *s);	/* ends every connection */
int rude_server_port(const struct rude_server *s);
int rude_server_accepted(struct rude_server *s);	/* connections so far */
int rude_server_open(struct rude_server *s);		/* connections now */

#endif
