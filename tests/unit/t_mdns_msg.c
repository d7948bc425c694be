/*
 * t_mdns_msg.c - packets of mDNS, byte by byte: answers taken apart, however broken; questions built.
 */
#include <arpa/inet.h>

#include "unit/mdns_kit.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* How many useful records; in a block of its own, so that the sanitizer sees a byte too many. */
static int
count_records(const void *bytes, size_t len, struct mdns_record *last)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);
	struct mdns_msg msg;
	int count = 0;

	memcpy(copy, bytes, len);
	if (!mdns_msg_open(&msg, copy, len)) {
		free(copy);
		return -1;
	}
	while (mdns_msg_next(&msg, last))
		count++;
	free(copy);
	return count;
}

static void
a_record_of_each_type_is_read(void **state)
{
	struct packet p;
	struct mdns_record r;
	struct mdns_msg msg;

	(void)state;
	packet_open(&p);
	packet_camera(&p, "Cam. One", "Phone", "10.0.0.7", 120);
	packet_address(&p, "phone/local", "fe80::7", false, 9999999);
	assert_true(mdns_msg_open(&msg, p.bytes, p.len));
	assert_true(mdns_msg_next(&msg, &r));
	assert_int_equal(r.type, MDNS_PTR);
	assert_string_equal(r.name, "\006_mmcam\004_tcp\005local");
	assert_string_equal(r.target, "\010Cam. One\006_mmcam\004_tcp\005local");
	assert_false(r.flush);
	assert_true(mdns_msg_next(&msg, &r));
	assert_int_equal(r.type, MDNS_SRV);
	assert_string_equal(r.name, "\010cam. one\006_mmcam\004_tcp\005local");
	assert_memory_equal(r.label, "\010Cam. One", 9);
	assert_string_equal(r.target, "\005Phone\005local");
	assert_int_equal(r.port, 8081);
	assert_true(r.flush);
	assert_true(mdns_msg_next(&msg, &r));
	assert_int_equal(r.type, MDNS_TXT);
	assert_int_equal(r.rdata_len, 5);
	assert_true(mdns_msg_next(&msg, &r));
	assert_int_equal(r.type, MDNS_A);
	assert_memory_equal(r.rdata, "\012\000\000\007", 4);
	assert_int_equal(r.ttl_s, 120);
	assert_true(mdns_msg_next(&msg, &r));
	assert_int_equal(r.type, MDNS_AAAA);
	assert_int_equal(r.ttl_s, 4500);		/* nobody is believed for longer */
	assert_false(mdns_msg_next(&msg, &r));
}

static void
what_is_no_answer_is_refused(void **state)
{
	static const struct { unsigned char flags[2]; const char *why; } cases[] = {
		{ { 0x00, 0x00 }, "a question" }, { { 0x8c, 0x00 }, "another opcode" }, { { 0x84, 0x03 }, "a response code" },
	};
	struct mdns_record r;
	struct packet p;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		packet_open(&p);
		packet_camera(&p, "One", "phone", "10.0.0.7", 120);
		assert_int_equal(count_records(p.bytes, p.len, &r), 4);
		memcpy(p.bytes + 2, cases[i].flags, 2);
		assert_int_equal(count_records(p.bytes, p.len, &r), -1);
	}
	for (size_t len = 0; len < 12; len++)
		assert_int_equal(count_records(p.bytes, len, &r), -1);
}

static void
a_packet_cut_anywhere_gives_its_whole_records_only(void **state)
{
	struct mdns_record r;
	struct packet p;
	int before = 0;

	(void)state;
	packet_open(&p);
	packet_camera(&p, "One", "phone", "10.0.0.7", 120);
	for (size_t len = 12; len <= p.len; len++) {
		int count = count_records(p.bytes, len, &r);

		assert_true(count >= before && count <= 4);
		before = count;
	}
	assert_int_equal(before, 4);
}

static void
rubbish_behind_the_records_does_no_harm(void **state)
{
	struct mdns_record r;
	struct packet p;

	(void)state;
	packet_open(&p);
	packet_camera(&p, "One", "phone", "10.0.0.7", 120);
	memset(p.bytes + p.len, 0xff, 500);
	assert_int_equal(count_records(p.bytes, p.len + 500, &r), 4);
	p.bytes[7] = 200;			/* announced, and not there */
	assert_int_equal(count_records(p.bytes, p.len, &r), 4);
	assert_int_equal(count_records(p.bytes, p.len + 500, &r), 4);
}

