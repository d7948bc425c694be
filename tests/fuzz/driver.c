/*
 * driver.c - main() of a fuzz target where the compiler has no libFuzzer: the corpus as it is, then mutations of it.
 * Deterministic for one seed; bounded in number and in time.  Finds little that libFuzzer would not, but in every build.
 *
 *     fuzz_TARGET [-n MUTATIONS] [-t SECONDS] [-s SEED] [FILE|FOLDER...]
 *
 * An input that aborts, or is not over within a while, is left as fuzz_TARGET.crash in the present folder.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define DRIVER_MUTATIONS 3000
#define DRIVER_SECONDS 2.0
#define DRIVER_MAX_BYTES ((size_t)256 * 1024)
#define DRIVER_MAX_INPUTS 4096
#define DRIVER_STUCK_SECONDS 20		/* of computing: a busy machine is no find */
#define DRIVER_ASLEEP_SECONDS 600u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* The sanitizers end a process without a signal: they call this first.  Absent in a plain build. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

struct input {
	uint8_t *bytes;
	size_t size;
};

static struct input *inputs;
static size_t input_count;
static uint64_t state;
static char crash_path[256];
static volatile const uint8_t *present;	/* what the target has now */
static volatile size_t present_size;

/* ---- Chance: xorshift64* (Vigna 2014) ---- */

static uint64_t
chance(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717u;
}

/* 0..below-1 */
static size_t
pick(size_t below)
{
	return below == 0 ? 0 : (size_t)(chance() >> 16) % below;
}

/* ---- The input that broke it ---- */

static void
keep_crash(void)
{
	int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	const char *bytes = (const char *)(uintptr_t)present;

	if (fd < 0)
		return;
	if (bytes != NULL && write(fd, bytes, present_size) < 0)
		unlink(crash_path);
	close(fd);
}

static void
died(int signo)
{
	static const char words[] = "the input that broke it is kept beside this run\n";

	keep_crash();
	if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
		signo = SIGABRT;
	signal(signo, SIG_DFL);
	raise(signo);
}

static void
watch_for_death(const char *program)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM, SIGPROF };
	const char *slash = strrchr(program, '/');

	snprintf(crash_path, sizeof crash_path, "%.200s.crash", slash != NULL ? slash + 1 : program);
	if (__sanitizer_set_death_callback != NULL)
		__sanitizer_set_death_callback(keep_crash);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		signal(signals[i], died);
}

/* ---- The corpus ---- */

static void
keep_input(uint8_t *bytes, size_t size)
{
	inputs = realloc(inputs, (input_count + 1) * sizeof *inputs);
	if (inputs == NULL)
		abort();
	inputs[input_count++] = (struct input){ bytes, size };
}

