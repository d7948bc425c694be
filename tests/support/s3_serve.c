/*
 * s3_serve.c - the S3 server of the tests (s3_server.h) as a program: prints {"port":N}, then does what it is told, a line a
 * step on standard input, with a line of answer each; ends with it.
 *   stall N          part N of every upload is not answered until `stall 0`
 *   busy N           the next N requests are answered 503
 *   corrupt N        the next N objects are stored with a wrong byte
 *   seen             "parts P puts N begun B completed C refused R gets G"
 *   has KEY          "SHA-256 BYTES" of the object, or "no"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/digest.h"
#include "support/s3_server.h"

static void
say_object(struct s3_server *s, const char *key)
{
	size_t len = 0;
	char *bytes = s3_server_object(s, key, &len), hex[65];
	struct digest *d;

	if (bytes == NULL) {
		printf("no\n");
		return;
	}
	d = digest_new();
	digest_add(d, bytes, len);
	digest_hex(d, hex);
	digest_free(d);
	free(bytes);
	printf("%s %zu\n", hex, len);
}

static void
say_seen(struct s3_server *s)
{
	struct s3_server_seen n;

	s3_server_seen(s, &n);
	printf("parts %d puts %d begun %d completed %d refused %d gets %d\n", n.parts, n.puts, n.begun, n.completed, n.refused, n.gets);
}

static void
step(struct s3_server *s, const char *line)
{
	struct s3_server_day day = { 0 };

	if (strcmp(line, "seen") == 0) {
		say_seen(s);
	} else if (strncmp(line, "has ", 4) == 0) {
		say_object(s, line + 4);
	} else if (sscanf(line, "stall %d", &day.stall_part) == 1 || sscanf(line, "busy %d", &day.busy_times) == 1 ||
	    sscanf(line, "corrupt %d", &day.corrupt_times) == 1) {
		s3_server_set(s, &day);
		printf("ok\n");
	} else
		printf("what?\n");
}

int
main(void)
{
	struct s3_server *s = s3_server_new();
	char line[4096];

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("{\"port\":%d}\n", s3_server_port(s));
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		step(s, line);
	}
	s3_server_free(s);
	return 0;
}
