/*
 * s3_server.c - the server of s3_server.h: requests, objects, uploads.  The signatures are s3_signature.c's.
 */
#include "support/s3_server.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "support/s3_signature.h"

#define OBJECTS 256
#define PARTS 64

struct object {
	char key[512], meta[80], etag[80];
	char *bytes;
	size_t len;
};

struct upload {
	char id[64], key[512], meta[80];
	char *parts[PARTS];
	size_t lens[PARTS];
	bool is_open;
};

struct s3_server {
	struct MHD_Daemon *daemon;
	int port, serial;
	pthread_mutex_t lock;
	struct object objects[OBJECTS];
	struct upload uploads[OBJECTS];
	struct s3_server_day day;
	struct s3_server_seen seen;
	bool stopping;
};

struct request {
	char *body;
	size_t len;
};

/* ---- Objects ---- */

static void
md5_hex(const void *bytes, size_t len, char out[static 33])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	EVP_Digest(bytes, len, sum, &n, EVP_md5(), NULL);
	for (unsigned i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

static struct object *
find(struct s3_server *s, const char *key, bool make)
{
	for (int i = 0; i < OBJECTS; i++)
		if (s->objects[i].bytes != NULL && strcmp(s->objects[i].key, key) == 0)
			return &s->objects[i];
	for (int i = 0; make && i < OBJECTS; i++)
		if (s->objects[i].bytes == NULL) {
			snprintf(s->objects[i].key, sizeof s->objects[i].key, "%s", key);
			return &s->objects[i];
		}
	return NULL;
}

static void
store(struct s3_server *s, const char *key, const char *meta, const void *bytes, size_t len)
{
	struct object *o = find(s, key, true);
	char md5[33];

	if (o == NULL)
		abort();
	free(o->bytes);
	o->bytes = malloc(len + 1);
	memcpy(o->bytes, bytes, len);
	o->len = len;
	if (s->day.corrupt_times > 0 && len > 0) {
		s->day.corrupt_times--;
		o->bytes[len / 2] ^= 4;
	}
	md5_hex(bytes, len, md5);
	snprintf(o->etag, sizeof o->etag, "\"%s\"", md5);
	snprintf(o->meta, sizeof o->meta, "%s", meta != NULL ? meta : "");
}

static struct upload *
upload_of(struct s3_server *s, const char *id, const char *key)
{
	for (int i = 0; i < OBJECTS; i++)
		if (s->uploads[i].is_open && strcmp(s->uploads[i].id, id) == 0 && strcmp(s->uploads[i].key, key) == 0)
			return &s->uploads[i];
	return NULL;
}

static void
close_upload(struct upload *u)
{
	for (int i = 0; i < PARTS; i++)
		free(u->parts[i]);
	memset(u, 0, sizeof *u);
}

/* ---- Answers ---- */

static enum MHD_Result
answer(struct MHD_Connection *c, unsigned status, const char *body, size_t len, const struct object *o, const char *etag)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(len, (void *)(intptr_t)body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (o != NULL) {
		MHD_add_response_header(r, "ETag", o->etag);
		if (o->meta[0] != '\0')
			MHD_add_response_header(r, "x-amz-meta-sha256", o->meta);
	}
	if (etag != NULL)
		MHD_add_response_header(r, "ETag", etag);
	result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result
refuse(struct s3_server *s, struct MHD_Connection *c, unsigned status, const char *code, const char *message)
{
	char body[512];

	s->seen.refused++;
	snprintf(s->seen.last_refusal, sizeof s->seen.last_refusal, "%s: %s", code, message);
	snprintf(body, sizeof body, "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>", code, message);
	return answer(c, status, body, strlen(body), NULL, NULL);
}

static const char *
argument(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);
}

static const char *
meta_of(struct MHD_Connection *c)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, "x-amz-meta-sha256");
}