static void
questions_are_skipped_and_records_of_any_section_are_read(void **state)
{
	struct packet p, q;
	struct mdns_record r;

	(void)state;
	packet_open(&p);
	packet_name(&p, "_mmcam/_tcp/local");
	packet_16(&p, MDNS_PTR);
	packet_16(&p, 0x8001);
	p.bytes[5] = 1;
	q.len = 0;
	packet_open(&q);
	packet_camera(&q, "One", "phone", "10.0.0.7", 120);
	memcpy(p.bytes + p.len, q.bytes + 12, q.len - 12);
	p.len += q.len - 12;
	p.bytes[7] = 1;				/* one answer, one authority, two additional */
	p.bytes[9] = 1;
	p.bytes[11] = 2;
	assert_int_equal(count_records(p.bytes, p.len, &r), 4);
	p.bytes[5] = 2;				/* one question more than there are */
	assert_true(count_records(p.bytes, p.len, &r) <= 4);
	p.bytes[4] = 0xff;
	assert_int_equal(count_records(p.bytes, p.len, &r), -1);
}

/* A packet with one PTR whose name is these bytes. */
static int
count_named(const char *name, size_t len, struct mdns_record *r)
{
	struct packet p;
	size_t at;

	packet_open(&p);
	p.bytes[7] = 1;
	memcpy(p.bytes + p.len, name, len);
	p.len += len;
	packet_16(&p, MDNS_PTR);
	packet_16(&p, 1);
	packet_16(&p, 0);
	packet_16(&p, 10);
	packet_16(&p, 0);
	at = p.len;
	packet_name(&p, "x/local");
	packet_close(&p, at);
	return count_records(p.bytes, p.len, r);
}

static void
a_name_that_loops_or_points_nowhere_is_refused(void **state)
{
	static const struct { const char *bytes; size_t len; const char *why; } cases[] = {
		{ "\xc0\x0c", 2, "itself" }, { "\001a\xc0\x0c", 4, "its own beginning" }, { "\xc0\x0e\xc0\x0c", 4, "each other" },
		{ "\xff\xff", 2, "beyond the end" }, { "\x80", 1, "an unknown kind of label" }, { "\x40", 1, "another" },
		{ "\xc0", 1, "half a pointer" },
	};
	struct mdns_record r;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(count_named(cases[i].bytes, cases[i].len, &r), 0);
	assert_int_equal(count_named("\001a\005local\000", 9, &r), 1);
}

static void
a_chain_of_pointers_through_the_packet_is_refused(void **state)
{
	struct mdns_record r;
	char chain[600];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {		/* each to the next one; the last one to a name */
		unsigned to = 12 + (unsigned)len + 2;

		chain[len++] = (char)(0xc0 | to >> 8);
		chain[len++] = (char)to;
	}
	memcpy(chain + len, "\001a\000", 3);
	assert_int_equal(count_named(chain, len + 3, &r), 0);
}

static void
a_name_has_255_bytes_at_most(void **state)
{
	struct mdns_record r;
	char name[300];

	(void)state;
	memset(name, 'a', sizeof name);
	for (size_t at = 0; at < 253; at += 2)
		name[at] = 1;
	name[254] = 0;
	assert_int_equal(count_named(name, 255, &r), 1);	/* 127 labels of one letter, and the root */
	assert_int_equal(strlen(r.name), 254);
	name[254] = 1;
	name[256] = 0;
	assert_int_equal(count_named(name, 257, &r), 0);
}

static void
a_label_with_a_nul_is_nobodys(void **state)
{
	struct mdns_record r;

	(void)state;
	assert_int_equal(count_named("\003a\000b\005local\000", 11, &r), 0);
	assert_int_equal(count_named("\003a.b\005local\000", 11, &r), 1);	/* a dot is a letter like any other */
	assert_string_equal(r.name, "\003a.b\005local");
	assert_int_equal(count_named("\003a\\b\005local\000", 11, &r), 1);
	assert_string_equal(r.name, "\003a\\b\005local");
}