static bool
load_file(const char *path)
{
	uint8_t *bytes = malloc(DRIVER_MAX_BYTES);
	FILE *f = fopen(path, "rbe");
	size_t size;

	if (f == NULL || bytes == NULL || input_count == DRIVER_MAX_INPUTS) {
		if (f != NULL)
			fclose(f);
		free(bytes);
		return false;
	}
	size = fread(bytes, 1, DRIVER_MAX_BYTES, f);
	fclose(f);
	keep_input(bytes, size);
	return true;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* In order of names: the same run everywhere. */
static bool
load_folder(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, by_name);
	bool ok = count >= 0;
	char file[4096];

	for (int i = 0; i < count; i++) {
		snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			ok = load_file(file) && ok;
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return ok;
}

static bool
load(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	return S_ISDIR(st.st_mode) ? load_folder(path) : load_file(path);
}

/* ---- Mutations: each changes size bytes of text in room, and returns the new size ---- */

typedef size_t mutation(uint8_t *text, size_t size, size_t room);

static size_t
flip_bit(uint8_t *text, size_t size, size_t room)
{
	(void)room;
	if (size > 0)
		text[pick(size)] ^= (uint8_t)(1u << pick(8));
	return size;
}

static size_t
set_byte(uint8_t *text, size_t size, size_t room)
{
	(void)room;
	if (size > 0)
		text[pick(size)] = (uint8_t)chance();
	return size;
}

/* Opens a gap and fills it. */
static size_t
insert_bytes(uint8_t *text, size_t size, size_t room, const void *bytes, size_t count)
{
	size_t at = pick(size + 1);

	if (count > room - size)
		return size;
	memmove(text + at + count, text + at, size - at);
	memcpy(text + at, bytes, count);
	return size + count;
}

static size_t
insert_noise(uint8_t *text, size_t size, size_t room)
{
	uint8_t noise[16];
	size_t count = 1 + pick(sizeof noise);

	for (size_t i = 0; i < count; i++)
		noise[i] = (uint8_t)chance();
	return insert_bytes(text, size, room, noise, count);
}

/* What means something in one of the languages that are read here. */
static size_t
insert_token(uint8_t *text, size_t size, size_t room)
{
	static const char *const tokens[] = { "\"", "\\", "\n", "\r\n", "\r\n\r\n", "--", "--\r\n", ":", ": ", ",", "-t ", "@", "#",
		"{", "}", "[", "]", "null", "true", "1e999", "-0", "99999999999999999999", "\\u0000", "\\ud800", "\xff", "\xc3",
		"\xe2\x80\xae", "\xf4\x90\x80\x80", "\x1b[2J", "data:", "event:", "id:", "retry:", "Content-Length: ",
		"Content-Type: image/jpeg\r\n", "\xff\xd8", "\xff\xd9", "\xff\xda", "at ", "after ", "with ", "within ", "finally ",
		"1.5s", "00:01:02.500", "\t", " " };
	const char *token = tokens[pick(sizeof tokens / sizeof tokens[0])];

	return insert_bytes(text, size, room, token, strlen(token));
}

static size_t
remove_some(uint8_t *text, size_t size, size_t room)
{
	size_t at = pick(size), count = 1 + pick(size - at < 64 ? size - at : 64);

	(void)room;
	if (size == 0)
		return 0;
	if (count > size - at)
		count = size - at;
	memmove(text + at, text + at + count, size - at - count);
	return size - count;
}

static size_t
cut_end(uint8_t *text, size_t size, size_t room)
{
	(void)text;
	(void)room;
	return pick(size + 1);
}

static size_t
repeat_some(uint8_t *text, size_t size, size_t room)
{
	uint8_t piece[512];
	size_t at = pick(size), count = 1 + pick(sizeof piece);

	if (size == 0)
		return 0;
	if (count > size - at)
		count = size - at;
	memcpy(piece, text + at, count);
	for (size_t times = 1 + pick(32); times > 0; times--)
		size = insert_bytes(text, size, room, piece, count);
	return size;
}

/* The beginning of this one, the end of another. */
static size_t
cross_over(uint8_t *text, size_t size, size_t room)
{
	const struct input *other = &inputs[pick(input_count)];
	size_t keep = pick(size + 1), from = pick(other->size + 1), count = other->size - from;

	if (count > room - keep)
		count = room - keep;
	memcpy(text + keep, other->bytes + from, count);
	return keep + count;
}

static size_t
mutate(uint8_t *text, size_t size, size_t room)
{
	static mutation *const mutations[] = { flip_bit, set_byte, insert_noise, insert_token, insert_token, remove_some, cut_end,
		repeat_some, cross_over };

	for (size_t times = 1 + pick(6); times > 0; times--)
		size = mutations[pick(sizeof mutations / sizeof mutations[0])](text, size, room);
	return size;
}

/* ---- The run ---- */

/* In memory of exactly its size, so that a sanitizer sees one byte too many. */
static void
try_one(const uint8_t *bytes, size_t size)
{
	const struct itimerval stuck = { .it_value.tv_sec = DRIVER_STUCK_SECONDS };
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, bytes, size);
	present = copy;
	present_size = size;
	setitimer(ITIMER_PROF, &stuck, NULL);
	alarm(DRIVER_ASLEEP_SECONDS);
	(void)LLVMFuzzerTestOneInput(copy, size);
	present = NULL;
	present_size = 0;
	free(copy);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static unsigned long
run(unsigned long mutations, double most_seconds)
{
	uint8_t *text = malloc(DRIVER_MAX_BYTES);
	double end = seconds() + most_seconds;
	unsigned long done = 0;

	if (text == NULL)
		abort();
	for (size_t i = 0; i < input_count; i++)
		try_one(inputs[i].bytes, inputs[i].size);
	for (; done < mutations && seconds() < end; done++) {
		const struct input *from = &inputs[pick(input_count)];

		if (from->size > 0)
			memcpy(text, from->bytes, from->size);
		try_one(text, mutate(text, from->size, DRIVER_MAX_BYTES));
	}
	alarm(0);
	setitimer(ITIMER_PROF, &(struct itimerval){ 0 }, NULL);
	free(text);
	return done;
}

static void
forget_corpus(void)
{
	for (size_t i = 0; i < input_count; i++)
		free(inputs[i].bytes);
	free(inputs);
}

static int
usage(const char *program)
{
	fprintf(stderr, "usage: %s [-n MUTATIONS] [-t SECONDS] [-s SEED] [FILE|FOLDER...]\n", program);
	return 2;
}

int
main(int argc, char **argv)
{
	unsigned long mutations = DRIVER_MUTATIONS, done;
	unsigned long long seed = 1;
	double most_seconds = DRIVER_SECONDS;
	int option;

	while ((option = getopt(argc, argv, "n:t:s:")) != -1) {
		if (option == 'n')
			mutations = strtoul(optarg, NULL, 10);
		else if (option == 't')
			most_seconds = strtod(optarg, NULL);
		else if (option == 's')
			seed = strtoull(optarg, NULL, 10);
		else
			return usage(argv[0]);
	}
	for (int i = optind; i < argc; i++) {
		if (!load(argv[i])) {
			fprintf(stderr, "%s: %s cannot be read\n", argv[0], argv[i]);
			return 2;
		}
	}
	if (input_count == 0)
		keep_input(calloc(1, 1), 0);
	state = seed * 0x9e3779b97f4a7c15u + 1;
	watch_for_death(argv[0]);
	done = run(mutations, most_seconds);
	printf("seed %llu: %zu of the corpus, %lu mutations, nothing broke\n", seed, input_count, done);
	forget_corpus();
	return 0;
}