static enum MHD_Result
begin_upload(struct s3_server *s, struct MHD_Connection *c, const char *key)
{
	char body[256];

	for (int i = 0; i < OBJECTS; i++) {
		struct upload *u = &s->uploads[i];

		if (u->is_open)
			continue;
		u->is_open = true;
		snprintf(u->id, sizeof u->id, "up/%d+x=&amp;", ++s->serial);	/* as nasty as an id may be; the XML speaks of it escaped */
		snprintf(body, sizeof body, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", u->id);
		snprintf(u->id, sizeof u->id, "up/%d+x=&", s->serial);
		snprintf(u->key, sizeof u->key, "%s", key);
		snprintf(u->meta, sizeof u->meta, "%s", meta_of(c) != NULL ? meta_of(c) : "");
		s->seen.begun++;
		return answer(c, 200, body, strlen(body), NULL, NULL);
	}
	abort();
}

static enum MHD_Result
put_part(struct s3_server *s, struct MHD_Connection *c, const char *key, const char *id, const struct request *rq)
{
	struct upload *u = upload_of(s, id, key);
	const char *number = argument(c, "partNumber");
	int part = number != NULL ? (int)strtol(number, NULL, 10) : 0;
	char md5[33], etag[40];

	while (s->day.stall_part > 0 && part == s->day.stall_part && !s->stopping) {
		struct timespec t = { 0, 5000000 };

		pthread_mutex_unlock(&s->lock);
		nanosleep(&t, NULL);
		pthread_mutex_lock(&s->lock);
	}
	if (u == NULL)
		return refuse(s, c, 404, "NoSuchUpload", "The specified upload does not exist.");
	if (part < 1 || part > PARTS)
		return refuse(s, c, 400, "InvalidArgument", "Part number must be an integer between 1 and 64.");
	free(u->parts[part - 1]);
	u->parts[part - 1] = malloc(rq->len + 1);
	memcpy(u->parts[part - 1], rq->body, rq->len);
	u->lens[part - 1] = rq->len;
	md5_hex(rq->body, rq->len, md5);
	snprintf(etag, sizeof etag, "\"%s\"", md5);
	s->seen.parts++;
	if (s->day.forgets_after > 0 && --s->day.forgets_after == 0)
		for (int i = 0; i < OBJECTS; i++)
			close_upload(&s->uploads[i]);
	return answer(c, 200, "", 0, NULL, etag);
}

/* The ETag that the client names for a part must be the one it was given. */
static bool
names_part(const char *xml, int part, const struct upload *u)
{
	char md5[33], want[128];

	md5_hex(u->parts[part], u->lens[part], md5);
	snprintf(want, sizeof want, "<PartNumber>%d</PartNumber><ETag>\"%s\"</ETag>", part + 1, md5);
	return strstr(xml, want) != NULL;
}

static enum MHD_Result
complete(struct s3_server *s, struct MHD_Connection *c, const char *key, const char *id, struct request *rq)
{
	static const char late_error[] = "<Error><Code>InternalError</Code><Message>Try again.</Message></Error>";
	static const char completed[] = "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>";
	struct upload *u = upload_of(s, id, key);
	size_t len = 0;
	char *all;
	int count = 0;

	if (u == NULL)
		return refuse(s, c, 404, "NoSuchUpload", "The specified upload does not exist.");
	if (s->day.late_error_times > 0) {
		s->day.late_error_times--;
		return answer(c, 200, late_error, strlen(late_error), NULL, NULL);
	}
	while (count < PARTS && u->parts[count] != NULL) {
		if (!names_part(rq->body, count, u))
			return refuse(s, c, 400, "InvalidPart", "One or more of the parts could not be found.");
		len += u->lens[count++];
	}
	all = malloc(len + 1);
	len = 0;
	for (int i = 0; i < count; i++) {
		memcpy(all + len, u->parts[i], u->lens[i]);
		len += u->lens[i];
	}
	store(s, key, u->meta, all, len);
	free(all);
	close_upload(u);
	s->seen.completed++;
	return answer(c, 200, completed, strlen(completed), NULL, NULL);
}

static enum MHD_Result
get(struct s3_server *s, struct MHD_Connection *c, const char *key, bool head)
{
	const struct object *o = find(s, key, false);

	if (o == NULL)
		return refuse(s, c, 404, "NoSuchKey", "The specified key does not exist.");
	s->seen.gets += !head;
	return answer(c, 200, o->bytes, o->len, o, NULL);
}

static enum MHD_Result
drop_object(struct s3_server *s, struct MHD_Connection *c, const char *key)
{
	struct object *o = find(s, key, false);

	if (o != NULL) {
		free(o->bytes);
		memset(o, 0, sizeof *o);
	}
	return answer(c, 204, "", 0, NULL, NULL);
}

/* ---- Requests ---- */

/* Lock held. */
static enum MHD_Result
serve(struct s3_server *s, struct MHD_Connection *c, const char *path, const char *method, struct request *rq)
{
	char why[200], key[512], id[128] = "";
	const char *raw_id = argument(c, "uploadId");

	s->seen.requests++;
	s->seen.body_bytes += (int64_t)rq->len;
	if (s->day.busy_times > 0) {
		s->day.busy_times--;
		return refuse(s, c, 503, "SlowDown", "Please reduce your request rate.");
	}
	if (strcmp(method, "PUT") == 0 && s->day.drop_times > 0) {
		s->day.drop_times--;
		return MHD_NO;
	}
	if (!s3_signature_check(c, method, path, rq->body, rq->len, why, sizeof why)) {
		char *colon = strchr(why, ':');

		if (colon != NULL)
			*colon++ = '\0';
		return refuse(s, c, 403, why, colon != NULL ? colon + 1 : "");
	}
	s3_signature_decode(path, key, sizeof key);
	if (strncmp(key, "/show/", 6) != 0)
		return refuse(s, c, 404, "NoSuchBucket", "The specified bucket does not exist.");
	memmove(key, key + 6, strlen(key + 6) + 1);
	if (raw_id != NULL)
		s3_signature_decode(raw_id, id, sizeof id);
	if (strcmp(method, "POST") == 0 && raw_id == NULL)
		return begin_upload(s, c, key);
	if (strcmp(method, "POST") == 0)
		return complete(s, c, key, id, rq);
	if (strcmp(method, "PUT") == 0 && raw_id != NULL)
		return put_part(s, c, key, id, rq);
	if (strcmp(method, "DELETE") == 0 && raw_id != NULL) {
		struct upload *u = upload_of(s, id, key);

		if (u != NULL)
			close_upload(u);
		s->seen.aborted++;
		return answer(c, 204, "", 0, NULL, NULL);
	}
	if (strcmp(method, "DELETE") == 0)
		return drop_object(s, c, key);
	if (strcmp(method, "PUT") == 0) {
		store(s, key, meta_of(c), rq->body, rq->len);
		s->seen.puts++;
		return answer(c, 200, "", 0, NULL, find(s, key, false)->etag);
	}
	return get(s, c, key, strcmp(method, "HEAD") == 0);
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *path, const char *method, const char *version, const char *data, size_t *len, void **state)
{
	struct s3_server *s = arg;
	struct request *rq = *state;
	enum MHD_Result result;

	(void)version;
	if (rq == NULL) {
		*state = rq = calloc(1, sizeof *rq);
		rq->body = calloc(1, 1);
		return MHD_YES;
	}
	if (*len > 0) {
		rq->body = realloc(rq->body, rq->len + *len + 1);
		memcpy(rq->body + rq->len, data, *len);
		rq->len += *len;
		rq->body[rq->len] = '\0';
		*len = 0;
		return MHD_YES;
	}
	pthread_mutex_lock(&s->lock);
	result = serve(s, c, path, method, rq);
	pthread_mutex_unlock(&s->lock);
	return result;
}

static void
on_end(void *arg, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	struct request *rq = *state;

	(void)arg;
	(void)c;
	(void)why;
	if (rq != NULL)
		free(rq->body);
	free(rq);
	*state = NULL;
}

/* What is signed is spelt as it was sent: nothing is decoded before. */
static size_t
keep_raw(void *arg, struct MHD_Connection *c, char *text)
{
	(void)arg;
	(void)c;
	return strlen(text);
}

struct s3_server *
s3_server_new(void)
{
	struct s3_server *s = calloc(1, sizeof *s);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	pthread_mutex_init(&s->lock, NULL);
	s->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0, NULL, NULL, on_request, s,
	    MHD_OPTION_SOCK_ADDR, &a, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_UNESCAPE_CALLBACK, keep_raw, NULL,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)256 * 1024, MHD_OPTION_END);
	if (s->daemon == NULL)
		abort();
	s->port = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	return s;
}