static void
wrong_rdata_is_passed_over(void **state)
{
	struct packet p;
	struct mdns_record r;
	size_t at;

	(void)state;
	packet_open(&p);
	at = packet_record(&p, "phone/local", MDNS_A, 1, 120);
	p.len += 3;
	packet_close(&p, at);
	at = packet_record(&p, "phone/local", MDNS_AAAA, 1, 120);
	p.len += 4;
	packet_close(&p, at);
	at = packet_record(&p, "one/_mmcam/_tcp/local", MDNS_SRV, 1, 120);
	packet_16(&p, 0);
	packet_close(&p, at);
	packet_srv(&p, "one/_mmcam/_tcp/local", "phone/local", 0, 120);		/* port 0 */
	at = packet_record(&p, "one/_mmcam/_tcp/local", MDNS_SRV, 1, 120);	/* a name that goes on behind its record */
	packet_16(&p, 0);
	packet_16(&p, 0);
	packet_16(&p, 8081);
	p.bytes[p.len++] = 3;
	packet_close(&p, at);
	at = packet_record(&p, "phone/local", MDNS_A, 3, 120);			/* another class */
	p.len += 4;
	packet_close(&p, at);
	at = packet_record(&p, "phone/local", 47, 1, 120);			/* NSEC */
	p.len += 9;
	packet_close(&p, at);
	at = packet_record(&p, "_mmcam/_tcp/local", MDNS_PTR, 1, 120);
	packet_close(&p, at);
	memset(p.bytes + p.len, 0, 8);
	assert_int_equal(count_records(p.bytes, p.len, &r), 0);
	packet_address(&p, "phone/local", "10.0.0.7", true, 120);		/* and what comes then is read */
	assert_int_equal(count_records(p.bytes, p.len, &r), 1);
}

static void
a_packet_full_of_records_is_read_to_its_end(void **state)
{
	struct packet p;
	struct mdns_record r;
	int count = 0;

	(void)state;
	packet_open(&p);
	while (p.len < MAX_DNS_PACKET - 40) {
		packet_address(&p, "a/local", "10.0.0.7", false, 120);
		count++;
	}
	assert_true(count > 350);
	assert_int_equal(count_records(p.bytes, p.len, &r), count);
	assert_int_equal(count_records(p.bytes, MAX_DNS_PACKET + 1, &r), -1);
}

static void
host_names_are_read_and_printed(void **state)
{
	static const struct { const char *text, *wire; } cases[] = {
		{ "iPhone.local", "\006iphone\005local" }, { "iphone-2.local.", "\010iphone-2\005local" }, { "a", "\001a" },
		{ "", NULL }, { ".", NULL }, { "a..b", NULL }, { ".a", NULL },
		{ "0123456789012345678901234567890123456789012345678901234567890123.local", NULL },
	};
	static const struct { const char *wire, *text; } prints[] = {
		{ "\006iphone\005local", "iphone.local" }, { "\003a.b\005local", NULL }, { "\002a\x1b\005local", NULL }, { "", NULL },
		{ "\004B\xc3\xa4r\005local", "B\xc3\xa4r.local" },
	};
	char wire[MDNS_WIRE_BYTES], text[MDNS_NAME_BYTES], longest[400];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(mdns_name_read(wire, cases[i].text), cases[i].wire != NULL);
		if (cases[i].wire != NULL)
			assert_string_equal(wire, cases[i].wire);
	}
	for (size_t i = 0; i < COUNT(prints); i++) {
		assert_int_equal(mdns_name_print(text, prints[i].wire), prints[i].text != NULL);
		if (prints[i].text != NULL)
			assert_string_equal(text, prints[i].text);
	}
	for (size_t i = 0; i < sizeof longest; i++)
		longest[i] = i % 2 == 0 ? 'a' : '.';
	longest[253] = '\0';
	assert_true(mdns_name_read(wire, longest));
	assert_int_equal(strlen(wire), 254);
	longest[253] = '.';
	longest[255] = '\0';
	assert_false(mdns_name_read(wire, longest));
}