void
s3_server_free(struct s3_server *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_mutex_unlock(&s->lock);
	MHD_stop_daemon(s->daemon);
	for (int i = 0; i < OBJECTS; i++) {
		free(s->objects[i].bytes);
		close_upload(&s->uploads[i]);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int
s3_server_port(const struct s3_server *s)
{
	return s->port;
}

void
s3_server_set(struct s3_server *s, const struct s3_server_day *day)
{
	pthread_mutex_lock(&s->lock);
	s->day = *day;
	pthread_mutex_unlock(&s->lock);
}

void
s3_server_seen(struct s3_server *s, struct s3_server_seen *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->seen;
	pthread_mutex_unlock(&s->lock);
}

char *
s3_server_object(struct s3_server *s, const char *key, size_t *len)
{
	const struct object *o;
	char *copy = NULL;

	pthread_mutex_lock(&s->lock);
	o = find(s, key, false);
	if (o != NULL) {
		copy = malloc(o->len + 1);
		memcpy(copy, o->bytes, o->len);
		*len = o->len;
	}
	pthread_mutex_unlock(&s->lock);
	return copy;
}

void
s3_server_put(struct s3_server *s, const char *key, const void *bytes, size_t len)
{
	pthread_mutex_lock(&s->lock);
	store(s, key, NULL, bytes, len);
	pthread_mutex_unlock(&s->lock);
}

int
s3_server_uploads(struct s3_server *s)
{
	int open = 0;

	pthread_mutex_lock(&s->lock);
	for (int i = 0; i < OBJECTS; i++)
		open += s->uploads[i].is_open;
	pthread_mutex_unlock(&s->lock);
	return open;
}