static void
service_types_are_read_and_printed(void **state)
{
	static const struct { const char *text; bool ok; } cases[] = {
		{ "_mmcam._tcp", true }, { "_ssh._udp", true }, { "_MMCAM._tcp", true }, { "mmcam._tcp", false }, { "_mmcam", false },
		{ "_a._b._tcp", false }, { "_._tcp", false }, { "_mm cam._tcp", false }, { "_mmcam._sctp", false }, { "", false },
		{ "_0123456789012345678901234567890123._tcp", false },
		{ "_0123456789012345678901234567890123456789012345678901234567890123456789._tcp", false },
	};
	char wire[MDNS_WIRE_BYTES], text[MDNS_LABEL_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(mdns_type_read(wire, cases[i].text), cases[i].ok);
	assert_true(mdns_type_read(wire, "_MMCAM._tcp"));
	assert_true(mdns_type_print(text, wire));
	assert_string_equal(text, "_mmcam._tcp");
	assert_false(mdns_type_print(text, "\006_mmcam\004_tcp\003org"));
	assert_false(mdns_type_print(text, "\001a"));
}

static void
questions_share_names_and_a_full_packet_takes_no_more(void **state)
{
	struct mdns_query q;
	char name[MDNS_WIRE_BYTES];
	size_t len;
	int asked = 0;

	(void)state;
	mdns_query_open(&q, 0x1234, 300);
	assert_true(mdns_query_ask(&q, "\006_mmcam\004_tcp\005local", MDNS_PTR, true));
	assert_memory_equal(q.bytes, "\x12\x34\0\0\0\1\0\0\0\0\0\0\006_mmcam\004_tcp\005local\0\0\014\x80\1", 12 + 19 + 4);
	len = q.len;
	assert_true(mdns_query_ask(&q, "\003one\006_mmcam\004_tcp\005local", MDNS_SRV, false));
	assert_int_equal(q.len - len, 4 + 2 + 4);
	assert_memory_equal(q.bytes + len, "\003one\xc0\014\0\041\0\1", 10);
	do {
		snprintf(name, sizeof name, "\006cam%03d\006_mmcam\004_tcp\005local", asked);
		len = q.len;
	} while (mdns_query_ask(&q, name, MDNS_TXT, true) && asked++ < 100);
	assert_true(asked > 15 && asked < 100);
	assert_int_equal(q.len, len);
	assert_int_equal(q.questions, 2 + asked);
	assert_true(q.len <= 300);
	q.room = sizeof q.bytes;		/* what did not fit is not pointed at */
	assert_true(mdns_query_ask(&q, name, MDNS_TXT, true));
	assert_memory_equal(q.bytes + len, name, 7);
}

static void
known_answers_follow_the_questions(void **state)
{
	struct mdns_query q;
	size_t len;

	(void)state;
	mdns_query_open(&q, 0, 80);
	assert_true(mdns_query_ask(&q, "\006_mmcam\004_tcp\005local", MDNS_PTR, false));
	len = q.len;
	assert_true(mdns_query_known(&q, "\006_mmcam\004_tcp\005local", "\003one\006_mmcam\004_tcp\005local", 0x10002));
	assert_memory_equal(q.bytes + len, "\xc0\014\0\014\0\1\0\1\0\2\0\006\003one\xc0\014", 18);
	assert_int_equal(q.bytes[7], 1);
	assert_true(mdns_query_known(&q, "\006_mmcam\004_tcp\005local", "\003two\006_mmcam\004_tcp\005local", 1));
	len = q.len;
	assert_false(mdns_query_known(&q, "\006_mmcam\004_tcp\005local", "\003six\006_mmcam\004_tcp\005local", 1));
	assert_int_equal(q.len, len);
	assert_int_equal(q.bytes[7], 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_of_each_type_is_read),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(a_packet_cut_anywhere_gives_its_whole_records_only),
		cmocka_unit_test(rubbish_behind_the_records_does_no_harm),
		cmocka_unit_test(questions_are_skipped_and_records_of_any_section_are_read),
		cmocka_unit_test(a_name_that_loops_or_points_nowhere_is_refused),
		cmocka_unit_test(a_chain_of_pointers_through_the_packet_is_refused),
		cmocka_unit_test(a_name_has_255_bytes_at_most),
		cmocka_unit_test(a_label_with_a_nul_is_nobodys),
		cmocka_unit_test(wrong_rdata_is_passed_over),
		cmocka_unit_test(a_packet_full_of_records_is_read_to_its_end),
		cmocka_unit_test(host_names_are_read_and_printed),
		cmocka_unit_test(service_types_are_read_and_printed),
		cmocka_unit_test(questions_share_names_and_a_full_packet_takes_no_more),
		cmocka_unit_test(known_answers_follow_the_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
